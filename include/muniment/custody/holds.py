"""The store's hold: one bit of one version, set and let go, and believed only when it was read back.

It knows no reason; matters, in `retention.holds`, are the reasons. A hold belongs to a version,
so it is set on every version of a key: the oldest is the record, but what hides it is held too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from muniment.custody.client import error_code, store_errors
from muniment.custody.versions import StoredVersion, VersionName, list_versions
from muniment.errors import CustodyError, HoldNotKeptError, ObjectMissingError, StoreUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# AWS S3 API, GetObjectLegalHold, of a version that was never held; Ceph RGW and SeaweedFS have spellings of their own.
_NO_HOLD = frozenset({"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "NoSuchObjectLegalHold"})


def read_status(client: S3Client, version: VersionName) -> str | None:
    """Return what the store says of the hold of *version*: ``ON``, ``OFF`` or what else; None: it never had one.

    Raises:
        ObjectMissingError: there is no such version.
        StoreUnavailableError: the store did not answer.
        CustodyError: the store refused to say.
    """
    try:
        with store_errors(f"{version.key}: read the hold"):
            answer = client.get_object_legal_hold(Bucket=version.bucket, Key=version.key, VersionId=version.version_id)
    except CustodyError as error:
        if error_code(error) in _NO_HOLD:
            return None
        raise
    return answer.get("LegalHold", {}).get("Status", "")


class HoldKeeper:
    """What sets and lets go the holds of one bucket. Safe to share between threads."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @property
    def bucket(self) -> str:
        """Return the bucket's name."""
        return self._bucket

    def list_versions(self, prefix: str) -> Iterator[StoredVersion]:
        """Yield every version under *prefix*; delete markers cannot be held and are left out.

        Raises:
            ObjectMissingError: there is no such bucket.
            StoreUnavailableError: the store did not answer.
        """
        return list_versions(self._client, self._bucket, prefix)

    def hold_of(self, version: VersionName) -> bool:
        """Tell whether *version* is held now.

        Raises:
            ObjectMissingError: there is no such version.
            StoreUnavailableError: the store did not answer.
            CustodyError: the store refused to say.
        """
        return read_status(self._client, version) == "ON"

    def set_hold(self, version: VersionName, on: bool) -> None:
        """Hold *version*, or let it go, and read it back.

        Raises:
            HoldNotKeptError: the store refused, or the bit read back is the other one.
            ObjectMissingError: there is no such version.
            StoreUnavailableError: the store did not answer.
        """
        self._write(version, on)
        if self.hold_of(version) is not on:
            wanted, found = ("a hold", "none") if on else ("no hold", "one")
            raise HoldNotKeptError(f"{version.key}: expected {wanted} when read back, found {found}")

    def _write(self, version: VersionName, on: bool) -> None:
        try:
            with store_errors(f"{version.key}: {'hold' if on else 'let go'}"):
                self._client.put_object_legal_hold(
                    Bucket=version.bucket,
                    Key=version.key,
                    VersionId=version.version_id,
                    LegalHold={"Status": "ON" if on else "OFF"},
                )
        except (ObjectMissingError, StoreUnavailableError):
            raise
        except CustodyError as error:
            raise HoldNotKeptError(str(error)) from error
