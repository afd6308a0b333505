"""A retention period as a schedule states it: an ISO 8601 duration in whole years, months, weeks and days.

No hours, no fractions, no sign, never empty: a legal period is counted on a calendar, and
one that says nothing is not a period. An exercise alone may count in seconds.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from muniment.errors import RetentionError

# ISO 8601-1:2019 section 5.5.2.2; weeks beside other units by ISO 8601-2:2019 section 4.4.
_PERIOD = re.compile(r"P(?:([0-9]{1,4})Y)?(?:([0-9]{1,5})M)?(?:([0-9]{1,6})W)?(?:([0-9]{1,7})D)?")
_DRILL = re.compile(r"PT([0-9]{1,9})S")

EXPECTED_PERIOD = "an ISO 8601 period in whole years, months, weeks and days, such as P2Y, P18M or P90D"
EXPECTED_IN_DRILL = f"{EXPECTED_PERIOD}, or in seconds such as PT90S"


class CalendarPeriod(NamedTuple):
    """A span on a calendar. At least one of its numbers is not zero."""

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    seconds: int = 0  # of an exercise; a calendar has none

    def in_words(self) -> str:
        """Say the period in words: ``2 years and 1 day``."""
        named = (
            (self.years, "year"),
            (self.months, "month"),
            (self.weeks, "week"),
            (self.days, "day"),
            (self.seconds, "second"),
        )
        parts = [f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in named if number]
        return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def parse_period(text: str, drill: bool = False) -> CalendarPeriod:
    """Read *text* as a calendar period; in a *drill* also one in seconds, ``PT90S``.

    Raises:
        RetentionError: it is not one, or it is a period of nothing.
    """
    match, in_seconds = _PERIOD.fullmatch(text), _DRILL.fullmatch(text) if drill else None
    if in_seconds is not None:
        period = CalendarPeriod(seconds=int(in_seconds[1]))
    elif match is not None:
        period = CalendarPeriod(*(int(number or 0) for number in match.groups()))
    else:
        raise RetentionError(f"period: expected {EXPECTED_IN_DRILL if drill else EXPECTED_PERIOD}, found {text!r}")
    if not any(period):
        raise RetentionError(f"period: expected a period longer than nothing, found {text!r}")
    return period
