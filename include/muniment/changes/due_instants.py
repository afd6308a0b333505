"""At which instants a timetable's captures were due, by the agency's own clock.

It follows the scheduler that starts the captures, so that a capture which the clocks' own
change left out is not told as missed: a time that the clocks skip is due when they have
skipped; one that they show twice is due at the second, and at both only where a line of the
timetable ticks in every hour.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from muniment.errors import ConfigurationError

_HOURS = 24
_WEEK = 7
_DAY = timedelta(days=1)
_BEFORE = 2 * _DAY  # a change of the clocks within a span is passed from before it


@dataclass(frozen=True, slots=True)
class _Line:
    """One cron line ``minutes hours * * weekdays``: minutes of the day, weekdays with Monday as 0."""

    ticks: tuple[int, ...]
    weekdays: frozenset[int]
    every_hour: bool

    def next_wall(self, wall: datetime) -> datetime:
        """Return the first tick after *wall*, both without a zone."""
        minute = wall.hour * 60 + wall.minute
        at = bisect_right(self.ticks, minute)
        if wall.weekday() in self.weekdays and at < len(self.ticks):
            return _at(wall.date(), self.ticks[at])
        for days in range(1, _WEEK + 1):
            day = wall.date() + days * _DAY
            if day.weekday() in self.weekdays:
                return _at(day, self.ticks[0])
        raise ConfigurationError("timetable: expected a line with a weekday, found none")

    def next(self, now: datetime, wall: datetime, zone: ZoneInfo) -> datetime:
        """Return the first instant (UTC) after *now* (UTC), which the clocks of *zone* show as *wall*."""
        tick = self.next_wall(wall)
        if self.every_hour:
            return now + (tick - wall)
        first = tick.replace(tzinfo=zone).astimezone(UTC)
        # PEP 495: of a time shown twice fold 1 is the second; of one skipped, fold 0 is past the skip.
        return max(first, tick.replace(tzinfo=zone, fold=1).astimezone(UTC))


def list_due_instants(
    crons: Sequence[str], zone: ZoneInfo, *, since: datetime, until: datetime
) -> tuple[datetime, ...]:
    """Return every instant (aware UTC) in [*since*, *until*) at which one of *crons* ticks, in the time of *zone*.

    Raises:
        ConfigurationError: a line is not of the form that a timetable's lines have.
    """
    lines = [_parse(cron) for cron in crons]
    now, found = (since - _BEFORE).astimezone(UTC), []
    while lines:
        wall = now.astimezone(zone).replace(tzinfo=None, fold=0)
        now = min(line.next(now, wall, zone) for line in lines)
        if now >= until:
            break
        if now >= since:
            found.append(now)
    return tuple(found)


def _parse(cron: str) -> _Line:
    fields = cron.split()
    expected = f"timetable: expected minutes, hours, two stars and weekdays as numbers with commas, found {cron!r}"
    if len(fields) != 5 or fields[2:4] != ["*", "*"]:
        raise ConfigurationError(expected)
    try:
        minutes, hours, days = (sorted({int(part) for part in fields[at].split(",")}) for at in (0, 1, 4))
    except ValueError:
        raise ConfigurationError(expected) from None
    # Cron counts Sunday as 0.
    weekdays = frozenset((day - 1) % _WEEK for day in days)
    ticks = tuple(hour * 60 + minute for hour in hours for minute in minutes)
    return _Line(ticks, weekdays, every_hour=len(hours) == _HOURS)


def _at(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60))
