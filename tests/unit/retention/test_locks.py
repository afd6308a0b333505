"""From a volume and a row of the schedule to the date of its lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import RetentionError
from muniment.evidence.manifest import Retention
from muniment.records.agency import Agency, CaptureTimetable, Fixity, Notices
from muniment.records.canonical import canonical_json
from muniment.records.names import AgencyId, VolumeId, parse_instant
from muniment.records.schedule import Action, Cutoff, Floor, LockMode, RetentionSchedule, ScheduleRow, TriggerEvent
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS
from muniment.retention.locks import compute_lock, compute_volume_lock, volume_of

LOS_ANGELES = "America/Los_Angeles"
ROW = ScheduleRow(
    id="CA-SM-01",
    series=OFFICIAL_POSTS,
    title="Official posts",
    trigger="captured",
    starts=TriggerEvent.CUTOFF,
    cutoff=Cutoff.CALENDAR_MONTH,
    period="P2Y",
    authority=("Gov. Code 34090",),
    action=Action.DESTROY,
    disposition="destroy",
    approvals=("clerk",),
    pii_class="0-1",
    confidentiality="PUB",
    lock_mode=LockMode.COMPLIANCE,
    effective_from=date(2026, 1, 1),
)


def lock(volume: str, row: ScheduleRow = ROW, zone: str = LOS_ANGELES) -> Retention:
    return compute_lock(VolumeId(volume), row, zone=zone, schedule_version="1", schedule_sha256="ab" * 32)


def test_a_lock_says_its_dates_and_how_it_came_to_them() -> None:
    assert lock("2026-11") == Retention(
        row="CA-SM-01",
        schedule_version="1",
        schedule_sha256="ab" * 32,
        title="Official posts",
        authority=("Gov. Code 34090",),
        trigger="captured",
        period="P2Y",
        cutoff_at="2026-12-01T08:00:00.000000Z",
        locked_until="2028-12-01T08:00:00.000000Z",
        lock_mode="COMPLIANCE",
        steps=(
            "Volume 2026-11 holds what was captured in that calendar month in America/Los_Angeles.",
            "Its cutoff is the first instant of 2026-12-01 there: 2026-12-01T08:00:00.000000Z.",
            "Row CA-SM-01 keeps it for 2 years (P2Y) from the cutoff: 2026-12-01 and 2 years is 2028-12-01.",
            "It is locked until the first instant of 2028-12-01 there: 2028-12-01T08:00:00.000000Z.",
        ),
    )


@pytest.mark.parametrize(
    ("volume", "period", "cutoff_at", "locked_until"),
    [
        ("2026-06", "P2Y", "2026-07-01T07:00", "2028-07-01T07:00"),  # daylight saving time
        ("2026-06", "P6M", "2026-07-01T07:00", "2027-01-01T08:00"),  # out of it
        ("2024-01", "P29D", "2024-02-01T08:00", "2024-03-01T08:00"),  # a leap year
        ("2025-01", "P29D", "2025-02-01T08:00", "2025-03-02T08:00"),
        ("2026-12", "P2Y", "2027-01-01T08:00", "2029-01-01T08:00"),
        ("2104-01", "P3Y", "2104-02-01T08:00", "2107-02-01T08:00"),  # past 32 bits of seconds
        ("2026-01", "P100Y", "2026-02-01T08:00", "2126-02-01T08:00"),
    ],
)
def test_locks_end_on_the_day_that_the_calendar_gives(
    volume: str, period: str, cutoff_at: str, locked_until: str
) -> None:
    found = lock(volume, replace(ROW, period=period))
    assert (found.cutoff_at, found.locked_until) == (f"{cutoff_at}:00.000000Z", f"{locked_until}:00.000000Z")


def test_a_yearly_volume_is_cut_off_at_new_year() -> None:
    found = lock("2026", replace(ROW, cutoff=Cutoff.CALENDAR_YEAR))
    assert (found.cutoff_at, found.locked_until) == ("2027-01-01T08:00:00.000000Z", "2029-01-01T08:00:00.000000Z")


@pytest.mark.parametrize("volume", ["2026", "2026-13", "2026-00", "2026-1", "0000-01", "2026-11-01", "november", ""])
def test_a_volume_that_is_no_month_is_refused(volume: str) -> None:
    with pytest.raises(RetentionError, match="volume: expected YYYY-MM, as row CA-SM-01"):
        lock(volume)


@pytest.mark.parametrize("volume", ["2026-11", "0000", "26", ""])
def test_a_volume_that_is_no_year_is_refused(volume: str) -> None:
    with pytest.raises(RetentionError, match="volume: expected YYYY, as row CA-SM-01"):
        lock(volume, replace(ROW, cutoff=Cutoff.CALENDAR_YEAR))


@pytest.mark.parametrize("period", ["", "P", "2 years", "P0D"])
def test_a_row_without_a_period_gives_no_lock(period: str) -> None:
    with pytest.raises(RetentionError, match="period: expected"):
        lock("2026-11", replace(ROW, period=period))


def test_a_lock_past_the_calendar_is_refused() -> None:
    with pytest.raises(RetentionError, match="9999"):
        lock("2026-11", replace(ROW, period="P9000Y"))


def test_a_volume_is_named_by_the_date_in_the_agencys_zone() -> None:
    last_of_november = datetime(2026, 12, 1, 7, 59, 59, 999999, tzinfo=UTC)
    assert volume_of(last_of_november, Cutoff.CALENDAR_MONTH, LOS_ANGELES) == "2026-11"
    assert volume_of(last_of_november + timedelta(microseconds=1), Cutoff.CALENDAR_MONTH, LOS_ANGELES) == "2026-12"
    assert volume_of(last_of_november, Cutoff.CALENDAR_MONTH, "UTC") == "2026-12"
    assert volume_of(datetime(2027, 1, 1, 7, tzinfo=UTC), Cutoff.CALENDAR_YEAR, LOS_ANGELES) == "2026"


def test_a_time_without_a_zone_has_no_volume() -> None:
    with pytest.raises(RetentionError, match="aware"):
        volume_of(datetime(2026, 11, 1), Cutoff.CALENDAR_MONTH, LOS_ANGELES)  # noqa: DTZ001 - the point of the test


moments = st.integers(631_152_000, 13_569_465_600).map(
    lambda second: datetime.fromtimestamp(second, UTC)
)  # 1990 to 2400
zones = st.sampled_from(["America/Los_Angeles", "America/Havana", "America/St_Johns", "Pacific/Apia", "Asia/Kolkata"])
cutoffs = st.sampled_from([Cutoff.CALENDAR_MONTH, Cutoff.CALENDAR_YEAR])  # minutes count on from any hour of a day
periods = st.tuples(st.integers(0, 50), st.integers(0, 30), st.integers(0, 400)).filter(any)


@given(moments, cutoffs, zones)
def test_every_moment_lies_before_the_cutoff_of_its_volume_and_within_its_length(
    moment: datetime, cutoff: Cutoff, zone: str
) -> None:
    found = lock(volume_of(moment, cutoff, zone), replace(ROW, cutoff=cutoff), zone)
    longest = timedelta(days=32) if cutoff is Cutoff.CALENDAR_MONTH else timedelta(days=367)
    assert moment < parse_instant(found.cutoff_at) <= moment + longest


@given(moments, cutoffs, zones, periods)
def test_no_record_is_locked_for_less_than_its_period(
    moment: datetime, cutoff: Cutoff, zone: str, period: tuple[int, int, int]
) -> None:
    years, months, days = period
    row = replace(ROW, cutoff=cutoff, period=f"P{years}Y{months}M{days}D")
    found = lock(volume_of(moment, cutoff, zone), row, zone)
    # The shortest that so many months can be: 400 years are 146,097 days, and no stretch of
    # whole months falls behind that mean by more than four days.
    shortest = (years * 12 + months) * (146_097 / 4800) - 4 + days
    assert parse_instant(found.locked_until) - moment >= timedelta(days=shortest, hours=-25)
    begins = parse_instant(found.cutoff_at).astimezone(ZoneInfo(zone)).date()
    ends = parse_instant(found.locked_until).astimezone(ZoneInfo(zone)).date()
    full_months = (ends.year - begins.year) * 12 + ends.month - begins.month - (ends.day < begins.day)
    assert full_months >= years * 12 + months


@given(moments, moments, cutoffs, zones, periods)
def test_a_later_record_is_never_free_before_an_earlier_one(
    one: datetime, other: datetime, cutoff: Cutoff, zone: str, period: tuple[int, int, int]
) -> None:
    first, second = sorted((one, other))
    row = replace(ROW, cutoff=cutoff, period="P{}Y{}M{}D".format(*period))
    ends = [lock(volume_of(moment, cutoff, zone), row, zone).locked_until for moment in (first, second)]
    assert ends[0] <= ends[1]


def test_a_lock_can_stand_in_a_manifest() -> None:
    found = lock("2026-11")
    assert canonical_json({"steps": found.steps, "authority": found.authority})


def agency_with(*rows: ScheduleRow) -> Agency:
    return Agency(
        id=AgencyId("springfield"),
        name="Springfield",
        zone="America/Chicago",
        email_domains=("springfield.example",),
        invented_people=True,
        timetable=CaptureTimetable(
            business_days=("mon",),
            opens="08:00",
            closes="17:00",
            business_hours_every_minutes=60,
            other_times_every_minutes=60,
        ),
        notices=Notices(),
        fixity=Fixity(reread_within_days=30),
        accounts=(),
        schedule=RetentionSchedule(version="7", jurisdiction="Illinois", adoption=None, disposition=None, rows=rows),
        schedule_sha256="cd" * 32,
    )


def test_an_agencys_lock_is_that_of_its_row_in_its_zone() -> None:
    found = compute_volume_lock(VolumeId("2026-11"), OFFICIAL_POSTS, agency_with(ROW))
    assert (found.row, found.schedule_version, found.schedule_sha256) == ("CA-SM-01", "7", "cd" * 32)
    assert found.locked_until == "2028-12-01T06:00:00.000000Z"


def test_a_series_without_a_row_has_no_lock() -> None:
    with pytest.raises(RetentionError, match="series public-comments: expected a row in the schedule of springfield"):
        compute_volume_lock(VolumeId("2026-11"), PUBLIC_COMMENTS, agency_with(ROW))


def test_what_waits_for_an_event_is_sealed_under_its_period_from_the_cutoff() -> None:
    found = lock("2026-11", replace(ROW, starts=TriggerEvent.ACCOUNT_TERMINATED))
    assert found.locked_until == "2028-12-01T08:00:00.000000Z"
    assert found.steps[2] == (
        "Row CA-SM-01 keeps it for 2 years (P2Y) from the termination of the account, "
        "and from the cutoff at the least: "
        "2026-12-01 and 2 years is 2028-12-01."
    )


def test_what_is_kept_for_ever_is_sealed_for_ten_years() -> None:
    found = lock("2026-11", replace(ROW, period="permanent"))
    assert (found.period, found.locked_until) == ("permanent", "2036-12-01T08:00:00.000000Z")


def test_a_floor_is_stated_and_sealed_only_where_it_is_the_longer() -> None:
    floor = Floor(period="P2Y", authority="Gov. Code 34090(d)")
    named = {"zone": LOS_ANGELES, "schedule_version": "1", "schedule_sha256": "ab" * 32, "floor": floor}

    under = compute_lock(VolumeId("2026-11"), replace(ROW, period="P1Y"), **named)
    waived = compute_lock(VolumeId("2026-11"), replace(ROW, period="P1Y", below_floor="a waiver"), **named)

    assert (under.floor, under.locked_until) == ("P2Y", "2028-12-01T08:00:00.000000Z")
    assert (waived.floor, waived.locked_until) == (None, "2027-12-01T08:00:00.000000Z")
    assert compute_lock(VolumeId("2026-11"), ROW, **named).floor is None


def test_a_volume_of_an_exercise_is_a_minute_of_utc_and_counts_in_seconds() -> None:
    drill = replace(ROW, cutoff=Cutoff.UTC_MINUTE, period="PT90S")
    moment = datetime(2026, 11, 22, 4, 15, 59, 999999, tzinfo=UTC)

    assert volume_of(moment, Cutoff.UTC_MINUTE, LOS_ANGELES) == "2026-11-22T0415Z"
    found = lock("2026-11-22T0415Z", drill)
    assert (found.cutoff_at, found.locked_until) == ("2026-11-22T04:16:00.000000Z", "2026-11-22T04:17:30.000000Z")


@pytest.mark.parametrize("volume", ["2026-11", "2026-11-31T0415Z", "2026-11-22T2415Z", "2026-11-22T0415"])
def test_a_volume_that_is_no_minute_is_refused(volume: str) -> None:
    with pytest.raises(RetentionError, match="volume: expected"):
        lock(volume, replace(ROW, cutoff=Cutoff.UTC_MINUTE, period="PT90S"))
