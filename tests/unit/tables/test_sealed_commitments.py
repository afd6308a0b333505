"""However a rows file came to be, its footer commits to the rows that it holds, and says so nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from muniment.records.agency import Platform
from muniment.records.names import SeriesId
from muniment.records.page import Purpose
from muniment.records.rows import Row
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS, RowKind, row_kind
from muniment.tables.row_commitments import KEY, leaves_path, read_commitment
from muniment.tables.row_roots import disclose_row, recompute_root
from muniment.tables.rows_file import BATCH_ROWS, StagingJoiner, StagingWriter
from muniment.tables.sealed_rows import seal_rows
from tests.second_implementation import row_commitments as second
from tests.unit.parsing.pages import parse, recorded_pages
from tests.unit.tables.samples import Volume, item, parsed, subscriber

CITY = Path(__file__).parents[2] / "replies" / "bluesky-city-of-x"


def check(path: Path, schema: str = "items/1") -> int:
    """Return the number of runs of the file's rows, once its root is found to be theirs."""
    said = read_commitment(path, schema)
    assert recompute_root(path, schema) == (said.rows, said.root)
    assert second.root_of_file(path) == said.root
    assert sorted(beside.name for beside in path.parent.iterdir()) == [path.name]
    return len(said.runs)


def write(path: Path, *rows: Row, kind: RowKind = RowKind.ITEMS, commits: bool = True) -> Path:
    with StagingWriter(path, kind, commits=commits) as writer:
        writer.add(parsed(rows))
    return path


@pytest.mark.parametrize("commits", [True, False])
def test_a_baseline_is_committed_to_as_it_is_staged_or_afterwards(tmp_path: Path, *, commits: bool) -> None:
    rows = [item(f"i{number}") for number in range(BATCH_ROWS + 3)]
    staging = write(tmp_path / "staging", *rows, commits=commits)
    assert leaves_path(staging).exists() is commits
    seal_rows(staging, tmp_path / "rows", kind=RowKind.ITEMS, basis=None)
    assert check(tmp_path / "rows") == 1


def test_a_baseline_of_several_shares_has_a_run_for_each(tmp_path: Path) -> None:
    with StagingJoiner(tmp_path / "staging", RowKind.ITEMS) as joiner:
        for share in ("ab", "", "cde"):
            joiner.append(write(tmp_path / "part", *(item(name) for name in share)))
    seal_rows(tmp_path / "staging", tmp_path / "rows", kind=RowKind.ITEMS, basis=None)
    assert check(tmp_path / "rows") == 3


def test_dropped_duplicates_are_not_committed_to(tmp_path: Path) -> None:
    staging = write(tmp_path / "staging", item("a"), item("b"), item("a"))
    seal_rows(staging, tmp_path / "rows", kind=RowKind.ITEMS, basis=None)
    assert check(tmp_path / "rows") == 1
    assert read_commitment(tmp_path / "rows", "items/1").rows == 2


def test_rows_that_stand_elsewhere_and_rows_that_are_gone_are_committed_to(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", item("a"), item("b"), item("c"))
    volume.capture("two", item("a"), item("b", "other words"), item("d"))
    moved = (tmp_path / "out").resolve()
    moved.mkdir()
    volume.files["two"].rename(moved / "rows")
    assert check(moved / "rows") == 1
    assert read_commitment(moved / "rows", "items/1").rows == 4


def test_subscribers_are_committed_to(tmp_path: Path) -> None:
    staging = write(tmp_path / "staging", subscriber("a"), subscriber("b"), kind=RowKind.SUBSCRIBERS)
    seal_rows(staging, tmp_path / "rows", kind=RowKind.SUBSCRIBERS, basis=None)
    assert check(tmp_path / "rows", "subscribers/1") == 1


def test_a_file_of_no_rows_is_committed_to(tmp_path: Path) -> None:
    seal_rows(write(tmp_path / "staging"), tmp_path / "rows", kind=RowKind.ITEMS, basis=None)
    assert check(tmp_path / "rows") == 1


def test_the_secrets_stand_in_the_footer_of_the_rows_alone(tmp_path: Path) -> None:
    seal_rows(write(tmp_path / "staging", item("a")), tmp_path / "rows", kind=RowKind.ITEMS, basis=None)
    secret = read_commitment(tmp_path / "rows", "items/1").runs[0].secret
    assert (tmp_path / "rows").read_bytes().count(secret.hex().encode()) == 1
    with duckdb.connect() as engine:
        sql = "SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)"
        notes = dict(engine.execute(sql, [str(tmp_path / "rows")]).fetchall())
    assert [key for key, value in notes.items() if secret.hex() in value] == [KEY]


def test_a_staging_that_fails_leaves_no_hashes(tmp_path: Path) -> None:
    broken = item("a")._replace(text=5)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="column text"):
        write(tmp_path / "staging", broken)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("series", "schema", "purpose"),
    [
        (OFFICIAL_POSTS, "items/1", Purpose.POSTS),
        (PUBLIC_COMMENTS, "items/1", Purpose.THREAD),
        (SUBSCRIBER_LISTS, "subscribers/1", Purpose.SUBSCRIBERS),
    ],
)
def test_what_a_real_network_answered_is_committed_to(
    tmp_path: Path, series: SeriesId, schema: str, purpose: Purpose
) -> None:
    did = json.loads((CITY / "made-after.json").read_bytes())["accounts"]["cityofx"]["did"]
    pages = [page for page in recorded_pages(CITY / "after.warc.gz", did) if page.purpose is purpose]
    rows = [row for page in pages for row in parse(page, Platform.BLUESKY, series).rows]
    staging = write(tmp_path / "staging", *rows, kind=row_kind(series))
    seal_rows(staging, tmp_path / "rows", kind=row_kind(series), basis=None)

    assert check(tmp_path / "rows", schema) == 1
    told = disclose_row(tmp_path / "rows", schema, 0, show=frozenset({"circumstances"})).to_bytes()
    said = read_commitment(tmp_path / "rows", schema)
    assert said.rows >= 1
    assert second.is_disclosed(told, said.rows, said.root)
