from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import ParseError
from muniment.records.rows import (
    Declared,
    ItemKind,
    ItemRow,
    MediaRef,
    PageFault,
    SubscriberRow,
    Version,
    Visibility,
    content_sha256,
)
from muniment.records.series import RowKind
from muniment.tables.parse_notes import FAULTS_KEPT, read_notes_taken
from muniment.tables.rows_file import BATCH_ROWS, GROUP_ROWS, StagingJoiner, StagingWriter
from muniment.tables.schemas import ITEMS, SUBSCRIBERS
from tests.unit.tables.samples import item, parsed, removal, stage, subscriber

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MAYBE = st.none() | TEXT
TIMES = st.none() | st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 - the zones are drawn beside it
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-8))]),
)
COUNTS = st.none() | st.integers(0, 2**62)
RAW = TEXT.map(str.encode)
ITEM_ROWS = st.builds(
    ItemRow,
    item_id=TEXT,
    kind=st.sampled_from(ItemKind),
    url=MAYBE,
    author_id=MAYBE,
    author_handle=MAYBE,
    author_name=MAYBE,
    published_at=TIMES,
    published_text=MAYBE,
    edited_at=TIMES,
    language=MAYBE,
    text=MAYBE,
    reply_parent_id=MAYBE,
    reply_root_id=MAYBE,
    visibility=st.sampled_from(Visibility),
    links=st.lists(TEXT, max_size=3),
    media=st.lists(st.builds(MediaRef, TEXT, TEXT, TEXT, MAYBE), max_size=3),
    versions=st.lists(st.builds(Version, TIMES, MAYBE, RAW), max_size=2),
    like_count=COUNTS,
    repost_count=COUNTS,
    reply_count=COUNTS,
    quote_count=COUNTS,
    page=st.integers(0, 1000),
    raw=RAW,
)
SUBSCRIBER_ROWS = st.builds(
    SubscriberRow,
    subscriber_id=TEXT,
    handle=MAYBE,
    display_name=MAYBE,
    address=MAYBE,
    status=MAYBE,
    list_name=MAYBE,
    subscribed_at=TIMES,
    subscribed_text=MAYBE,
    page=st.integers(0, 1000),
    raw=RAW,
)


@given(st.lists(ITEM_ROWS, min_size=1, max_size=5))
def test_the_hash_of_a_batch_is_the_hash_of_its_items(
    tmp_path_factory: pytest.TempPathFactory, rows: list[ItemRow]
) -> None:
    path = stage(tmp_path_factory.mktemp("rows") / "rows", parsed(rows))

    assert pq.read_table(path)["content_sha256"].to_pylist() == [content_sha256(row) for row in rows]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(ITEM_ROWS, TEXT, TEXT), min_size=1, max_size=4))
def test_the_hash_of_a_batch_is_the_hash_of_its_removals(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[ItemRow, str, str]]
) -> None:
    rows = [removal("i")._replace(**one._asdict(), change=change, state=state) for one, change, state in drawn]
    path = stage(tmp_path_factory.mktemp("rows") / "rows", parsed(rows), kind=RowKind.REMOVALS)

    assert pq.read_table(path)["content_sha256"].to_pylist() == [content_sha256(row) for row in rows]


def test_an_item_and_its_removal_never_hash_alike() -> None:
    assert content_sha256(item("a")) != content_sha256(removal("a"))
    assert content_sha256(removal("a")) != content_sha256(removal("a", state="taken-down"))


@given(st.lists(SUBSCRIBER_ROWS, min_size=1, max_size=5))
def test_the_hash_of_a_batch_is_the_hash_of_its_subscribers(
    tmp_path_factory: pytest.TempPathFactory, rows: list[SubscriberRow]
) -> None:
    path = stage(tmp_path_factory.mktemp("rows") / "rows", parsed(rows), kind=RowKind.SUBSCRIBERS)

    assert pq.read_table(path)["content_sha256"].to_pylist() == [content_sha256(row) for row in rows]


def test_rows_are_written_in_the_columns_of_their_schema(tmp_path: Path) -> None:
    items = pq.read_table(stage(tmp_path / "items", parsed([item("a")])))
    people = pq.read_table(stage(tmp_path / "people", parsed([subscriber("b")]), kind=RowKind.SUBSCRIBERS))

    assert items.schema.equals(ITEMS)
    assert people.schema.equals(SUBSCRIBERS)
    written = items.to_pylist()[0]
    assert written["media"] == [
        {"media_id": "picture-1", "url": "https://cdn.example/1", "kind": "image", "alt": "A pipe"}
    ]
    assert [version["raw"] for version in written["versions"]] == ['{"v":1}']
    assert (written["row_state"], written["row_snapshot"], written["raw"]) == ("new", None, '{"id":"a"}')
    assert people.to_pylist()[0]["address"] == "b@people.example"


def test_rows_keep_their_order_over_batches_and_row_groups(tmp_path: Path) -> None:
    names = [f"item-{n}" for n in range(GROUP_ROWS + 2 * BATCH_ROWS + 7)]
    pages = [parsed([item(name) for name in names[at : at + 999]]) for at in range(0, len(names), 999)]
    path = stage(tmp_path / "rows", *pages)

    assert pq.read_table(path, columns=["item_id"])["item_id"].to_pylist() == names
    assert pq.read_metadata(path).num_row_groups == 2


@pytest.mark.parametrize(
    ("fault", "column"),
    [
        ({"raw": b"\xff\xfe"}, "raw"),
        ({"text": "half a pair \ud800"}, "text"),
        ({"like_count": 2**64}, "like_count"),
        ({"item_id": None}, "item_id"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_without_being_quoted(
    tmp_path: Path, fault: dict[str, object], column: str
) -> None:
    with pytest.raises(ParseError, match=f"column {column}: expected") as refused:
        stage(tmp_path / "rows", parsed([item("somebody's name", **fault)]))
    assert "half a pair" not in str(refused.value)
    assert "somebody" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_no_known_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="expected a fault of the catalogue, found code 'X999'"):
        stage(tmp_path / "rows", parsed(faults=[PageFault(3, "X999", "")]))


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    def fail() -> None:
        with StagingWriter(tmp_path / "rows", RowKind.ITEMS) as writer:
            writer.add(parsed([item("a")] * (BATCH_ROWS + 1)))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_staging_files_joined_are_as_one_of_all_their_pages(tmp_path: Path) -> None:
    many = [PageFault(n, "G001", "") for n in range(FAULTS_KEPT)]
    pages = [
        parsed([item("a"), item("b")], [Declared("replies", 1, 0, "a")], ["x"], many[:-1]),
        parsed([item("c")], [Declared("replies", 5, 1, "b"), Declared("replies", 2, 1, "a")], ["y", "x"], many),
        parsed([], faults=[PageFault(2, "G002", "")]),
    ]
    whole = stage(tmp_path / "whole", *pages)

    with StagingJoiner(tmp_path / "joined", RowKind.ITEMS) as joiner:
        for number, one in enumerate(pages):
            joiner.append(stage(tmp_path / f"part-{number}", one))

    notes = [read_notes_taken(path, RowKind.ITEMS).to_json() for path in (whole, tmp_path / "joined")]
    assert notes[0] == notes[1]
    assert pq.read_table(tmp_path / "joined").to_pylist() == pq.read_table(whole).to_pylist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["joined", "whole"]


def test_a_staging_file_of_another_kind_is_not_joined(tmp_path: Path) -> None:
    part = stage(tmp_path / "part", parsed([subscriber("a")]), kind=RowKind.SUBSCRIBERS)
    refused = pytest.raises(ParseError, match="expected Parquet of items/1, found subscribers/1")
    with refused, StagingJoiner(tmp_path / "joined", RowKind.ITEMS) as joiner:
        joiner.append(part)
    assert [path.name for path in tmp_path.iterdir()] == ["part"]
