"""The vault: objects written once, under a lock that is read back. It has no way to remove one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.custody.buckets import check_bucket
from muniment.custody.client import store_errors
from muniment.custody.digests import Digests, take_digests, take_file_digests
from muniment.custody.locks import lock_in, whole_seconds
from muniment.custody.objects import read_back_sha256, read_head, read_range, read_version
from muniment.custody.sealing import Deposit, cover, seal
from muniment.custody.versions import StoredVersion, find_record, list_everything, list_hiding, list_records
from muniment.errors import ChecksumError, ObjectMissingError
from muniment.evidence.locks import ObjectLock
from muniment.evidence.manifest import SealedObject
from muniment.records.names import format_instant
from muniment.records.schedule import LockMode

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ReadRange = Callable[[int, int], bytes]


class Vault:
    """One agency's locked bucket. Safe to share between threads.

    Sealing is create-once and may be repeated: what is there already is confirmed, its lock
    mended where it is short, and other bytes are refused. The oldest version of a key is
    the record, also on a store that lets two writers in.
    """

    keeps_locks = True

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @property
    def bucket(self) -> str:
        """Return the bucket's name."""
        return self._bucket

    @property
    def endpoint(self) -> str:
        """Return the store's address."""
        return self._client.meta.endpoint_url

    def seal_bytes(self, key: str, body: bytes, *, lock_until: datetime, content_type: str) -> SealedObject:
        """Seal *body* at *key* until *lock_until* (aware; rounded up to a whole second).

        Raises:
            AlreadySealedError: the key holds other bytes.
            ChecksumError: the bytes stored are not the bytes sent.
            LockNotKeptError: the store keeps another lock than asked for.
            StoreUnfitError: the bucket keeps no versions.
            StoreUnavailableError: the store did not answer.
        """
        deposit = Deposit(key, body, take_digests((body,)), whole_seconds(lock_until), content_type)
        return seal(self._client, self._bucket, deposit)

    def seal_file(
        self, key: str, path: Path, *, lock_until: datetime, content_type: str, digests: Digests | None = None
    ) -> SealedObject:
        """Seal the file at *path* as `seal_bytes` does, without holding it in memory.

        *digests* are those of the bytes that were written to the file, where the writer took them.

        Raises:
            ChecksumError: the file is not of *digests*, or as for `seal_bytes`.
            CustodyError: the file is larger than `sealing.MAX_OBJECT_BYTES`, or as for `seal_bytes`.
        """
        digests = digests or take_file_digests(path)
        if path.stat().st_size != digests.size_bytes:
            raise ChecksumError(f"{key}: expected {digests.size_bytes} bytes in {path.name}, found others")
        with path.open("rb") as file:
            deposit = Deposit(key, file, digests, whole_seconds(lock_until), content_type)
            return seal(self._client, self._bucket, deposit)

    def find(self, key: str) -> SealedObject | None:
        """Return what is sealed at *key*, or None when nothing there is locked as evidence is.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        record = find_record(self._client, self._bucket, key)
        if record is None:
            return None
        head = read_head(self._client, record.name)
        lock, digest = lock_in(head), head["Metadata"].get("sha256")
        if lock is None or lock.mode != LockMode.COMPLIANCE or digest is None:
            return None
        return SealedObject(
            key=key,
            size_bytes=head["ContentLength"],
            sha256=digest,
            content_type=head["Metadata"].get("media-type", head["ContentType"]),
            locked_until=format_instant(lock.until),
        )

    def read(self, key: str) -> bytes:
        """Return the bytes of *key*.

        Raises:
            ObjectMissingError: there is no such object.
            StoreUnavailableError: the store did not answer.
        """
        return self.read_record(self._record(key))

    def read_record(self, record: StoredVersion) -> bytes:
        """Return the bytes of *record*, as `list_objects` gave it, as `read` does; a list spares a request for each."""
        return b"".join(read_version(self._client, record.name))

    def read_chunks(self, key: str) -> Iterator[bytes]:
        """Yield the bytes of *key*, at most a mebibyte at a time.

        Raises:
            ObjectMissingError: there is no such object.
            StoreUnavailableError: the store did not answer, or stopped half way.
        """
        return read_version(self._client, self._record(key).name)

    def download(self, key: str, path: Path) -> None:
        """Copy *key* to *path*, whole or not at all.

        Raises:
            ObjectMissingError: there is no such object.
            ChecksumError: other than as many bytes came as the store lists.
            StoreUnavailableError: the store did not answer, or stopped half way.
        """
        self.download_record(self._record(key), path)

    def download_record(self, record: StoredVersion, path: Path) -> None:
        """Copy *record*, as `list_objects` gave it, to *path*, as `download` does."""
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            size = sum(file.write(chunk) for chunk in read_version(self._client, record.name))
        if size != record.size_bytes:
            part.unlink()
            raise ChecksumError(f"{record.key}: expected {record.size_bytes} bytes, found {size}")
        part.replace(path)

    def open_ranges(self, key: str) -> tuple[int, ReadRange]:
        """Return the size of *key* in bytes, and a function that reads of its record (first byte, number of bytes).

        Raises:
            ObjectMissingError: there is no such object.
            StoreUnavailableError: the store did not answer.
        """
        record = self._record(key)
        return record.size_bytes, partial(read_range, self._client, record.name)

    def list_objects(self, prefix: str) -> Iterator[StoredVersion]:
        """Yield the record of every key under *prefix*, by key, also where a later version or a marker hides it.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        return list_records(self._client, self._bucket, prefix)

    def list_versions(self, prefix: str) -> Iterator[StoredVersion]:
        """Yield every version and every delete marker under *prefix*, in no order that callers may count on.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        return list_everything(self._client, self._bucket, prefix)

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with *prefix*, sorted; as for `list_objects`."""
        return (record.key for record in self.list_objects(prefix))

    def list_folders(self, prefix: str) -> list[str]:
        """Return the prefixes one ``/`` below *prefix*, each with its slash, sorted.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter="/"
        )
        with store_errors(f"{self._bucket}/{prefix}: list folders"):
            return sorted(folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", []))

    def lock_of(self, key: str) -> ObjectLock | None:
        """Return the lock on *key* as it stands now, or None when there is none.

        Raises:
            ObjectMissingError: there is no such object.
            StoreUnavailableError: the store did not answer.
        """
        return lock_in(read_head(self._client, self._record(key).name))

    def check_settings(self) -> None:
        """Return when the bucket has Object Lock and versioning now.

        Raises:
            StoreUnfitError: it lacks one of them.
            ObjectMissingError: there is no such bucket.
            StoreUnavailableError: the store did not answer.
        """
        check_bucket(self._client, self._bucket)

    def find_hidden(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield each key under *prefix* of which an ordinary reader gets other bytes or none, and what hides it.

        A later version with the record's own bytes, as two writers at once may leave one, hides nothing.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        for key, version in list_hiding(self._client, self._bucket, prefix):
            if version is None:
                yield key, "expected no delete marker, found one"
            elif read_back_sha256(self._client, version.name) != read_back_sha256(self._client, self._record(key).name):
                yield (
                    key,
                    f"expected one version, found a later one of {version.stored_at.isoformat()} with other bytes",
                )

    def extend_lock(self, key: str, until: datetime) -> ObjectLock:
        """Lock *key* at least until *until* (aware), and return the lock read back. A lock only grows.

        Raises:
            ObjectMissingError: there is no such object.
            LockNotKeptError: the store keeps another lock than asked for.
            StoreUnavailableError: the store did not answer.
        """
        return self.extend_record(self._record(key), until)

    def extend_record(self, record: StoredVersion, until: datetime) -> ObjectLock:
        """Lock *record*, as `list_objects` gave it, as `extend_lock` does; a list spares a request for each object."""
        return cover(self._client, record.name, whole_seconds(until))

    def _record(self, key: str) -> StoredVersion:
        record = find_record(self._client, self._bucket, key)
        if record is None:
            raise ObjectMissingError(f"{key}: expected an object in {self._bucket}, found none")
        return record
