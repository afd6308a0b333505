"""How each clause stands, on a vault in memory: never run is not kept, old is not kept, and the worst of two counts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from muniment.evidence.findings import Finding
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.check import Check, Judgement, Outcome
from muniment.policy.scene import Scene
from muniment.records.names import format_instant
from muniment.settings import read_settings
from muniment.workflows.findings_register import close_finding, list_entries, open_findings
from muniment.workflows.policy.page import render_page
from muniment.workflows.policy.run import REGISTER, choose_checks, judge, last_run_at
from muniment.workflows.policy.status import NEVER, STALE, ClauseStatus, PolicyStatus, policy_status
from muniment.workflows.registers import enter
from muniment.workflows.wiring import Workplace
from tests.unit.policy.scenes import build_scene, claremont
from tests.unit.workflows.holds_store import MemoryStore

NOW = datetime(2026, 11, 18, 20, tzinfo=UTC)
TWO = {"code": "K001", "subject": "bluesky-city", "detail": "expected it, found none", "count": 2}


@dataclass
class Office:
    """The demonstration with a vault in memory; runs of the checks are entered by hand."""

    place: Workplace
    moment: list[datetime] = field(default_factory=lambda: [NOW])

    def run(self, *, hours_ago: float = 0, **outcomes: str | tuple[str, list[dict[str, Any]]]) -> None:
        at = NOW - timedelta(hours=hours_ago)
        judgements = {}
        for name, told in outcomes.items():
            outcome, findings = told if isinstance(told, tuple) else (told, [])
            judgements[name.replace("_", "-")] = {
                "outcome": outcome, "sentence": f"{name} was looked at.", "findings": findings,
                "evidence": ["records/x"], "facts": {},
            }  # fmt: skip
        event = RegisterEvent(
            register=REGISTER, id=f"{at:%Y%m%dt%H%M%S%f}z", event="checked", subject="claremont", at=format_instant(at),
            by="muniment", facts={"judgements": judgements},
        )  # fmt: skip
        enter(self.place.vault, self.place.agency, event)

    def status(self) -> PolicyStatus:
        return policy_status(self.place)

    def clause(self, name: str) -> ClauseStatus:
        (found,) = [one for one in self.status().clauses if one.clause.id == name]
        return found


@pytest.fixture
def office(tmp_path: Path) -> Office:
    settings = read_settings({"MUNIMENT_HOME": str(tmp_path)})
    moment = [NOW]
    return Office(Workplace(settings, claremont(), MemoryStore("vault"), clock=lambda: moment[0]), moment)  # type: ignore[arg-type]


def test_a_check_that_never_ran_is_not_kept(office: Office) -> None:
    one = office.clause("R-B6")

    assert (one.outcome, one.is_sound, one.checked_at) == (NEVER, False, None)
    assert "never ran" in one.sentence
    assert office.status().last_run is None


def test_a_clause_without_a_check_says_why_and_is_none_of_what_is_to_be_done(office: Office) -> None:
    one = office.clause("R-C4")

    assert (one.outcome, one.is_sound) == (None, True)
    assert "employment" in one.sentence


def test_the_last_judgement_of_each_check_counts_also_where_the_last_run_made_another(office: Office) -> None:
    office.run(hours_ago=5, register_reconciliation="not-kept")
    office.run(hours_ago=3, register_reconciliation="kept")
    office.run(hours_ago=1, approval="kept")

    one = office.clause("R-B6")
    assert (one.outcome, one.checked_at, one.is_sound) == ("kept", NOW - timedelta(hours=3), True)
    assert one.evidence[0].startswith("registers/policy-checks/2026-11/")
    assert office.status().last_run == NOW - timedelta(hours=1)


def test_a_judgement_of_long_ago_is_old_and_not_sound(office: Office) -> None:
    office.run(hours_ago=STALE / timedelta(hours=1) + 1, approval="kept")

    one = office.clause("R-B3")
    assert (one.outcome, one.is_stale, one.is_sound) == ("kept", True, False)


@pytest.mark.parametrize(
    ("policy", "statute", "worst"),
    [("kept", "not-kept", "not-kept"), ("cannot-tell", "kept", "cannot-tell"), ("kept", "nothing-to-check", "kept")],
)
def test_of_two_checks_the_worse_counts(office: Office, policy: str, statute: str, worst: str) -> None:
    office.run(member_interactions_policy=policy, member_interactions_statute=statute)

    one = office.clause("R-B18")
    assert one.outcome == worst
    assert one.sentence.count("was looked at.") == 2


def test_a_clause_of_which_one_check_never_ran_is_not_known(office: Office) -> None:
    office.run(member_interactions_policy="kept")

    assert office.clause("R-B18").outcome == NEVER


def test_cannot_tell_is_not_sound(office: Office) -> None:
    office.run(approval="cannot-tell")

    assert not office.clause("R-B3").is_sound


def test_its_open_findings_stand_by_a_clause_until_a_person_closes_them(office: Office) -> None:
    finding = Finding(**TWO)
    (opened,) = open_findings(office.place, [finding], check="check_policy")
    office.run(register_reconciliation=("not-kept", [TWO]))
    assert [entry.id for entry in office.clause("R-B6").findings] == [opened["id"]]
    assert office.clause("R-B3").findings == ()

    close_finding(office.place, opened["id"], reason="it is captured now", by="A. Clerk")

    assert office.clause("R-B6").findings == ()


def test_many_findings_that_were_entered_as_one_stand_by_their_clause(office: Office) -> None:
    many = [TWO | {"subject": f"account-{number}"} for number in range(30)]
    open_findings(office.place, [Finding(**one) for one in many], check="check_policy")
    office.run(register_reconciliation=("not-kept", many))

    (entry,) = office.clause("R-B6").findings
    assert (entry.finding.subject, len(list_entries(office.place.vault))) == ("many", 1)


def test_an_agency_without_a_policy_has_no_sound_status(office: Office) -> None:
    status = policy_status(replace(office.place, agency=replace(claremont(), policy=None)))

    assert (status.has_policy, status.is_sound, status.clauses) == (False, False, ())
    assert "no policy file" in render_page(status)


def test_the_page_names_the_city_its_zone_and_what_is_to_be_done_and_runs_no_script(office: Office) -> None:
    place = replace(office.place, agency=replace(claremont(), name="City <b>of</b> X"))
    text = render_page(policy_status(place))

    assert "City &lt;b&gt;of&lt;/b&gt; X" in text
    assert "18 November 2026, 12:00, by the clock of America/Los_Angeles" in text
    assert "No check has ever run" in text
    assert text.index("R-B6") < text.index("What no check watches") < text.index("T-01")
    assert "<script" not in text


def test_the_last_run_is_known_by_the_name_of_its_event(office: Office) -> None:
    assert last_run_at(office.place) is None
    office.run(hours_ago=5, approval="kept")
    office.run(hours_ago=2.5, approval="kept")

    assert last_run_at(office.place) == NOW - timedelta(hours=2.5)


def test_checks_are_those_that_the_clauses_name_or_those_asked_for() -> None:
    assert {"register-reconciliation", "member-interactions-statute"} <= choose_checks(claremont().policy, ()).keys()
    assert list(choose_checks(claremont().policy, ["approval"])) == ["approval"]
    assert choose_checks(None, ()) == {}


def test_evidence_that_is_not_of_its_form_leaves_a_check_without_an_answer() -> None:
    def look(scene: Scene) -> Judgement:
        Finding("Z999", "x", "no such code")
        raise AssertionError(scene)

    told = judge(Check(name="x", sentence="x", judge=look), build_scene())

    assert told.outcome is Outcome.CANNOT_TELL
