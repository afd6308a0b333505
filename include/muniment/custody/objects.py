"""The bytes and the headers of one version."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from muniment.custody.client import store_errors
from muniment.custody.versions import VersionName
from muniment.errors import ChecksumError
from muniment.evidence.digest import CHUNK_BYTES, sha256_of_chunks

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef


def read_head(client: S3Client, version: VersionName) -> HeadObjectOutputTypeDef:
    """Return the headers of *version*, its checksum among them where the store keeps one.

    Raises:
        ObjectMissingError: there is no such version.
        StoreUnavailableError: the store did not answer.
    """
    with store_errors(f"{version.key}: read the headers"):
        return client.head_object(
            Bucket=version.bucket, Key=version.key, VersionId=version.version_id, ChecksumMode="ENABLED"
        )


def read_version(client: S3Client, version: VersionName) -> Iterator[bytes]:
    """Yield the bytes of *version*, at most a mebibyte at a time.

    Raises:
        ObjectMissingError: there is no such version.
        StoreUnavailableError: the store did not answer, or stopped half way.
    """
    with store_errors(f"{version.key}: read"):
        answer = client.get_object(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)
        with closing(answer["Body"]) as body:
            yield from body.iter_chunks(CHUNK_BYTES)


def read_range(client: S3Client, version: VersionName, first: int, count: int) -> bytes:
    """Return *count* bytes (at least one) of *version* from the byte *first* on, counted from 0.

    Raises:
        ObjectMissingError: there is no such version.
        ChecksumError: other than so many bytes came.
        StoreUnavailableError: the store did not answer, or stopped half way.
    """
    wanted = f"bytes={first}-{first + count - 1}"  # RFC 9110 section 14.1.2
    with store_errors(f"{version.key}: read {wanted}"):
        answer = client.get_object(Bucket=version.bucket, Key=version.key, VersionId=version.version_id, Range=wanted)
        with closing(answer["Body"]) as body:
            found = body.read()
    if len(found) != count:
        raise ChecksumError(f"{version.key}: expected {count} bytes of {wanted}, found {len(found)}")
    return found


def read_back_sha256(client: S3Client, version: VersionName) -> str:
    """Return the SHA-256 (lower hex) of the bytes of *version* as they are now.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    return sha256_of_chunks(read_version(client, version))[0]


def find_sha256(client: S3Client, version: VersionName) -> str:
    """Return the SHA-256 (lower hex) that the store vouches for, or else that of the bytes read back.

    The hash in the object's own metadata is what a writer claimed, so it is not asked.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    head = read_head(client, version)
    # A composite checksum (of a multipart upload) is that of its parts' checksums: AWS S3 User Guide.
    if "ChecksumSHA256" in head and head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT":
        stated = b64decode(head["ChecksumSHA256"])
        if len(stated) == 32:
            return stated.hex()
    return read_back_sha256(client, version)
