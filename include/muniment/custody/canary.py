"""The canary: a small object whose signed read shows that a store serves what it holds.

A store may accept connections seconds before old objects can be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.custody.client import store_errors
from muniment.errors import ObjectMissingError, StoreUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, KEY, BODY = "muniment-canary", "canary", b"sings"


def check_canary(client: S3Client) -> None:
    """Read the canary, and put it there when the store is new.

    Raises:
        StoreUnavailableError: the store does not serve yet.
        CustodyError: the store refuses these credentials.
    """
    try:
        found = _read(client)
    except ObjectMissingError:
        _put(client)
        found = _read(client)
    if found != BODY:
        raise StoreUnavailableError(f"canary: expected {len(BODY)} known bytes, found {len(found)} others")


def _read(client: S3Client) -> bytes:
    with store_errors("canary: read"):
        return client.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()


def _put(client: S3Client) -> None:
    with store_errors("canary: write"):
        if BUCKET not in {bucket.get("Name") for bucket in client.list_buckets().get("Buckets", [])}:
            client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
