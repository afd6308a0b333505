"""A compliance report as a value: its tables, its pictures, its figures, for one agency and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant
from muniment.workflows.reports.table import Table

FORMAT = "muniment.compliance-report/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of the report: which table it stands over, its heading, and itself as SVG with its legend as HTML."""

    table: str
    svg: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceReport:
    """The report of *agency* on *month*, read at `made_at` (aware). `figures` are number and words, for its head."""

    agency: str
    name: str
    zone: str
    month: str
    made_at: datetime
    is_whole: bool  # the month was over
    is_sound: bool
    figures: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...]

    def table(self, table_id: str) -> Table:
        """Return the table *table_id*."""
        return next(table for table in self.tables if table.id == table_id)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the report as JSON; instants are UTC."""
        figures: list[JsonValue] = [{"figure": figure, "what": what} for figure, what in self.figures]
        return {
            "format": FORMAT,
            "agency": self.agency,
            "zone": self.zone,
            "month": self.month,
            "made_at": format_instant(self.made_at),
            "whole_month": self.is_whole,
            "sound": self.is_sound,
            "figures": figures,
            "remarks": list(self.remarks),
            "tables": [table.to_json() for table in self.tables],
        }
