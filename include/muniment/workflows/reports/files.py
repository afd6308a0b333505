"""A report as CSV: one file a table, for a spreadsheet; instants in UTC."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from muniment.records.names import format_instant
from muniment.workflows.reports.report import Report
from muniment.workflows.reports.table import Cell, Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute it (OWASP, "CSV Injection")


def render_csv(report: Report) -> Iterator[tuple[str, str]]:
    """Yield each table's file name and text, and the timeline's (RFC 4180)."""
    for table in report.tables:
        yield f"{table.id}.csv", render_table_csv(table)
    header: tuple[Cell, ...] = ("month", "series", "volumes", "size_bytes", "held_volumes", "held_bytes")
    parts: list[tuple[Cell, ...]] = [
        (month.name, part.series, part.volumes, part.size_bytes, part.held_volumes, part.held_bytes)
        for month in report.timeline.months
        for part in month.parts
    ]
    yield "timeline.csv", _write([header, *parts])


def render_table_csv(table: Table) -> str:
    """Return *table* as CSV with a header (RFC 4180)."""
    return _write([tuple(column.id for column in table.columns), *table.rows])


def _write(rows: Iterable[Sequence[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return format_instant(cell)
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else str(cell)
