"""Rows of items and of removed content read back by their ids, and the numbers that their verdict rests on."""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.errors import ParseError
from muniment.records.page import Purpose
from muniment.records.rows import Visibility
from muniment.records.series import REMOVED_CONTENT, RowKind
from muniment.tables.metrics import Circumstances, measure
from muniment.tables.removal_rows import (
    find_named,
    list_answered,
    list_out_of_sight,
    read_items,
    read_removals,
)
from muniment.tables.sealed_rows import seal_rows
from muniment.validation.suites import SUITES
from tests.unit.tables.samples import NOON, Volume, item, page, parsed, removal, stage, write_pages


def sealed(folder: Path, *rows: object) -> Path:
    staging = stage(folder / "staging", parsed(rows), kind=RowKind.REMOVALS)  # type: ignore[arg-type]
    seal_rows(staging, folder / "rows", kind=RowKind.REMOVALS, basis=None)
    return folder / "rows"


def test_a_holder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a"))
    volume.capture("two", item("a"))
    with pytest.raises(ParseError, match="expected the rows of snapshot one, which they point to, found none"):
        list(read_items(volume.files["two"], {}, ["a"], snapshot="two", scratch=tmp_path))


def test_items_come_in_full_from_whoever_holds_them_and_what_is_gone_does_not(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a"), item("b"), item("c"))
    volume.capture("two", item("a"), item("b", "Other words"))
    wanted = ["a", "b", "c", "d"]
    found = list(read_items(volume.files["two"], volume.holders("two"), wanted, snapshot="two", scratch=tmp_path))
    assert sorted(found) == [(item("a"), "one"), (item("b", "Other words"), "two")]


def test_removals_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = [removal("a"), removal("b", kind=None, visibility=None, raw=None, published_at=None, probes=[])]
    assert list(read_removals(sealed(tmp_path, *rows))) == rows


def test_what_not_everybody_could_see_is_told(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    rows = [item(one.value, visibility=one) for one in Visibility]
    volume.capture("one", *rows)
    assert list_out_of_sight(volume.files["one"]) == ["hidden", "withheld"]


def test_parents_are_told_with_their_threads_and_names_are_found_also_of_what_is_gone(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a"), item("b", reply_parent_id="x", reply_root_id="a"), item("c"))
    assert list_answered(volume.files["one"]) == [("x", "a")]
    volume.capture("two", item("a"))
    assert find_named(volume.files["two"], ["a", "b", "x"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("fields", "times", "authors"),
    [
        ({}, 0, 0),
        ({"published_at": None}, 1, 0),
        ({"author_id": None}, 0, 1),
        ({"published_at": None, "author_id": None, "unavailable_reason": "never-captured"}, 0, 0),
    ],
)
def test_a_removal_names_its_originator_and_time_or_says_why_not(
    tmp_path: Path, fields: dict[str, object], times: int, authors: int
) -> None:
    rows = sealed(tmp_path, removal("a", **fields))
    pages = write_pages(tmp_path / "pages", page(0, purpose=Purpose.PROBE))
    numbers = measure(rows, pages, kind=RowKind.REMOVALS, against=Circumstances(captured_until=NOON))
    assert (numbers["missing_times"], numbers["missing_authors"]) == (times, authors)
    assert {rule.metric for rule in SUITES[REMOVED_CONTENT]} <= numbers.keys()
