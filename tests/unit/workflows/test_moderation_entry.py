"""Entries taken into the ledger: all or none, once, and nothing lost where one is refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from muniment.errors import ModerationError, StoreUnavailableError
from muniment.policy.moderation.cases import Decision
from muniment.records.policy import PolicyVersion
from muniment.workflows.moderation.room import open_desk
from muniment.workflows.registers import read_events
from muniment.workflows.reports.register_view import without_persons
from tests.unit.policy.ledgers import AGO, REPLY, action, decision, notice, second
from tests.unit.policy.scenes import NOW
from tests.unit.workflows.moderation_office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_refused_entry_enters_nothing_of_its_case(office: Office) -> None:
    with pytest.raises(ModerationError, match="C7-v: expected a rationale, found none"):
        office.enter(notice(), decision(rationale=None), action())

    assert office.keys() == []


def test_every_reason_is_told(office: Office) -> None:
    with pytest.raises(ModerationError) as caught:
        office.enter(decision(rationale=None, duplicates=None), second(reviewer="Dana Okafor"), case="Case 1", by=" ")

    assert len(caught.value.faults) == 5


def test_an_entry_is_sealed_under_a_key_that_names_nobody(office: Office) -> None:
    taken = office.enter(notice(item=REPLY, originator="loud.example"))

    (key,) = office.keys()
    assert key.startswith(f"registers/moderation/2026-11/{taken.case}-notice-")
    assert "resident" not in key
    assert "loud" not in key


def test_the_same_entry_again_changes_nothing_also_in_another_month(office: Office) -> None:
    first = office.enter(notice(), decision())
    sealed = dict(office.store.snapshot(""))
    office.clock.now = NOW + timedelta(days=60)

    again = office.enter(notice(), decision())

    assert (first.new, first.known) == (2, 0)
    assert (again.case, again.new, again.known) == (first.case, 0, 2)
    assert office.store.snapshot("") == sealed


def test_a_case_goes_on_where_it_was_left(office: Office) -> None:
    case = office.enter(notice()).case

    office.enter(decision(), case=case)
    office.enter(action(), second(), case=case)

    (found,) = open_desk(office.place).ledger.cases.values()
    assert {type(one.entry).__name__ for one in found.entered} == {"Action", "Decision", "Notice", "Review"}
    assert found.stands


def test_the_version_in_force_is_named_where_there_is_one_only(office: Office) -> None:
    case = office.enter(decision(policy_version=None)).case

    assert office.desk().cases[case].all(Decision)[0].policy_version == "claremont-social-2017"


def test_of_two_versions_in_force_the_entry_must_name_one(office: Office) -> None:
    policy = office.place.agency.policy
    assert policy is not None
    other = PolicyVersion(id="other", policy="claremont-social", effective_from=AGO.date())
    office.with_policy(versions=(*policy.versions, other))

    with pytest.raises(ModerationError, match=r"policy version: expected one of .*, other, found none"):
        office.enter(decision(policy_version=None))


def test_an_agency_whose_policy_names_no_grounds_has_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(ModerationError, match="agency helena: expected grounds of removal in its policy, found none"):
        Office(tmp_path, "helena").desk()


def test_what_a_store_that_failed_kept_stands_and_the_rest_is_entered_later(office: Office) -> None:
    def fail(what: str) -> None:
        if what.startswith("before sealing") and "decision" in what:
            raise StoreUnavailableError("b: expected an answer, found none")

    office.store.act = fail
    with pytest.raises(StoreUnavailableError):
        office.enter(notice(), decision(), action(), case="spam")
    office.store.act = lambda _what: None

    taken = office.enter(notice(), decision(), action(), case="spam")

    assert (taken.new, taken.known) == (2, 1)


def test_the_register_is_shown_to_the_office_without_persons(office: Office) -> None:
    office.enter(notice(item=REPLY, originator="loud.example", note="Said by A. Resident"))

    (event,) = without_persons(read_events(office.place.vault, "moderation"))

    assert {event.facts[name] for name in ("item", "originator", "note")} == {"given"}
    assert event.facts["received_by"] == "Dana Okafor"
