"""The schedules of Montana and of the nonprofit, as they are shipped, go through the same machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from muniment.errors import GateError
from muniment.evidence.destruction_certificate import parse_certificate
from muniment.records.agency import Agency, Officer
from muniment.records.schedule import Adoption
from muniment.workflows.planning import open_agency
from tests.unit.workflows.disposition.conftest import PAST, open_stage
from tests.unit.workflows.disposition.stage import PAPER, Stage, volume

GONE = volume("2022-03")


def adopted(agency_id: str, offices: Mapping[str, str]) -> Agency:
    """Load a shipped schedule as if its body had adopted it, with a person in each of *offices*."""
    agency = open_agency(agency_id)
    officers = tuple(
        Officer(
            sign_in=name,
            name=name.title(),
            title=office,
            office=office,
            granted_by="the body",
            document="Appointment",
            valid_from=date(2020, 1, 1),
        )
        for name, office in offices.items()
    )
    act = Adoption(resolution="2026-5", adopted_on=date(2026, 12, 1))
    return replace(agency, schedule=replace(agency.schedule, adoption=act), officers=officers)


def nothing_excluded(stage: Stage) -> dict[str, bool]:
    return {exclusion.id: False for exclusion in stage.scene.profile().exclusions}


@pytest.fixture
def helena() -> Stage:
    stage = open_stage(adopted("helena", {"mona": "governing-body", "rita": "records-manager"}))
    stage.seal_volume(GONE, PAST)
    return stage


def test_montana_asks_the_commission_and_then_the_subcommittee_with_its_form(helena: Stage) -> None:
    proposed = helena.propose(GONE, answers=nothing_excluded(helena))
    assert proposed["steps"] == ["governing-body", "subcommittee-rm60"]
    disposition = str(proposed["disposition"])

    with pytest.raises(GateError) as early:
        helena.answer(disposition, "subcommittee-rm60", responded_by="rita")
    assert {gate.code for gate in early.value.findings} == {"R029"}
    helena.answer(disposition, "governing-body", responded_by="mona")
    with pytest.raises(GateError) as without_form:
        helena.answer(disposition, "subcommittee-rm60", responded_by="rita", params={"reason": "In order."})
    assert {gate.code for gate in without_form.value.findings} == {"R034"}
    form = {"reason": "Unanimous.", "document_sha256": PAPER, "reference": "RM60 no. 7 of 2027-01-09"}
    helena.answer(disposition, "subcommittee-rm60", responded_by="rita", params=form)
    helena.pass_time(helena.authorize(disposition)["grace_until"])

    done = helena.destroy(disposition)

    assert (done["outcome"], helena.versions(GONE)) == ("whole", [])
    certificate = parse_certificate(helena.vault.read(done["certificate"]))
    assert [given.reference for given in certificate.approvals][-1] == "RM60 no. 7 of 2027-01-09"


def test_montana_does_not_take_californias_answers(helena: Stage) -> None:
    with pytest.raises(GateError) as found:
        helena.propose(GONE)
    assert {gate.code for gate in found.value.findings} == {"R026"}
    assert helena.versions(GONE)


def test_the_nonprofits_automatic_route_asks_nobody_and_passes_every_other_gate() -> None:
    stage = open_stage(adopted("calcities", {}))
    stage.seal_volume(GONE, PAST)
    proposed = stage.propose(GONE, answers={}, by="muniment")
    assert proposed["steps"] == []
    disposition = str(proposed["disposition"])
    until = stage.authorize(disposition)["grace_until"]

    with pytest.raises(GateError) as early:
        stage.destroy(disposition)
    assert {gate.code for gate in early.value.findings} == {"R038"}
    stage.pass_time(until)

    done = stage.destroy(disposition)
    assert (done["outcome"], stage.versions(GONE)) == ("whole", [])
