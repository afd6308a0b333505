from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import ParseError
from muniment.records.rows import ItemRow, Visibility, content_sha256
from muniment.records.series import RowKind
from muniment.tables.counter_changes import compare_counters
from muniment.tables.row_changes import (
    RowDifference,
    compare_rows,
    read_changes,
)
from muniment.tables.unlike_rows import Listing
from tests.unit.tables.samples import Volume, item, subscriber

EDITED = datetime(2026, 11, 21, 13, tzinfo=UTC)

Shown = Mapping[str, str]  # what a platform shows: a text by each id
# Many ids in few captures: a file costs more than its rows.
shown = st.dictionaries(st.sampled_from("abcdefghijklmnopqrst"), st.sampled_from("xyz"))


def volume_of(folder: Path, *shown: Shown) -> Volume:
    folder.mkdir()
    volume = Volume(folder)
    for number, texts in enumerate(shown):
        volume.capture(f"s{number}", *(item(name, text) for name, text in texts.items()))
    return volume


def compare(before: tuple[Volume, str], after: tuple[Volume, str], *, told: str | None = None) -> list[tuple[str, str]]:
    return list(
        compare_rows(
            before[0].files[before[1]],
            before[0].holders(before[1]),
            after[0].files[after[1]],
            after[0].holders(after[1]),
            kind=after[0].kind,
            scratch=after[0].folder,
            before_snapshot=told,
        )
    )


def listing(volume: Volume, name: str) -> Listing:
    return Listing(rows=volume.files[name], holders=volume.holders(name), snapshot=name)


def differences(before: Shown, after: Shown) -> list[tuple[str, str]]:
    """What differs, by hand."""
    found = dict.fromkeys(after.keys() - before.keys(), "new")
    found |= dict.fromkeys(before.keys() - after.keys(), "gone")
    found |= {name: "changed" for name in before.keys() & after.keys() if before[name] != after[name]}
    return sorted(found.items())


def test_a_missing_holder_is_refused(tmp_path: Path) -> None:
    first, second = volume_of(tmp_path / "1", {"a": "x"}, {"a": "x"}), volume_of(tmp_path / "2", {"a": "x"})

    with pytest.raises(ParseError, match="expected the rows of snapshot s0, which they point to, found none"):
        list(compare_rows(first.files["s1"], {}, second.files["s0"], {}, kind=RowKind.ITEMS, scratch=tmp_path))


def test_a_holder_that_lacks_a_row_is_refused(tmp_path: Path) -> None:
    first = volume_of(tmp_path / "1", {"a": "x", "b": "x"}, {"a": "x", "b": "x"})
    other = volume_of(tmp_path / "2", {"a": "x"})

    with pytest.raises(ParseError, match="expected as many alike on both sides, found 2 and 1: a holder lacks rows"):
        list(
            compare_rows(
                first.files["s1"],
                {"s0": other.files["s0"]},
                other.files["s0"],
                {},
                kind=RowKind.ITEMS,
                scratch=tmp_path,
            )
        )


def test_nothing_differs_between_a_snapshot_and_itself(tmp_path: Path) -> None:
    volume = volume_of(tmp_path / "1", {"a": "x", "b": "y"}, {"b": "z", "c": "x"})

    assert compare((volume, "s1"), (volume, "s1")) == []
    assert compare((volume, "s0"), (volume, "s0")) == []


@settings(max_examples=4)
@given(month=st.tuples(shown, shown, shown), next_month=shown)
def test_the_later_files_own_word_and_the_hashes_tell_the_same_and_it_is_true(
    month: tuple[Shown, Shown, Shown], next_month: Shown
) -> None:
    with TemporaryDirectory() as folder:
        one, two = volume_of(Path(folder) / "1", *month), volume_of(Path(folder) / "2", next_month)
        for number, (before, after) in enumerate(pairwise(month)):
            names = (one, f"s{number}"), (one, f"s{number + 1}")
            assert compare(*names) == differences(before, after)
            assert compare(*names, told=f"s{number}") == differences(before, after)
        assert compare((one, "s2"), (two, "s0")) == differences(month[2], next_month)
        assert compare((one, "s0"), (one, "s2")) == differences(month[0], month[2])


def test_the_word_of_a_file_sealed_against_another_snapshot_is_not_taken(tmp_path: Path) -> None:
    volume = volume_of(tmp_path / "1", {"a": "x"}, {"a": "y"}, {"a": "y"})

    assert compare((volume, "s0"), (volume, "s2"), told="s0") == [RowDifference("a", "changed")]


def test_subscribers_are_compared_too(tmp_path: Path) -> None:
    volume = Volume(tmp_path, kind=RowKind.SUBSCRIBERS)
    volume.capture("one", subscriber("a"), subscriber("b"), subscriber("c"))
    volume.capture("two", subscriber("b", status="unsubscribed"), subscriber("c"), subscriber("d"))

    expected = [("a", "gone"), ("b", "changed"), ("d", "new")]
    assert compare((volume, "one"), (volume, "two")) == expected
    assert compare((volume, "one"), (volume, "two"), told="one") == expected
    changes = read_changes(listing(volume, "one"), listing(volume, "two"), kind=RowKind.SUBSCRIBERS, scratch=tmp_path)
    told = {change.item_id: (change.before, change.after) for change in changes}
    assert told["a"][1] is None
    assert told["d"][0] is None
    assert (told["b"][0] or {})["status"] == "active"
    assert (told["b"][1] or {})["status"] == "unsubscribed"


@pytest.mark.parametrize("own_word", [True, False])
def test_a_change_carries_what_the_row_said_before_and_after(tmp_path: Path, own_word: bool) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a", "Old"), item("b"), item("c"))
    volume.capture("two", item("a", "Old"), item("b"), item("c"))
    volume.capture("three", item("a", "New", edited_at=EDITED, visibility=Visibility.HIDDEN), item("b"), item("d"))

    before = Listing(rows=volume.files["two"], holders=volume.holders("two"), snapshot="two" if own_word else None)
    found = list(read_changes(before, listing(volume, "three"), kind=RowKind.ITEMS, scratch=tmp_path))

    assert [(change.item_id, change.state) for change in found] == [("a", "changed"), ("c", "gone"), ("d", "new")]
    a, c, d = found
    assert a.before is not None
    assert a.after is not None
    assert (a.before["text"], a.before["visibility"], a.before["edited_at"]) == ("Old", "public", None)
    assert (a.after["text"], a.after["visibility"], a.after["edited_at"]) == ("New", "hidden", EDITED)
    assert a.after["media"][0]["alt"] == "A pipe"
    assert (c.before or {})["text"] == "Water main repair"
    assert c.after is None
    assert d.before is None


def test_one_row_alone_may_be_asked_for(tmp_path: Path) -> None:
    volume = volume_of(tmp_path / "1", {"a": "x", "b": "x"}, {"a": "y", "b": "y"})

    found = read_changes(listing(volume, "s0"), listing(volume, "s1"), kind=RowKind.ITEMS, scratch=tmp_path, only="b")

    assert [change.item_id for change in found] == ["b"]


def test_counters_are_compared_where_both_list_the_item_and_they_differ(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a"), item("b"), item("c"), item("d"))
    volume.capture("two", item("a", like_count=9), item("b"), item("c", "New", quote_count=2), item("e"))

    found = list(compare_counters(volume.files["one"], volume.files["two"], scratch=tmp_path))

    assert [(moved.item_id, moved.before["like_count"], moved.after["like_count"]) for moved in found] == [
        ("a", 3, 9),
        ("c", 3, 3),
    ]
    assert (found[1].before["quote_count"], found[1].after["quote_count"]) == (None, 2)


def test_a_hash_is_over_the_id_too_on_which_comparison_by_hashes_rests() -> None:
    row: ItemRow = item("a", "The same")

    assert content_sha256(row) != content_sha256(row._replace(item_id="b"))
    assert content_sha256(subscriber("a")) != content_sha256(subscriber("a")._replace(subscriber_id="b"))
