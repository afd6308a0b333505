"""What only a real store can show: versions laid over sealed objects, and locks shorter than they should be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.custody.vault import Vault
from muniment.evidence.layout import LOG_HEAD, PAGES, TimestampAddress, log_batch_key, log_checkpoint_key
from muniment.evidence.verify import verify
from tests.drill.archive import Archive

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

UNTIL = datetime(2028, 12, 1, 8, tzinfo=UTC)
TOO_SOON = datetime(2028, 11, 30, tzinfo=UTC)
Expected = set[tuple[str, str]]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def keep(archive: Archive, vault: Vault, client: S3Client, *, too_soon: str | None = None) -> None:
    for path in sorted(path for path in archive.root.rglob("*") if path.is_file()):
        key = path.relative_to(archive.root).as_posix()
        if key == LOG_HEAD:
            client.put_object(Bucket=vault.bucket, Key=key, Body=archive.path(log_checkpoint_key(0)).read_bytes())
            client.put_object(Bucket=vault.bucket, Key=key, Body=path.read_bytes())
            client.put_object(Bucket=vault.bucket, Key="doctor/0/throwaway", Body=b"x")
        else:
            until = TOO_SOON if key == too_soon else UNTIL
            vault.seal_bytes(key, path.read_bytes(), lock_until=until, content_type="x/y")


def found(archive: Archive, vault: Vault) -> Expected:
    return {(finding.code, finding.subject) for finding in verify(vault, means=archive.means).findings}


def lay_a_marker(client: S3Client, bucket: str, archive: Archive) -> Expected:
    key = archive.sealed(1, PAGES).key
    client.delete_object(Bucket=bucket, Key=key)
    return {("V008", key)}


def lay_a_marker_over_the_log(client: S3Client, bucket: str, archive: Archive) -> Expected:
    client.delete_object(Bucket=bucket, Key=log_batch_key(1))
    return {("V008", log_batch_key(1))}


def put_a_shadow(client: S3Client, bucket: str, archive: Archive) -> Expected:
    key = archive.sealed(1, PAGES).key
    client.put_object(Bucket=bucket, Key=key, Body=b"another story")
    return {("V008", key)}


def drop_in(client: S3Client, bucket: str, archive: Archive) -> Expected:
    client.put_object(Bucket=bucket, Key="notes.txt", Body=b"x")
    return {("V005", "notes.txt")}


@pytest.mark.parametrize(
    "tamper",
    [
        put_a_shadow,
        *(pytest.param(done, marks=pytest.mark.real) for done in (lay_a_marker, lay_a_marker_over_the_log, drop_in)),
    ],
)
def test_what_is_done_to_a_bucket_is_found_and_nothing_else_is_blamed(
    archive: Archive,
    vault: Vault,
    administrator_client: S3Client,
    tamper: Callable[[S3Client, str, Archive], Expected],
) -> None:
    keep(archive, vault, administrator_client)
    assert found(archive, vault) == set()

    expected = tamper(administrator_client, vault.bucket, archive)

    assert found(archive, vault) == expected


@pytest.mark.parametrize(
    "kind", ["manifest", *(pytest.param(kind, marks=pytest.mark.real) for kind in ("pages", "batch", "tile", "stamp"))]
)
def test_a_lock_shorter_than_the_manifests_is_found(
    archive: Archive, vault: Vault, administrator_client: S3Client, kind: str
) -> None:
    keys = {
        "pages": archive.sealed(1, PAGES).key,
        "manifest": archive.manifest_key(1),
        "batch": log_batch_key(1),
        "tile": "log/tile/0/000.p/4",
        "stamp": TimestampAddress(1, "a", 0).key("tsr"),
    }
    keep(archive, vault, administrator_client, too_soon=keys[kind])

    assert found(archive, vault) == {("V004", keys[kind])}
