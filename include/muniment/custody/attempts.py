"""Try to delete a sealed object, to show that it cannot be done.

An object whose lock the store does not show is not tried: that would only prove what an
unlocked store does, at the price of a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from muniment.custody.client import error_code, store_errors
from muniment.custody.objects import read_back_sha256
from muniment.custody.vault import Vault
from muniment.custody.versions import VersionName, find_record
from muniment.errors import CustodyError, LockNotKeptError, ObjectMissingError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import DeleteTypeDef


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way of deleting that was tried, what the store answered, and whether the bytes are still there."""

    way: str
    answer: str
    survived: bool


def attempt_deletion(client: S3Client, vault: Vault, key: str) -> tuple[Attempt, ...]:
    """Try with *client*'s key to delete the sealed version of *key* in every way there is.

    Raises:
        LockNotKeptError: the store shows no lock on it that has yet to run out.
        ObjectMissingError: there is no such object.
    """
    lock = vault.lock_of(key)
    if lock is None or lock.until <= datetime.now(UTC):
        raise LockNotKeptError(f"{key}: expected a lock that has yet to run out, found none: not tried")
    record = find_record(client, vault.bucket, key)
    if record is None:
        raise ObjectMissingError(f"{key}: expected an object in {vault.bucket}, found none")
    version = record.name
    before = read_back_sha256(client, version)
    attempts = []
    for way, act in _ways(client, version).items():
        answer = _answer_of(act)
        attempts.append(Attempt(way, answer, _survives(client, version, before)))
    return tuple(attempts)


def _ways(client: S3Client, version: VersionName) -> Mapping[str, Callable[[], object]]:
    bucket, key, version_id = version.bucket, version.key, version.version_id

    def in_bulk() -> None:
        listed: DeleteTypeDef = {"Objects": [{"Key": key, "VersionId": version_id}]}
        answer = client.delete_objects(Bucket=bucket, Delete=listed, BypassGovernanceRetention=True)
        for error in answer.get("Errors", []):
            raise CustodyError(error.get("Code", "unknown"))

    return {
        "delete the version": lambda: client.delete_object(Bucket=bucket, Key=key, VersionId=version_id),
        "delete it with bypass": lambda: client.delete_object(
            Bucket=bucket, Key=key, VersionId=version_id, BypassGovernanceRetention=True
        ),
        "delete it in bulk with bypass": in_bulk,
        "shorten its lock with bypass": lambda: client.put_object_retention(
            Bucket=bucket,
            Key=key,
            VersionId=version_id,
            Retention={"Mode": "COMPLIANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(minutes=1)},
            BypassGovernanceRetention=True,
        ),
    }


def _answer_of(act: Callable[[], object]) -> str:
    try:
        with store_errors("attempt"):
            act()
    except CustodyError as error:
        return f"refused: {error_code(error) if error.__cause__ else error}"
    return "accepted"


def _survives(client: S3Client, version: VersionName, before: str) -> bool:
    try:
        return read_back_sha256(client, version) == before
    except CustodyError:
        return False
