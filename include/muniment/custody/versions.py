"""The versions of objects. The oldest version of a key is the record.

A later version can only shadow the record, and a delete marker can only hide it: neither
touches its bytes or its lock, so neither is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from muniment.custody.client import store_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class VersionName:
    """Which version of which object in which bucket."""

    bucket: str
    key: str
    version_id: str


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One version of an object, as the store lists it. `stored_at` is the store's own time, aware."""

    name: VersionName
    size_bytes: int
    stored_at: datetime
    is_marker: bool = False  # a delete marker: no bytes, no lock

    @property
    def key(self) -> str:
        """Return the object's key."""
        return self.name.key


def list_versions(client: S3Client, bucket: str, prefix: str) -> Iterator[StoredVersion]:
    """Yield every version under *prefix*: by key, and newest first within a key.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    with store_errors(f"{bucket}/{prefix}: list versions"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for version in page.get("Versions", []):
                name = VersionName(bucket, version["Key"], version["VersionId"])
                yield StoredVersion(name, version["Size"], version["LastModified"])


def list_everything(client: S3Client, bucket: str, prefix: str) -> Iterator[StoredVersion]:
    """Yield every version and every delete marker under *prefix*, in no order that callers may count on.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    with store_errors(f"{bucket}/{prefix}: list versions and markers"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for version in page.get("Versions", []):
                name = VersionName(bucket, version["Key"], version["VersionId"])
                yield StoredVersion(name, version["Size"], version["LastModified"])
            for marker in page.get("DeleteMarkers", []):
                name = VersionName(bucket, marker["Key"], marker["VersionId"])
                yield StoredVersion(name, 0, marker["LastModified"], is_marker=True)


def list_records(client: S3Client, bucket: str, prefix: str) -> Iterator[StoredVersion]:
    """Yield the oldest version of every key under *prefix*, by key.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    for _, versions in groupby(list_versions(client, bucket, prefix), attrgetter("key")):
        *_, oldest = versions
        yield oldest


def find_record(client: S3Client, bucket: str, key: str) -> StoredVersion | None:
    """Return the oldest version of *key*, or None when there is none.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    first = next(list_records(client, bucket, key), None)
    # Keys sort, so a key comes before every other that begins with it.
    return first if first is not None and first.key == key else None


def list_hiding(client: S3Client, bucket: str, prefix: str) -> Iterator[tuple[str, StoredVersion | None]]:
    """Yield for each key under *prefix* its later versions, and None for each delete marker.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    for key, versions in groupby(list_versions(client, bucket, prefix), attrgetter("key")):
        *later, _ = versions
        for version in later:
            yield key, version
    with store_errors(f"{bucket}/{prefix}: list delete markers"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for marker in page.get("DeleteMarkers", []):
                yield marker["Key"], None
