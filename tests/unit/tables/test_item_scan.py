"""What checks read of a snapshot: the items that it lists, wherever they are held, and only the columns asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muniment.errors import ParseError
from muniment.tables.item_scan import scan_items
from muniment.tables.schemas import ITEMS

AT = datetime(2026, 11, 18, 7, 30, 0, 250_000, tzinfo=UTC)
MEDIUM = {"media_id": "m1", "url": "https://x.example/m1", "kind": "image", "alt": None}
COLUMNS = ("item_id", "kind", "published_at", "edited_at", "text", "media")


def write(path: Path, *rows: dict[str, object]) -> Path:
    blank = dict.fromkeys(ITEMS.names)
    pq.write_table(pa.Table.from_pylist([blank | row for row in rows], schema=ITEMS), path)
    return path


def row(item_id: str, state: str = "new", **more: object) -> dict[str, object]:
    return {
        "item_id": item_id,
        "row_state": state,
        "kind": "post",
        "published_at": AT,
        "text": f"text of {item_id}",
        **more,
    }


def pointing(item_id: str, state: str = "unchanged") -> dict[str, object]:
    return {"item_id": item_id, "row_state": state, "row_snapshot": "earlier"}


def scan(rows: Path, holders: dict[str, Path], folder: Path, **more: str) -> list[tuple[object, ...]]:
    return [one for batch in scan_items(rows, holders, COLUMNS, scratch=folder, **more) for one in batch]


def test_each_item_is_read_where_it_is_held_and_what_is_gone_is_left_out(tmp_path: Path) -> None:
    holder = write(tmp_path / "h", row("b"), row("c"), row("d", media=[MEDIUM]), row("e", "gone"))
    rows = write(tmp_path / "r", row("a", "changed", edited_at=AT), pointing("b"), pointing("d"), pointing("c", "gone"))

    found = {one[0]: one for one in scan(rows, {"earlier": holder}, tmp_path)}

    assert set(found) == {"a", "b", "d"}
    assert found["a"] == ("a", "post", AT, AT, "text of a", None)
    assert found["d"] == ("d", "post", AT, None, "text of d", ["m1"])


def test_only_items_of_one_kind_are_read_where_it_is_given(tmp_path: Path) -> None:
    holder = write(tmp_path / "h", row("b"), row("p", kind="profile"))
    rows = write(tmp_path / "r", row("a"), pointing("b"), pointing("p"))

    assert [one[0] for one in scan(rows, {"earlier": holder}, tmp_path, kind="profile")] == ["p"]


def test_a_holder_that_is_not_there_is_told(tmp_path: Path) -> None:
    rows = write(tmp_path / "r", pointing("b"))

    with pytest.raises(ParseError, match="expected the rows of snapshot earlier"):
        scan(rows, {}, tmp_path)


def test_more_than_one_batch_is_read_to_the_last(tmp_path: Path) -> None:
    rows = write(tmp_path / "r", *(row(f"{number}") for number in range(10_000)))

    assert len({one[0] for one in scan(rows, {}, tmp_path)}) == 10_000
