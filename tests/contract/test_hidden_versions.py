"""On a real store: what hides a sealed object from ordinary readers is a finding, and not believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from muniment.custody.vault import Vault

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "records/series=official-posts/account=city/volume=2026-11/media/" + "a" * 64


def seal(vault: Vault) -> None:
    until = datetime.now(UTC) + timedelta(seconds=2)
    vault.seal_bytes(KEY, b"the record", lock_until=until, content_type="text/plain")


def test_a_later_version_with_other_bytes_is_found_and_the_record_still_read(
    vault: Vault, operator_client: S3Client
) -> None:
    seal(vault)
    operator_client.put_object(Bucket=vault.bucket, Key=KEY, Body=b"a forgery")

    found = list(vault.find_hidden("records/"))

    assert [key for key, _ in found] == [KEY]
    assert "other bytes" in found[0][1]
    assert operator_client.get_object(Bucket=vault.bucket, Key=KEY)["Body"].read() == b"a forgery"
    assert vault.read(KEY) == b"the record"


def test_a_delete_marker_is_found_and_the_record_still_read(vault: Vault, operator_client: S3Client) -> None:
    seal(vault)
    operator_client.delete_object(Bucket=vault.bucket, Key=KEY)

    assert list(vault.find_hidden("records/")) == [(KEY, "expected no delete marker, found one")]
    assert vault.read(KEY) == b"the record"


def test_a_later_version_with_the_same_bytes_hides_nothing(vault: Vault, operator_client: S3Client) -> None:
    seal(vault)
    operator_client.put_object(Bucket=vault.bucket, Key=KEY, Body=b"the record")

    assert list(vault.find_hidden("records/")) == []


def test_nothing_hides_what_was_sealed_once(vault: Vault) -> None:
    seal(vault)

    assert list(vault.find_hidden("records/")) == []
