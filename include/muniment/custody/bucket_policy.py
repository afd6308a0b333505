"""Who may not delete: the policy of an agency's bucket.

Object Lock guards an object until its date. From then on only this policy does: nobody but
the shredder deletes under the folders of the vault, not by version, not by a marker; and
nobody but the administrator changes lifecycle rules, versioning, or the policy itself. The
right to destroy stands in this policy alone, so that a bucket without it destroys nothing.

Language: AWS IAM User Guide, "IAM JSON policy elements". SeaweedFS names the holder of a key
in ``aws:username``; other stores get their own spelling (docs/operations/production.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from muniment.custody.client import error_code, store_errors
from muniment.errors import CustodyError
from muniment.records.canonical import JsonValue

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SHREDDER, ADMINISTRATOR = "shredder", "administrator"
VAULT_FOLDERS = ("records", "registers", "log")
SHREDDED_FOLDERS = ("records", "registers")  # the log is never destroyed: it proves what was there
_DELETE = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
_RULES = [
    "s3:PutLifecycleConfiguration",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketAcl",
    "s3:DeleteBucket",
]
_OURS = "Muniment"
_SERVER = "SeaweedFS"
_SHREDDER_ARN = f"arn:aws:iam::000000000000:user/{SHREDDER}"  # SeaweedFS: every key belongs to this account


def build_policy(bucket: str) -> dict[str, JsonValue]:
    """Return the policy of *bucket* as SeaweedFS reads it."""
    place = f"arn:aws:s3:::{bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"{_OURS}OnlyTheShredderDeletes",
                "Effect": "Deny",
                "Principal": "*",
                "Action": [*_DELETE],
                "Resource": [f"{place}/{folder}/*" for folder in VAULT_FOLDERS],
                "Condition": {"StringNotEquals": {"aws:username": SHREDDER}},
            },
            {
                "Sid": f"{_OURS}TheShredderDeletes",
                "Effect": "Allow",
                "Principal": {"AWS": [_SHREDDER_ARN]},
                "Action": [*_DELETE],
                "Resource": [f"{place}/{folder}/*" for folder in SHREDDED_FOLDERS],
            },
            {
                "Sid": f"{_OURS}NobodyBypasses",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:BypassGovernanceRetention",  # SeaweedFS gives a list of one back as its one
                "Resource": [f"{place}/{folder}/*" for folder in VAULT_FOLDERS],
            },
            {
                "Sid": f"{_OURS}OnlyTheAdministratorRules",
                "Effect": "Deny",
                "Principal": "*",
                "Action": [*_RULES],
                "Resource": [place, f"{place}/*"],
                "Condition": {"StringNotEquals": {"aws:username": ADMINISTRATOR}},
            },
        ],
    }


def restrict_bucket(administrator: S3Client, bucket: str) -> bool:
    """Put the policy on *bucket* where the store is a SeaweedFS; return whether it stands there now.

    A policy that somebody else wrote is left alone, and so is a store of another make: its
    administrator writes the policy, and the doctor tells whether it does what it must.

    Raises:
        CustodyError: the store refused, or keeps another policy than was put.
        StoreUnavailableError: the store did not answer.
    """
    if not _is_seaweed(administrator, bucket):
        return False
    wanted, found = build_policy(bucket), read_policy(administrator, bucket)
    if found is not None and not _is_ours(found):
        return False
    if found != wanted:
        with store_errors(f"{bucket}: put the policy"):
            administrator.put_bucket_policy(Bucket=bucket, Policy=json.dumps(wanted))
        if read_policy(administrator, bucket) != wanted:
            raise CustodyError(f"{bucket}: expected the policy that was put, found another")
    return True


def read_policy(client: S3Client, bucket: str) -> Mapping[str, JsonValue] | None:
    """Return the policy of *bucket*, or None when it has none.

    Raises:
        CustodyError: the store refused to say.
        StoreUnavailableError: the store did not answer.
    """
    try:
        with store_errors(f"{bucket}: read the policy"):
            text = client.get_bucket_policy(Bucket=bucket)["Policy"]
    except CustodyError as error:
        if error_code(error) == "NoSuchBucketPolicy":
            return None
        raise
    policy = json.loads(text)
    return policy if isinstance(policy, dict) else {}


def _is_ours(policy: Mapping[str, JsonValue]) -> bool:
    statements = policy.get("Statement")
    return isinstance(statements, list) and all(
        isinstance(item, dict) and str(item.get("Sid", "")).startswith(_OURS) for item in statements
    )


def _is_seaweed(client: S3Client, bucket: str) -> bool:
    with store_errors(f"{bucket}: ask the store's name"):
        headers = client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    return headers.get("server", "").startswith(_SERVER)
