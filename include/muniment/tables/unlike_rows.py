"""Which rows two snapshots do not have alike, by their content hashes.

A hash is over the id too (`records.rows.content_sha256`): equal hashes are equal ids with equal
contents, so that only of the rest the ids are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from muniment.errors import ParseError
from muniment.records.series import RowKind
from muniment.tables.engine import fetch_number, open_rows

_SIDES = ("before", "after")
# The row that is pointed to: by 64-bit hashes first, in a fifth of the memory. Two that are hashed alike make
# a row too many and never one too few, which the counts show.
_SAME_ROW = ("hash(h.id, h.holder) = hash(p.id, p.row_snapshot)", "h.id = p.id AND h.holder = p.row_snapshot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A snapshot's rows file, the files of those that its rows point to, and its id where it is known.

    A holder is asked for when it is needed, so that a mapping may fetch it then.
    """

    rows: Path
    holders: Mapping[str, Path] = field(default_factory=dict)
    snapshot: str | None = None


def compare_hashes(engine: duckdb.DuckDBPyConnection, before: Listing, after: Listing, kind: RowKind) -> None:
    """Make the table `differences` of the ids that differ and their states: ``new``, ``changed`` or ``gone``.

    Raises:
        ParseError: a holder, or a row that is pointed to, is missing.
    """
    open_rows(engine, "after", after.rows, kind)
    open_rows(engine, "before", before.rows, kind)
    _find_unlike(engine, before, after, kind)
    _name_unlike(engine, "before", before.holders, kind)
    _name_unlike(engine, "after", after.holders, kind)
    engine.execute("""
        CREATE TABLE differences AS SELECT coalesce(b.id, a.id) AS id,
            CASE WHEN b.id IS NULL THEN 'new' WHEN a.id IS NULL THEN 'gone' ELSE 'changed' END AS state
            FROM named_before b FULL JOIN named_after a ON b.id = a.id
    """)


def _find_unlike(engine: duckdb.DuckDBPyConnection, before: Listing, after: Listing, kind: RowKind) -> None:
    """Make the table `unlike` of where each row stands whose hash only one side has: holder and position."""
    for is_same in _SAME_ROW:
        _open_current(engine, "before", before.holders, kind, is_same)
        _open_current(engine, "after", after.holders, kind, is_same)
        # A hash is 32 bytes where an id is 70: the join of the whole takes hashes, the ids of the few come after.
        engine.execute("""
            CREATE OR REPLACE TABLE unlike AS SELECT b.holder AS holder_before, b.position AS before,
                a.holder AS holder_after, a.position AS after
                FROM current_before b FULL JOIN current_after a ON b.hash = a.hash
                WHERE b.position IS NULL OR a.position IS NULL
        """)
        alike = [_listed(engine, side) - fetch_number(engine, f"SELECT count({side}) FROM unlike") for side in _SIDES]  # noqa: S608 - a name of ours
        if alike[0] == alike[1]:
            return
    raise ParseError(
        f"rows: expected as many alike on both sides, found {alike[0]} and {alike[1]}: a holder lacks rows"
    )


def _listed(engine: duckdb.DuckDBPyConnection, side: str) -> int:
    return fetch_number(engine, f"SELECT count(*) FROM {side} WHERE row_state <> 'gone'")  # noqa: S608 - a name of ours


def _open_current(
    engine: duckdb.DuckDBPyConnection, side: str, holders: Mapping[str, Path], kind: RowKind, is_same: str
) -> None:
    """Make the view `current_<side>` of the hash of each row that was listed, and where it stands."""
    parts = [f"SELECT content_sha256 AS hash, '' AS holder, position FROM {side} WHERE row_state IN ('new', 'changed')"]  # noqa: S608 - names of ours
    if found := pointed(engine, side):
        _open_held(engine, side, found, holders, kind)
        parts.append(
            f"SELECT h.hash, h.holder, h.position FROM held_{side} h "  # noqa: S608 - names of ours
            f"SEMI JOIN (SELECT id, row_snapshot FROM {side} WHERE row_state = 'unchanged') p ON {is_same}"
        )
    engine.execute(f"CREATE OR REPLACE VIEW current_{side} AS {' UNION ALL '.join(parts)}")


def _open_held(
    engine: duckdb.DuckDBPyConnection, side: str, snapshots: list[str], holders: Mapping[str, Path], kind: RowKind
) -> None:
    """Make the view `held_<side>` of the full rows of each of *snapshots*: one scan, however many they are."""
    parts = []
    for number, snapshot in enumerate(snapshots):
        open_holder(engine, snapshot, holders, kind, name=f"{side}_{number}")
        quoted = snapshot.replace("'", "''")
        parts.append(
            f"SELECT id, content_sha256 AS hash, '{quoted}' AS holder, position FROM {side}_{number} "  # noqa: S608 - names of ours
            "WHERE row_state IN ('new', 'changed')"
        )
    engine.execute(f"CREATE OR REPLACE VIEW held_{side} AS {' UNION ALL '.join(parts)}")


def pointed(engine: duckdb.DuckDBPyConnection, side: str, *, among: str = "true") -> list[str]:
    """Return the snapshots that the unchanged rows of the view *side* point to, of those *among* is true of (SQL)."""
    sql = f"SELECT DISTINCT row_snapshot FROM {side} WHERE row_state = 'unchanged' AND {among} ORDER BY row_snapshot"  # noqa: S608 - names of ours
    return [snapshot for (snapshot,) in engine.execute(sql).fetchall()]


def open_holder(
    engine: duckdb.DuckDBPyConnection,
    snapshot: str,
    holders: Mapping[str, Path],
    kind: RowKind,
    *,
    name: str = "holder",
) -> None:
    """Make the rows of *snapshot* readable as the view *name*.

    Raises:
        ParseError: *holders* lack it.
    """
    if snapshot not in holders:
        raise ParseError(f"rows: expected the rows of snapshot {snapshot}, which they point to, found none")
    open_rows(engine, name, holders[snapshot], kind)


def held_by(side: str) -> str:
    """Return what is true (SQL) of the full rows of snapshot $1 that the view *side* points to."""
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
            open_holder(engine, holder, holders, kind)
        engine.execute(
            f"INSERT INTO named_{side} SELECT id FROM {'holder' if holder else side} WHERE position IN "  # noqa: S608 - names of ours
            f"(SELECT {side} FROM unlike WHERE holder_{side} = $1)",
            [holder],
        )
