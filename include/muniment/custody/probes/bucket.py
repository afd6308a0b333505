"""What the bucket itself must be, and must refuse to become."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from muniment.custody.buckets import read_lock_status, read_versioning
from muniment.custody.client import error_code, store_errors
from muniment.custody.probes.bench import Bench, is_refused, put_unlocked
from muniment.errors import CustodyError
from muniment.evidence.findings import Finding

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import LifecycleRuleOutputTypeDef


def find_missing_lock(bench: Bench) -> Iterator[Finding]:
    """D001: Object Lock and versioning are enabled."""
    lock, versioning = read_lock_status(bench.operator, bench.bucket), read_versioning(bench.operator, bench.bucket)
    if (lock, versioning) != ("Enabled", "Enabled"):
        yield Finding("D001", bench.bucket, f"expected both Enabled, found Object Lock {lock}, versioning {versioning}")


def find_suspension(bench: Bench) -> Iterator[Finding]:
    """D008: suspend versioning; where that works it is enabled again at once."""
    if read_versioning(bench.operator, bench.bucket) != "Enabled":
        return  # nothing to suspend: D001 says so
    for whose, client in bench.keys.items():
        is_refused(client.put_bucket_versioning, Bucket=bench.bucket, VersioningConfiguration={"Status": "Suspended"})
        found = read_versioning(bench.operator, bench.bucket)
        if found != "Enabled":
            is_refused(client.put_bucket_versioning, Bucket=bench.bucket, VersioningConfiguration={"Status": "Enabled"})
            yield Finding("D008", bench.bucket, f"{found} with the {whose}'s key")


def find_expiry_rules(bench: Bench) -> Iterator[Finding]:
    """D009: no enabled lifecycle rule expires objects."""
    for rule in _lifecycle_rules(bench.operator, bench.bucket):
        if rule.get("Status") == "Enabled" and _expires(rule):
            yield Finding("D009", bench.bucket, f"rule {rule.get('ID', 'without a name')!r} expires objects")


def find_open_doors(bench: Bench) -> Iterator[Finding]:
    """D013: without credentials nothing is read or listed."""
    version = put_unlocked(bench, "stranger")
    doors = {
        "read an object": not is_refused(bench.stranger.get_object, Bucket=bench.bucket, Key=version.key),
        "list the bucket": not is_refused(bench.stranger.list_objects_v2, Bucket=bench.bucket),
    }
    for what, is_open in doors.items():
        if is_open:
            yield Finding("D013", bench.bucket, f"a stranger may {what}")


def _lifecycle_rules(client: S3Client, bucket: str) -> list[LifecycleRuleOutputTypeDef]:
    try:
        with store_errors(f"{bucket}: read the lifecycle rules"):
            return client.get_bucket_lifecycle_configuration(Bucket=bucket).get("Rules", [])
    except CustodyError as error:
        if error_code(error) == "NoSuchLifecycleConfiguration":
            return []
        raise


def _expires(rule: LifecycleRuleOutputTypeDef) -> bool:
    expiration = rule.get("Expiration", {})
    # A rule that only tidies delete markers away takes no version: AWS S3 API, LifecycleExpiration.
    return "NoncurrentVersionExpiration" in rule or "Days" in expiration or "Date" in expiration
