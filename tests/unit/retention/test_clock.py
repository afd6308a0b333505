"""The clock's laws, for random rows, volumes, events, sealed locks, changed schedules and clocks that go on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.errors import RetentionError
from muniment.evidence.layout import VolumeAddress
from muniment.records.names import AccountId, VolumeId, parse_instant
from muniment.records.schedule import PERMANENT, Cutoff, Floor, ScheduleRow, TriggerEvent
from muniment.records.series import OFFICIAL_POSTS
from muniment.retention.clock import DueSum, TriggerFact, compute_due
from muniment.retention.cutoffs import form_of
from muniment.retention.locks import compute_lock
from tests.unit.retention.golden.city import ROW

ZONES = ["America/Los_Angeles", "America/Denver", "America/Havana", "Pacific/Apia", "Asia/Kolkata", "UTC"]
FLOOR = Floor(period="P2Y", authority="Gov. Code 34090(d)")
DAY = timedelta(days=1)
UNHURRIED = settings(deadline=None)  # the first look at a zone reads its file


@dataclass(frozen=True)
class Case:
    volume: VolumeId
    row: ScheduleRow
    zone: str
    floor: Floor | None
    triggers: tuple[TriggerFact, ...] = ()
    sealed_until: datetime | None = None

    def due(self, now: datetime) -> DueSum:
        return compute_due(
            VolumeAddress(OFFICIAL_POSTS, AccountId("city"), self.volume),
            self.row,
            zone=self.zone,
            floor=self.floor,
            triggers=self.triggers,
            sealed_until=self.sealed_until,
            now=now,
        )


volumes = st.one_of(
    st.tuples(st.integers(2015, 2045), st.integers(1, 12)).map(lambda part: VolumeId(f"{part[0]}-{part[1]:02}")),
    st.integers(2015, 2045).map(lambda year: VolumeId(str(year))),
)
periods = st.one_of(
    st.just(PERMANENT),
    st.tuples(st.integers(0, 8), st.integers(0, 14), st.integers(0, 400))
    .filter(any)
    .map(lambda part: f"P{part[0]}Y{part[1]}M{part[2]}D"),
)
rows = st.builds(
    lambda period, starts, waived: replace(ROW, period=period, starts=starts, below_floor=waived),
    periods,
    st.sampled_from(list(TriggerEvent)),
    st.sampled_from([None, "Gov. Code 34090.7"]),
)
facts = st.builds(
    lambda event, on: TriggerFact(event=event, on=on, account=None, series=None, volume=None),
    st.sampled_from(list(TriggerEvent)),
    st.dates(date(2014, 1, 1), date(2050, 1, 1)),
)
moments = st.integers(1_420_070_400, 2_524_608_000).map(lambda second: datetime.fromtimestamp(second, UTC))  # 2015-2050
cases = st.builds(
    Case,
    volume=volumes,
    row=rows,
    zone=st.sampled_from(ZONES),
    floor=st.sampled_from([None, FLOOR, replace(FLOOR, period="P90D")]),
    triggers=st.lists(facts, max_size=3).map(tuple),
    sealed_until=st.none() | moments,
)


def sealed_first(case: Case) -> datetime:
    """Until when a capture seals the volume."""
    row, zone = replace(case.row, cutoff=form_of(case.volume) or case.row.cutoff), case.zone
    kept = compute_lock(case.volume, row, zone=zone, schedule_version="1", schedule_sha256="0" * 64, floor=case.floor)
    return parse_instant(kept.locked_until)


def test_a_moment_without_a_zone_is_refused() -> None:
    case = Case(VolumeId("2026-11"), ROW, "UTC", None)
    with pytest.raises(RetentionError, match="time: expected an aware one"):
        case.due(datetime(2026, 11, 22))  # noqa: DTZ001 - the point of the test
    with pytest.raises(RetentionError, match="time: expected an aware one"):
        replace(case, sealed_until=datetime(2026, 11, 22)).due(datetime(2026, 11, 22, tzinfo=UTC))  # noqa: DTZ001


@pytest.mark.parametrize("volume", ["2026-11-22", "0000-01", "2026-11-22T2561Z"])
def test_a_volume_of_no_form_has_no_sum(volume: str) -> None:
    address = VolumeAddress(OFFICIAL_POSTS, AccountId("city"), VolumeId("2026-11"))
    object.__setattr__(address, "volume", volume)
    with pytest.raises(RetentionError, match="volume: expected"):
        compute_due(
            address,
            ROW,
            zone="UTC",
            floor=None,
            triggers=(),
            sealed_until=None,
            now=datetime(2026, 11, 22, tzinfo=UTC),
        )


def test_seconds_do_not_count_on_a_calendar() -> None:
    case = Case(VolumeId("2026-11"), replace(ROW, period="PT30S"), "UTC", None)
    with pytest.raises(RetentionError, match="period: expected an ISO 8601 period in whole years"):
        case.due(datetime(2026, 11, 22, tzinfo=UTC))


def test_a_changed_cutoff_leaves_the_volumes_that_are_sealed_as_they_were_cut() -> None:
    yearly = replace(ROW, cutoff=Cutoff.CALENDAR_YEAR)
    found = Case(VolumeId("2026-11"), yearly, "UTC", None).due(datetime(2026, 11, 22, tzinfo=UTC))
    assert found.due_at == datetime(2028, 12, 1, tzinfo=UTC)


@UNHURRIED
@given(cases, moments, st.timedeltas(timedelta(), timedelta(days=4000)))
def test_what_must_be_locked_never_shrinks_while_time_goes_on(case: Case, now: datetime, later: timedelta) -> None:
    # An event whose day comes may end the rolling, so the events are those that have happened already.
    case = replace(case, triggers=tuple(fact for fact in case.triggers if fact.on < now.date() - DAY))
    assert case.due(now).lock_until <= case.due(now + later).lock_until


@UNHURRIED
@given(cases, moments)
def test_a_due_date_is_no_earlier_than_any_rule_and_no_later_than_all(case: Case, now: datetime) -> None:
    found = case.due(now)
    alone = [
        replace(case, sealed_until=None, floor=None).due(now).due_at,
        replace(case, sealed_until=None).due(now).due_at,
        *([case.sealed_until] if case.sealed_until else []),
    ]
    if found.due_at is None:
        assert alone[0] is None
        assert found.permanent or found.waits_for is case.row.starts
    else:
        assert found.due_at == max(rule for rule in alone if rule is not None)
        assert found.due_at >= found.cutoff_at or case.sealed_until is None


@UNHURRIED
@given(cases, moments)
def test_nothing_is_to_be_locked_longer_than_it_is_due(case: Case, now: datetime) -> None:
    found = case.due(now)
    assert found.due_at is None or found.lock_until == found.due_at
    assert case.sealed_until is None or found.lock_until >= case.sealed_until


@UNHURRIED
@given(cases, moments)
def test_eligible_is_what_the_last_sentence_of_the_sum_says(case: Case, now: datetime) -> None:
    found = case.due(now)
    (said,) = re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", found.steps[-1])
    eligible = found.steps[-1].startswith("Its disposition may be proposed from") and now >= parse_instant(said)
    assert eligible == (found.due_at is not None and now >= found.due_at)


@UNHURRIED
@given(cases)
def test_a_capture_seals_no_shorter_than_the_sum_asks_for_on_that_day(case: Case) -> None:
    case = replace(case, sealed_until=None)
    first = sealed_first(case)
    # While the volume still collects nothing has happened that could end its clock later.
    while_open = case.due(datetime(2015, 1, 1, tzinfo=UTC))
    assert first >= replace(case, triggers=()).due(while_open.cutoff_at - timedelta(seconds=1)).lock_until


short = st.integers(1, 40).map(lambda days: f"P{days}D")


@given(cases, short, st.lists(periods, min_size=1, max_size=3), st.integers(0, 600), st.data())
def test_nothing_can_be_deleted_before_it_is_due_when_locks_are_lengthened_every_day(
    case: Case, period: str, schedules: list[str], late_s: int, data: st.DataObject
) -> None:
    """A volume's life: sealed, then day by day the clock goes on, events come, the schedule changes, the lock grows."""
    case = replace(case, sealed_until=None, row=replace(case.row, period=period))
    events, case = case.triggers, replace(case, triggers=())
    now = case.due(datetime(2015, 1, 1, tzinfo=UTC)).cutoff_at - DAY
    lock = sealed_first(case)
    known = case.due(now)
    for _ in range(60):
        now += DAY + timedelta(seconds=late_s)
        if lock <= now:  # the store would let it go
            assert known.due_at is not None
            assert known.due_at <= now
        if data.draw(st.integers(0, 19)) == 0:
            case = replace(case, row=replace(case.row, period=data.draw(st.sampled_from(schedules))))
        case = replace(case, triggers=tuple(fact for fact in events if fact.on <= now.date()))
        known = replace(case, sealed_until=lock).due(now)
        assert known.lock_until >= lock
        assert known.due_at in (None, known.lock_until)
        lock = known.lock_until
