"""What the bucket itself must be, and must refuse to become."""

from __future__ import annotations

from collections.abc import Iterator

from muniment.custody.bucket_policy import VAULT_FOLDERS
from muniment.custody.buckets import read_lock_status, read_versioning
from muniment.custody.client import error_code, store_errors
from muniment.custody.lifecycle import list_expiring_rules
from muniment.custody.probes.bench import Bench, is_refused, put_unlocked
from muniment.errors import CustodyError
from muniment.evidence.findings import Finding


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
    for name in list_expiring_rules(bench.operator, bench.bucket):
        yield Finding("D009", bench.bucket, f"rule {name!r} expires objects")


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


def find_free_hands(bench: Bench) -> Iterator[Finding]:
    """D015: the operator's key is refused deletion under the vault's folders, whether or not a lock stands.

    Asked about a version that is not there, a store that would delete answers as if it had.
    """
    version = put_unlocked(bench, "free-hands")
    for folder in VAULT_FOLDERS:
        key = f"{folder}/{version.key}"
        try:
            with store_errors(f"{key}: delete what is not there"):
                bench.operator.delete_object(Bucket=bench.bucket, Key=key, VersionId=version.version_id)
        except CustodyError as error:
            if error_code(error) == "AccessDenied":
                continue
        yield Finding("D015", bench.bucket, f"the operator's key may delete under {folder}/")
