"""An agency's bucket: made with Object Lock, which cannot be added to a bucket later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.custody.client import error_code, store_errors
from muniment.errors import CustodyError, ObjectMissingError, StoreUnfitError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CreateBucketRequestTypeDef

# AWS S3 API, GetObjectLockConfiguration: the first is AWS's; NoSuchBucket is left to mean what it says.
_NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"})


def create_bucket(client: S3Client, bucket: str) -> None:
    """Make *bucket* with Object Lock and versioning unless it is there, and check that it has them.

    Raises:
        StoreUnfitError: it is there without them.
        CustodyError: the store refused.
    """
    if not _exists(client, bucket):
        request: CreateBucketRequestTypeDef = {"Bucket": bucket, "ObjectLockEnabledForBucket": True}
        if client.meta.region_name != "us-east-1":  # AWS S3 API, CreateBucket: the one region that may not be named
            request["CreateBucketConfiguration"] = {"LocationConstraint": client.meta.region_name}  # type: ignore[typeddict-item]
        with store_errors(f"{bucket}: create the bucket"):
            client.create_bucket(**request)
    check_bucket(client, bucket)


def check_bucket(client: S3Client, bucket: str) -> None:
    """Return when *bucket* has Object Lock and versioning.

    Raises:
        StoreUnfitError: it lacks one of them.
        ObjectMissingError: there is no such bucket.
    """
    lock, versioning = read_lock_status(client, bucket), read_versioning(client, bucket)
    if (lock, versioning) != ("Enabled", "Enabled"):
        raise StoreUnfitError(
            f"{bucket}: expected Object Lock and versioning Enabled, found Object Lock {lock}, versioning {versioning}"
        )


def read_lock_status(client: S3Client, bucket: str) -> str:
    """Return ``Enabled`` when *bucket* has Object Lock, and ``absent`` when it has not."""
    try:
        with store_errors(f"{bucket}: read the Object Lock configuration"):
            answer = client.get_object_lock_configuration(Bucket=bucket)
    except CustodyError as error:
        if error_code(error) in _NO_LOCK:
            return "absent"
        raise
    return answer["ObjectLockConfiguration"].get("ObjectLockEnabled", "absent")


def read_versioning(client: S3Client, bucket: str) -> str:
    """Return ``Enabled``, ``Suspended``, or ``absent``."""
    with store_errors(f"{bucket}: read the versioning"):
        return client.get_bucket_versioning(Bucket=bucket).get("Status", "absent")


def _exists(client: S3Client, bucket: str) -> bool:
    try:
        with store_errors(f"{bucket}: look for the bucket"):
            client.head_bucket(Bucket=bucket)
    except ObjectMissingError:
        return False
    return True
