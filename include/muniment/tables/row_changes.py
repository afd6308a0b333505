"""What differs between the rows of two snapshots, of one volume or of two. Held within a memory limit.

A later snapshot of a volume says itself what changed against the one that it was sealed against.
Any two are compared by their content hashes: a hash is over the id too (`records.rows.content_sha256`),
so that equal hashes are equal ids with equal contents, and only of the rest the ids are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from muniment.errors import ParseError
from muniment.records.rows import RowState
from muniment.records.series import RowKind
from muniment.tables.engine import fetch_number, open_engine, open_rows
from muniment.tables.parse_notes import read_parse_notes

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A snapshot's rows file, the files of those that its rows point to, and its id where it is known.

    A holder is asked for when it is needed, so that a mapping may fetch it then.
    """

    rows: Path
    holders: Mapping[str, Path] = field(default_factory=dict)
    snapshot: str | None = None


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
    with open_engine(scratch) as engine:
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
    with open_engine(scratch) as engine:
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
    with open_engine(scratch) as engine:
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
    open_rows(engine, "before", before.rows, kind)
    _make_current(engine, "before", before.holders, kind)
    _make_current(engine, "after", after.holders, kind)
    # A hash is 32 bytes where an id is 70: the join of the whole takes hashes, the ids of the few come after.
    engine.execute("""
        CREATE TABLE unlike AS SELECT b.holder AS holder_before, b.position AS before,
            a.holder AS holder_after, a.position AS after
            FROM current_before b FULL JOIN current_after a ON b.hash = a.hash
            WHERE b.position IS NULL OR a.position IS NULL
    """)
    _name_unlike(engine, "before", before.holders, kind)
    _name_unlike(engine, "after", after.holders, kind)
    engine.execute("""
        CREATE TABLE differences AS SELECT coalesce(b.id, a.id) AS id,
            CASE WHEN b.id IS NULL THEN 'new' WHEN a.id IS NULL THEN 'gone' ELSE 'changed' END AS state
            FROM named_before b FULL JOIN named_after a ON b.id = a.id
    """)


def _make_current(engine: duckdb.DuckDBPyConnection, side: str, holders: Mapping[str, Path], kind: RowKind) -> None:
    """Make `current_<side>` of the hash of each row that was listed, and where it stands: holder and position."""
    own = f"SELECT content_sha256 AS hash, '' AS holder, position FROM {side} WHERE row_state IN ('new', 'changed')"  # noqa: S608 - names of ours
    pointed = _pointed(engine, side)
    if not pointed:
        engine.execute(f"CREATE VIEW current_{side} AS {own}")
        return
    engine.execute(f"CREATE TABLE current_{side} AS {own}")
    for snapshot in pointed:
        _open_holder(engine, snapshot, holders, kind)
        engine.execute(
            f"INSERT INTO current_{side} SELECT content_sha256, $1, position FROM holder "  # noqa: S608 - names of ours
            f"WHERE {_held_by(side)}",
            [snapshot],
        )
    listed = fetch_number(engine, f"SELECT count(*) FROM {side} WHERE row_state <> 'gone'")  # noqa: S608 - a name of ours
    if listed != (found := fetch_number(engine, f"SELECT count(*) FROM current_{side}")):  # noqa: S608 - a name of ours
        raise ParseError(f"rows: expected {listed} rows in the file and its holders, found {found}")


def _pointed(engine: duckdb.DuckDBPyConnection, side: str, *, among: str = "true") -> list[str]:
    sql = f"SELECT DISTINCT row_snapshot FROM {side} WHERE row_state = 'unchanged' AND {among} ORDER BY row_snapshot"  # noqa: S608 - names of ours
    return [snapshot for (snapshot,) in engine.execute(sql).fetchall()]


def _open_holder(engine: duckdb.DuckDBPyConnection, snapshot: str, holders: Mapping[str, Path], kind: RowKind) -> None:
    if snapshot not in holders:
        raise ParseError(f"rows: expected the rows of snapshot {snapshot}, which they point to, found none")
    open_rows(engine, "holder", holders[snapshot], kind)


def _held_by(side: str) -> str:
    pointing = f"SELECT id FROM {side} WHERE row_state = 'unchanged' AND row_snapshot = $1"  # noqa: S608 - a name of ours
    return f"row_state IN ('new', 'changed') AND id IN ({pointing})"


def _name_unlike(engine: duckdb.DuckDBPyConnection, side: str, holders: Mapping[str, Path], kind: RowKind) -> None:
    """Make `named_<side>` of the ids of what only this side has."""
    engine.execute(f"CREATE TABLE named_{side} (id VARCHAR)")
    places = engine.execute(
        f"SELECT DISTINCT holder_{side} FROM unlike WHERE holder_{side} IS NOT NULL ORDER BY ALL"  # noqa: S608 - a name of ours
    ).fetchall()
    for (holder,) in places:
        if holder:
            _open_holder(engine, holder, holders, kind)
        engine.execute(
            f"INSERT INTO named_{side} SELECT id FROM {'holder' if holder else side} WHERE position IN "  # noqa: S608 - names of ours
            f"(SELECT {side} FROM unlike WHERE holder_{side} = $1)",
            [holder],
        )


def _collect(engine: duckdb.DuckDBPyConnection, name: str, listing: Listing, kind: RowKind, without: RowState) -> None:
    """Make the table *name* of what the rows that differ say in *listing*, those of state *without* left out."""
    columns = ", ".join(("id", *_SAID[kind]))
    wanted = f"id IN (SELECT id FROM differences WHERE state <> '{without}')"  # noqa: S608 - a state of ours
    open_rows(engine, "listed", listing.rows, kind)
    engine.execute(
        f"CREATE TABLE {name} AS SELECT {columns} FROM listed WHERE row_state IN ('new', 'changed') AND {wanted}"  # noqa: S608 - names of ours
    )
    for snapshot in _pointed(engine, "listed", among=wanted):
        _open_holder(engine, snapshot, listing.holders, kind)
        engine.execute(
            f"INSERT INTO {name} SELECT {columns} FROM holder WHERE {_held_by('listed')} AND {wanted}",  # noqa: S608 - names of ours
            [snapshot],
        )
