"""Object Lock retention of one version: read, written, and read again to believe it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from muniment.custody.client import error_code, store_errors
from muniment.custody.versions import VersionName
from muniment.errors import CustodyError, LockNotKeptError, StoreUnavailableError
from muniment.evidence.locks import ObjectLock
from muniment.records.names import format_instant
from muniment.records.schedule import LockMode

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

# AWS S3 API, GetObjectRetention; Ceph RGW has a spelling of its own.
_NO_LOCK = frozenset({"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"})
# Ceph RGW 16 keeps the seconds of a date modulo 2^32: from this instant on a lock falls into the past.
LAST_SAFE_DATE = datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)


def whole_seconds(moment: datetime) -> datetime:
    """Round *moment* up to a whole second in UTC, the finest that every store keeps.

    Raises:
        CustodyError: *moment* carries no zone.
    """
    if moment.tzinfo is None:
        raise CustodyError(f"lock date: expected an aware time, found {moment.isoformat()} without a zone")
    moment = moment.astimezone(UTC)
    return moment if moment.microsecond == 0 else moment.replace(microsecond=0) + timedelta(seconds=1)


def read_retention(client: S3Client, version: VersionName) -> ObjectLock | None:
    """Return the retention of *version*, or None when it has none; a legal hold is not asked for.

    Raises:
        ObjectMissingError: there is no such version.
        StoreUnavailableError: the store did not answer.
    """
    try:
        with store_errors(f"{version.key}: read the lock"):
            answer = client.get_object_retention(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)
    except CustodyError as error:
        if error_code(error) in _NO_LOCK:
            return None
        raise
    retention = answer["Retention"]
    if "Mode" not in retention or "RetainUntilDate" not in retention:
        return None
    return ObjectLock(LockMode(retention["Mode"]), retention["RetainUntilDate"].astimezone(UTC))


def write_retention(client: S3Client, version: VersionName, until: datetime) -> None:
    """Ask for a COMPLIANCE lock on *version* until *until* (aware, whole seconds).

    Raises:
        LockNotKeptError: the store refused.
        StoreUnavailableError: the store did not answer.
    """
    try:
        with store_errors(f"{version.key}: lock until {format_instant(until)}"):
            client.put_object_retention(
                Bucket=version.bucket,
                Key=version.key,
                VersionId=version.version_id,
                Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
            )
    except StoreUnavailableError:
        raise
    except CustodyError as error:
        raise LockNotKeptError(str(error)) from error


def check_retention(client: S3Client, version: VersionName, until: datetime) -> ObjectLock:
    """Return the lock of *version*, read back, when it is COMPLIANCE until exactly *until*.

    Raises:
        LockNotKeptError: it is another lock, or none.
    """
    found = read_retention(client, version)
    if found is None or found.mode != LockMode.COMPLIANCE or found.until != until:
        raise LockNotKeptError(
            f"{version.key}: expected a COMPLIANCE lock until {format_instant(until)}, found {describe(found)}"
        )
    return found


def lengthen(client: S3Client, version: VersionName, until: datetime, present: ObjectLock | None) -> ObjectLock:
    """Lock *version* until *until*, and return the lock read back.

    Where the store does not keep the new date, the lock that was there is put back.

    Raises:
        LockNotKeptError: the store refused, or the lock read back is another one.
        StoreUnavailableError: the store did not answer.
    """
    try:
        write_retention(client, version, until)
        return check_retention(client, version, until)
    except LockNotKeptError:
        if present is not None and present.mode == LockMode.COMPLIANCE:
            # Refused where the store holds a later lock than it shows: then nothing was lost.
            with suppress(CustodyError):
                write_retention(client, version, present.until)
        raise


def lock_in(head: HeadObjectOutputTypeDef) -> ObjectLock | None:
    """Return the lock that a version's headers state, or None when they state none."""
    if "ObjectLockMode" not in head or "ObjectLockRetainUntilDate" not in head:
        return None
    held = head.get("ObjectLockLegalHoldStatus") == "ON"
    return ObjectLock(LockMode(head["ObjectLockMode"]), head["ObjectLockRetainUntilDate"].astimezone(UTC), held)


def describe(lock: ObjectLock | None) -> str:
    """Say in a few words what *lock* is."""
    return f"{lock.mode} until {format_instant(lock.until)}" if lock else "none"
