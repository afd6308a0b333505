"""What a step asks, of whom, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from muniment.errors import ConfigurationError
from muniment.workflows.disposition.asking import (
    ASK,
    GIVEN,
    NOT_NEEDED,
    Question,
    ask_in,
    check_proposer_in,
)
from tests.unit.workflows.disposition.conftest import PAST
from tests.unit.workflows.disposition.stage import PEOPLE, STEPS, Stage, volume

FIRST, ATTORNEY = STEPS[0], "city-attorney"


@pytest.fixture
def proposed(stage: Stage) -> str:
    stage.seal_volume(volume(), PAST)
    return str(stage.propose(volume())["disposition"])


def ask(stage: Stage, disposition: str, step: str, *, again: bool = False) -> Question:
    return ask_in(stage.scene, disposition, step, moment=stage.clock(), again=again)


def appoint(stage: Stage, sign_in: str, office: str) -> None:
    """Have *sign_in* hold *office* besides those who do."""
    officer = replace(stage.agency.officers[0], sign_in=sign_in, office=office)
    stage.agency = replace(stage.agency, officers=(*stage.agency.officers, officer))


def test_the_holders_of_the_office_are_asked_and_nobody_else(stage: Stage, proposed: str) -> None:
    appoint(stage, "deputy", FIRST)

    assert ask(stage, proposed, FIRST).assigned == (PEOPLE[FIRST], "deputy")


def test_who_proposed_is_not_asked_though_they_hold_the_office(stage: Stage) -> None:
    stage.seal_volume(volume(), PAST)
    appoint(stage, "olive", FIRST)
    disposition = str(stage.propose(volume(), by="olive")["disposition"])

    assert ask(stage, disposition, FIRST).assigned == (PEOPLE[FIRST],)


def test_who_approved_a_step_before_is_not_asked_again(stage: Stage, proposed: str) -> None:
    appoint(stage, PEOPLE[FIRST], STEPS[1])
    stage.answer(proposed, FIRST)

    assert ask(stage, proposed, STEPS[1]).assigned == (PEOPLE[STEPS[1]],)


@pytest.mark.parametrize(
    "term", [{"valid_until": date(2026, 12, 31)}, {"valid_from": date(2030, 1, 1)}, {"office": "other"}]
)
def test_where_nobody_may_answer_that_is_said_and_nothing_asked(stage: Stage, proposed: str, term) -> None:
    stage.change_officer(PEOPLE[FIRST], **term)

    with pytest.raises(ConfigurationError, match=f"office {FIRST}: .*found nobody"):
        ask(stage, proposed, FIRST)


def test_a_step_that_the_row_does_not_ask_for_is_not_needed(stage: Stage, proposed: str) -> None:
    stage.change_row(volume().series, approvals=STEPS[:1])

    assert [ask(stage, proposed, step).state for step in STEPS] == [ASK, NOT_NEEDED, NOT_NEEDED, NOT_NEEDED]


def test_a_standing_step_is_not_asked_for_each_batch(stage: Stage, proposed: str) -> None:
    steps = stage.scene.profile().steps
    stage.change_profile(steps=tuple(replace(step, standing=step.id == ATTORNEY) for step in steps))

    assert ask(stage, proposed, ATTORNEY).state == NOT_NEEDED


def test_a_step_that_is_approved_is_not_asked_again(stage: Stage, proposed: str) -> None:
    stage.answer(proposed, FIRST)

    assert ask(stage, proposed, FIRST).state == GIVEN


def test_nothing_more_is_asked_after_a_rejection(stage: Stage, proposed: str) -> None:
    stage.answer(proposed, FIRST, chosen=("Reject",))

    with pytest.raises(ConfigurationError, match="expected it proposed, found it rejected"):
        ask(stage, proposed, STEPS[1])


def test_the_question_says_what_is_to_go_and_how_to_see_the_list(stage: Stage, proposed: str) -> None:
    question = ask(stage, proposed, ATTORNEY)
    found = stage.read(proposed)

    assert question.subject.endswith(": destroy 1 volume of public-comments?")
    assert question.list_sha256 == found.list_sha256
    assert question.expires_at == found.valid_until
    for said in (
        "City of Claremont",
        "2 snapshots",
        "8 objects",
        "from 2022-03-01 to 2022-03-02",
        "bluesky-city",
        "Proposed by: olive",
        "No longer required.",
        "by nobody",
        str(found.list_sha256),
        f"muniment dispose show {proposed} --agency claremont",
        "the written consent",
    ):
        assert said in question.body, said


def test_it_says_who_signed_so_far_and_when_it_is_asked_again(stage: Stage, proposed: str) -> None:
    stage.answer(proposed, FIRST)

    first, again = (ask(stage, proposed, STEPS[1], again=again).body for again in (False, True))

    assert f"{FIRST} by {PEOPLE[FIRST]}" in first
    assert "asked again" not in first
    assert "asked again" in again


@pytest.mark.parametrize(("office", "may"), [("records-officer", True), ("city-clerk", True), ("city-attorney", False)])
def test_two_offices_may_propose(stage: Stage, office: str, may: bool) -> None:
    appoint(stage, "olive", office)

    if may:
        check_proposer_in(stage.agency, "olive", stage.clock())
    else:
        with pytest.raises(ConfigurationError, match="found 'olive'"):
            check_proposer_in(stage.agency, "olive", stage.clock())


def test_who_holds_no_office_any_more_may_not_propose(stage: Stage) -> None:
    appoint(stage, "olive", "records-officer")
    stage.change_officer("olive", valid_until=date(2026, 12, 31))

    with pytest.raises(ConfigurationError, match="found 'olive'"):
        check_proposer_in(stage.agency, "olive", stage.clock())
