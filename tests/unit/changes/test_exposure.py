from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from muniment.changes.exposure import Day, Exposure, expose, missed_share
from muniment.records.names import AccountId, SeriesId

ACCOUNT, SERIES = AccountId("bluesky-city"), SeriesId("public-comments")
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DAYS = [Day(date(2026, 11, 2 + n), MONDAY + n * DAY, MONDAY + (n + 1) * DAY) for n in range(5)]

Capture = tuple[datetime, datetime]


def at(hours: float, *, lasts: timedelta = MINUTE) -> Capture:
    return MONDAY + hours * HOUR, MONDAY + hours * HOUR + lasts


def exposed(*captures: Capture, opened: datetime | None = None, until: datetime = MONDAY + 5 * DAY) -> list[Exposure]:
    return list(expose(ACCOUNT, SERIES, captures, DAYS, opened=opened, until=until))


def test_a_day_without_a_capture_says_so_and_is_as_exposed_as_the_time_between_its_neighbours() -> None:
    found = exposed(at(12), at(60), until=MONDAY + 61 * HOUR)

    assert [(one.day.day, one.captures) for one in found] == [(2, 1), (3, 0), (4, 1)]
    assert found[1].longest == 48 * HOUR + MINUTE


def test_nothing_is_said_of_days_before_the_first_capture_unless_the_account_was_open() -> None:
    assert [one.day.day for one in exposed(at(50), until=MONDAY + 51 * HOUR)] == [4]
    assert [one.day.day for one in exposed(at(50), opened=MONDAY + DAY, until=MONDAY + 51 * HOUR)] == [3, 4]


def test_an_account_that_was_never_captured_is_exposed_since_it_was_opened() -> None:
    found = exposed(opened=MONDAY)

    assert [(one.longest, one.captures) for one in found] == [(5 * DAY, 0)] * 5


def test_it_counts_from_the_beginning_of_a_capture_to_the_end_of_the_next() -> None:
    found = exposed(at(1, lasts=10 * MINUTE), at(2, lasts=20 * MINUTE), until=MONDAY + 2 * HOUR + 20 * MINUTE)

    assert found[0].longest == HOUR + 20 * MINUTE


def test_after_the_last_capture_it_counts_on() -> None:
    found = exposed(at(1), at(2), until=MONDAY + 9 * HOUR)

    assert found[0].longest == 7 * HOUR


# Captures of minutes to hours, some of which overlap, and one instant within each at which it really read.
READINGS = st.lists(
    st.tuples(st.integers(0, 5 * 1440), st.integers(0, 300), st.integers(0, 100)), min_size=1, max_size=30
)
LIFE = st.tuples(st.integers(0, 5 * 1440 - 2), st.integers(1, 3 * 1440))


def placed(readings: list[tuple[int, int, int]]) -> tuple[list[Capture], list[datetime]]:
    captures, read = [], []
    for begins, lasts, share in readings:
        began = MONDAY + begins * MINUTE
        captures.append((began, began + lasts * MINUTE))
        read.append(began + lasts * share * MINUTE / 100)
    return captures, sorted(read)


@given(readings=READINGS, life=LIFE)
def test_an_item_that_was_missed_lived_shorter_than_the_stated_exposure_of_each_of_its_days(readings, life) -> None:
    captures, read = placed(readings)
    born, died = MONDAY + life[0] * MINUTE, MONDAY + sum(life) * MINUTE
    until = max([MONDAY + 9 * DAY, *(ended for _, ended in captures)])
    if any(born <= moment < died for moment in read):
        return  # it was seen

    stated = {one.day: one for one in exposed(*captures, opened=MONDAY - MINUTE, until=until)}

    days = [day for day in DAYS if born < day.ends and died > day.begins]
    assert days
    for day in days:
        assert died - born < stated[day.date].longest


def true_share(read: list[datetime], lifetime: timedelta) -> Fraction:
    """The share of births, spread evenly from the first reading to the last, whose item no reading sees. Exact."""
    microsecond = timedelta(microseconds=1)
    unseen = sum(max(0, (after - before - lifetime) // microsecond) for before, after in pairwise(read))
    return Fraction(unseen, (read[-1] - read[0]) // microsecond)


@given(readings=READINGS, minutes=st.integers(0, 2 * 1440))
def test_the_share_that_can_be_missed_is_never_above_the_stated_one(readings, minutes) -> None:
    captures, read = placed(readings)
    if read[0] == read[-1]:
        return  # no item is born between the first reading and the last

    assert true_share(read, minutes * MINUTE) <= Fraction(missed_share(captures, minutes * MINUTE))


@given(readings=READINGS, minutes=st.integers(0, 2 * 1440))
def test_the_stated_share_is_one_at_most_and_falls_with_the_lifetime(readings, minutes) -> None:
    captures, _ = placed(readings)

    assert 0 <= missed_share(captures, (minutes + 1) * MINUTE) <= missed_share(captures, minutes * MINUTE) <= 1


def test_the_stated_share_of_even_captures_by_hand() -> None:
    captures = [at(n, lasts=timedelta(0)) for n in range(11)]  # ten stretches of an hour

    assert missed_share(captures, 45 * MINUTE) == 0.25 + 2**-54  # ten times 15 minutes of ten hours, rounded up
    assert missed_share(captures, HOUR) == 0
    assert missed_share(captures, timedelta(0)) == 1


def test_fewer_than_two_captures_bound_nothing() -> None:
    assert missed_share([], HOUR) == missed_share([at(1)], HOUR) == 1
    assert missed_share([at(1, lasts=2 * HOUR), at(2, lasts=HOUR)], HOUR) == 1  # both may have read at one instant
