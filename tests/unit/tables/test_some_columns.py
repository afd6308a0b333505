from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from muniment.errors import ChecksumError, ParseError
from muniment.records.series import RowKind
from muniment.tables import some_columns
from muniment.tables.metrics import MEASURED, measure
from muniment.tables.parquet import read_batches
from muniment.tables.parse_notes import ROW_SCHEMAS, read_parse_notes
from muniment.tables.some_columns import copy_columns
from tests.unit.tables.samples import NOON, Volume, item, page, realistic_items, subscriber, write_pages
from tests.unit.tables.test_metrics import SOUND

LATER = {"published_at": NOON.replace(year=2027), "reply_parent_id": "nobody"}
ITEMS = [item("before", author_id=""), *realistic_items(60), item("a", **LATER), item("a", "Else", kind=None)]
PEOPLE = [subscriber(f"n{number}") for number in range(40)] + [subscriber("x", address="no address")]
SMALL = {"TAIL_BYTES": 64, "GAP_BYTES": 8, "RANGE_BYTES": 100}


class Source:
    """A file to read ranges of; it notes how much was asked for."""

    def __init__(self, path: Path) -> None:
        self.body = path.read_bytes()
        self.asked: list[tuple[int, int]] = []

    def read(self, first: int, count: int) -> bytes:
        self.asked.append((first, count))
        return self.body[first : first + count]


@pytest.fixture(params=[RowKind.ITEMS, RowKind.SUBSCRIBERS])
def volume(tmp_path: Path, request: pytest.FixtureRequest) -> Volume:
    rows = ITEMS if request.param is RowKind.ITEMS else PEOPLE
    found = Volume(tmp_path, request.param)
    found.capture("first", *rows[:-1])
    found.capture("second", *rows[1:])
    return found


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a small file copied as a large one is."""
    for name, value in SMALL.items():
        monkeypatch.setattr(some_columns, name, value)


def copied(path: Path, columns: frozenset[str]) -> tuple[Path, Source]:
    source, out = Source(path), path.with_name(f"{path.name}.copy")
    copy_columns(source.read, len(source.body), out, columns)
    return out, source


@pytest.mark.usefixtures("narrow")
def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_bytes(b"no rows at all " * 20)

    with pytest.raises(ParseError, match="expected a whole Parquet file, found no footer"):
        copied(path, frozenset({"item_id"}))
    assert not (tmp_path / "rows.copy").exists()


@pytest.mark.usefixtures("narrow")
def test_what_the_reader_raises_is_raised_and_no_copy_is_left(volume: Volume) -> None:
    def fail(first: int, count: int) -> bytes:
        raise ChecksumError(f"{first} {count}")

    with pytest.raises(ChecksumError):
        copy_columns(fail, 10_000, volume.folder / "copy", MEASURED[volume.kind])
    assert not (volume.folder / "copy").exists()


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("name", ["first", "second"])
def test_a_copy_measures_as_the_file_does(volume: Volume, name: str) -> None:
    path, pages = volume.files[name], write_pages(volume.folder / "pages", page())
    against = replace(SOUND, profile_id="before")

    copy, _ = copied(path, MEASURED[volume.kind])

    expected = measure(path, pages, kind=volume.kind, against=against)
    assert measure(copy, pages, kind=volume.kind, against=against) == expected
    assert read_parse_notes(copy, volume.kind) == volume.notes[name]
    assert copy.stat().st_size == path.stat().st_size


@pytest.mark.usefixtures("narrow")
def test_columns_that_are_not_wanted_are_not_read(volume: Volume) -> None:
    copy, source = copied(volume.files["first"], MEASURED[volume.kind])

    assert sum(count for _, count in source.asked) < len(source.body)
    with pytest.raises(ParseError):
        list(read_batches(copy, ROW_SCHEMAS[volume.kind], rows=100, columns=["raw"]))


@pytest.mark.usefixtures("narrow")
def test_a_copy_of_every_column_reads_as_the_file_does(volume: Volume) -> None:
    schema, path = ROW_SCHEMAS[volume.kind], volume.files["first"]

    copy, _ = copied(path, frozenset(schema.names))

    assert list(read_batches(copy, schema, rows=100)) == list(read_batches(path, schema, rows=100))


def test_a_small_file_is_read_at_once(volume: Volume) -> None:
    copy, source = copied(volume.files["first"], MEASURED[volume.kind])

    assert source.asked == [(0, len(source.body))]
    assert copy.read_bytes() == source.body
