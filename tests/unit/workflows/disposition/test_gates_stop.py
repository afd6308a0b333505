from __future__ import annotations

from datetime import timedelta

import pytest

from muniment.errors import GateError
from muniment.records.names import parse_instant
from muniment.retention.dispositions import DispositionState
from muniment.retention.gates import GATES
from muniment.workflows.disposition.answers import record_in
from muniment.workflows.disposition.scene import after
from tests.unit.workflows.disposition.conftest import PAST
from tests.unit.workflows.disposition.gate_cases import CASES, codes_of
from tests.unit.workflows.disposition.stage import Stage, volume


@pytest.mark.parametrize("name", CASES)
def test_a_closed_gate_stops_before_anything_is_deleted_and_says_which(stage: Stage, name: str) -> None:
    code, case = CASES[name]
    address = volume()
    stage.seal_volume(address, PAST)
    sealed = set(stage.versions(address))
    second = dict(stage.shredders)

    found = codes_of(stage, address, case)

    assert code in found
    stage.shredders = second
    assert sealed <= set(stage.versions(address))
    assert not any("deleting" in act for one in second.values() for act in one.store.acts)


def test_every_gate_has_a_case() -> None:
    assert {code for code, _ in CASES.values()} == {gate.code for gate in GATES}


def test_every_closed_gate_is_named_at_once(stage: Stage) -> None:
    address = volume()
    stage.seal_volume(address, PAST)
    disposition = stage.ready(address)
    stage.place_matter("matter-1", "litigation", address)
    stage.place_matter("request-1", "records-request", address)
    stage.answered.clear()
    stage.hold("vault", next(iter(stage.vault.list_keys(address.prefix))))

    with pytest.raises(GateError) as stopped:
        stage.destroy(disposition)

    assert {one.code for one in stopped.value.findings} == {"R023", "R024", "R035", "R037"}
    told = stage.read(disposition)
    assert told.state is DispositionState.STOPPED
    assert set(told.stopped) == set(stopped.value.findings)


def test_a_stopped_disposition_stays_stopped_when_the_hold_is_gone(stage: Stage) -> None:
    address = volume()
    stage.seal_volume(address, PAST)
    disposition = stage.ready(address)
    key = next(iter(stage.vault.list_keys(address.prefix)))
    stage.vault.store.objects[key][0].held = True
    stage.place_matter("matter-1", "litigation", address)
    with pytest.raises(GateError):
        stage.destroy(disposition)
    stage.vault.store.objects[key][0].held = False

    with pytest.raises(GateError, match="R023"):
        stage.destroy(disposition)

    assert len(stage.versions(address)) == 16


@pytest.mark.parametrize(
    "name", ["the days of grace are not over", "the second copy does not answer at the last check"]
)
def test_what_passes_by_itself_ends_nothing(stage: Stage, name: str) -> None:
    address = volume()
    stage.seal_volume(address, PAST)
    shredders, second = stage.shredders, stage.second
    codes_of(stage, address, CASES[name][1])
    (waiting,) = stage.scene.dispositions()
    assert waiting.state is DispositionState.AUTHORIZED

    stage.shredders, stage.second = shredders, second
    stage.pass_time(waiting.grace_until or "")

    assert stage.destroy(waiting.id)["state"] == "certified"
    assert stage.versions(address) == []


def test_an_answer_that_is_refused_may_be_given_again(stage: Stage) -> None:
    address = volume()
    stage.seal_volume(address, PAST)
    disposition = str(stage.propose(address)["disposition"])
    with pytest.raises(GateError, match="R032"):
        stage.answer(disposition, "department-head", responded_by="mallory")

    assert stage.answer(disposition, "department-head")["event"] == "approved"
    assert stage.read(disposition).state is DispositionState.PROPOSED


def test_a_rejection_ends_it_and_nothing_can_be_approved_after_it(stage: Stage) -> None:
    address = volume()
    stage.seal_volume(address, PAST)
    disposition = str(stage.propose(address)["disposition"])
    stage.answer(disposition, "department-head", chosen=("Reject",))

    with pytest.raises(GateError):
        stage.answer(disposition, "city-clerk")
    with pytest.raises(GateError, match="R030"):
        stage.authorize(disposition)

    assert stage.read(disposition).state is DispositionState.REJECTED


def test_the_same_run_proposes_once_and_records_an_answer_once(stage: Stage) -> None:
    address = volume()
    stage.seal_volume(address, PAST)
    first = stage.propose(address)
    assert stage.propose(address) == first
    response = stage.respond("department-head")

    told = [
        record_in(stage.scene, first["disposition"], "department-head", answer=response, moment=stage.clock())
        for _ in range(2)
    ]

    assert told[0] == told[1]
    assert len(stage.read(first["disposition"]).approvals) == 1


def test_what_is_entered_by_a_machine_whose_clock_is_behind_still_comes_after_what_it_answers(stage: Stage) -> None:
    address = volume()
    stage.seal_volume(address, PAST)
    disposition = str(stage.propose(address)["disposition"])
    proposed = stage.read(disposition)
    behind = parse_instant(proposed.last_at) - timedelta(minutes=5)

    stage.scene.enter(disposition, "withdrawn", {"reason": "x"}, at=after(proposed, behind))

    assert stage.read(disposition).state is DispositionState.WITHDRAWN
    assert after(proposed, behind + timedelta(minutes=9)) == behind + timedelta(minutes=9)
