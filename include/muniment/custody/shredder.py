"""The shredder: the only code of the product that removes what the vault holds.

It asks nothing about laws or signatures: the disposition has asked that before. It asks the
store, version by version, whether the lock has ended and no hold stands, and then deletes by
version id. It has no way to bypass a lock; what the store refuses is an outcome, not an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from muniment.custody.client import error_code, store_errors
from muniment.custody.holds import read_status
from muniment.custody.locks import describe, read_retention
from muniment.custody.objects import read_head
from muniment.custody.versions import StoredVersion, VersionName, list_everything
from muniment.errors import CustodyError, HeldError, ObjectMissingError, StillLockedError, StoreUnavailableError
from muniment.records.names import format_instant

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import DeleteObjectsOutputTypeDef

BATCH = 1000  # AWS S3 API, DeleteObjects: at most so many keys a request
# The log is never destroyed: it proves what was there.
FOLDERS = ("records/", "registers/")
_READERS = 8
_GONE = frozenset({"NoSuchKey", "NoSuchVersion"})
# AWS S3 User Guide, "Working with delete markers": what is asked of one by its version id answers 405.
_IS_MARKER = "MethodNotAllowed"


class Outcome(StrEnum):
    """What became of one version that was to be destroyed."""

    DELETED = "deleted"
    ABSENT = "absent"  # it was gone already
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One version and what became of it. `code` says who refused: ``locked``, ``held``, or the store's own code."""

    version: VersionName
    outcome: Outcome
    code: str | None = None


class Shredder:
    """What may destroy in one bucket, with a key of its own. Safe to share between threads."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @property
    def bucket(self) -> str:
        """Return the bucket's name."""
        return self._bucket

    def list_versions(self, prefix: str) -> Iterator[StoredVersion]:
        """Yield every version and every delete marker under *prefix*, in no order that callers may count on.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        return list_everything(self._client, self._bucket, prefix)

    def check(self, version: VersionName) -> None:
        """Return when *version* may be destroyed now: its lock has ended by the store's clock, and no hold stands.

        Raises:
            StillLockedError: its lock has not ended.
            HeldError: it is held.
            ObjectMissingError: there is no such version or marker.
            CustodyError: it is of another bucket, or nothing that is ever destroyed.
            StoreUnavailableError: the store did not answer.
        """
        self._check(version, self._read_clock())

    def destroy(self, versions: Sequence[VersionName]) -> tuple[Destroyed, ...]:
        """Delete each of *versions* that `check` lets pass; return what became of each, in their order.

        Raises:
            CustodyError: one is of another bucket, or nothing that is ever destroyed; nothing was deleted.
            StoreUnavailableError: the store did not answer; what was deleted before is `is_absent`.
        """
        for version in versions:
            self._check_scope(version)
        asked, found = list(dict.fromkeys(versions)), dict[VersionName, Destroyed]()
        for start in range(0, len(asked), BATCH):
            found |= self._destroy_batch(asked[start : start + BATCH])
        return tuple(found[version] for version in versions)

    def is_absent(self, version: VersionName) -> bool:
        """Tell whether neither the store's list nor a read by version id shows *version*.

        Raises:
            CustodyError: the bucket is not there, or the store refused to say.
            StoreUnavailableError: the store did not answer.
        """
        if self._is_listed(version):
            return False
        try:
            read_head(self._client, version)
        except ObjectMissingError:
            return True
        return False

    def _check_scope(self, version: VersionName) -> None:
        if version.bucket != self._bucket:
            raise CustodyError(f"{version.key}: expected a version in {self._bucket}, found one in {version.bucket}")
        if not version.key.startswith(FOLDERS):
            raise CustodyError(f"{version.key}: expected a key under {' or '.join(FOLDERS)}")
        if not version.version_id:  # without one, the store would write a marker and keep the bytes
            raise CustodyError(f"{version.key}: expected a version id, found none")

    def _check(self, version: VersionName, store_time: datetime) -> None:
        self._check_scope(version)
        try:
            lock, held = read_retention(self._client, version), self._is_held(version)
        except StoreUnavailableError:
            raise
        except CustodyError as error:
            # A marker has neither lock nor hold, and some stores answer as if it were not there.
            if error_code(error) in {_IS_MARKER, *_GONE} and self._is_listed(version, markers_only=True):
                return
            raise
        if lock is not None and lock.until > store_time:
            raise StillLockedError(
                f"{version.key}: expected a lock that ended by {format_instant(store_time)}, found {describe(lock)}"
            )
        if held:
            raise HeldError(f"{version.key}: expected no hold, found one")

    def _read_clock(self) -> datetime:
        """Return the store's time, cut to the second: never ahead of it. A missing bucket is found here."""
        with store_errors(f"{self._bucket}: read the store's clock"):
            headers = self._client.head_bucket(Bucket=self._bucket)["ResponseMetadata"]["HTTPHeaders"]
        return parsedate_to_datetime(headers["date"])

    def _is_held(self, version: VersionName) -> bool:
        # What is not said to be let go is held.
        return read_status(self._client, version) not in {None, "OFF"}

    def _is_listed(self, version: VersionName, *, markers_only: bool = False) -> bool:
        listed = self.list_versions(version.key)
        return any(found.name == version and (found.is_marker or not markers_only) for found in listed)

    def _destroy_batch(self, batch: Sequence[VersionName]) -> dict[VersionName, Destroyed]:
        judge = partial(self._judge, store_time=self._read_clock())
        with ThreadPoolExecutor(min(_READERS, len(batch))) as readers:
            judged = dict(zip(batch, readers.map(judge, batch), strict=True))
        stopped = {version: found for version, found in judged.items() if found is not None}
        free = [version for version in batch if version not in stopped]
        return stopped | (self._delete(free) if free else {})

    def _judge(self, version: VersionName, *, store_time: datetime) -> Destroyed | None:
        try:
            self._check(version, store_time)
        except StoreUnavailableError:
            raise
        except ObjectMissingError:
            return Destroyed(version, Outcome.ABSENT)
        except StillLockedError:
            return Destroyed(version, Outcome.REFUSED, "locked")
        except HeldError:
            return Destroyed(version, Outcome.REFUSED, "held")
        except CustodyError as error:
            return Destroyed(version, Outcome.REFUSED, error_code(error))
        return None

    def _delete(self, batch: Sequence[VersionName]) -> dict[VersionName, Destroyed]:
        try:
            with store_errors(f"{self._bucket}: delete {len(batch)} versions"):
                answer = self._client.delete_objects(
                    Bucket=self._bucket,
                    Delete={"Objects": [{"Key": item.key, "VersionId": item.version_id} for item in batch]},
                )
        except (StoreUnavailableError, ObjectMissingError):
            raise
        except CustodyError:
            # Ceph RGW 16 asks for a right to the whole bucket before it looks at the keys of a list.
            return {item: self._delete_one(item) for item in batch}
        codes = _outcomes(answer)
        return {item: _outcome(item, codes) for item in batch}

    def _delete_one(self, version: VersionName) -> Destroyed:
        try:
            with store_errors(f"{version.key}: delete"):
                self._client.delete_object(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)
        except StoreUnavailableError:
            raise
        except ObjectMissingError:
            return Destroyed(version, Outcome.ABSENT)
        except CustodyError as error:
            return Destroyed(version, Outcome.REFUSED, error_code(error))
        return Destroyed(version, Outcome.DELETED)


def _outcomes(answer: DeleteObjectsOutputTypeDef) -> dict[tuple[str, str], str | None]:
    """Return the store's code for each (key, version id) of *answer*; None where it deleted."""
    # SeaweedFS names a marker that it deleted only as the marker's version.
    deleted: dict[tuple[str, str], str | None] = {
        (item["Key"], item.get("VersionId") or item.get("DeleteMarkerVersionId", "")): None
        for item in answer.get("Deleted", [])
    }
    return deleted | {
        (item["Key"], item.get("VersionId", "")): item.get("Code", "unknown") for item in answer.get("Errors", [])
    }


def _outcome(version: VersionName, codes: Mapping[tuple[str, str], str | None]) -> Destroyed:
    code = codes.get((version.key, version.version_id), "unanswered")
    if code is None:
        return Destroyed(version, Outcome.DELETED)
    if code in _GONE:
        return Destroyed(version, Outcome.ABSENT)
    return Destroyed(version, Outcome.REFUSED, code)
