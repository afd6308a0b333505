from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.changes.due_instants import list_due_instants
from muniment.errors import ConfigurationError
from muniment.records.agency import CaptureTimetable
from muniment.register.timetable import timetable_crons

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
EVEN = ",".join(str(hour) for hour in range(0, 24, 2))
EVERY = ",".join(str(hour) for hour in range(24))
MINUTE = timedelta(minutes=1)


def due(cron: str, since: str, until: str) -> list[str]:
    span = (datetime.fromisoformat(f"{moment}+00:00") for moment in (since, until))
    begins, ends = span
    return [f"{at:%m-%dT%H:%M}" for at in list_due_instants([cron], LOS_ANGELES, since=begins, until=ends)]


@pytest.mark.parametrize("cron", ["", "0 0 * *", "*/15 * * * 1", "0 0 1 * 1", "x 0 * * 1"])
def test_a_line_that_no_timetable_makes_is_refused(cron: str) -> None:
    with pytest.raises(ConfigurationError, match="expected minutes, hours, two stars"):
        list_due_instants(
            [cron], LOS_ANGELES, since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2026, 1, 2, tzinfo=UTC)
        )


def test_a_time_that_the_clocks_skip_is_due_once_when_they_have_skipped() -> None:
    # On 8 March 2026 the clocks go from 01:59 PST to 03:00 PDT, which is 10:00 UTC.
    assert due(f"0 {EVEN} * * 0", "2026-03-08T07:00", "2026-03-08T14:00") == [
        "03-08T08:00", "03-08T10:00", "03-08T11:00", "03-08T13:00",
    ]  # fmt: skip


def test_of_a_time_shown_twice_the_second_is_due() -> None:
    # On 1 November 2026 01:00 to 01:59 comes twice: at 08:00 UTC, and at 09:00 UTC.
    assert due("0,30 1,3 * * 0", "2026-11-01T06:00", "2026-11-01T13:00") == [
        "11-01T09:00", "11-01T09:30", "11-01T11:00", "11-01T11:30",
    ]  # fmt: skip


def test_a_line_of_every_hour_ticks_in_the_hour_that_comes_twice_both_times() -> None:
    assert due(f"0 {EVERY} * * 0", "2026-11-01T07:00", "2026-11-01T11:00") == [
        "11-01T07:00", "11-01T08:00", "11-01T09:00", "11-01T10:00",
    ]  # fmt: skip


@pytest.mark.parametrize("since", ["2026-11-01T07:01", "2026-11-01T08:30", "2026-11-01T08:59"])
def test_where_one_begins_to_count_changes_nothing(since: str) -> None:
    assert due("0,30 1,3 * * 0", since, "2026-11-01T10:00") == ["11-01T09:00", "11-01T09:30"]


TIMETABLES = st.builds(
    CaptureTimetable,
    business_days=st.lists(
        st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, max_size=7, unique=True
    ).map(tuple),
    opens=st.sampled_from(["07:30", "08:00", "09:15"]),
    closes=st.sampled_from(["16:45", "18:00", "23:00"]),
    business_hours_every_minutes=st.sampled_from([5, 15, 20, 60, 120]),
    other_times_every_minutes=st.sampled_from([30, 60, 120, 240, 1440]),
)


def count_by_hand(timetable: CaptureTimetable, zone: ZoneInfo, since: datetime, until: datetime) -> list[datetime]:
    """Walk through every minute and ask the clock on the wall whether one is due now."""
    found, at = [], since
    while at < until:
        wall = at.astimezone(zone)
        minute, clock = wall.hour * 60 + wall.minute, f"{wall:%H:%M}"
        business = f"{wall:%a}".lower() in timetable.business_days
        if business and timetable.opens <= clock <= timetable.closes:
            opens = int(timetable.opens[:2]) * 60 + int(timetable.opens[3:])
            is_due = (minute - opens) % timetable.business_hours_every_minutes == 0 or clock == timetable.closes
        else:
            is_due = minute % timetable.other_times_every_minutes == 0
        found += [at] if is_due else []
        at += MINUTE
    return found


@given(
    timetable=TIMETABLES, zone=st.sampled_from(["America/Los_Angeles", "Asia/Kolkata", "UTC"]), day=st.integers(0, 200)
)
def test_on_days_without_a_change_of_the_clocks_it_is_what_the_wall_clock_says(timetable, zone, day) -> None:
    # From 10 March the clocks of Los Angeles do not change for 235 days.
    since = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(days=day)
    until = since + timedelta(days=3)

    found = list_due_instants(timetable_crons(timetable), ZoneInfo(zone), since=since, until=until)

    assert list(found) == count_by_hand(timetable, ZoneInfo(zone), since, until)
