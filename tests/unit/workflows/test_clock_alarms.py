"""When a lock that ends soon is an alarm: thirty days before, and only where no date is there to lengthen it to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from muniment.workflows.clocks.extended import Extended, volume_name
from muniment.workflows.clocks.known import Known
from muniment.workflows.clocks.work import Work, alarm_of
from tests.unit.retention.golden.city import known_of, row_of, state_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAYS_30 = timedelta(days=30)


def work_of(case: dict[str, Any], *, why: str = "") -> tuple[Known, Work]:
    known, state = known_of({"now": NOW, **case}), state_of(case)
    due = None if why else known.sum_of(state, row_of(case))
    return known, Work(prefix=state.address.prefix, state=state, due=due, why=why)


@pytest.mark.parametrize(
    ("left", "alarms"), [(DAYS_30 + timedelta(seconds=1), False), (DAYS_30, True), (timedelta(days=-1), True)]
)
def test_without_a_date_the_alarm_comes_thirty_days_before_the_lock_ends(left: timedelta, alarms: bool) -> None:
    found = alarm_of(*work_of({"sealed": NOW + left}, why="the schedule has no row for it"))
    assert (found is not None) == alarms
    assert found is None or (found.code, "no row" in found.detail) == ("R001", True)


def test_a_lock_that_nobody_knows_is_an_alarm() -> None:
    found = alarm_of(*work_of({}, why="the schedule has no row for it"))
    assert found is not None
    assert "cannot be told" in found.detail


def test_a_volume_with_a_due_date_is_no_alarm_however_soon_its_lock_ends() -> None:
    assert alarm_of(*work_of({"sealed": NOW + timedelta(days=1)})) is None


def test_a_lock_that_waits_for_an_event_and_did_not_grow_is_an_alarm_when_it_ends_soon() -> None:
    soon = {"starts": "case-closed", "sealed": NOW + timedelta(days=20)}
    known, work = work_of(soon)
    grown = Extended(work.due.lock_until if work.due else NOW, work.state.objects)

    found = alarm_of(known, work)
    assert found is not None
    assert "did not grow" in found.detail
    assert alarm_of(replace(known, extended={volume_name(work.state.address): grown}), work) is None
    assert alarm_of(*work_of({**soon, "sealed": NOW + timedelta(days=31)})) is None


def test_objects_that_were_added_since_are_not_covered_by_what_was_lengthened_before() -> None:
    known, work = work_of({"sealed": NOW + timedelta(days=20)})
    later = NOW + timedelta(days=900)
    extended = {volume_name(work.state.address): Extended(later, work.state.objects)}

    known = replace(known, extended=extended)
    assert known.locked_until(work.state) == later
    assert known.locked_until(replace(work.state, objects=work.state.objects + 1)) == NOW + timedelta(days=20)
