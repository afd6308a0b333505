"""Calendar arithmetic for retention: what day a period ends, and at which instant a day begins."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from muniment.errors import RetentionError
from muniment.records.period import CalendarPeriod, parse_period

__all__ = ["CalendarPeriod", "add_period", "find_first_instant", "parse_period", "zone_named"]


def zone_named(name: str) -> ZoneInfo:
    """Return the IANA time zone called *name*.

    Raises:
        RetentionError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder's name is an OSError
        raise RetentionError(f"zone: expected the name of an IANA time zone, found {name!r}") from None


def add_period(start: date, period: CalendarPeriod) -> date:
    """Return the first day on which *period* has wholly passed since *start*.

    Years and months are counted first, then weeks and days. Where the day does not exist
    in the month reached (31 January plus a month), it is the first of the month after: a
    retention period may end late by that rule, never early.

    Raises:
        RetentionError: the day lies past the year 9999.
    """
    try:
        months = start.year * 12 + (start.month - 1) + period.years * 12 + period.months
        year, month = months // 12, months % 12 + 1
        missing = start.day > monthrange(year, month)[1]
        reached = date(year, month, 1 if missing else start.day)
        if missing:
            reached = _first_of_next_month(reached)
        return reached + timedelta(weeks=period.weeks, days=period.days)
    except (OverflowError, ValueError):
        raise RetentionError(
            f"period: expected a day up to 9999-12-31, found {start.isoformat()} plus {period.in_words()}"
        ) from None


def find_first_instant(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant from which *zone* reads *day* or later, and never an earlier day again (aware UTC).

    It is local midnight, except where the clocks skip midnight, skip the whole day, or are
    put back across midnight into the day before.

    Raises:
        RetentionError: the instant lies outside the years that a time can hold.
    """
    try:
        midnight = datetime.combine(day, time(), zone)
        first, second = midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC)
        if first > second:
            return _find_skip(day, zone, second, first)
        before_second = (second - timedelta(microseconds=1)).astimezone(zone)
        return second if before_second.date() < day else first
    except (OverflowError, ValueError):
        raise RetentionError(f"day: expected one whose first instant can be told, found {day.isoformat()}") from None


def _find_skip(day: date, zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    # Midnight is skipped, so PEP 495 gives two readings of it around the jump: search the second of the jump.
    low, high = 0, int((late - early).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (early + timedelta(seconds=middle)).astimezone(zone).date() >= day:
            high = middle
        else:
            low = middle + 1
    return early + timedelta(seconds=low)


def _first_of_next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
