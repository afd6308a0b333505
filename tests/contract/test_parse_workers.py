from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import ChecksumError, ParseError, ServiceError
from muniment.records.agency import Account, AccountStatus, Platform
from muniment.records.names import AccountId
from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.records.rows import MediaRef
from muniment.records.series import OFFICIAL_POSTS, RowKind
from muniment.tables.page_shares import split_pages
from muniment.tables.pages_file import PagesWriter
from muniment.tables.parquet_parts import JoinedFile
from muniment.tables.parse_notes import NotesTaken, read_notes_taken
from muniment.workflows.parse_workers import count_workers, stage_in_workers
from muniment.workflows.staging import Reading, open_reading

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STATUSES = json.loads((Path(__file__).parents[1] / "replies" / "mastodon" / "statuses.json").read_bytes())
ACCOUNT = Account(
    id=AccountId("city"),
    platform=Platform.MASTODON,
    handle="cityhall",
    address="https://social.example/@cityhall",
    api="simulator",
    department="City Clerk",
    status=AccountStatus.ACTIVE,
    registration_email="social@city.example",
    series=(),
)
HELD = b"[]"


def page(sequence: int, body: bytes) -> Page:
    return Page(
        sequence=sequence,
        purpose=Purpose.POSTS,
        subject=None,
        method="GET",
        url="https://social.example/api/v1/accounts/1/statuses",
        request_headers=(),
        status=200,
        response_headers=(),
        requested_at=NOON,
        received_at=NOON,
        body=body,
    )


def posts(sequence: int, count: int) -> bytes:
    """Statuses with media, fields nobody knows and, on every third page, one that is none."""
    shown = [STATUSES[n % len(STATUSES)] | {"id": f"{sequence}-{n}", f"new_{sequence % 4}": 1} for n in range(count)]
    return json.dumps([*shown, *([{"id": sequence}] if sequence % 3 == 0 else [])]).encode()


def write_groups(path: Path, *pages: Page | Gap, known: dict[bytes, str] | None = None) -> Path:
    """Write a file of pages with a row group for each."""
    with JoinedFile(path) as whole:
        for number, one in enumerate(pages):
            part = path.with_name(f"{path.name}-{number}")
            with PagesWriter(part, known_bodies=known or {}) as writer:
                writer.add(one) if isinstance(one, Page) else writer.add_gap(one)
            whole.append(part)
            part.unlink()
    return path


def reading_of(path: Path, **holders: Path) -> Reading:
    return Reading(account=ACCOUNT, series=OFFICIAL_POSTS, pages=path, holders=holders)


def stage_alone(reading: Reading, staging: Path) -> dict[str, MediaRef]:
    with open_reading(reading) as stage:
        return stage(staging, None)


def stage_together(reading: Reading, staging: Path, workers: int = 2, share_bytes: int = 1) -> dict[str, MediaRef]:
    shares = split_pages(reading.pages, share_bytes=share_bytes)
    return stage_in_workers(reading, staging, shares=shares, workers=workers)


def notes_of(path: Path) -> NotesTaken:
    return read_notes_taken(path, RowKind.ITEMS)


@settings(deadline=None, max_examples=6)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=12), st.integers(1, 3), st.integers(1, 20_000), st.booleans())
def test_many_processes_stage_the_same_rows_notes_and_media_in_the_same_order(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int], workers: int, share_bytes: int, gap_first: bool
) -> None:
    folder = tmp_path_factory.mktemp("capture")
    gap = Gap(purpose="posts", subject=None, reason=GapReason.FORBIDDEN, detail="", noticed_at=NOON)
    pages: list[Page | Gap] = [page(number, posts(number, count)) for number, count in enumerate(counts)]
    reading = reading_of(write_groups(folder / "pages", *([gap] if gap_first else []), *pages))

    alone = stage_alone(reading, folder / "alone")
    together = stage_together(reading, folder / "together", workers, share_bytes)

    assert list(together.items()) == list(alone.items())
    assert pq.read_table(folder / "together").to_pylist() == pq.read_table(folder / "alone").to_pylist()
    assert pq.read_schema(folder / "together").equals(pq.read_schema(folder / "alone"), check_metadata=True)
    assert notes_of(folder / "together").to_json() == notes_of(folder / "alone").to_json()
    assert pq.read_metadata(folder / "alone").num_rows == sum(counts)
    assert sorted(path.name for path in folder.iterdir()) == ["alone", "pages", "together"]


@pytest.mark.parametrize(
    ("shares", "most", "workers"), [(0, 4, 1), (1, 4, 1), (3, 4, 1), (4, 4, 2), (4, 1, 1), (7, 4, 3), (100, 4, 4)]
)
def test_a_capture_has_a_worker_for_every_two_shares_and_none_where_one_would_do(
    shares: int, most: int, workers: int
) -> None:
    assert count_workers(shares, most) == workers


def test_bodies_that_other_snapshots_hold_are_read_from_their_files(tmp_path: Path) -> None:
    bodies = [posts(number, 3) for number in range(4)]
    holder = write_groups(tmp_path / "held", *(page(number, body) for number, body in enumerate(bodies)))
    known = {sha256(body).digest(): "earlier" for body in bodies}
    pages = write_groups(tmp_path / "pages", *(page(n, body) for n, body in enumerate(bodies)), known=known)

    stage_together(reading_of(pages, earlier=holder), tmp_path / "rows")

    assert pq.read_table(tmp_path / "rows")["item_id"].to_pylist() == [f"{n}-{m}" for n in range(4) for m in range(3)]


@pytest.mark.parametrize("error", [ParseError, ChecksumError])
def test_an_error_in_a_worker_is_the_callers_with_its_message_and_leaves_nothing(
    tmp_path: Path, error: type[Exception]
) -> None:
    holder = write_groups(tmp_path / "held", page(0, b"[1]"))
    if error is ChecksumError:
        index = pq.read_table(holder)
        hashes = index.schema.get_field_index("body_sha256")
        pq.write_table(index.set_column(hashes, "body_sha256", [[sha256(HELD).digest()]]).cast(index.schema), holder)
    pages = [page(0, posts(1, 2)), page(1, HELD), page(2, posts(2, 2))]
    path = write_groups(tmp_path / "pages", *pages, known={sha256(HELD).digest(): "earlier"})
    reading = reading_of(path, earlier=holder)

    with pytest.raises(error) as alone:
        stage_alone(reading, tmp_path / "alone")
    with pytest.raises(error) as together:
        stage_together(reading, tmp_path / "rows")

    assert str(together.value) == str(alone.value)
    assert "in a parse worker" in "".join(together.value.__notes__)
    assert not (tmp_path / "rows").exists()
    assert not (tmp_path / "rows.part").exists()
    assert workers_of(os.getpid()) == []


def test_a_file_that_is_no_file_of_pages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pages").write_bytes(b"nothing")
    with pytest.raises(ParseError, match="expected a whole Parquet file"):
        stage_in_workers(reading_of(tmp_path / "pages"), tmp_path / "rows", shares=[[0], [1]], workers=2)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_dies_is_one_clear_error_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    with blocked(tmp_path) as reading, ThreadPoolExecutor(1) as thread:
        staged = thread.submit(stage_together, reading, tmp_path / "rows")
        victims = wait_for(lambda: workers_of(os.getpid()), 2)
        os.kill(victims[0], number)
        with pytest.raises(ServiceError, match=rf"parse worker \d: expected .* found it ended \({-number}\)"):
            staged.result(30)

    assert not (tmp_path / "rows").exists()
    assert workers_of(os.getpid()) == []


def test_workers_end_at_once_when_their_task_is_killed(tmp_path: Path) -> None:
    with blocked(tmp_path) as reading:
        task = multiprocessing.get_context("spawn").Process(target=stage_together, args=(reading, tmp_path / "rows"))
        task.start()
        workers = wait_for(lambda: workers_of(task.pid or 0), 2)
        task.kill()
        task.join(30)
        wait_for(lambda: [pid for pid in workers if not is_running(pid)], 2)


def test_a_task_that_may_have_no_children_of_multiprocessing_has_workers(tmp_path: Path) -> None:
    reading = reading_of(write_groups(tmp_path / "pages", *(page(n, posts(n, 2)) for n in range(3))))
    task = multiprocessing.get_context("spawn").Process(
        target=stage_together, args=(reading, tmp_path / "rows"), daemon=True
    )
    task.start()
    task.join(60)

    assert task.exitcode == 0
    assert pq.read_metadata(tmp_path / "rows").num_rows == 6


@contextmanager
def blocked(folder: Path) -> Iterator[Reading]:
    """A capture that nobody can parse to its end: a holder's file is a pipe into which nobody writes."""
    os.mkfifo(folder / "pipe")
    known = {sha256(HELD).digest(): "earlier"}
    path = write_groups(folder / "pages", page(0, HELD), page(1, HELD), known=known)
    yield reading_of(path, earlier=folder / "pipe")


def workers_of(parent: int) -> list[int]:
    """The workers alone: the store of other tests may be a child of the same process."""
    found = (stat_of(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit())
    children = [stat["pid"] for stat in found if stat and stat["parent"] == parent and stat["state"] != "Z"]
    return [pid for pid in children if is_worker(pid)]


def is_worker(pid: int) -> bool:
    try:
        return b"parse_workers import serve" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def is_running(pid: int) -> bool:
    stat = stat_of(pid)
    return stat is not None and stat["state"] != "Z"


def stat_of(pid: int) -> dict[str, Any] | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return {"pid": pid, "state": fields[0], "parent": int(fields[1])}


def wait_for(look: Callable[[], list[int]], count: int) -> list[int]:
    for _ in range(600):
        if len(found := look()) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"expected {count}, found {found}")
