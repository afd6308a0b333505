from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.floors import Stopwatch, compress_and_hash, write_table
from benchmarks.measure import check_sizes
from benchmarks.workspace import ACCOUNTS, Workspace
from muniment.records.rows import ItemKind, ItemRow, ParsedPage, Visibility
from muniment.records.series import RowKind
from muniment.register.load import load_agency
from muniment.tables.rows_file import StagingWriter


def a_row(number: int) -> ItemRow:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return ItemRow(
        item_id=str(number),
        kind=ItemKind.REPLY,
        url=None,
        author_id="1",
        author_handle="a",
        author_name="A",
        published_at=at,
        published_text=at.isoformat(),
        edited_at=None,
        language="en",
        text="Snow",
        reply_parent_id="0",
        reply_root_id="0",
        visibility=Visibility.PUBLIC,
        links=[],
        media=[],
        versions=[],
        like_count=0,
        repost_count=0,
        reply_count=0,
        quote_count=0,
        page=0,
        raw=b"{}",
    )


def test_the_floor_of_bytes_compresses_every_answer_whole(tmp_path: Path) -> None:
    bodies = tmp_path / "bodies"
    bodies.mkdir()
    parts = [b"snow " * 1000, b"plow " * 1000]
    for number, part in enumerate(parts):
        (bodies / f"{number}.json").write_bytes(part)
    watch = Stopwatch()

    compress_and_hash(bodies, tmp_path / "out", watch)

    with pa.input_stream(str(tmp_path / "out"), compression="zstd") as stream:
        assert sha256(stream.read()).digest() == sha256(b"".join(parts)).digest()
    assert watch.wall_s > 0


def test_the_floor_of_the_table_writes_the_same_table(tmp_path: Path) -> None:
    rows, out = tmp_path / "rows.parquet", tmp_path / "out.parquet"
    with StagingWriter(rows, RowKind.ITEMS) as writer:
        writer.add(ParsedPage([a_row(number) for number in range(3)], [], frozenset(), []))
    watch = Stopwatch()

    write_table(rows, out, watch)

    assert pq.read_table(out).equals(pq.read_table(rows))
    assert watch.cpu_s > 0


def test_the_city_of_benchmarks_is_one_that_the_register_takes(tmp_path: Path) -> None:
    place = Workspace(tmp_path, "http://127.0.0.1:1", "http://127.0.0.1:2")
    place.write()

    agency = load_agency(tmp_path / "agencies" / "bench", simulator=place.simulator)

    assert [account.id for account in agency.accounts] == list(ACCOUNTS)
    assert agency.accounts[0].token == "mastodon-token"


@pytest.mark.parametrize("sizes", [[0], [-4000], [4001]])
def test_a_size_that_no_threads_make_is_refused(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="expected a multiple of 4000"):
        check_sizes(sizes)
