"""Every version of every schema, as it was once sealed, stays readable and says the same.

The files in tests/vectors/ours are never made again: a new version gets files of its own.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from muniment.records.page import Gap, MediaExchange, Page
from muniment.records.series import RowKind
from muniment.tables.media_file import read_media
from muniment.tables.pages_file import read_pages
from muniment.tables.parse_notes import read_parse_notes
from muniment.tables.schemas import ITEMS, MEDIA, PAGES, REMOVALS, SUBSCRIBERS, schema_name

OURS = Path(__file__).parents[2] / "vectors" / "ours"
SAMPLES = ["items-1", "media-1", "pages-1", "removals-1", "subscribers-1"]


def told(name: str) -> Any:
    return json.loads((OURS / f"{name}.json").read_text("utf-8"))


def spelled(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: spelled(part) for key, part in value.items()}
    return [spelled(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sealed_sample_reads_as_it_was_written(name: str) -> None:
    table = pq.read_table(OURS / f"{name}.parquet")

    assert spelled(table.to_pylist()) == told(name)["rows"]
    assert schema_name(table.schema) == told(name)["schema"]


@pytest.mark.parametrize("name", SAMPLES)
def test_another_engine_reads_the_same_columns_and_rows(name: str) -> None:
    rows = told(name)["rows"]
    first = next(iter(rows[0]))

    with duckdb.connect() as engine:
        read = engine.read_parquet(str(OURS / f"{name}.parquet"))
        assert read.columns == list(rows[0])
        assert [row[0] for row in read.fetchall()] == [row[first] for row in rows]


def test_a_sample_stands_for_every_schema_in_use() -> None:
    assert {schema_name(schema) for schema in (PAGES, MEDIA, ITEMS, SUBSCRIBERS, REMOVALS)} <= {
        told(name)["schema"] for name in SAMPLES
    }


def test_our_own_readers_still_read_the_samples() -> None:
    pages = list(read_pages(OURS / "pages-1.parquet", lambda _snapshot, _digest: b'{"feed":[]}'))
    media = list(read_media(OURS / "media-1.parquet"))

    assert [type(entry) for entry in pages] == [Page, Page, Gap]
    assert [type(entry) for entry in media] == [MediaExchange, MediaExchange]
    for kind, name in ((RowKind.ITEMS, "items-1"), (RowKind.SUBSCRIBERS, "subscribers-1")):
        notes = read_parse_notes(OURS / f"{name}.parquet", kind)
        assert (notes.previous, notes.reads) == ("20261120T120000Z-0123abcd", ("20261120T120000Z-0123abcd",))
        assert (notes.rows.new, notes.rows.changed, notes.rows.unchanged, notes.rows.gone) == (1, 1, 1, 1)
    removals = read_parse_notes(OURS / "removals-1.parquet", RowKind.REMOVALS)
    assert (removals.previous, removals.rows.new) == (None, 2)
