"""Times as platforms write them. A time that does not say its zone is no time; nothing is guessed.

ISO 8601 as RFC 3339 narrows it; RSS dates by RFC 5322 section 3.3.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,18})?(?:[Zz]|[+-]\d\d:?\d\d)", re.ASCII)


def time_or_none(text: str | None) -> datetime | None:
    """Read an ISO 8601 time with its zone as aware UTC; digits past the microsecond are cut."""
    if text is None:
        return None
    plain = len(text) == 24 and text[10] == "T" and text[19] == "." and text[23] == "Z"
    if not plain and not _RFC_3339.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text if plain else text.upper())
        return moment if plain else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def feed_time_or_none(text: str | None) -> datetime | None:
    """Read a date of RSS (RFC 5322) or Atom (RFC 3339) as aware UTC."""
    if text is None or (moment := time_or_none(text.strip())) is not None:
        return None if text is None else moment
    try:
        read = parsedate_to_datetime(text)
        if read.tzinfo is None:
            # RFC 5322 section 3.3: -0000 is universal time of an unknown place; no zone at all is unknown.
            return read.replace(tzinfo=UTC) if text.strip().endswith("-0000") else None
        return read.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
