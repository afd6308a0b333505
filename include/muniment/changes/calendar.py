"""The calendar of captures as values: a row for each account and series, a column for each hour or day."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from muniment.changes.coverage import Slot, SlotOutcome
from muniment.changes.exposure import Day
from muniment.records.names import AccountId, SeriesId

ALL, SOME, QUARANTINED, NONE, NOT_DUE = "#", "+", "Q", "-", "."
LEGEND = (
    (ALL, "every capture made and accepted"),
    (SOME, "some missed"),
    (QUARANTINED, "none missed, some quarantined"),
    (NONE, "none made"),
    (NOT_DUE, "none due"),
)
_BY_HOUR = 2  # days at most of which the hours are shown
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """What was due in one column, by outcome."""

    accepted: int = 0
    quarantined: int = 0
    missed: int = 0

    @property
    def mark(self) -> str:
        """Return the sign of the cell, one of `LEGEND`."""
        if not (self.accepted or self.quarantined or self.missed):
            return NOT_DUE
        if not self.missed:
            return QUARANTINED if self.quarantined else ALL
        return SOME if self.accepted or self.quarantined else NONE

    def in_words(self) -> str:
        """Say the counts."""
        due = self.accepted + self.quarantined + self.missed
        if not due:
            return "none due"
        return f"{due} due: {self.accepted} accepted, {self.quarantined} quarantined, {self.missed} missed"


@dataclass(frozen=True, slots=True)
class Row:
    """One account and series."""

    account: AccountId
    series: SeriesId
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar: what its columns are called, its rows, whether columns are hours."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    by_hour: bool


def draw_up(slots: Sequence[Slot], days: Sequence[Day], zone: ZoneInfo) -> Calendar:
    """Return the calendar of *slots* over *days* in *zone*: by the hour where they are one or two, else by the day."""
    by_hour = len(days) <= _BY_HOUR
    columns = tuple(_hours(days, zone)) if by_hour else tuple((day.begins, f"{day.date:%m-%d}") for day in days)
    begins = [at for at, _ in columns]
    counts: dict[tuple[AccountId, SeriesId], Counter[tuple[int, SlotOutcome]]] = {}
    for slot in slots:
        if not days[0].begins <= slot.expected_at < days[-1].ends:
            continue
        at = bisect_right(begins, slot.expected_at) - 1
        counts.setdefault((slot.account, slot.series), Counter())[at, slot.outcome] += 1
    rows = (Row(account, series, _cells(count, len(columns))) for (account, series), count in sorted(counts.items()))
    return Calendar(tuple(name for _, name in columns), tuple(rows), by_hour)


def _hours(days: Sequence[Day], zone: ZoneInfo) -> Iterator[tuple[datetime, str]]:
    # By the clock's hours: a day on which it changes has one more or one less.
    for day in days:
        at = day.begins
        while at < day.ends:
            yield at, f"{at.astimezone(zone):%d %H}"
            at += _HOUR


def _cells(counts: Counter[tuple[int, SlotOutcome]], columns: int) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            accepted=counts[at, SlotOutcome.ACCEPTED],
            quarantined=counts[at, SlotOutcome.QUARANTINED],
            missed=counts[at, SlotOutcome.MISSED],
        )
        for at in range(columns)
    )


def render_calendar(calendar: Calendar) -> Iterator[str]:
    """Yield the lines of the calendar for a terminal: signs, no colour."""
    if not calendar.rows:
        return
    names = [f"{row.account} {row.series}" for row in calendar.rows]
    width = max(map(len, names))
    # The day of the month, or the hour, upright over its column.
    numbers = [name[-2:] for name in calendar.columns]
    for digit in range(2):
        yield f"{'':{width}}  {''.join(number[digit] for number in numbers)}"
    for name, row in zip(names, calendar.rows, strict=True):
        yield f"{name:{width}}  {''.join(cell.mark for cell in row.cells)}"
    what = "hour" if calendar.by_hour else "day"
    yield f"{what}s from {calendar.columns[0]} to {calendar.columns[-1]}; " + ", ".join(
        f"{mark} {words}" for mark, words in LEGEND
    )
