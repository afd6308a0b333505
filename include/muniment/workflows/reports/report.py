"""A whole report as a value: its tables and its timeline, for one agency at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant
from muniment.workflows.reports.table import Table
from muniment.workflows.reports.timeline import Timeline

FORMAT = "muniment.retention-report/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report of *agency* as of *moment*. It does not say when it was made: it is the same whenever it is.

    `schedule` says in words which schedule the dates come from; `remarks`, what a reader must know.
    """

    agency: str
    name: str
    zone: str
    moment: datetime
    schedule: str
    remarks: tuple[str, ...]
    tables: tuple[Table, ...]
    timeline: Timeline

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing is left to be done: no open failure, no lock short of its date, nothing unreadable."""
        open_ones = [cell for cell in self.table("failed").cells("open") if cell == "yes"]
        locks = self.table("locks")
        return not (open_ones or any(locks.cells("short")) or any(locks.cells("unlocked")) or self.remarks)

    def table(self, table_id: str) -> Table:
        """Return the table *table_id*."""
        return next(table for table in self.tables if table.id == table_id)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the report as JSON; instants are UTC."""
        return {
            "format": FORMAT,
            "agency": self.agency,
            "zone": self.zone,
            "as_of": format_instant(self.moment),
            "schedule": self.schedule,
            "remarks": list(self.remarks),
            "tables": [table.to_json() for table in self.tables],
            "timeline": self.timeline.to_json(),
        }
