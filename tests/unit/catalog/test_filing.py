from __future__ import annotations

from dataclasses import replace

import pytest

from muniment.catalog.filing import MAX_BIGINT, NOT_OF_ITS_FORM, OF_ANOTHER_PLACE, file_manifest, file_snapshot
from muniment.catalog.schema import OBJECTS, SNAPSHOTS, TABLES, UNREADABLE, create_tables
from muniment.catalog.session import describe
from muniment.errors import ConfigurationError
from muniment.evidence.layout import MEDIA, PAGES, ROWS, SnapshotAddress
from muniment.evidence.manifest import Manifest, SealedObject
from muniment.records.canonical import MAX_INTEGER
from muniment.records.names import SnapshotId
from tests.unit.evidence.vault_folder import UNTIL, VOLUME, build_manifest

ADDRESS = SnapshotAddress(VOLUME, SnapshotId("20261121T120001.000000Z-0123abcd"))


def sealed(key: str, size: int = 1) -> SealedObject:
    return SealedObject(key=key, size_bytes=size, sha256="ab" * 32, content_type="x/y", locked_until=UNTIL)


def manifest(*more: SealedObject) -> Manifest:
    return build_manifest(ADDRESS, (sealed(ADDRESS.key(PAGES)), sealed(ADDRESS.key(ROWS)), *more), None)


def faults(body: bytes, agency: str = "x") -> list[str]:
    return [fault for _, fault in file_manifest(agency, ADDRESS, body).faults]


def huge() -> bytes:
    media = (sealed(VOLUME.media_key(f"{number:064x}"), MAX_INTEGER) for number in range(1030))
    return manifest(*media).to_bytes()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"format":"muniment.manifest/1"}',
        manifest().to_bytes() + b"\n",
        replace(manifest(), scope="every\0thing").to_bytes(),
        replace(manifest(), retention=replace(manifest().retention, steps=("\0",))).to_bytes(),
        huge(),
    ],
)
def test_bytes_that_are_no_manifest_or_that_no_table_can_hold_are_a_fault_and_no_error(body: bytes) -> None:
    assert faults(body) == [NOT_OF_ITS_FORM]


def test_a_manifest_found_where_another_belongs_is_a_fault() -> None:
    assert faults(manifest().to_bytes(), agency="y") == [OF_ANOTHER_PLACE]
    elsewhere = SnapshotAddress(VOLUME, SnapshotId("20261121T120002.000000Z-0123abcd"))
    assert file_manifest("x", elsewhere, manifest().to_bytes()).faults[0][1] == OF_ANOTHER_PLACE


def test_what_an_unreadable_manifest_says_is_not_repeated() -> None:
    filing = file_manifest("x", ADDRESS, b'{"format": "Jane Doe"}')

    assert [table for table, _ in filing.rows] == [UNREADABLE]
    assert "Jane" not in repr(filing)


def test_every_row_has_the_columns_of_its_table_and_no_other() -> None:
    filing = file_snapshot(manifest(sealed(ADDRESS.key(MEDIA))), "ab" * 32, 9)

    assert [table.name for table, _ in filing.rows] == ["snapshots", "objects", "objects", "objects"]
    assert all(set(row) == set(table.columns) for table, row in filing.rows)


def test_the_accounts_address_is_in_no_row() -> None:
    assert "https://social.example/city" not in repr(file_snapshot(manifest(), "ab" * 32, 9))


def test_the_largest_sums_that_fit_are_kept() -> None:
    filing = file_snapshot(manifest(sealed(ADDRESS.key(MEDIA), MAX_BIGINT - 2)), "ab" * 32, 9)

    assert [row["size_bytes"] for table, row in filing.rows if table is SNAPSHOTS] == [MAX_BIGINT]
    assert [row["size_bytes"] for table, row in filing.rows if table is OBJECTS] == [1, 1, MAX_BIGINT - 2]


def test_every_table_is_kept_by_agency_first() -> None:
    assert {table.key_columns[0] for table in TABLES} == {"agency"}
    assert len(list(create_tables("anywhere"))) == len(TABLES)


@pytest.mark.parametrize("text", ["opensesame at home", "postgresql+psycopg2://a:opensesame@b/c", "=opensesame"])
def test_a_text_that_is_no_connection_string_is_not_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        describe(text)

    assert "opensesame" not in str(told.value)


def test_a_server_is_named_without_who_signs_in() -> None:
    assert describe("postgresql://me:opensesame@db.example:5433/airflow") == "db.example:5433/airflow"
