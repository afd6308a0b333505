from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from muniment.errors import ParseError
from muniment.records.rows import content_sha256
from muniment.records.series import RowKind
from muniment.tables.current_rows import export_rows
from muniment.tables.schemas import ITEMS
from tests.unit.tables.samples import Volume, item, subscriber


def export(volume: Volume) -> tuple[list[dict[str, object]], list[dict[str, str]]]:
    """Export the latest snapshot; return the rows of the Parquet and of the CSV."""
    assert volume.latest is not None
    parquet, sheet = volume.folder / "out.parquet", volume.folder / "out.csv"
    count = export_rows(
        volume.files[volume.latest],
        volume.holders(volume.latest),
        kind=volume.kind,
        zone="America/Los_Angeles",
        out_parquet=parquet,
        out_csv=sheet,
    )
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    full = pq.read_table(parquet).to_pylist()
    assert count == len(full) == len(told)
    return full, told


def test_a_missing_holder_is_refused_and_leaves_no_export(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a"))
    volume.capture("two", item("a"))
    before = set(tmp_path.iterdir())

    with pytest.raises(ParseError, match="expected the rows of snapshot one, which they point to, found none"):
        export_rows(
            volume.files["two"],
            {},
            kind=RowKind.ITEMS,
            zone="UTC",
            out_parquet=tmp_path / "out.parquet",
            out_csv=tmp_path / "out.csv",
        )
    assert set(tmp_path.iterdir()) == before


def test_a_holder_without_the_row_is_refused(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a"))
    volume.capture("two", item("a"))
    volume.files["one"] = volume.files["two"]

    with pytest.raises(ParseError, match="expected 1 rows in snapshot one, found 0"):
        export(volume)


def test_unchanged_rows_are_exported_in_full_with_their_own_counters(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a", like_count=1), item("b"), item("c"))
    volume.capture("two", item("a", like_count=2), item("b", "edited"))
    volume.capture("three", item("a", like_count=5), item("b", "edited"), item("d"))

    full, told = export(volume)

    assert [(row["item_id"], row["row_state"], row["row_snapshot"]) for row in full] == [
        ("d", "new", None),
        ("a", "unchanged", "one"),
        ("b", "unchanged", "two"),
    ]
    assert [row["text"] for row in full] == ["Water main repair", "Water main repair", "edited"]
    assert [row["like_count"] for row in full] == [3, 5, 3]
    assert full[1]["content_sha256"] == content_sha256(item("a"))
    assert [row["text"] for row in told] == [row["text"] for row in full]
    assert pq.read_schema(tmp_path / "out.parquet").equals(ITEMS)


def test_the_sheet_is_for_spreadsheets(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    at = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
    volume.capture(
        "one", item("a", 'Größe, "x"\nzwei', published_at=at, edited_at=None, links=["https://1", "https://2"])
    )

    _, told = export(volume)

    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert told[0]["text"] == 'Größe, "x"\nzwei'
    assert told[0]["published_at_utc"] == "2026-11-21T06:30:00+00:00"
    assert told[0]["published_at_local"] == "2026-11-20T22:30:00-08:00"
    assert (told[0]["edited_at_utc"], told[0]["edited_at_local"]) == ("", "")
    assert told[0]["links"] == "https://1\nhttps://2"
    assert told[0]["media"] == "https://cdn.example/1"
    assert (
        told[0]["content_sha256"]
        == content_sha256(item("a", 'Größe, "x"\nzwei', published_at=at, links=["https://1", "https://2"])).hex()
    )
    assert not {"raw", "versions"} & told[0].keys()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_is_never_run_as_a_formula(tmp_path: Path, start: str) -> None:
    evil = f'{start}HYPERLINK("https://evil.example")'
    volume = Volume(tmp_path, RowKind.SUBSCRIBERS)
    volume.capture("one", subscriber("a", display_name=evil, address=evil))

    full, told = export(volume)

    assert full[0]["display_name"] == evil
    assert told[0]["display_name"] == told[0]["address"] == f"'{evil}"
    assert not any(cell.startswith(start) for row in told for cell in row.values())


def test_a_link_is_never_run_as_a_formula(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a", links=["=1+1"]))

    assert export(volume)[1][0]["links"] == "'=1+1"
