from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import ParseError
from muniment.evidence.manifest import RowCounts
from muniment.records.rows import Declared, ItemKind, ItemRow, PageFault, content_sha256
from muniment.records.series import RowKind
from muniment.tables.current_rows import read_current_rows
from muniment.tables.pages_summary import read_body_index
from muniment.tables.parse_notes import FAULTS_KEPT, DeclaredTotal, ParseNotes, read_parse_notes
from muniment.tables.rows_file import BATCH_ROWS, GROUP_ROWS
from muniment.tables.sealed_rows import Basis, seal_rows
from tests.unit.tables.samples import Volume, item, page, parsed, realistic_items, stage, subscriber, write_pages


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    return Volume(tmp_path)


def standing(path: Path) -> list[tuple[str, str, str | None]]:
    """Return id, state and pointer of each row of a file, in order."""
    table = pq.read_table(path)
    return [(row[table.column_names[0]], row["row_state"], row["row_snapshot"]) for row in table.to_pylist()]


def counts(notes: ParseNotes) -> tuple[int, int, int, int]:
    return notes.rows.new, notes.rows.changed, notes.rows.unchanged, notes.rows.gone


def test_without_a_basis_every_row_is_new_and_full_in_the_platforms_order(volume: Volume) -> None:
    notes = volume.capture("one", item("c"), item("a"), item("b"))

    assert standing(volume.files["one"]) == [("c", "new", None), ("a", "new", None), ("b", "new", None)]
    assert (notes.previous, notes.reads, counts(notes)) == (None, (), (3, 0, 0, 0))
    assert pq.read_table(volume.files["one"])["content_sha256"].to_pylist()[1] == content_sha256(item("a"))


def test_an_unchanged_row_is_its_id_its_pointer_and_its_counters(volume: Volume) -> None:
    volume.capture("one", item("b", like_count=3), item("a"))
    notes = volume.capture("two", item("b", like_count=4), item("a"))

    rows = pq.read_table(volume.files["two"]).to_pylist()
    assert [row["item_id"] for row in rows] == ["a", "b"]
    kept = {name: value for name, value in rows[1].items() if value is not None}
    assert kept == {
        "item_id": "b",
        "row_state": "unchanged",
        "row_snapshot": "one",
        "like_count": 4,
        "repost_count": 0,
        "reply_count": 1,
    }
    assert (notes.previous, notes.reads, counts(notes)) == ("one", ("one",), (0, 0, 2, 0))


def test_full_rows_come_first_then_unchanged_then_gone_by_id(volume: Volume) -> None:
    volume.capture("one", *(item(name) for name in "zyxwv"))
    volume.capture("two", item("z", "edited"), item("v"), item("new"), item("w"))

    assert standing(volume.files["two"]) == [
        ("z", "changed", None),
        ("new", "new", None),
        ("v", "unchanged", "one"),
        ("w", "unchanged", "one"),
        ("x", "gone", "one"),
        ("y", "gone", "one"),
    ]


def test_a_chain_points_to_whoever_holds_the_row(volume: Volume) -> None:
    volume.capture("one", item("a"), item("b"), item("c"))
    volume.capture("two", item("a"), item("b", "edited"), item("c"))
    notes = volume.capture("three", item("a"), item("b", "edited"))

    assert standing(volume.files["three"]) == [
        ("a", "unchanged", "one"),
        ("b", "unchanged", "two"),
        ("c", "gone", "one"),
    ]
    assert notes.reads == ("one", "two")


def test_a_row_that_changes_back_is_changed_again(volume: Volume) -> None:
    volume.capture("one", item("a", "first"))
    volume.capture("two", item("a", "second"))
    volume.capture("three", item("a", "first"))

    assert standing(volume.files["three"]) == [("a", "changed", None)]


def test_a_row_that_reappears_is_new_and_gone_is_told_once(volume: Volume) -> None:
    volume.capture("one", item("a"), item("b"))
    volume.capture("two", item("b"))
    volume.capture("three", item("b"))
    volume.capture("four", item("a"), item("b"))

    assert standing(volume.files["two"]) == [("b", "unchanged", "one"), ("a", "gone", "one")]
    assert standing(volume.files["three"]) == [("b", "unchanged", "one")]
    assert standing(volume.files["four"]) == [("a", "new", None), ("b", "unchanged", "one")]


def test_everything_gone_is_a_file_of_what_is_gone(volume: Volume) -> None:
    volume.capture("one", item("a"))
    notes = volume.capture("two")

    assert standing(volume.files["two"]) == [("a", "gone", "one")]
    assert (notes.reads, counts(notes)) == (("one",), (0, 0, 0, 1))


def test_identical_duplicates_are_kept_once_and_counted(volume: Volume) -> None:
    notes = volume.capture("one", item("a", page=1), item("b"), item("a", page=2), item("a", page=3))

    assert standing(volume.files["one"]) == [("a", "new", None), ("b", "new", None)]
    assert pq.read_table(volume.files["one"])["page"].to_pylist() == [1, 0]
    assert (notes.duplicates_dropped, counts(notes)) == (2, (2, 0, 0, 0))


def test_duplicates_that_differ_are_all_kept_in_full(volume: Volume) -> None:
    first = volume.capture("one", item("a"), item("a", "other"), item("a"))
    assert pq.read_table(volume.files["one"])["text"].to_pylist() == ["Water main repair", "other"]
    assert (first.duplicates_dropped, counts(first)) == (1, (2, 0, 0, 0))

    volume.latest = None
    volume.capture("two", item("a"))
    volume.capture("three", item("a"), item("a", "other"))
    assert standing(volume.files["three"]) == [("a", "changed", None), ("a", "changed", None)]


def test_rows_without_an_id_are_never_taken_for_one_another(volume: Volume) -> None:
    notes = volume.capture("one", item(""), item(""), item(""))

    assert (notes.duplicates_dropped, counts(notes)) == (0, (3, 0, 0, 0))


def test_subscribers_are_compared_as_items_are(tmp_path: Path) -> None:
    volume = Volume(tmp_path, RowKind.SUBSCRIBERS)
    volume.capture("one", subscriber("ann"), subscriber("ben"), subscriber("cyd"))
    volume.capture("two", subscriber("ann"), subscriber("ben", status="left"), subscriber("dee"))

    assert standing(volume.files["two"]) == [
        ("ben", "changed", None),
        ("dee", "new", None),
        ("ann", "unchanged", "one"),
        ("cyd", "gone", "one"),
    ]


def test_a_basis_whose_holder_is_missing_is_refused(volume: Volume) -> None:
    volume.capture("one", item("a"), item("b"))
    volume.capture("two", item("a"), item("b", "edited"))
    staging = stage(volume.folder / "staging", parsed([item("a")]))
    basis = Basis(snapshot="two", rows=volume.files["two"])

    with pytest.raises(ParseError, match="snapshot two: expected its 2 rows in it and its holders, found 1"):
        seal_rows(staging, volume.folder / "three", kind=RowKind.ITEMS, basis=basis)
    assert not (volume.folder / "three").exists()


def test_a_basis_cut_in_half_is_refused_and_nothing_is_left(volume: Volume) -> None:
    volume.capture("one", *realistic_items(100))
    whole = volume.files["one"].read_bytes()
    volume.files["one"].write_bytes(whole[: len(whole) // 2])
    before = set(volume.folder.iterdir())

    with pytest.raises(ParseError):
        volume.capture("two", item("a"))
    assert {path.name for path in set(volume.folder.iterdir()) - before} == {"two.staging"}


def test_rows_of_one_kind_are_not_compared_with_another(tmp_path: Path) -> None:
    items = stage(tmp_path / "items", parsed([item("a")]))

    with pytest.raises(ParseError, match="expected Parquet of subscribers/1, found items/1"):
        seal_rows(items, tmp_path / "out", kind=RowKind.SUBSCRIBERS, basis=None)


@pytest.mark.parametrize("copies", [1, 2])
def test_the_notes_are_read_back_from_the_file(tmp_path: Path, copies: int) -> None:
    staging = stage(
        tmp_path / "staging",
        parsed([item("a")] * copies, [Declared("posts", 9, 0)], ["b.c", "a"], [PageFault(0, "G001", "why")]),
        parsed([item("b", kind=ItemKind.PROFILE)], [Declared("posts", 10, 1), Declared("likes", 5, 1)], ["a"]),
    )
    notes = seal_rows(staging, tmp_path / "rows", kind=RowKind.ITEMS, basis=None)

    assert notes == ParseNotes(
        previous=None,
        reads=(),
        rows=RowCounts(new=2, changed=0, unchanged=0, gone=0),
        declared=(
            DeclaredTotal(what="posts", number=10, captured=1, per_subject=False),
            DeclaredTotal(what="likes", number=5, captured=None, per_subject=False),
        ),
        unknown_fields=("a", "b.c"),
        faults=(PageFault(0, "G001", "why"),),
        fault_counts={"G001": 1},
        duplicates_dropped=copies - 1,
    )
    assert read_parse_notes(tmp_path / "rows", RowKind.ITEMS) == notes
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_replies_are_counted_under_each_post_and_never_make_up_for_one_another(tmp_path: Path) -> None:
    replies = [item(f"r{n}", kind=ItemKind.REPLY, reply_parent_id="p") for n in range(3)]
    declared = [Declared("replies", 2, 0, "p"), Declared("replies", 4, 0, "q")]
    staging = stage(tmp_path / "staging", parsed([*replies, replies[0]], declared))

    notes = seal_rows(staging, tmp_path / "rows", kind=RowKind.ITEMS, basis=None)

    assert notes.declared == (DeclaredTotal(what="replies", number=6, captured=2, per_subject=True),)


def test_more_faults_than_a_footer_should_hold_are_counted_all_the_same(tmp_path: Path) -> None:
    faults = [PageFault(n, "S003", "expected 3 columns, found 2") for n in range(FAULTS_KEPT + 5)]
    staging = stage(tmp_path / "staging", parsed(faults=faults), kind=RowKind.SUBSCRIBERS)

    notes = seal_rows(staging, tmp_path / "rows", kind=RowKind.SUBSCRIBERS, basis=None)

    assert (len(notes.faults), notes.fault_counts) == (FAULTS_KEPT, {"S003": FAULTS_KEPT + 5})


def test_a_file_that_was_staging_reads_the_same_in_other_engines(volume: Volume) -> None:
    rows = [item(f"i{number}") for number in range(GROUP_ROWS + 2 * BATCH_ROWS)]
    volume.capture("one", *rows)

    with duckdb.connect() as engine:
        path = str(volume.files["one"])
        read = engine.execute("SELECT item_id, raw FROM read_parquet(?)", [path]).fetchall()
    assert read == [(row.item_id, row.raw.decode()) for row in rows]
    assert pq.read_metadata(volume.files["one"]).num_row_groups == 2


def test_an_unchanged_account_of_10_000_posts_adds_less_than_2_percent(volume: Volume) -> None:
    posts = realistic_items(10_000)
    bodies = [b"[" + b",".join(row.raw for row in posts[at : at + 100]) + b"]" for at in range(0, len(posts), 100)]
    pages = [page(n, body) for n, body in enumerate(bodies)]
    first = write_pages(volume.folder / "pages-1", *pages)
    second = write_pages(volume.folder / "pages-2", *pages, known=read_body_index(first, "one"))
    volume.capture("one", *posts)
    volume.capture("two", *posts)

    baseline = first.stat().st_size + volume.files["one"].stat().st_size
    added = second.stat().st_size + volume.files["two"].stat().st_size
    assert sum(map(len, bodies)) > 20_000_000
    assert added < 0.02 * baseline, (added, baseline)


ROWS = st.builds(
    lambda name, text, likes: item(name, text, like_count=likes),
    st.sampled_from("abcdefgh"),
    st.sampled_from(["one", "two", "three"]),
    st.integers(0, 3),
)
CAPTURES = st.lists(st.lists(ROWS, max_size=6, unique_by=lambda row: row.item_id), min_size=1, max_size=6)


@settings(deadline=None, max_examples=12)
@given(CAPTURES)
def test_after_any_captures_the_current_rows_are_the_captured_ones(
    tmp_path_factory: pytest.TempPathFactory, captures: list[list[ItemRow]]
) -> None:
    volume = Volume(tmp_path_factory.mktemp("volume"))
    for number, rows in enumerate(captures):
        volume.capture(f"s{number}", *rows)

    assert dict(current(volume)) == {row.item_id: (row.text, row.like_count, row.raw) for row in captures[-1]}


def current(volume: Volume) -> Iterator[tuple[str, tuple[Any, ...]]]:
    assert volume.latest is not None
    rows, holders = volume.files[volume.latest], volume.holders(volume.latest)
    for table in read_current_rows(rows, holders, kind=volume.kind, scratch=volume.folder):
        for row in table.to_pylist():
            yield row["item_id"], (row["text"], row["like_count"], row["raw"].encode())


def test_a_few_changes_all_over_a_large_file_make_one_row_group(tmp_path: Path) -> None:
    volume = Volume(tmp_path, RowKind.SUBSCRIBERS)
    rows = [subscriber(f"i{number:06}") for number in range(2 * GROUP_ROWS + 10)]
    volume.capture("one", *rows)
    left = [row._replace(status="left") if number % GROUP_ROWS == 5 else row for number, row in enumerate(rows[1:], 1)]
    volume.capture("two", *left)

    # One of what is in full, one of what is short.
    assert pq.read_metadata(volume.files["two"]).num_row_groups == 2
    rows_two = standing(volume.files["two"])
    assert [row[:2] for row in rows_two[:4]] == [
        ("i000005", "changed"),
        (f"i{GROUP_ROWS + 5:06}", "changed"),
        (f"i{2 * GROUP_ROWS + 5:06}", "changed"),
        ("i000001", "unchanged"),
    ]
    assert rows_two[-1] == ("i000000", "gone", "one")
