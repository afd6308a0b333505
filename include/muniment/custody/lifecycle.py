"""Lifecycle rules: a bucket of the vault has none that expires objects.

What such a rule may take is what no lock keeps any more: it would destroy without a signature.
Rules that only move objects to another storage class, end half-made uploads, or tidy away
delete markers that hide nothing, are the site's own affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.custody.client import error_code, store_errors
from muniment.errors import CustodyError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import LifecycleRuleOutputTypeDef


def list_expiring_rules(client: S3Client, bucket: str) -> tuple[str, ...]:
    """Return the names of the enabled rules of *bucket* that expire objects or versions.

    Raises:
        CustodyError: the store refused to say.
        StoreUnavailableError: the store did not answer.
    """
    rules = _read_rules(client, bucket)
    return tuple(
        rule.get("ID", "without a name") for rule in rules if rule.get("Status") == "Enabled" and _expires(rule)
    )


def _read_rules(client: S3Client, bucket: str) -> list[LifecycleRuleOutputTypeDef]:
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
