"""Sealing: write once, under a lock, and believe nothing that was not read back.

A key that holds the same bytes already is confirmed, and its lock mended where it is
missing or short; so a seal may be repeated after a crash at any point. Where a store
ignores ``If-None-Match`` two writers may both succeed: then the oldest version is the
record, and the writer of the other is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING

from muniment.custody.client import store_errors
from muniment.custody.digests import Digests
from muniment.custody.locks import LAST_SAFE_DATE, check_retention, lengthen, read_retention
from muniment.custody.objects import find_sha256, read_back_sha256
from muniment.custody.versions import VersionName, find_record
from muniment.errors import AlreadySealedError, ChecksumError, CustodyError, LockNotKeptError, StoreUnfitError
from muniment.evidence.locks import ObjectLock
from muniment.evidence.manifest import SealedObject
from muniment.records.names import format_instant
from muniment.records.schedule import LockMode

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# AWS S3 API, PutObject: the most that one request may carry. Ceph RGW drops the lock of a multipart upload.
MAX_OBJECT_BYTES = 5 * 2**30


@dataclass(frozen=True, slots=True)
class Deposit:
    """What is to be sealed: a body with its digests, until when (UTC, whole seconds), as what type."""

    key: str
    body: bytes | IO[bytes]
    digests: Digests
    until: datetime
    content_type: str


def seal(client: S3Client, bucket: str, deposit: Deposit) -> SealedObject:
    """Seal *deposit* in *bucket*, or confirm that it is.

    Raises:
        AlreadySealedError: the key holds other bytes.
        ChecksumError: the bytes stored are not the bytes sent.
        LockNotKeptError: the store keeps another lock than asked for.
        StoreUnfitError: the bucket keeps no versions.
        StoreUnavailableError: the store did not answer.
        CustodyError: the body is larger than `MAX_OBJECT_BYTES`, or the store refused it.
    """
    if deposit.digests.size_bytes > MAX_OBJECT_BYTES:
        raise CustodyError(
            f"{deposit.key}: expected at most {MAX_OBJECT_BYTES} bytes, found {deposit.digests.size_bytes}"
        )
    lock = _confirm(client, bucket, deposit) or _create(client, bucket, deposit)
    return SealedObject(
        key=deposit.key,
        size_bytes=deposit.digests.size_bytes,
        sha256=deposit.digests.sha256_hex,
        content_type=deposit.content_type,
        locked_until=format_instant(lock.until),
    )


def cover(client: S3Client, version: VersionName, until: datetime) -> ObjectLock:
    """Lock *version* at least until *until* (UTC, whole seconds), and return its lock read back.

    Raises:
        LockNotKeptError: the store keeps another lock than asked for.
        StoreUnavailableError: the store did not answer.
    """
    present = read_retention(client, version)
    if present is not None and present.mode == LockMode.COMPLIANCE and present.until >= until:
        return present
    later = until if present is None else max(until, present.until)
    return lengthen(client, version, later, present)


def _confirm(client: S3Client, bucket: str, deposit: Deposit) -> ObjectLock | None:
    """Return the lock of what is at the key when it is these bytes, or None when nothing is there."""
    record = find_record(client, bucket, deposit.key)
    if record is None:
        return None
    found, expected = find_sha256(client, record.name), deposit.digests.sha256_hex
    if found != expected:
        raise AlreadySealedError(f"{deposit.key}: expected SHA-256 {expected}, found {found} sealed")
    return cover(client, record.name, deposit.until)


def _create(client: S3Client, bucket: str, deposit: Deposit) -> ObjectLock:
    # A date that some stores wrap into the past is asked for in a second step, from under a safe lock.
    safe = min(deposit.until, LAST_SAFE_DATE)
    try:
        version, vouched = _put(client, bucket, deposit, safe)
    except AlreadySealedError:
        return _confirm_rival(client, bucket, deposit)
    lock = check_retention(client, version, safe)
    if not vouched and read_back_sha256(client, version) != deposit.digests.sha256_hex:
        raise ChecksumError(f"{deposit.key}: expected the bytes sent when read back, found others")
    record = find_record(client, bucket, deposit.key)
    if record is None or record.name != version:
        return _confirm_rival(client, bucket, deposit)
    return lock if safe == deposit.until else lengthen(client, version, deposit.until, lock)


def _confirm_rival(client: S3Client, bucket: str, deposit: Deposit) -> ObjectLock:
    """Confirm what another writer, or an earlier try of ours, was first to put at the key."""
    lock = _confirm(client, bucket, deposit)
    if lock is None:
        raise LockNotKeptError(f"{deposit.key}: expected what was just written in the store's list, found nothing")
    return lock


def _put(client: S3Client, bucket: str, deposit: Deposit, until: datetime) -> tuple[VersionName, bool]:
    """Write a version; return its name, and whether the store vouches for its SHA-256."""
    with store_errors(f"{deposit.key}: seal"):
        answer = client.put_object(
            Bucket=bucket,
            Key=deposit.key,
            Body=deposit.body,
            ContentType=deposit.content_type,
            ContentMD5=deposit.digests.md5_base64,
            ChecksumSHA256=deposit.digests.sha256_base64,
            # SeaweedFS 4.48 forgets Content-Type when a lock is extended, so the metadata says it too.
            Metadata={"sha256": deposit.digests.sha256_hex, "media-type": deposit.content_type},
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=until,
            IfNoneMatch="*",
        )
    if not answer.get("VersionId"):
        raise StoreUnfitError(f"{deposit.key}: expected a version of its own, found that {bucket} keeps no versions")
    vouched = answer.get("ChecksumSHA256") == deposit.digests.sha256_base64
    return VersionName(bucket, deposit.key, answer["VersionId"]), vouched
