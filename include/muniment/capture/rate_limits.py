"""What a platform says on how much we may still ask, and when again.

Mastodon: ``X-RateLimit-Remaining``, ``X-RateLimit-Reset`` as ISO 8601
(https://docs.joinmastodon.org/api/rate-limits/). Bluesky: ``ratelimit-remaining``,
``ratelimit-reset`` as seconds since 1970 (https://docs.bsky.app/docs/advanced-guides/rate-limits).
``Retry-After``: seconds or an HTTP date (RFC 9110 section 10.2.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from muniment.records.page import Headers

_EPOCH_FROM = 1_000_000_000  # a smaller number is a wait in seconds, not a date
_LONGEST = timedelta(days=366)  # a reset further away is no reset


@dataclass(frozen=True, slots=True)
class Budget:
    """How many requests are left until `reset_at` (aware UTC, by our clock)."""

    remaining: int
    reset_at: datetime


def read_budget_or_none(headers: Headers, now: datetime) -> Budget | None:
    """Read the budget that an answer received at *now* states; None when it states none that can be read."""
    named = {name.lower(): value.strip() for name, value in headers}
    for prefix in ("x-ratelimit-", "ratelimit-"):
        remaining, reset = named.get(f"{prefix}remaining", ""), named.get(f"{prefix}reset", "")
        moment = _moment_or_none(reset, headers, now)
        if remaining.isdecimal() and moment is not None:
            return Budget(int(remaining), moment)
    return None


def read_retry_at_or_none(headers: Headers, now: datetime) -> datetime | None:
    """Read when an answer received at *now* lets us ask again: ``Retry-After``, else the budget's reset."""
    value = next((value.strip() for name, value in headers if name.lower() == "retry-after"), "")
    moment = _moment_or_none(value, headers, now)
    if moment is not None:
        return moment
    budget = read_budget_or_none(headers, now)
    return budget.reset_at if budget else None


def _moment_or_none(text: str, headers: Headers, now: datetime) -> datetime | None:
    if text.isdecimal() and len(text) <= 12:
        number = int(text)
        if number < _EPOCH_FROM:
            return _within_reason(now + timedelta(seconds=number), now)
        stated: datetime | None = datetime.fromtimestamp(number, UTC)
    else:
        stated = _date_or_none(text)
    return _within_reason(_by_our_clock(stated, headers, now), now) if stated else None


def _by_our_clock(stated: datetime, headers: Headers, now: datetime) -> datetime:
    # A reset is by the platform's clock; its Date header tells how far ours is from it.
    date = next((value for name, value in headers if name.lower() == "date"), "")
    theirs = _date_or_none(date)
    return now + (stated - theirs) if theirs else stated


def _within_reason(moment: datetime, now: datetime) -> datetime | None:
    return moment if moment - now < _LONGEST else None


def _date_or_none(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, IndexError, TypeError):
            continue
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
