"""A snapshot resolved to full rows, and its export for somebody with a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from muniment.errors import ParseError
from muniment.records.series import RowKind
from muniment.tables.engine import fetch_number, open_engine, open_rows
from muniment.tables.parquet import new_file
from muniment.tables.parse_notes import ROW_SCHEMAS
from muniment.tables.row_picks import pick_rows, regroup, replace_columns
from muniment.tables.rows_file import open_rows_writer
from muniment.tables.sealed_rows import COUNTERS

_CSV_ROWS = 2_000
_LEFT_OUT = ("raw", "versions", "probes")  # the Parquet has them
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")  # OWASP, "CSV Injection"


def read_current_rows(rows: Path, holders: Mapping[str, Path], *, kind: RowKind, scratch: Path) -> Iterator[Any]:
    """Yield Arrow tables of the rows that were there, in full: those of the file itself, then of each holder.

    *holders* maps each snapshot that the file reads to its rows file. An unchanged row keeps
    its state, its pointer and its own counters; `page` counts in the pages of the snapshot it
    points to. What is gone is left out.

    Raises:
        ParseError: a file is not whole, or a holder lacks a row that is pointed to.
    """
    with open_engine(scratch) as engine:
        open_rows(engine, "rows", rows, kind)
        engine.execute("CREATE TABLE picks AS SELECT position FROM rows WHERE row_state IN ('new', 'changed')")
        for table, _ in pick_rows(engine, "picks", rows, kind):
            yield table
        pointed = engine.execute(
            "SELECT DISTINCT row_snapshot FROM rows WHERE row_state = 'unchanged' ORDER BY row_snapshot"
        ).fetchall()
        for (snapshot,) in pointed:
            yield from _rows_held(engine, snapshot, holders, kind)


def _rows_held(
    engine: duckdb.DuckDBPyConnection, snapshot: str, holders: Mapping[str, Path], kind: RowKind
) -> Iterator[Any]:
    if snapshot not in holders:
        raise ParseError(f"rows: expected the rows of snapshot {snapshot}, which they point to, found none")
    open_rows(engine, "holder", holders[snapshot], kind)
    counters = COUNTERS if kind is RowKind.ITEMS else ()
    columns = "".join(f", r.{name}" for name in ("row_state", "row_snapshot", *counters))
    engine.execute(
        f"CREATE OR REPLACE TABLE picks AS SELECT h.position{columns} FROM holder h JOIN rows r ON h.id = r.id "  # noqa: S608 - column names of ours
        "WHERE r.row_state = 'unchanged' AND r.row_snapshot = $1 AND h.row_state IN ('new', 'changed') "
        "ORDER BY h.position",
        [snapshot],
    )
    wanted = fetch_number(
        engine, "SELECT count(*) FROM rows WHERE row_state = 'unchanged' AND row_snapshot = $1", [snapshot]
    )
    if wanted != (found := fetch_number(engine, "SELECT count(*) FROM picks")):
        raise ParseError(f"rows: expected {wanted} rows in snapshot {snapshot}, found {found}")
    for table, picks in pick_rows(engine, "picks", holders[snapshot], kind):
        yield replace_columns(table, {name: picks[name] for name in picks.column_names if name != "position"})


def export_rows(
    rows: Path, holders: Mapping[str, Path], *, kind: RowKind, zone: str, out_parquet: Path, out_csv: Path
) -> int:
    """Write the current rows as Parquet and as CSV for spreadsheets, and return how many there are.

    The CSV (RFC 4180, UTF-8 with byte order mark) leaves the raw items out and spells each time
    in UTC and in *zone* (IANA). A text that a spreadsheet would run as a formula gets an
    apostrophe in front; the Parquet has every text as it was.

    Raises:
        ParseError: see `read_current_rows`.
    """
    count = 0
    with (
        new_file(out_parquet) as parquet_part,
        new_file(out_csv) as csv_part,
        open_rows_writer(parquet_part, kind) as writer,
        csv_part.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        sheet = csv.writer(file)
        sheet.writerow(_header(kind))
        for table in regroup(read_current_rows(rows, holders, kind=kind, scratch=out_parquet.parent)):
            writer.write_table(table)
            _write_sheet(sheet, table, ZoneInfo(zone))
            count += table.num_rows
    return count


def _header(kind: RowKind) -> list[str]:
    names: list[str] = []
    for field in ROW_SCHEMAS[kind]:
        if field.name not in _LEFT_OUT:
            names += [f"{field.name}_utc", f"{field.name}_local"] if field.name.endswith("_at") else [field.name]
    return names


def _write_sheet(sheet: Any, table: Any, zone: ZoneInfo) -> None:
    for batch in table.drop_columns([name for name in _LEFT_OUT if name in table.column_names]).to_batches(_CSV_ROWS):
        columns: list[list[str]] = []
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            cells = column.to_pylist()
            columns += _time_columns(cells, zone) if name.endswith("_at") else [[_cell(cell) for cell in cells]]
        sheet.writerows(zip(*columns, strict=True))


def _time_columns(cells: list[datetime | None], zone: ZoneInfo) -> list[list[str]]:
    return [
        [cell.isoformat() if cell else "" for cell in cells],
        [cell.astimezone(zone).isoformat() if cell else "" for cell in cells],
    ]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        value = "\n".join(part if isinstance(part, str) else str(part["url"]) for part in value)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return str(value)
