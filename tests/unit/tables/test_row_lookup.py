"""A row is found by its id, or by the address that the platform gave it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muniment.errors import ParseError
from muniment.records.series import RowKind
from muniment.tables.row_lookup import LOOKED_UP, has_row
from muniment.tables.schemas import ITEMS, SUBSCRIBERS
from muniment.tables.some_columns import copy_columns


@pytest.fixture
def items(tmp_path: Path) -> Path:
    rows = [
        dict.fromkeys(ITEMS.names) | {"item_id": "at://x/1", "row_state": "new", "url": "https://social.example/1"},
        dict.fromkeys(ITEMS.names) | {"item_id": "at://x/2", "row_state": "unchanged"},
    ]
    pq.write_table(pa.Table.from_pylist(rows, ITEMS), tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def test_what_is_not_listed_is_not_found(items: Path) -> None:
    for wanted in ("", "at://x/3", "at://x", "https://social.example/2", "' OR 1=1 --"):
        assert not has_row(items, RowKind.ITEMS, wanted)


def test_an_item_is_found_by_its_id_or_its_address_also_in_a_copy_of_those_columns_alone(
    items: Path, tmp_path: Path
) -> None:
    body = items.read_bytes()
    copy = tmp_path / "copy.parquet"
    copy_columns(lambda first, count: body[first : first + count], len(body), copy, LOOKED_UP[RowKind.ITEMS])

    for path in (items, copy):
        assert has_row(path, RowKind.ITEMS, "at://x/1")
        assert has_row(path, RowKind.ITEMS, "at://x/2")
        assert has_row(path, RowKind.ITEMS, "https://social.example/1")


def test_a_subscriber_is_found_by_its_id_alone(tmp_path: Path) -> None:
    row = dict.fromkeys(SUBSCRIBERS.names) | {"subscriber_id": "s-1", "row_state": "new", "address": "a@b.example"}
    pq.write_table(pa.Table.from_pylist([row], SUBSCRIBERS), tmp_path / "rows.parquet")

    assert has_row(tmp_path / "rows.parquet", RowKind.SUBSCRIBERS, "s-1")
    assert not has_row(tmp_path / "rows.parquet", RowKind.SUBSCRIBERS, "a@b.example")


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"no")
    with pytest.raises(ParseError):
        has_row(tmp_path / "rows.parquet", RowKind.ITEMS, "x")
