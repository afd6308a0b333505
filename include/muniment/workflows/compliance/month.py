"""The month that a report is about, in the agency's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from muniment.errors import ConfigurationError
from muniment.retention.periods import find_first_instant, zone_named

_MONTH = re.compile(r"(?!0000)([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of an agency: `begins` and `ends` are its first instant and the first after it (aware UTC)."""

    name: str  # 2026-11
    begins: datetime
    ends: datetime


def read_month(text: str, zone: str) -> Month:
    """Return the month called *text* in *zone*.

    Raises:
        ConfigurationError: it is no month.
    """
    found = _MONTH.fullmatch(text)
    if found is None:
        raise ConfigurationError(f"month: expected one as 2026-11, found {text!r}")
    first = date(int(found[1]), int(found[2]), 1)
    return Month(text, _instant(first, zone), _instant(_next_first(first), zone))


def month_before(moment: datetime, zone: str) -> Month:
    """Return the last month that is over at *moment* (aware) in *zone*."""
    first = moment.astimezone(zone_named(zone)).date().replace(day=1)
    return read_month(f"{first - timedelta(days=1):%Y-%m}", zone)


def _next_first(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _instant(day: date, zone: str) -> datetime:
    return find_first_instant(day, zone_named(zone)).astimezone(UTC)
