"""Rows of items and of removed content read back as what they are, some of them, by their ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from muniment.errors import ParseError
from muniment.records.rows import ItemKind, ItemRow, MediaRef, ProbeRef, RemovalRow, Version, Visibility
from muniment.records.series import RowKind
from muniment.tables.engine import open_engine, open_rows
from muniment.tables.parquet import read_batches
from muniment.tables.parse_notes import ROW_SCHEMAS
from muniment.tables.row_picks import pick_rows

_ROWS = 2_000


def read_removals(path: Path) -> Iterator[RemovalRow]:
    """Yield the rows of removed content in the file at *path*, in its order.

    Raises:
        ParseError: it is no whole file of such rows.
    """
    for batch in read_batches(path, ROW_SCHEMAS[RowKind.REMOVALS], rows=_ROWS):
        for row in batch.to_pylist():
            probes = [ProbeRef(**probe) for probe in row["probes"] or []]
            yield RemovalRow(**_shown(row, RemovalRow._fields) | {"probes": probes})


def read_items(
    rows: Path, holders: Mapping[str, Path], ids: Collection[str], *, snapshot: str, scratch: Path
) -> Iterator[tuple[ItemRow, str]]:
    """Yield those of *ids* that the file *rows* of *snapshot* lists, in full, each with the snapshot that holds it.

    Raises:
        ParseError: a file is not whole, or a holder lacks a row that is pointed to.
    """
    with open_engine(scratch) as engine:
        open_rows(engine, "listed", rows, RowKind.ITEMS)
        engine.register("wanted", pa.table({"id": pa.array(sorted(set(ids)), pa.string())}))
        engine.execute("""
            CREATE TABLE found AS SELECT id, position, row_state::VARCHAR AS state, row_snapshot::VARCHAR AS holder
            FROM listed WHERE id IN (SELECT id FROM wanted) AND row_state <> 'gone'
        """)
        engine.execute("CREATE TABLE picks AS SELECT position FROM found WHERE state IN ('new', 'changed')")
        yield from _read_picked(engine, rows, snapshot)
        pointed = engine.execute("SELECT DISTINCT holder FROM found WHERE state = 'unchanged' ORDER BY 1").fetchall()
        for (holder,) in pointed:
            if holder not in holders:
                raise ParseError(f"rows: expected the rows of snapshot {holder}, which they point to, found none")
            open_rows(engine, "holder", holders[holder], RowKind.ITEMS)
            engine.execute(
                "CREATE OR REPLACE TABLE picks AS SELECT position FROM holder WHERE row_state IN ('new', 'changed') "
                "AND id IN (SELECT id FROM found WHERE state = 'unchanged' AND holder = $1)",
                [holder],
            )
            yield from _read_picked(engine, holders[holder], holder)


def list_out_of_sight(rows: Path) -> list[str]:
    """Return the ids of the items that the file *rows* holds in full and that not everybody could see.

    Raises:
        ParseError: the file is not whole.
    """
    with open_engine(rows.parent) as engine:
        open_rows(engine, "listed", rows, RowKind.ITEMS)
        found = engine.execute(
            "SELECT id FROM listed WHERE row_state IN ('new', 'changed') AND visibility IN ('hidden', 'withheld')"
        )
        return sorted({str(name) for (name,) in found.fetchall()})


def list_answered(rows: Path) -> list[tuple[str, str | None]]:
    """Return, of the items that *rows* holds in full, each parent that one answers, with its thread's root.

    Raises:
        ParseError: the file is not whole.
    """
    with open_engine(rows.parent) as engine:
        open_rows(engine, "listed", rows, RowKind.ITEMS)
        found = engine.execute("""
            SELECT DISTINCT reply_parent_id, reply_root_id FROM listed
            WHERE row_state IN ('new', 'changed') AND reply_parent_id IS NOT NULL
        """)
        return sorted((str(parent), root) for parent, root in found.fetchall())


def find_named(rows: Path, ids: Collection[str]) -> set[str]:
    """Return those of *ids* that *rows* names, as listed or as gone.

    Raises:
        ParseError: the file is not whole.
    """
    with open_engine(rows.parent) as engine:
        open_rows(engine, "listed", rows, RowKind.ITEMS)
        engine.register("wanted", pa.table({"id": pa.array(sorted(set(ids)), pa.string())}))
        found = engine.execute("SELECT DISTINCT id FROM listed WHERE id IN (SELECT id FROM wanted)")
        return {str(name) for (name,) in found.fetchall()}


def _read_picked(engine: duckdb.DuckDBPyConnection, path: Path, holder: str) -> Iterator[tuple[ItemRow, str]]:
    for table, _ in pick_rows(engine, "picks", path, RowKind.ITEMS):
        for row in table.to_pylist():
            yield ItemRow(**_shown(row, ItemRow._fields)), holder


def _shown(row: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return the columns *names* of *row*, their parts as the tuples of `records.rows`."""
    shown = {name: row[name] for name in names}
    shown["kind"] = ItemKind(row["kind"]) if row["kind"] is not None else None
    shown["visibility"] = Visibility(row["visibility"]) if row["visibility"] is not None else None
    shown["links"] = row["links"] or []
    shown["media"] = [MediaRef(**medium) for medium in row["media"] or []]
    shown["versions"] = [
        Version(version["at"], version["text"], _bytes(version["raw"]) or b"") for version in row["versions"] or []
    ]
    shown["raw"] = _bytes(row["raw"])
    return shown


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")
