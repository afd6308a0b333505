from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muniment.errors import ChecksumError, ParseError
from muniment.evidence.manifest import GapCount
from muniment.records.page import GapReason, Page, Purpose
from muniment.tables.held_bodies import HeldBodies, find_body
from muniment.tables.media_file import write_media
from muniment.tables.pages_file import (
    FLUSH_BYTES,
    PagesWriter,
    read_pages,
)
from muniment.tables.pages_summary import PagesSummary, read_body_index, summarize_pages
from tests.unit.tables.samples import NOON, gap, page, write_pages


def refuse(snapshot: str, digest: bytes) -> bytes:
    raise AssertionError(f"asked for {digest.hex()} of {snapshot}")


def test_a_file_cut_in_half_is_refused(tmp_path: Path) -> None:
    path = write_pages(tmp_path / "pages.parquet", page(body=b"x" * 5000))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(ParseError, match=r"pages\.parquet: expected a whole Parquet file of pages/1, found "):
        list(read_pages(path, refuse))


def test_an_empty_file_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    for name in ("empty", "missing"):
        with pytest.raises(ParseError, match="expected a whole Parquet file"):
            list(read_pages(tmp_path / name, refuse))


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    write_media(tmp_path / "media.parquet", [])

    with pytest.raises(ParseError, match="expected Parquet of pages/1, found media/1"):
        list(read_pages(tmp_path / "media.parquet", refuse))


def test_a_file_damaged_in_its_middle_is_refused(tmp_path: Path) -> None:
    path = write_pages(tmp_path / "pages.parquet", *(page(n, bytes([n]) * 3000) for n in range(200)))
    damaged = bytearray(path.read_bytes())
    for place in range(len(damaged) // 8, len(damaged) // 2, 7):
        damaged[place] ^= 0xFF
    path.write_bytes(damaged)

    with pytest.raises((ParseError, ChecksumError)):
        list(read_pages(path, refuse))


def test_a_body_that_is_not_the_one_its_hash_names_is_refused(tmp_path: Path) -> None:
    path = write_pages(tmp_path / "pages.parquet", page(body=b"what was said"))
    table = pq.read_table(path)
    index = table.schema.get_field_index("body")
    forged = table.set_column(index, table.schema.field(index), pa.array([b"what was not"], pa.large_binary()))
    pq.write_table(forged, path)

    with pytest.raises(ChecksumError, match="page 0: expected a body of SHA-256"):
        list(read_pages(path, refuse))
    with pytest.raises(ChecksumError):
        find_body(path, sha256(b"what was said").digest())


def test_a_fetched_body_that_is_another_is_refused(tmp_path: Path) -> None:
    body = b"known"
    path = write_pages(tmp_path / "pages.parquet", page(body=body), known={sha256(body).digest(): "earlier"})

    with pytest.raises(ChecksumError):
        list(read_pages(path, lambda _snapshot, _digest: b"other"))


def test_a_capture_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def fail() -> None:
        with PagesWriter(tmp_path / "pages.parquet", known_bodies={}) as writer:
            writer.add(page(body=b"x" * (FLUSH_BYTES + 1)))
            raise RuntimeError("the platform went away")

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_until_the_end_the_file_has_no_name(tmp_path: Path) -> None:
    path = tmp_path / "pages.parquet"
    with PagesWriter(path, known_bodies={}) as writer:
        writer.add(page(body=b"x" * (FLUSH_BYTES + 1)))
        assert not path.exists()
    assert path.exists()


def test_pages_and_gaps_come_back_in_order_and_whole(tmp_path: Path) -> None:
    written = [
        page(0, b""),
        page(1, bytes(range(256)), subject="at://x", purpose=Purpose.THREAD, status=404, response_headers=()),
        gap(),
        page(2, b"{}", received_at=NOON + timedelta(seconds=1)),
        gap(subject=None, purpose="posts", reason=GapReason.UNREACHABLE),
    ]
    path = write_pages(tmp_path / "pages.parquet", *written)

    assert list(read_pages(path, refuse)) == written


def test_a_summary_counts_pages_and_gaps_and_spans_their_times(tmp_path: Path) -> None:
    later = NOON + timedelta(seconds=9)
    simulated = (("X-Platform-Simulator", "muniment"),)
    entries = [page(0, b"held"), page(1, received_at=later), gap(), gap(), gap(purpose="posts", subject=None)]
    known = {sha256(b"held").digest(): "earlier"}

    plain = summarize_pages(write_pages(tmp_path / "plain", *entries, known=known))
    told = summarize_pages(write_pages(tmp_path / "told", *entries, page(2, response_headers=simulated), known=known))

    assert plain == PagesSummary(
        pages=2,
        gaps=(
            GapCount(purpose="media", reason="not-found", count=2),
            GapCount(purpose="posts", reason="not-found", count=1),
        ),
        began_at=NOON,
        ended_at=later,
        reads=frozenset({"earlier"}),
        simulator=False,
    )
    assert (told.pages, told.simulator) == (3, True)


def test_a_capture_without_a_page_is_a_file_too(tmp_path: Path) -> None:
    path = write_pages(tmp_path / "pages.parquet")

    assert list(read_pages(path, refuse)) == []
    summary = summarize_pages(path)
    assert (summary.pages, summary.gaps, summary.began_at, summary.ended_at) == (0, (), None, None)


def test_a_body_that_the_volume_holds_is_a_reference(tmp_path: Path) -> None:
    old, new = b"old" * 1000, b"new" * 1000
    first = write_pages(tmp_path / "first", page(0, old))
    index = read_body_index(first, "snapshot-1")
    second = write_pages(tmp_path / "second", page(0, new), page(1, old), gap(), known=index)

    assert index == {sha256(old).digest(): "snapshot-1"}
    assert pq.read_table(second)["body"].to_pylist() == [new, None, None]
    assert read_body_index(second, "snapshot-2") == {
        sha256(new).digest(): "snapshot-2",
        sha256(old).digest(): "snapshot-1",
    }
    asked: list[str] = []

    def fetch(snapshot: str, digest: bytes) -> bytes:
        asked.append(snapshot)
        return find_body(first, digest)

    assert list(read_pages(second, fetch)) == [page(0, new), page(1, old), gap()]
    assert asked == ["snapshot-1"]


def test_a_body_that_the_file_only_points_to_is_not_found_in_it(tmp_path: Path) -> None:
    body = b"elsewhere"
    path = write_pages(tmp_path / "pages.parquet", page(body=body), known={sha256(body).digest(): "earlier"})

    with pytest.raises(ParseError, match="found none"):
        find_body(path, sha256(body).digest())


def test_bodies_are_flushed_before_they_fill_the_memory(tmp_path: Path) -> None:
    bodies = [bytes([n]) * (FLUSH_BYTES // 4) for n in range(12)]
    path = write_pages(tmp_path / "pages.parquet", *(page(n, body) for n, body in enumerate(bodies)))

    assert pq.read_metadata(path).num_row_groups == 3
    with HeldBodies(path) as held:
        assert [held.find(sha256(body).digest()) for body in reversed(bodies)] == bodies[::-1]


def test_a_watch_is_given_the_bytes_of_the_file(tmp_path: Path) -> None:
    seen: list[bytes] = []
    path = tmp_path / "pages.parquet"

    with PagesWriter(path, known_bodies={}, watch=seen.append) as writer:
        for number in range(3):
            writer.add(page(number, bytes([number]) * FLUSH_BYTES))
        writer.add_gap(gap())

    assert b"".join(seen) == path.read_bytes()
    assert [found.body[:1] for found in read_pages(path, refuse) if isinstance(found, Page)] == [b"\0", b"\1", b"\2"]
