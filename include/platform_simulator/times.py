"""Times of a scenario: offsets from its start, and the platforms' ways of writing an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_OFFSET = re.compile(r"([+-]?)\s*(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?", re.ASCII)
_FORM = "an offset from the start such as -12d3h, +45m or 0s"


def parse_offset(value: object) -> timedelta:
    """Read *value*, an offset such as ``-12d3h``; days, hours, minutes, seconds in this order.

    Raises:
        ValueError: *value* is not of that form.
    """
    if isinstance(value, timedelta):
        return value
    match = _OFFSET.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or not any(match.groups()[1:]):
        raise ValueError(f"expected {_FORM}")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if match.group(1) == "-" else length


def parse_instant(text: str) -> datetime:
    """Read *text*, an ISO 8601 instant with its offset, as aware UTC.

    Raises:
        ValueError: *text* is not an instant, or says no offset.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"expected an instant with an offset, found {text!r}")
    return instant.astimezone(UTC)


def default_start(now: datetime) -> datetime:
    """Return three hours before *now*, on a whole minute: a demo may advance two hours and stay in the past."""
    return (now - timedelta(hours=3)).replace(second=0, microsecond=0)


def iso(instant: datetime) -> str:
    """Write *instant* as the platforms do: ``2026-11-21T19:35:24.993Z``."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def rfc822(instant: datetime) -> str:
    """Write *instant* as RSS 2.0 and HTTP do (RFC 822, RFC 9110 section 5.6.7)."""
    return format_datetime(instant, usegmt=True)


def milliseconds(instant: datetime) -> int:
    """Return *instant* as milliseconds since 1970, exactly."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
