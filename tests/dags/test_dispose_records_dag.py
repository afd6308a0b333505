"""The DAG of a disposition in Airflow, with a stand-in library of the same signatures."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskAwaitingInput

import muniment.workflows
from muniment.errors import ClosedGate, ConfigurationError, GateError
from muniment.records.names import format_instant
from muniment.records.schedule import (
    Action,
    Adoption,
    ApprovalStep,
    Cutoff,
    DispositionProfile,
    Exclusion,
    LockMode,
    RetentionSchedule,
    ScheduleRow,
    TriggerEvent,
)
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS

DAG = "dispose_records_harborview"
STEPS = (
    ApprovalStep(id="department-head", title="Head", office="department-head", question="No longer required?"),
    ApprovalStep(
        id="city-attorney",
        title="City Attorney",
        office="city-attorney",
        question="Do you consent?",
        document="the written consent",
        reference="its number",
    ),
    ApprovalStep(id="by-law", title="Standing", office="city-council", question="Once", standing=True),
)
EXCLUSIONS = (
    Exclusion(id="gc-34090-a", question="Real property?", authority="Gov. Code 34090(a)"),
    Exclusion(id="gc-34090-b", question="Court records?", authority="Gov. Code 34090(b)"),
)


def row(series, action=Action.DESTROY) -> ScheduleRow:
    return ScheduleRow(
        id=f"row-{series}",
        series=series,
        title="",
        trigger="",
        starts=TriggerEvent.CUTOFF,
        cutoff=Cutoff.CALENDAR_MONTH,
        period="P2Y",
        authority=("a law",),
        action=action,
        disposition="",
        approvals=("department-head", "city-attorney", "by-law"),
        pii_class="0",
        confidentiality="PUB",
        lock_mode=LockMode.COMPLIANCE,
        effective_from=date(2026, 1, 1),
    )


def schedule(*, automatic: bool = False, steps=STEPS) -> RetentionSchedule:
    profile = DispositionProfile(
        route="gc-34090",
        authority=("Gov. Code 34090",),
        automatic=automatic,
        floor=None,
        list_valid="P30D",
        grace="P3D",
        steps=steps,
        exclusions=EXCLUSIONS,
    )
    return RetentionSchedule(
        version="2026",
        jurisdiction="Testland",
        adoption=Adoption(resolution="26-1", adopted_on=date(2026, 1, 1)),
        disposition=profile,
        rows=(row(OFFICIAL_POSTS), row(PUBLIC_COMMENTS, Action.KEEP)),
    )


def question(state: str = "ask", expires: timedelta = timedelta(days=1)) -> Any:
    until = format_instant(datetime.now(UTC) + expires)
    asked = {"subject": "Destroy?", "body": "3 volumes", "assigned": ("attorney",), "list_sha256": "a" * 64}
    return types.SimpleNamespace(state=state, expires_at=until, **asked)


@dataclass
class Library:
    """What the stand-in library answers, and what it was asked."""

    questions: dict[str, Any] = field(default_factory=dict)
    refuse: dict[str, Exception] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def did(self, what: str, about: Any = None) -> None:
        self.asked.append((what, about))
        if what in self.refuse:
            raise self.refuse[what]

    def propose(self, agency_id, *, volumes, action, reason, answers, by, dag_run):
        self.did("propose", {"volumes": volumes, "answers": answers, "by": by, "action": action})
        return {"disposition": "d-1"}

    def take_up(self, agency_id, disposition_id, *, dag_run, by):
        self.did("take_up", disposition_id)
        return {"disposition": disposition_id}

    def record_answer(self, agency_id, disposition_id, step_id, *, answer):
        self.did("record_answer", (step_id, answer.responded_by, answer.chosen))
        return {"event": "approved"}

    def authorize(self, agency_id, disposition_id):
        self.did("authorize", disposition_id)
        return {"grace_until": "2026-01-01T00:00:00.000000Z"}

    def destroy(self, agency_id, disposition_id, *, recorded):
        self.did("destroy", recorded("d", "r", "t"))
        return {"disposition": disposition_id, "certificate": "registers/x.json"}

    def check_proposer(self, agency_id, sign_in):
        self.did("check_proposer", sign_in)

    def ask(self, agency_id, disposition_id, step_id, *, again):
        self.did("ask", step_id)
        return self.questions.get(step_id) or question("not-needed")


@pytest.fixture
def library(script, monkeypatch: pytest.MonkeyPatch) -> Library:
    script.schedule = schedule()
    found = Library()
    names = ("propose", "take_up", "record_answer", "authorize", "destroy")
    words = {"NOT_NEEDED": "not-needed", "GIVEN": "given"}
    asking = module("disposition.asking", {"ask": found.ask, "check_proposer": found.check_proposer} | words)
    modules = {
        "disposition": module("disposition", {name: getattr(found, name) for name in names} | {"asking": asking}),
        "clocks": module("clocks", {"list_due": lambda agency: {"due": DUE, "opened": []}}),
        "findings_register": module("findings_register", {"list_opened_since": lambda agency, moment: []}),
    }
    monkeypatch.setitem(sys.modules, asking.__name__, asking)
    for name, stand_in in modules.items():
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
        monkeypatch.setattr(muniment.workflows, name, stand_in, raising=False)
    responses = types.ModuleType("muniment_airflow.recorded_responses")
    vars(responses).update(open_recorder=lambda: None, reader=lambda: lambda *names: names, to_response=to_response)
    monkeypatch.setitem(sys.modules, responses.__name__, responses)
    return found


DUE = [
    {"volume": "records/series=official-posts/account=a/volume=2023-01/", "series": "official-posts"},
    {"volume": "records/series=subscriber-lists/account=a/volume=2023-01/", "series": "subscriber-lists"},
]


def module(name: str, what: dict[str, Any]) -> types.ModuleType:
    found = types.ModuleType(f"muniment.workflows.{name}")
    vars(found).update(what)
    return found


def to_response(dag_id, run_id, task_id, detail):
    person = detail.get("responded_by_user")
    return types.SimpleNamespace(
        responded_by=person and person["name"], chosen=tuple(detail.get("chosen_options") or ())
    )


def run(bag, **params):
    dag = bag.dags[DAG]
    return dag.test(run_conf={"series": "official-posts", "reason": "past its period"} | params)


def states(dag_run) -> dict[str, str]:
    return {item.task_id: str(item.state) for item in dag_run.get_task_instances()}


def asked(library: Library) -> list[str]:
    return [what for what, _ in library.asked]


def test_an_agency_without_a_profile_has_no_such_dag(script, load):
    assert [name for name in load().dags if name.startswith("dispose_records")] == []


def test_an_agency_with_faulty_files_has_none_and_stops_no_other(library, script, load):
    script.broken = {"ridgeway": ConfigurationError("agency.yaml")}

    bag = load()

    assert [name for name in bag.dags if name.startswith("dispose_records")] == [DAG]


def test_it_runs_only_when_somebody_starts_it_and_several_may_wait_at_once(library, load):
    dag = load().dags[DAG]

    assert type(dag.timetable).__name__ == "NullTimetable"
    assert dag.max_active_runs > 16
    assert dag.dagrun_timeout > timedelta(days=33)
    assert dag.is_paused_upon_creation is False


def test_the_steps_of_the_profile_are_asked_in_their_order_and_a_standing_one_is_not(library, load):
    dag = load().dags[DAG]
    order = ["propose", "department-head", "city-attorney", "authorize", "wait_for_grace", "destroy", "publish"]

    assert [task.task_id for task in dag.topological_sort()] == order
    for before, after in pairwise(order):
        assert after in dag.get_task(before).downstream_task_ids


def test_an_approval_has_no_answer_of_its_own_and_no_time_of_execution(library, load):
    dag = load().dags[DAG]

    for step in ("department-head", "city-attorney"):
        task = dag.get_task(step)
        assert (task.defaults, task.execution_timeout, task.options) == (None, None, ["Approve", "Reject"])
        assert task.trigger_rule.value == "none_failed"
    assert set(dag.get_task("city-attorney").params) == {"reason", "list_sha256", "document_sha256", "reference"}
    assert set(dag.get_task("department-head").params) == {"reason", "list_sha256"}


def test_no_task_but_the_approvals_ignores_a_failure_before_it(library, load):
    dag = load().dags[DAG]

    assert {task.trigger_rule.value for task in dag.tasks} == {"all_success", "none_failed"}


def test_the_page_asks_for_one_answer_to_each_exclusion_and_gives_none(library, load):
    dag = load().dags[DAG]

    assert [dag.params[name] for name in ("gc-34090-a", "gc-34090-b")] == ["unanswered", "unanswered"]
    assert dag.params.get_param("series").schema["enum"] == ["official-posts"]


def test_the_runbook_names_every_task(library, load):
    dag = load().dags[DAG]
    steps = {"department-head", "city-attorney"}

    assert [name for name in dag.task_ids if name not in steps and f"`{name}`" not in dag.doc_md] == []


def test_a_run_that_needs_no_approval_goes_to_its_certificate(library, load):
    dag_run = run(load(), **{"gc-34090-a": "no", "gc-34090-b": "yes"})

    assert dag_run.state == "success"
    assert states(dag_run) | {"department-head": "skipped", "city-attorney": "skipped"} == states(dag_run)
    assert asked(library) == ["check_proposer", "propose", "ask", "ask", "authorize", "destroy"]
    assert library.asked[1][1] == {
        "volumes": [DUE[0]["volume"]],
        "answers": {"gc-34090-a": False, "gc-34090-b": True},
        "by": "dag_test",
        "action": "destroy",
    }


def propose(**params):
    from muniment_airflow.retention_tasks import propose

    asked = {"series": "official-posts", "volumes": [], "action": "destroy", "reason": "past", "disposition": None}
    unanswered = {"gc-34090-a": "unanswered", "gc-34090-b": "unanswered"}
    return propose("harborview", asked | unanswered | params, Run("manual", "records_officer"))


def test_an_exclusion_that_nobody_answered_is_not_answered_for_them(library, load):
    propose(**{"gc-34090-a": "no"})

    assert library.asked[-1][1]["answers"] == {"gc-34090-a": False}


def test_volumes_that_are_named_are_proposed_and_no_others(library, load):
    propose(volumes=["records/series=official-posts/account=b/volume=2023-01/"])

    assert library.asked[-1][1]["volumes"] == ["records/series=official-posts/account=b/volume=2023-01/"]


def test_a_proposal_whose_run_was_lost_is_taken_up_and_not_made_again(library, load):
    propose(disposition="d-7")

    assert library.asked == [("check_proposer", "records_officer"), ("take_up", "d-7")]


def test_who_may_not_propose_freezes_nothing(library, load):
    library.refuse = {"check_proposer": ConfigurationError("proposer: expected one who holds the office")}

    with pytest.raises(ConfigurationError, match="proposer"):
        propose()

    assert asked(library) == ["check_proposer"]


@pytest.mark.parametrize("step", ["propose", "authorize"])
def test_a_closed_gate_ends_the_run_before_anything_is_deleted(library, load, notices, step):
    library.refuse = {step: GateError("d-1", [ClosedGate("R023", "records/x", "an open matter")])}

    dag_run = run(load())

    assert dag_run.state == "failed"
    assert "destroy" not in asked(library)
    assert f"harborview: {step} failed: GateError" in [notice.subject for notice in notices]


def test_a_list_that_grew_old_expires_and_ends_the_run(library, load, notices):
    library.questions = {"department-head": question(expires=-timedelta(seconds=1))}

    dag_run = run(load())

    assert dag_run.state == "failed"
    assert library.asked[-1] == ("record_answer", ("department-head", None, ()))
    assert "harborview: department-head failed: ExpiredError" in [notice.subject for notice in notices]


def test_nobody_who_may_answer_ends_the_run_and_is_told(library, load, notices):
    library.refuse = {"ask": ConfigurationError("office city-attorney: expected an officer, found none")}

    dag_run = run(load())

    assert dag_run.state == "failed"
    assert asked(library) == ["check_proposer", "propose", "ask"]


def test_a_step_asks_its_officers_and_parks_until_the_list_grows_old(library, load, monkeypatch):
    library.questions = {"department-head": question()}

    sent: list[Any] = []
    monkeypatch.setattr("airflow.providers.standard.operators.hitl.upsert_hitl_detail", lambda **it: sent.append(it))

    with pytest.raises(TaskAwaitingInput) as parked:
        load().dags[DAG].get_task("department-head").execute({"ti": Answered(), "task_instance": Answered()})

    (detail,) = sent
    assert [person["id"] for person in detail["assigned_users"]] == ["attorney"]
    assert (detail["subject"], detail["body"], detail["defaults"]) == ("Destroy?", "3 volumes", None)
    assert detail["params"]["list_sha256"]["schema"]["enum"] == ["a" * 64]
    assert detail["params"]["reason"]["schema"] == {"type": "string", "title": "Reason"}
    assert timedelta(hours=23) < parked.value.timeout < timedelta(days=1)


EVENT = {
    "chosen_options": ["Approve"],
    "params_input": {"reason": "no longer required", "list_sha256": "a" * 64},
    "responded_at": datetime(2026, 11, 22, tzinfo=UTC),
    "responded_by_user": {"id": "7", "name": "head"},
    "timedout": False,
}


class Answered:
    """The task instance that a step is resumed with."""

    id, dag_id, run_id, task_id, try_number = "0", DAG, "manual", "department-head", 1

    def xcom_pull(self, *, task_ids):
        return {"propose": {"disposition": "d-1"}}[task_ids]


def resume(load, event):
    step = load().dags[DAG].get_task("department-head")
    return step.execute_complete({"ti": Answered()}, event)


def test_an_answer_is_sealed_with_the_name_of_the_person(library, load):
    resume(load, EVENT)

    assert library.asked == [("record_answer", ("department-head", "head", ("Approve",)))]


def test_a_rejection_is_sealed_and_ends_the_run_without_another_try(library, load):
    with pytest.raises(AirflowFailException, match="rejected"):
        resume(load, EVENT | {"chosen_options": ["Reject"]})

    assert library.asked == [("record_answer", ("department-head", "head", ("Reject",)))]


def test_silence_is_sealed_as_expiry_and_approves_nothing(library, load):
    with pytest.raises(AirflowFailException, match="nobody answered"):
        resume(load, {"error": "timeout has passed", "error_type": "timeout"})

    assert library.asked == [("record_answer", ("department-head", None, ()))]


def test_an_answer_that_cannot_be_taken_is_asked_for_again(library, load):
    library.refuse = {"record_answer": GateError("d-1", [ClosedGate("R034", "department-head", "no document")])}
    step = load().dags[DAG].get_task("department-head")

    with pytest.raises(GateError):
        resume(load, EVENT)

    assert step.retries > 0
    assert step.retry_policy is None


class Run:
    """A run as far as its proposer is concerned."""

    run_id = "manual__1"

    def __init__(self, run_type: str, name: str | None) -> None:
        self.run_type, self.triggering_user_name = run_type, name


@pytest.mark.parametrize(
    ("run_type", "name", "automatic", "expected"),
    [
        ("manual", "records_officer", False, "records_officer"),
        ("manual", "records_officer", True, "records_officer"),
        ("operator_triggered", None, True, "apply_retention"),
        ("operator_triggered", "operator", True, "apply_retention"),  # whoever started the run before it
    ],
)
def test_the_proposer_is_who_started_the_run_or_the_schedule_itself(library, load, run_type, name, automatic, expected):
    from muniment_airflow.retention_tasks import proposer

    assert proposer(Run(run_type, name), automatic=automatic) == expected


@pytest.mark.parametrize(
    ("run_type", "name", "automatic"),
    [
        ("manual", None, False),
        ("manual", None, True),
        ("scheduled", None, True),
        ("operator_triggered", "operator", False),
        ("operator_triggered", None, False),
    ],
)
def test_a_run_that_nobody_started_proposes_nothing(library, load, run_type, name, automatic):
    from muniment_airflow.retention_tasks import proposer

    with pytest.raises(ConfigurationError, match="found one that nobody did"):
        proposer(Run(run_type, name), automatic=automatic)
