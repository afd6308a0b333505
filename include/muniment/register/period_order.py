"""Which of two periods can end first, from whichever day both are counted."""

from __future__ import annotations

from datetime import date

from muniment.errors import RetentionError
from muniment.records.period import CalendarPeriod, parse_period

_YEARS = range(1893, 1905)  # with 1900, which was no leap year, and leap years before and after


def is_shorter(period: str, floor: str, *, drill: bool) -> bool:
    """Tell whether *period* can end before *floor* when both start on the first day of a month.

    False where one of them cannot be read: the check of its form tells that.
    """
    try:
        first, second = parse_period(period, drill=drill), parse_period(floor, drill=drill)
    except RetentionError:
        return False
    return _least_lead(_months(first) - _months(second)) + _seconds(first) - _seconds(second) < 0


def _months(period: CalendarPeriod) -> int:
    return period.years * 12 + period.months


def _seconds(period: CalendarPeriod) -> int:
    return (period.weeks * 7 + period.days) * 86400 + period.seconds


def _least_lead(months: int) -> int:
    """Return the fewest seconds that *months* last; of a number below zero, what they lack at most."""
    spans = [_days_of(year, month, abs(months)) for year in _YEARS for month in range(1, 13)]
    return (min(spans) if months >= 0 else -max(spans)) * 86400


def _days_of(year: int, month: int, months: int) -> int:
    whole_cycles, rest = divmod(months, 4800)  # 400 years have the same 146097 days always
    later = year * 12 + month - 1 + rest
    end_year, end_month = divmod(later, 12)
    return whole_cycles * 146097 + (date(end_year, end_month + 1, 1) - date(year, month, 1)).days
