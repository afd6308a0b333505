"""Times as staff write them: with an offset, or by the clock on their wall."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from muniment.errors import ModerationError
from muniment.policy.moderation.quoting import quoted

EXPECTED = "a time as 2026-11-20 14:05, or with an offset as 2026-11-20T14:05:00-08:00"


def read_time(text: str, zone: str) -> datetime:
    """Read a time; one without an offset is by the clock in *zone*. Aware UTC.

    Raises:
        ModerationError: it is none, or the clock showed it twice or never (daylight saving).
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ModerationError("time", [f"expected {EXPECTED}, found {quoted(text)}"]) from None
    if len(text.strip()) <= len("2026-11-20"):
        raise ModerationError("time", [f"expected {EXPECTED}, found a day alone"])
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    first, second = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise ModerationError(
            "time", [f"expected an offset, for clocks changed: {text.strip()} came twice or never in {zone}"]
        )
    return first.astimezone(UTC)


def read_day(text: str) -> date:
    """Read a day.

    Raises:
        ModerationError: it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ModerationError("day", [f"expected a day as 2026-11-20, found {quoted(text)}"]) from None
