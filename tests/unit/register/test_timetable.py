"""The cron expressions of a timetable, expanded by hand into the minutes of a week."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.records.agency import CaptureTimetable
from muniment.register.timetable import WEEKDAYS, timetable_crons

DAY, WEEK = 24 * 60, 7 * 24 * 60

WEEKLY = CaptureTimetable(
    business_days=("mon", "tue", "wed", "thu", "fri"),
    opens="08:00",
    closes="18:00",
    business_hours_every_minutes=15,
    other_times_every_minutes=120,
)

evenly = st.sampled_from([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440])


@st.composite
def timetables(draw: st.DrawFn) -> CaptureTimetable:
    opens, closes = sorted(draw(st.lists(st.integers(0, DAY - 1), min_size=2, max_size=2, unique=True)))
    return CaptureTimetable(
        business_days=tuple(draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True))),
        opens=f"{opens // 60:02}:{opens % 60:02}",
        closes=f"{closes // 60:02}:{closes % 60:02}",
        business_hours_every_minutes=draw(evenly),
        other_times_every_minutes=draw(evenly),
    )


def ticks(crons: tuple[str, ...]) -> list[int]:
    """Expand to minutes since Monday 00:00, one for each tick of each expression."""
    found = []
    for cron in crons:
        minutes, hours, day_of_month, month, weekdays = cron.split(" ")
        assert (day_of_month, month) == ("*", "*")
        for weekday, hour, minute in itertools.product(weekdays.split(","), hours.split(","), minutes.split(",")):
            assert 0 <= int(weekday) <= 6
            assert 0 <= int(hour) <= 23
            assert 0 <= int(minute) <= 59
            found.append((int(weekday) - 1) % 7 * DAY + int(hour) * 60 + int(minute))
    return sorted(found)


def clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def is_business(minute: int, timetable: CaptureTimetable) -> bool:
    in_hours = clock(timetable.opens) <= minute % DAY < clock(timetable.closes)
    return WEEKDAYS[minute % WEEK // DAY] in timetable.business_days and in_hours


def test_a_city_of_office_hours_has_three_expressions() -> None:
    assert timetable_crons(WEEKLY) == (
        "0 0,2,4,6,18,20,22 * * 1,2,3,4,5",
        "0,15,30,45 8,9,10,11,12,13,14,15,16,17 * * 1,2,3,4,5",
        "0 0,2,4,6,8,10,12,14,16,18,20,22 * * 0,6",
    )


@given(timetables())
def test_no_minute_ticks_twice(timetable: CaptureTimetable) -> None:
    found = ticks(timetable_crons(timetable))
    assert len(found) == len(set(found))


@given(timetables())
def test_no_minute_of_the_week_is_left_longer_than_the_timetable_says(timetable: CaptureTimetable) -> None:
    found = ticks(timetable_crons(timetable))
    for before, after in itertools.pairwise([*found, found[0] + WEEK]):
        allowed = timetable.business_hours_every_minutes
        if not is_business(before, timetable):
            allowed = timetable.other_times_every_minutes
        assert 0 < after - before <= allowed


@given(timetables())
def test_every_opening_and_every_closing_is_captured(timetable: CaptureTimetable) -> None:
    found = set(ticks(timetable_crons(timetable)))
    for day in timetable.business_days:
        assert WEEKDAYS.index(day) * DAY + clock(timetable.opens) in found
        assert WEEKDAYS.index(day) * DAY + clock(timetable.closes) in found


@pytest.mark.parametrize("days", [WEEKDAYS, ("sun",), ("sat", "sun")])
def test_any_days_may_be_business_days(days: tuple[str, ...]) -> None:
    timetable = CaptureTimetable(
        business_days=days,
        opens="09:30",
        closes="10:30",
        business_hours_every_minutes=30,
        other_times_every_minutes=1440,
    )
    business = {WEEKDAYS.index(day) * DAY + minute for day in days for minute in (0, 570, 600, 630)}
    rest = {day * DAY for day in range(7)}
    assert set(ticks(timetable_crons(timetable))) == business | rest


def test_business_hours_keep_their_own_grid_from_opening() -> None:
    timetable = CaptureTimetable(
        business_days=("mon",),
        opens="08:10",
        closes="10:00",
        business_hours_every_minutes=60,
        other_times_every_minutes=180,
    )
    monday = [minute for minute in ticks(timetable_crons(timetable)) if minute < DAY]
    assert monday == [0, 180, 360, 490, 550, 600, 720, 900, 1080, 1260]
