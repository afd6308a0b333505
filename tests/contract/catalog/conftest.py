"""A vault with manifests of a made-up agency, and an empty catalog beside it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from muniment.catalog.index import Catalog
from muniment.custody.buckets import create_bucket
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress
from muniment.evidence.manifest import DeclaredCount, FindingCount, GapCount, Manifest, SealedObject
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId
from muniment.settings import Settings, read_settings
from tests.unit.evidence.vault_folder import UNTIL, build_manifest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AGENCY = "harborview"
TABLES = ("snapshots", "objects", "findings", "gaps", "declared", "entries", "unreadable")


def address_of(number: int, *, account: str = "city", volume: str = "2026-11") -> SnapshotAddress:
    place = VolumeAddress(SeriesId("official-posts"), AccountId(account), VolumeId(volume))
    return SnapshotAddress(place, SnapshotId(f"20261121T12{number // 60:02}{number % 60:02}.000000Z-0123abcd"))


def manifest_of(address: SnapshotAddress, before: Manifest | None = None) -> Manifest:
    """A manifest with two of everything that it can have many of."""
    objects = tuple(
        SealedObject(key=address.key(name), size_bytes=7, sha256="ab" * 32, content_type="x/y", locked_until=UNTIL)
        for name in (PAGES, ROWS)
    )
    manifest = build_manifest(address, objects, before)
    findings = tuple(
        FindingCount(code=code, count=3, detail="items", stops_seal=stops)
        for code, stops in (("P002", False), ("P011", True))
    )
    return replace(
        manifest,
        agency=AGENCY,
        declared=tuple(DeclaredCount(what=what, declared=9, captured=None) for what in ("posts", "followers")),
        gaps=tuple(GapCount(purpose="media", reason=reason, count=2) for reason in ("not-found", "timeout")),
        verdict=replace(manifest.verdict, outcome="quarantined", findings=findings),
    )


@dataclass(frozen=True)
class Place:
    """One agency: its settings, its vault, its catalog."""

    settings: Settings
    vault: Vault
    catalog: Catalog

    def seal(self, key: str, body: bytes) -> None:
        until = datetime.now(UTC) + timedelta(seconds=2)
        self.vault.seal_bytes(key, body, lock_until=until, content_type="application/json")

    def seal_snapshot(self, number: int, **where: str) -> Manifest:
        manifest = manifest_of(address_of(number, **where))
        self.seal(manifest.address.key(MANIFEST), manifest.to_bytes())
        return manifest

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        return self.ask(f"SELECT * FROM muniment.{table}")

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        return {table: sorted(self.rows(table), key=repr) for table in TABLES}

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.catalog.address)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@pytest.fixture
def place(
    store: SeaweedFS,
    operator_client: S3Client,
    administrator_client: S3Client,
    catalog_address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Place:
    (tmp_path / "agencies" / AGENCY).mkdir(parents=True)
    (tmp_path / "catalog.url").write_text(catalog_address + "\n", "utf-8")
    prefix = f"test-{uuid.uuid4().hex[:8]}-"
    environment = {
        "MUNIMENT_HOME": str(tmp_path),
        "MUNIMENT_AGENCIES": str(tmp_path / "agencies"),
        "MUNIMENT_CATALOG": str(tmp_path / "catalog.url"),
        "MUNIMENT_S3_ENDPOINT": store.endpoint,
        "MUNIMENT_S3_REGION": REGION,
        "MUNIMENT_S3_CREDENTIALS": str(store.credentials_file("operator")),
        "MUNIMENT_BUCKET_PREFIX": prefix,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    create_bucket(administrator_client, prefix + AGENCY)
    return Place(read_settings(environment), Vault(operator_client, prefix + AGENCY), Catalog(catalog_address))
