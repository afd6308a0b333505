from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from muniment.evidence.finding_types import CATALOGUE
from muniment.evidence.layout import VolumeAddress
from muniment.records.names import AccountId, SeriesId, VolumeId
from muniment.records.schedule import (
    Action,
    Cutoff,
    DispositionProfile,
    Exclusion,
    Floor,
    LockMode,
    ScheduleRow,
    TriggerEvent,
)
from muniment.retention.clock import compute_due
from muniment.retention.gates import GATES, PASSING, check_action, check_due, check_exclusions, check_floor

ZONE = "America/Los_Angeles"
MARCH = VolumeAddress(SeriesId("public-comments"), AccountId("city"), VolumeId("2022-03"))
FLOOR = Floor(period="P2Y", authority="Gov. Code 34090(d)")
ROW = ScheduleRow(
    id="R-1",
    series=SeriesId("public-comments"),
    title="Comments",
    trigger="captured",
    starts=TriggerEvent.CUTOFF,
    cutoff=Cutoff.CALENDAR_MONTH,
    period="P3Y",
    authority=("A law",),
    action=Action.DESTROY,
    disposition="destroy",
    approvals=("clerk",),
    pii_class="1",
    confidentiality="PUB",
    lock_mode=LockMode.COMPLIANCE,
    effective_from=datetime(2020, 1, 1, tzinfo=UTC).date(),
)
PROFILE = DispositionProfile(
    route="a-route",
    authority=("A law",),
    automatic=False,
    floor=FLOOR,
    list_valid="P30D",
    grace="P3D",
    steps=(),
    exclusions=(Exclusion(id="lands", question="Land?", authority="A law"),),
)


def due_codes(now: datetime, row: ScheduleRow = ROW) -> list[str]:
    due = compute_due(MARCH, row, zone=ZONE, floor=None, triggers=(), sealed_until=None, now=now)
    return [gate.code for gate in check_due(MARCH, due, now)]


def test_a_volume_is_due_at_the_very_instant_of_its_date_and_not_a_microsecond_before() -> None:
    # March 2022 is cut off on 1 April 2022; three years on it is midnight of 1 April 2025 in Los Angeles, UTC-7.
    assert due_codes(datetime(2025, 4, 1, 6, 59, 59, 999999, tzinfo=UTC)) == ["R022"]
    assert due_codes(datetime(2025, 4, 1, 7, tzinfo=UTC)) == []


def test_what_waits_for_an_event_and_what_is_kept_for_ever_is_never_due() -> None:
    late = datetime(2999, 1, 1, tzinfo=UTC)
    assert due_codes(late, replace(ROW, starts=TriggerEvent.CASE_CLOSED)) == ["R022"]
    assert due_codes(late, replace(ROW, period="permanent")) == ["R022"]


def test_the_floor_binds_until_its_last_instant_unless_the_row_says_why_not() -> None:
    before, at = datetime(2024, 4, 1, 6, 59, 59, tzinfo=UTC), datetime(2024, 4, 1, 7, tzinfo=UTC)
    assert [gate.code for gate in check_floor(MARCH, ROW, FLOOR, zone=ZONE, now=before)] == ["R021"]
    assert [*check_floor(MARCH, ROW, FLOOR, zone=ZONE, now=at)] == []
    duplicate = replace(ROW, below_floor="Gov. Code 34090.7")
    assert [*check_floor(MARCH, duplicate, FLOOR, zone=ZONE, now=before)] == []
    assert [*check_floor(MARCH, ROW, None, zone=ZONE, now=before)] == []


@pytest.mark.parametrize(
    ("answers", "codes"),
    [({}, ["R026"]), ({"lands": True}, ["R027"]), ({"lands": False}, []), ({"others": False}, ["R026"])],
)
def test_an_exclusion_must_be_answered_and_answered_no(answers: dict[str, bool], codes: list[str]) -> None:
    assert [gate.code for gate in check_exclusions(PROFILE, answers)] == codes


@pytest.mark.parametrize(
    ("allowed", "asked", "closed"),
    [
        (Action.DESTROY, "destroy", False),
        (Action.DESTROY, "transfer", True),
        (Action.TRANSFER, "transfer", False),
        (Action.TRANSFER, "destroy", True),
        (Action.REVIEW, "destroy", False),
        (Action.REVIEW, "transfer", False),
        (Action.REVIEW, "keep", True),
        (Action.KEEP, "destroy", True),
        (Action.KEEP, "keep", True),
        (Action.DESTROY, "burn", True),
    ],
)
def test_the_row_says_what_may_become_of_it(allowed: Action, asked: str, closed: bool) -> None:
    found = [gate.code for gate in check_action(replace(ROW, action=allowed), asked)]
    assert found == (["R040"] if closed else [])


def test_every_gate_is_a_finding_of_the_catalogue_and_stands_once() -> None:
    codes = [gate.code for gate in GATES]
    assert len(set(codes)) == len(codes)
    assert set(codes) <= set(CATALOGUE)
    assert set(codes) >= PASSING
