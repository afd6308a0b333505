"""What differs between the rows of two snapshots, of one volume or of two. Held within a memory limit.

A later snapshot of a volume says itself what changed against the one that it was sealed against.
Any two are compared by their content hashes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from muniment.records.rows import RowState
from muniment.records.series import RowKind
from muniment.tables.engine import open_engine, open_rows
from muniment.tables.parse_notes import read_parse_notes
from muniment.tables.unlike_rows import Listing, compare_hashes, held_by, open_holder, pointed

MEMORY = "512MB"  # of DuckDB's; with Python's, a comparison stays below a gibibyte
_BATCH = 2_000
_STANDING = ("row_state", "row_snapshot", "content_sha256")
_SAID = {
    RowKind.ITEMS: (
        "kind",
        "url",
        "author_id",
        "author_handle",
        "author_name",
        "published_text",
        "edited_at",
        "language",
        "text",
        "reply_parent_id",
        "reply_root_id",
        "visibility",
        "links",
        "media",
        "versions",
    ),
    RowKind.SUBSCRIBERS: ("handle", "display_name", "address", "status", "list_name", "subscribed_text"),
}
_IDS = {RowKind.ITEMS: "item_id", RowKind.SUBSCRIBERS: "subscriber_id"}
# What is read, for `copy_columns`: to name what differs, and to say also how.
COMPARED = {kind: frozenset({name, *_STANDING}) for kind, name in _IDS.items()}
TOLD = {kind: names | set(_SAID[kind]) for kind, names in COMPARED.items()}


class RowDifference(NamedTuple):
    """A row that is not the same in both: ``new``, ``changed`` or ``gone`` in the later."""

    item_id: str
    state: str


class RowChange(NamedTuple):
    """A row that differs, with what it said before and after; None where it was not listed."""

    item_id: str
    state: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def compare_rows(
    before: Path,
    before_holders: Mapping[str, Path],
    after: Path,
    after_holders: Mapping[str, Path],
    *,
    kind: RowKind,
    scratch: Path,
    before_snapshot: str | None = None,
) -> Iterator[RowDifference]:
    """Yield the rows that differ between two snapshots, by id. Each lists an id once, as every accepted one does.

    Where *after* was sealed against *before_snapshot*, the id of *before*, its own word is taken.

    Raises:
        ParseError: a file cannot be read, or a holder lacks a row that is pointed to.
    """
    earlier = Listing(rows=before, holders=before_holders, snapshot=before_snapshot)
    with open_engine(scratch, memory=MEMORY) as engine:
        _find_differences(engine, earlier, Listing(rows=after, holders=after_holders), kind)
        found = engine.execute("SELECT id, state FROM differences ORDER BY id")
        while batch := found.fetchmany(_BATCH):
            yield from (RowDifference(item_id, state) for item_id, state in batch)


def read_changes(
    before: Listing, after: Listing, *, kind: RowKind, scratch: Path, only: str | None = None
) -> Iterator[RowChange]:
    """Yield the rows that differ, by id, with what each said before and after; of *only* one id where it is given.

    Raises:
        ParseError: as for `compare_rows`.
    """
    with open_engine(scratch, memory=MEMORY) as engine:
        _find_differences(engine, before, after, kind)
        if only is not None:
            engine.execute("DELETE FROM differences WHERE id <> $1", [only])
        _collect(engine, "said_before", before, kind, RowState.NEW)
        _collect(engine, "said_after", after, kind, RowState.GONE)
        found = engine.sql(
            "SELECT d.id, d.state, b AS before, a AS after FROM differences d "
            "LEFT JOIN said_before b ON d.id = b.id LEFT JOIN said_after a ON d.id = a.id ORDER BY d.id"
        )
        for batch in found.to_arrow_reader(_BATCH):
            yield from (_change(**row) for row in batch.to_pylist())


def read_full_row(listing: Listing, item_id: str, *, kind: RowKind, scratch: Path) -> dict[str, Any] | None:
    """Return what the row of *item_id* says in *listing*, or None when it is not listed.

    Raises:
        ParseError: as for `compare_rows`.
    """
    with open_engine(scratch, memory=MEMORY) as engine:
        engine.execute("CREATE TABLE differences AS SELECT $1 AS id, 'new' AS state", [item_id])
        _collect(engine, "said", listing, kind, RowState.GONE)
        found: list[dict[str, Any]] = engine.sql("SELECT * FROM said").to_arrow_table().to_pylist()
        return found[0] if found else None


def _change(*, id: str, state: str, before: dict[str, Any], after: dict[str, Any]) -> RowChange:  # noqa: A002 - a column
    return RowChange(id, state, None if state == RowState.NEW else before, None if state == RowState.GONE else after)


def _find_differences(engine: duckdb.DuckDBPyConnection, before: Listing, after: Listing, kind: RowKind) -> None:
    """Make the table `differences` of ids and states."""
    open_rows(engine, "after", after.rows, kind)
    if before.snapshot is not None and read_parse_notes(after.rows, kind).previous == before.snapshot:
        engine.execute(
            "CREATE TABLE differences AS SELECT id, row_state AS state FROM after WHERE row_state <> 'unchanged'"
        )
        return
    compare_hashes(engine, before, after, kind)


def _collect(engine: duckdb.DuckDBPyConnection, name: str, listing: Listing, kind: RowKind, without: RowState) -> None:
    """Make the table *name* of what the rows that differ say in *listing*, those of state *without* left out."""
    columns = ", ".join(("id", *_SAID[kind]))
    wanted = f"id IN (SELECT id FROM differences WHERE state <> '{without}')"  # noqa: S608 - a state of ours
    open_rows(engine, "listed", listing.rows, kind)
    engine.execute(
        f"CREATE TABLE {name} AS SELECT {columns} FROM listed WHERE row_state IN ('new', 'changed') AND {wanted}"  # noqa: S608 - names of ours
    )
    for snapshot in pointed(engine, "listed", among=wanted):
        open_holder(engine, snapshot, listing.holders, kind)
        engine.execute(
            f"INSERT INTO {name} SELECT {columns} FROM holder WHERE {held_by('listed')} AND {wanted}",  # noqa: S608 - names of ours
            [snapshot],
        )
