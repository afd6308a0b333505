"""The bench that probes work on: a bucket, the keys that try to break it, and throwaway objects."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from muniment.custody.client import store_errors
from muniment.custody.locks import describe, read_retention
from muniment.custody.objects import read_version
from muniment.custody.versions import VersionName
from muniment.errors import CustodyError, ObjectMissingError
from muniment.evidence.locks import ObjectLock
from muniment.records.schedule import LockMode

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "doctor/"
BODY = b"A throwaway of the store's examination.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a probe works with. `keys` are the clients that try to break locks, by whose key they use."""

    bucket: str
    operator: S3Client
    keys: Mapping[str, S3Client]
    stranger: S3Client
    run: str  # names this examination's throwaways
    lock_s: int
    clock_offset: timedelta  # the store's clock less ours

    def date_in(self, seconds: int) -> datetime:
        """Return the store's time in *seconds* from now, in whole seconds (UTC)."""
        return (datetime.now(UTC) + self.clock_offset).replace(microsecond=0) + timedelta(seconds=seconds)

    def key(self, name: str) -> str:
        """Return the key of the throwaway *name*."""
        return f"{PREFIX}{self.run}/{name}"


@dataclass(frozen=True, slots=True)
class Throwaway:
    """A locked throwaway, and until when it must hold."""

    version: VersionName
    lock: ObjectLock
    good_until: float  # time.monotonic()

    @property
    def address(self) -> dict[str, str]:
        """Return the version as the client's arguments."""
        return address_of(self.version)


def address_of(version: VersionName) -> dict[str, str]:
    """Return *version* as the client's arguments."""
    return {"Bucket": version.bucket, "Key": version.key, "VersionId": version.version_id}


def read_clock_offset(client: S3Client, bucket: str) -> timedelta:
    """Return how far the store's clock is ahead of ours, to a second or so (RFC 9110 section 6.6.1)."""
    with store_errors(f"{bucket}: read the store's clock"):
        headers = client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    return parsedate_to_datetime(headers["date"]) - datetime.now(UTC).replace(microsecond=0)


def put_unlocked(bench: Bench, name: str) -> VersionName:
    """Put a throwaway without a lock."""
    with store_errors(f"{bench.key(name)}: put a throwaway"):
        answer = bench.operator.put_object(Bucket=bench.bucket, Key=bench.key(name), Body=BODY)
    return VersionName(bench.bucket, bench.key(name), answer.get("VersionId", "null"))


def put_locked(
    bench: Bench, name: str, *, until: datetime | None = None, mode: LockMode = LockMode.COMPLIANCE
) -> Throwaway:
    """Put a throwaway with a lock, as the vault does; until the bench's few seconds have passed by default."""
    good_until = time.monotonic() + bench.lock_s - 1
    until = until or bench.date_in(bench.lock_s)
    with store_errors(f"{bench.key(name)}: put a locked throwaway"):
        answer = bench.operator.put_object(
            Bucket=bench.bucket,
            Key=bench.key(name),
            Body=BODY,
            ObjectLockMode="GOVERNANCE" if mode is LockMode.GOVERNANCE else "COMPLIANCE",
            ObjectLockRetainUntilDate=until,
            # A lock wants a checksum with the body: AWS S3 API, PutObject.
            ChecksumAlgorithm="CRC32",
        )
    version = VersionName(bench.bucket, bench.key(name), answer.get("VersionId", "null"))
    return Throwaway(version, ObjectLock(mode, until), good_until)


def is_intact(bench: Bench, version: VersionName) -> bool:
    """Tell whether the throwaway *version* is there with its bytes."""
    try:
        return b"".join(read_version(bench.operator, version)) == BODY
    except ObjectMissingError:
        return False


def find_lock(bench: Bench, version: VersionName) -> ObjectLock | None:
    """Return the lock of *version*, or None when it has none or is gone."""
    try:
        return read_retention(bench.operator, version)
    except ObjectMissingError:
        return None


def check_in_time(throwaway: Throwaway) -> None:
    """Return while *throwaway* must still be locked.

    Raises:
        CustodyError: its lock may have run out, so that nothing follows from what was found.
    """
    if time.monotonic() > throwaway.good_until:
        raise CustodyError(f"{throwaway.version.key}: the store took longer than the lock lasts")


def is_refused(act: Callable[..., object], **arguments: object) -> bool:
    """Call *act* with *arguments*, and tell whether the store refused or failed to do it."""
    try:
        with store_errors("probe"):
            act(**arguments)
    except CustodyError:
        return True
    return False


def differs(found: ObjectLock | None, asked: ObjectLock) -> str | None:
    """Say what was found where *found* is not *asked*, or None where it is."""
    same = found is not None and (found.mode, found.until) == (asked.mode, asked.until)
    return None if same else f"expected {describe(asked)}, found {describe(found)}"
