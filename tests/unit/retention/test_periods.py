"""Calendar arithmetic of retention, against reckonings that share nothing with the code."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import RetentionError
from muniment.retention.periods import CalendarPeriod, add_period, find_first_instant, parse_period, zone_named

ZONES = (
    "America/Los_Angeles",
    "America/Chicago",
    "America/Havana",  # clocks skip midnight in spring, repeat it in autumn
    "America/St_Johns",  # put back across midnight into the day before, 1987 to 2011
    "America/Sao_Paulo",  # skipped midnight until 2018
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Apia",  # skipped 30 December 2011 whole
    "Australia/Lord_Howe",  # half an hour
    "UTC",
)

days = st.dates(min_value=date(1975, 1, 1), max_value=date(2400, 12, 31))
zones = st.sampled_from(ZONES).map(ZoneInfo)


@pytest.mark.parametrize(
    "text",
    ["", "P", "2Y", "P2", "p2y", "P2YT0H", "PT1H", "P1.5Y", "P1,5Y", "-P2Y", "P-2Y", "+P2Y", "P2D1Y", "P2Y2Y", " P2Y",
     "P2Y\n", "P٢Y", "P99999Y", "two years", "P0Y", "P0D", "P0Y0M0D"],
)  # fmt: skip
def test_what_is_not_a_calendar_period_is_refused(text: str) -> None:
    with pytest.raises(RetentionError, match="period: expected"):
        parse_period(text)


@pytest.mark.parametrize(
    ("text", "period", "words"),
    [
        ("P2Y", (2, 0, 0, 0), "2 years"),
        ("P1Y", (1, 0, 0, 0), "1 year"),
        ("P18M", (0, 18, 0, 0), "18 months"),
        ("P90D", (0, 0, 0, 90), "90 days"),
        ("P2W", (0, 0, 2, 0), "2 weeks"),
        ("P1Y2M3W4D", (1, 2, 3, 4), "1 year, 2 months, 3 weeks and 4 days"),
    ],
)
def test_a_period_is_read_and_said_in_words(text: str, period: tuple[int, ...], words: str) -> None:
    assert parse_period(text) == (*period, 0)
    assert parse_period(text).in_words() == words


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2024-02-29", "P2Y", "2026-03-01"),  # no 29 February: the day after the 28th, never before
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2096-02-29", "P4Y", "2100-03-01"),  # 2100 is no leap year
        ("2025-01-31", "P1M", "2025-03-01"),
        ("2024-01-31", "P1M", "2024-03-01"),
        ("2025-03-31", "P1M", "2025-05-01"),
        ("2025-10-31", "P1M", "2025-12-01"),
        ("2025-12-31", "P2M", "2026-03-01"),
        ("2025-01-28", "P1M", "2025-02-28"),
        ("2026-12-01", "P2Y", "2028-12-01"),
        ("2026-12-01", "P18M", "2028-06-01"),
        ("2024-02-28", "P1D", "2024-02-29"),
        ("2025-02-28", "P1D", "2025-03-01"),
        ("2025-01-31", "P1M1D", "2025-03-02"),  # months first, then days
        ("2026-01-01", "P2W", "2026-01-15"),
        ("2106-02-07", "P75Y", "2181-02-07"),
    ],
)
def test_periods_are_counted_on_the_calendar(start: str, text: str, end: str) -> None:
    assert add_period(date.fromisoformat(start), parse_period(text)) == date.fromisoformat(end)


@pytest.mark.parametrize("text", ["P9999Y", "P99999M", "P9999999D"])
def test_a_day_past_the_calendar_is_an_error(text: str) -> None:
    with pytest.raises(RetentionError, match="up to 9999-12-31"):
        add_period(date(2026, 1, 1), parse_period(text))


def _full_months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


@given(days, st.integers(0, 30), st.integers(0, 40))
def test_no_month_is_cut_short_and_no_day_is_added(start: date, years: int, months: int) -> None:
    end = add_period(start, CalendarPeriod(years=years, months=months))
    assert _full_months(start, end) >= years * 12 + months
    if end > start:
        assert _full_months(start, end - timedelta(days=1)) < years * 12 + months


@given(days, st.integers(0, 5000), st.integers(0, 100))
def test_weeks_and_days_are_counted_as_days(start: date, number: int, weeks: int) -> None:
    assert (add_period(start, CalendarPeriod(weeks=weeks, days=number)) - start).days == 7 * weeks + number


@given(days, days, st.builds(CalendarPeriod, *(st.integers(0, 30),) * 4))
def test_what_begins_later_never_ends_earlier(one: date, other: date, period: CalendarPeriod) -> None:
    first, second = sorted((one, other))
    assert add_period(first, period) <= add_period(second, period)


@given(days, zones)
def test_a_day_begins_where_the_clock_stops_reading_an_earlier_one(day: date, zone: ZoneInfo) -> None:
    begins = find_first_instant(day, zone)
    assert begins.utcoffset() == timedelta()
    assert begins.astimezone(zone).date() >= day
    assert (begins - timedelta(microseconds=1)).astimezone(zone).date() < day
    for hours in range(25):
        assert (begins + timedelta(hours=hours, minutes=1)).astimezone(zone).date() >= day


@given(days, zones)
def test_the_next_day_never_begins_earlier(day: date, zone: ZoneInfo) -> None:
    assert find_first_instant(day, zone) <= find_first_instant(day + timedelta(days=1), zone)


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        ("2026-12-01", "America/Los_Angeles", "2026-12-01T08:00"),
        ("2026-07-01", "America/Los_Angeles", "2026-07-01T07:00"),
        ("2024-03-10", "America/Havana", "2024-03-10T05:00"),  # 00:00 is skipped: the day begins at 01:00
        ("2024-11-03", "America/Havana", "2024-11-03T04:00"),  # 00:00 comes twice: at the first
        ("2009-11-01", "America/St_Johns", "2009-11-01T03:30"),  # 00:01 back to 23:01 of the day before: at the second
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00"),  # a day that never was: as the day after
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00"),
        ("1919-03-31", "America/Toronto", "1919-03-31T04:30"),  # 23:30 to 00:30: the day begins at 00:30
        ("2106-02-08", "America/Los_Angeles", "2106-02-08T08:00"),
        ("2500-07-01", "America/Los_Angeles", "2500-07-01T07:00"),
    ],
)
def test_first_instants_that_can_be_looked_up(day: str, zone: str, instant: str) -> None:
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert find_first_instant(date.fromisoformat(day), ZoneInfo(zone)) == expected


def test_a_day_whose_first_instant_no_time_can_hold_is_an_error() -> None:
    with pytest.raises(RetentionError, match="0001-01-01"):
        find_first_instant(date(1, 1, 1), ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "America", "../etc/passwd", "/etc/localtime"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(RetentionError, match="zone: expected"):
        zone_named(name)


def test_only_an_exercise_counts_in_seconds() -> None:
    assert parse_period("PT90S", drill=True) == CalendarPeriod(seconds=90)
    assert parse_period("PT90S", drill=True).in_words() == "90 seconds"
    assert parse_period("P1D", drill=True) == CalendarPeriod(days=1)
    with pytest.raises(RetentionError, match="period: expected an ISO 8601 period in whole years"):
        parse_period("PT90S")


@pytest.mark.parametrize("text", ["PT", "PT0S", "PT1M", "PT1.5S", "P1DT3S", "PT-3S", "PTS"])
def test_what_is_no_count_of_seconds_is_refused_in_an_exercise_too(text: str) -> None:
    with pytest.raises(RetentionError, match="period: expected"):
        parse_period(text, drill=True)
