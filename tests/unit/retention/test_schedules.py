"""Which schedule was in force when; what a changed one moves; who held which office."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import EvidenceError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent, parse_event
from muniment.records.agency import Officer
from muniment.records.names import AccountId, VolumeId, format_instant
from muniment.records.schedule import (
    PERMANENT,
    Action,
    Adoption,
    ApprovalStep,
    Cutoff,
    DispositionProfile,
    Floor,
    LockMode,
    RetentionSchedule,
    ScheduleRow,
    TriggerEvent,
)
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS
from muniment.retention.clock import DueSum, TriggerFact, compute_due
from muniment.retention.gates import check_adoption
from muniment.retention.officers import compare_officers, facts_of, fold_grants, term_of
from muniment.retention.schedule_changes import (
    Change,
    Reckoned,
    due_in_words,
    judge_move,
    list_profile_changes,
    list_row_changes,
)
from muniment.retention.schedules import find_unadopted, fold_versions, later_sum, rank, version_at

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ZONE = "America/Los_Angeles"
VOLUME = VolumeAddress(OFFICIAL_POSTS, AccountId("city"), VolumeId("2026-11"))
ROW = ScheduleRow(
    id="CA-SM-01",
    series=OFFICIAL_POSTS,
    title="Official posts",
    trigger="captured",
    starts=TriggerEvent.CUTOFF,
    cutoff=Cutoff.CALENDAR_MONTH,
    period="P2Y",
    authority=("GC 34090",),
    action=Action.DESTROY,
    disposition="destroy",
    approvals=(),
    pii_class="1",
    confidentiality="PUB",
    lock_mode=LockMode.COMPLIANCE,
    effective_from=date(2026, 1, 1),
)


def adopted(number: int, at: datetime, *, body: str = "version: 1\n") -> RegisterEvent:
    return RegisterEvent(
        register="schedules",
        id=f"adopted-{number:04}",
        event="adopted",
        subject=f"v{number}",
        at=format_instant(at),
        by="A. Clerk",
        facts={
            "body": body,
            "sha256": sha256_hex(body.encode()),
            "adoption": {"resolution": "2026-14", "adopted_on": "2026-03-01"},
            "effective_at": format_instant(at),
            "preview": {},
        },
    )


@pytest.mark.parametrize("missing", ["body", "sha256", "adoption", "effective_at"])
def test_an_adoption_without_its_facts_is_no_version(missing: str) -> None:
    event = adopted(1, NOON)
    left = {name: value for name, value in event.facts.items() if name != missing}
    with pytest.raises(EvidenceError, match="schedules adopted-0001: expected the text of a schedule"):
        fold_versions([replace(event, facts=left)])


def test_a_text_that_is_not_that_of_its_hash_is_no_version() -> None:
    event = adopted(1, NOON)
    with pytest.raises(EvidenceError, match=f"expected the text of SHA-256 {event.facts['sha256']}"):
        fold_versions([replace(event, facts={**event.facts, "body": "version: 2\n"})])


def test_before_the_first_adoption_nothing_is_in_force() -> None:
    versions = fold_versions([adopted(1, NOON)])
    assert version_at(versions, NOON - timedelta(microseconds=1)) is None
    assert version_at((), NOON) is None


hours = st.lists(st.integers(0, 5000), min_size=1, max_size=8, unique=True)


@given(hours, st.integers(-10, 5100), st.randoms())
def test_the_last_one_adopted_by_then_is_in_force(starts: list[int], asked: int, shuffle: object) -> None:
    starts = sorted(starts)
    events = [adopted(number, NOON + timedelta(hours=start)) for number, start in enumerate(starts)]
    shuffle.shuffle(events)  # type: ignore[attr-defined]
    found = version_at(fold_versions(events), NOON + timedelta(hours=asked))
    past = [number for number, start in enumerate(starts) if start <= asked]
    assert (found.version if found else None) == (f"v{past[-1]}" if past else None)


def test_a_file_that_differs_from_what_was_adopted_is_told() -> None:
    versions = fold_versions([adopted(1, NOON)])
    (finding,) = find_unadopted(versions, version="v2", sha256="ab" * 32, at=NOON)
    assert (finding.code, finding.subject) == ("R050", "v2")
    assert list(find_unadopted(versions, version="v1", sha256=versions[0].sha256, at=NOON)) == []
    assert list(find_unadopted((), version="v1", sha256="ab" * 32, at=NOON)) == []


def due(
    period: str, *, starts: TriggerEvent = TriggerEvent.CUTOFF, sealed: str | None = None, floor: str | None = None
) -> DueSum:
    return compute_due(
        VOLUME,
        replace(ROW, period=period, starts=starts),
        zone=ZONE,
        floor=Floor(period=floor, authority="GC 34090(d)") if floor else None,
        triggers=(),
        sealed_until=datetime.fromisoformat(sealed) if sealed else None,
        now=NOON,
    )


def reckoned(period: str, sealed: str | None = None, **more: TriggerEvent) -> Reckoned:
    return Reckoned(bound=due(period, sealed=sealed, **more), bare=due(period, **more))


TWO_YEARS = "2028-12-01T08:00:00+00:00"  # the first instant of 1 December in Los Angeles, two years after the cutoff
WAITS = {"starts": TriggerEvent.BLOCK_ENDED}


@pytest.mark.parametrize(
    ("before", "after", "change", "due_after"),
    [
        (reckoned("P2Y", TWO_YEARS), None, Change.LOST, None),
        (None, reckoned("P2Y"), Change.FIRST, "2028-12-01T08:00:00.000000Z"),
        (reckoned("P2Y", TWO_YEARS), reckoned("P3Y", TWO_YEARS), Change.LONGER, "2029-12-01T08:00:00.000000Z"),
        (reckoned("P2Y", TWO_YEARS), reckoned("P1Y", TWO_YEARS), Change.KEEPS_LOCK, "2028-12-01T08:00:00.000000Z"),
        (reckoned("P3Y", TWO_YEARS), reckoned("P1Y", TWO_YEARS), Change.KEEPS_LOCK, "2028-12-01T08:00:00.000000Z"),
        (reckoned("P5Y", TWO_YEARS), reckoned("P3Y", TWO_YEARS), Change.SHORTER, "2029-12-01T08:00:00.000000Z"),
        (reckoned("P2Y", TWO_YEARS), reckoned("P2Y", TWO_YEARS), Change.SAME, "2028-12-01T08:00:00.000000Z"),
        (reckoned("P1Y", TWO_YEARS), reckoned("P1Y", TWO_YEARS), Change.SAME, "2028-12-01T08:00:00.000000Z"),
        (reckoned("P2Y", TWO_YEARS), reckoned("P2Y", TWO_YEARS, **WAITS), Change.LONGER, "waits for block-ended"),
        (reckoned("P2Y", TWO_YEARS), reckoned(PERMANENT, TWO_YEARS), Change.LONGER, "never"),
        (reckoned(PERMANENT, TWO_YEARS), reckoned("P2Y", TWO_YEARS, **WAITS), Change.SHORTER, "waits for block-ended"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_volume(
    before: Reckoned | None, after: Reckoned | None, change: Change, due_after: str | None
) -> None:
    move = judge_move(VOLUME, before, after, datetime.fromisoformat(TWO_YEARS))
    assert move.change is change
    assert move.to_json()["due_after"] == due_after


def test_a_volume_that_keeps_its_lock_says_what_the_row_alone_would_give() -> None:
    move = judge_move(VOLUME, reckoned("P2Y", TWO_YEARS), reckoned("P1Y", TWO_YEARS), datetime.fromisoformat(TWO_YEARS))
    assert move.to_json() == {
        "volume": VOLUME.prefix,
        "change": "keeps its lock",
        "row_before": "CA-SM-01",
        "due_before": "2028-12-01T08:00:00.000000Z",
        "row_after": "CA-SM-01",
        "due_after": "2028-12-01T08:00:00.000000Z",
        "due_by_row": "2027-12-01T08:00:00.000000Z",
    }


periods = st.sampled_from(["P30D", "P1Y", "P18M", "P2Y", "P3Y", "P10Y", PERMANENT])
starts = st.sampled_from([TriggerEvent.CUTOFF, TriggerEvent.BLOCK_ENDED])


@given(periods, starts, periods, starts)
def test_of_two_schedules_the_longer_holds(first: str, one: TriggerEvent, second: str, other: TriggerEvent) -> None:
    sums = due(first, starts=one), due(second, starts=other)
    longer = later_sum(*sums)
    assert rank(longer) == max(map(rank, sums))
    assert longer.lock_until == max(each.lock_until for each in sums)
    assert due_in_words(later_sum(*reversed(sums))) == due_in_words(longer)


@given(periods, starts, periods, starts, st.integers(0, 4000))
def test_no_change_ever_moves_a_due_date_before_the_lock(
    first: str, one: TriggerEvent, second: str, other: TriggerEvent, days: int
) -> None:
    sealed = (NOON + timedelta(days=days)).isoformat()
    move = judge_move(
        VOLUME,
        reckoned(first, sealed, starts=one),
        reckoned(second, sealed, starts=other),
        datetime.fromisoformat(sealed),
    )
    assert move.after is not None
    assert move.after.due_at is None or move.after.due_at >= datetime.fromisoformat(sealed)


def schedule(*rows: ScheduleRow) -> RetentionSchedule:
    return RetentionSchedule(version="1", jurisdiction="California", adoption=None, disposition=None, rows=rows)


def test_rows_that_come_go_and_change_are_named() -> None:
    other = replace(ROW, id="CA-SM-03", series=PUBLIC_COMMENTS)
    before, after = schedule(ROW, other), schedule(replace(ROW, period="P3Y", title="Posts"), replace(other, id="X"))
    assert list_row_changes(before, after) == {
        "added": ["X"],
        "removed": ["CA-SM-03"],
        "changed": {"CA-SM-01": ["title", "period"]},
    }
    assert list_row_changes(None, schedule(ROW))["added"] == ["CA-SM-01"]
    assert list_profile_changes(before, after) == []


CLERK = Officer(
    sign_in="clerk",
    name="Ann Hall",
    title="City Clerk",
    office="city-clerk",
    granted_by="The mayor",
    document="Memo 2",
    valid_from=date(2026, 3, 1),
    valid_until=date(2026, 12, 31),
)


def told(happened: str, officer: Officer, at: datetime, number: int = 1) -> RegisterEvent:
    event = RegisterEvent(
        register="authorizations",
        id=f"{happened}-x-{number:04}",
        event=happened,
        subject=officer.sign_in,
        at=format_instant(at),
        by="muniment",
        facts=facts_of(officer),
    )
    return parse_event(event.to_bytes())


def test_an_end_without_a_grant_and_an_unknown_event_are_refused() -> None:
    for happened in ("ended", "promoted"):
        with pytest.raises(EvidenceError, match="expected a grant, or the end of one"):
            fold_grants([told(happened, CLERK, NOON)])


def test_a_grant_without_its_office_is_refused() -> None:
    event = told("granted", CLERK, NOON)
    left = {name: value for name, value in event.facts.items() if name != "office"}
    with pytest.raises(EvidenceError, match="expected an office and its dates, found KeyError"):
        fold_grants([replace(event, facts=left)])


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        ("2026-03-01T07:59:59+00:00", False),  # 28 February, 23:59:59 in Los Angeles
        ("2026-03-01T08:00:00+00:00", True),
        ("2027-01-01T07:59:59+00:00", True),  # 31 December there
        ("2027-01-01T08:00:00+00:00", False),
    ],
)
def test_an_office_is_held_by_the_days_of_the_agencys_zone(at: str, holds: bool) -> None:
    (grant,) = fold_grants([told("granted", CLERK, NOON)]).values()
    assert grant.holds(datetime.fromisoformat(at), zone=ZONE) is holds


def test_an_office_that_was_ended_is_held_no_more_from_that_instant() -> None:
    (grant,) = fold_grants([told("granted", CLERK, NOON), told("ended", CLERK, NOON + timedelta(days=1))]).values()
    assert grant.holds(NOON, zone=ZONE)
    assert not grant.holds(NOON + timedelta(days=1), zone=ZONE)


def test_the_register_is_told_what_the_file_says_and_nothing_twice() -> None:
    counsel = replace(CLERK, sign_in="counsel", office="city-attorney", valid_until=None)
    assert list(compare_officers([CLERK, counsel], {})) == [("granted", CLERK, 1), ("granted", counsel, 1)]
    grants = fold_grants([told("granted", CLERK, NOON), told("granted", counsel, NOON)])
    assert list(compare_officers([CLERK, counsel], grants)) == []
    promoted = replace(CLERK, title="City Clerk and Treasurer")
    assert list(compare_officers([promoted], grants)) == [("granted", promoted, 2), ("ended", counsel, 2)]


def test_whoever_comes_back_is_granted_again() -> None:
    events = [told("granted", CLERK, NOON), told("ended", CLERK, NOON + timedelta(days=1), 2)]
    grants = fold_grants(events)
    assert list(compare_officers([CLERK], grants)) == [("granted", CLERK, 3)]
    again = fold_grants([*events, told("granted", CLERK, NOON + timedelta(days=2), 3)])[term_of(CLERK)]
    days = [again.holds(NOON + timedelta(days=day), zone=ZONE) for day in range(4)]
    assert days == [True, False, True, True]
    assert list(compare_officers([CLERK], {term_of(CLERK): again})) == []


def test_an_event_that_happened_ends_the_waiting() -> None:
    ended = TriggerFact(event=TriggerEvent.BLOCK_ENDED, on=date(2026, 11, 10), account=None, series=None, volume=None)
    row = replace(ROW, starts=TriggerEvent.BLOCK_ENDED)
    found = compute_due(VOLUME, row, zone=ZONE, floor=None, triggers=[ended], sealed_until=None, now=NOON)
    assert later_sum(found, due("P2Y", **WAITS)).due_at is None
    assert due_in_words(later_sum(found, due("P1Y"))) == "2028-12-01T08:00:00.000000Z"


def test_a_schedule_with_an_undecided_step_lets_nothing_be_disposed_of() -> None:
    step = ApprovalStep(id="council", title="Council", office="city-council", question="Approved?", standing=None)
    profile = DispositionProfile(
        route="r", authority=("A",), automatic=False, floor=None, list_valid="P30D", grace="P3D", steps=(step,)
    )
    adoption = Adoption(resolution="2026-14", adopted_on=date(2026, 3, 1))
    found = replace(schedule(ROW), adoption=adoption, disposition=profile)
    (gate,) = check_adoption(found)
    assert (gate.code, "whether council is standing" in gate.detail) == ("R020", True)
    decided = replace(profile, steps=(replace(step, standing=False),))
    assert list(check_adoption(replace(found, disposition=decided))) == []
    assert list_profile_changes(found, replace(found, disposition=decided)) == ["steps"]
    come = {field.name for field in fields(DispositionProfile)} - {"floor"}  # it has none
    assert set(list_profile_changes(replace(found, disposition=None), found)) == come | {"exclusions"}
