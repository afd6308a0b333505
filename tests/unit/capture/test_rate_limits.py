from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.capture.rate_limits import Budget, read_budget_or_none, read_retry_at_or_none

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize("reset", ["", "soon", "2026-13-45", "-5", "9" * 40, "99999999999", "²"])
def test_a_reset_that_makes_no_sense_is_no_budget(reset: str) -> None:
    assert read_budget_or_none((("ratelimit-remaining", "0"), ("ratelimit-reset", reset)), NOW) is None
    assert read_retry_at_or_none((("retry-after", reset),), NOW) is None


@pytest.mark.parametrize("remaining", ["", "none", "-1", "1.5"])
def test_a_remainder_that_makes_no_sense_is_no_budget(remaining: str) -> None:
    assert read_budget_or_none((("ratelimit-remaining", remaining), ("ratelimit-reset", "60")), NOW) is None


def test_mastodon_tells_the_reset_as_a_date() -> None:
    headers = (("X-RateLimit-Remaining", "298"), ("X-RateLimit-Reset", "2026-11-21T12:05:00.123456Z"))

    assert read_budget_or_none(headers, NOW) == Budget(298, datetime(2026, 11, 21, 12, 5, 0, 123456, tzinfo=UTC))


def test_bluesky_tells_the_reset_in_seconds_since_1970() -> None:
    headers = (("ratelimit-remaining", "0"), ("ratelimit-reset", "1795263000"))

    assert read_budget_or_none(headers, NOW) == Budget(0, datetime(2026, 11, 21, 12, 10, tzinfo=UTC))


@pytest.mark.parametrize("value", ["90", "Sat, 21 Nov 2026 12:01:30 GMT"])
def test_retry_after_is_seconds_or_a_date(value: str) -> None:
    assert read_retry_at_or_none((("Retry-After", value),), NOW) == NOW + timedelta(seconds=90)


def test_retry_after_wins_over_the_budget() -> None:
    headers = (("ratelimit-remaining", "0"), ("ratelimit-reset", "60"), ("retry-after", "90"))

    assert read_retry_at_or_none(headers, NOW) == NOW + timedelta(seconds=90)


@given(st.timedeltas(min_value=timedelta(days=-300), max_value=timedelta(days=300)))
def test_a_platform_whose_clock_is_wrong_is_waited_for_just_as_long(skew: timedelta) -> None:
    theirs = (NOW + skew).replace(microsecond=0)
    headers = (
        ("Date", format_datetime(theirs, usegmt=True)),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", (theirs + timedelta(seconds=60)).isoformat()),
    )

    assert read_budget_or_none(headers, NOW) == Budget(0, NOW + timedelta(seconds=60))
