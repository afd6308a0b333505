"""The DAG that applies the schedule every day, in Airflow, with a stand-in library of the same signatures."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

import muniment.workflows
from muniment.errors import ConfigurationError, StoreUnfitError
from muniment.records.schedule import DispositionProfile, RetentionSchedule

DAG = "apply_retention_harborview"
OPENED = {"id": "0123456789abcdef-0001", "code": "R010", "subject": "records/a"}
DUE = [
    {"volume": "records/series=official-posts/account=a/volume=2023-02/", "series": "official-posts"},
    {"volume": "records/series=official-posts/account=a/volume=2023-01/", "series": "official-posts"},
    {"volume": "records/series=subscriber-lists/account=a/volume=2023-01/", "series": "subscriber-lists"},
]
ORDER = ["mirror_officers", "prepare_holds", "plan_holds", "reconcile_share", "enter_reconciliation"]
ORDER += ["plan_extend", "extend_share", "apply_retention"]


@dataclass
class Library:
    """What the stand-ins do next, and what they were asked."""

    shares: int = 1
    opened: list[dict[str, str]] = field(default_factory=list)
    refuse: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    entered: list[Any] = field(default_factory=list)

    def answer(self, name: str, value: Any) -> Any:
        self.asked.append(name)
        if name in self.refuse:
            raise self.refuse[name]
        return value

    def share_out(self, agency: str) -> list[dict[str, Any]]:
        return [{"agency": agency, "units": [number], "second": True} for number in range(self.shares)]

    def enter(self, agency: str, prepared: Any, results: list[Any]) -> dict[str, Any]:
        self.entered.append(len(results))
        return self.answer("enter_reconciliation", {})

    def modules(self) -> dict[str, dict[str, Any]]:
        prepared = {"second": True, "findings": {}, "opened": []}
        return {
            "schedules": {"mirror_officers": lambda agency: self.answer("mirror_officers", {"granted": 0})},
            "holds.reconcile": {
                "prepare_holds": lambda agency: self.answer("prepare_holds", prepared),
                "plan_holds": lambda agency, prepared: self.answer("plan_holds", self.share_out(agency)),
                "reconcile_share": lambda share: self.answer("reconcile_share", {"opened": self.opened}),
                "enter_reconciliation": self.enter,
            },
            "clocks": {
                "plan_extend": lambda agency: self.answer("plan_extend", self.share_out(agency)),
                "extend_share": lambda share: self.answer("extend_share", {"opened": []}),
                "apply_retention": lambda agency: self.answer("apply_retention", {"due": DUE}),
            },
            "findings_register": {"list_opened_since": lambda agency, moment: []},
        }


@pytest.fixture
def library(script, monkeypatch: pytest.MonkeyPatch) -> Library:
    found = Library()
    modules = {name: types.ModuleType(f"muniment.workflows.{name}") for name in ["holds", *found.modules()]}
    for name, functions in found.modules().items():
        vars(modules[name]).update(functions)
    modules["holds"].reconcile = modules["holds.reconcile"]
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, module.__name__, module)
        if "." not in name:
            monkeypatch.setattr(muniment.workflows, name, module, raising=False)
    return found


def schedule(*, automatic: bool) -> RetentionSchedule:
    profile = DispositionProfile(
        route="r", authority=("a law",), automatic=automatic, floor=None, list_valid="P30D", grace="P3D", steps=()
    )
    return RetentionSchedule(version="1", jurisdiction="T", adoption=None, disposition=profile, rows=())


def run(load):
    return load().dags[DAG].test()


def test_every_agency_whose_files_are_sound_has_one_and_it_runs_once_a_day(library, script, load):
    script.broken = {"ridgeway": ConfigurationError("agency.yaml")}

    bag = load()

    assert [name for name in bag.dags if name.startswith("apply_retention")] == [DAG]
    dag = bag.dags[DAG]
    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert dag.dagrun_timeout < timedelta(days=1)
    assert (dag.timetable.expression.split()[2:], str(dag.timetable.timezone)) == (["*"] * 3, "America/Los_Angeles")


def test_the_runbook_names_every_task(library, load):
    dag = load().dags[DAG]

    assert [name for name in dag.task_ids if f"`{name}`" not in dag.doc_md] == []


def test_officers_come_before_holds_and_holds_before_locks_and_the_list_comes_last(library, load):
    dag_run = run(load)

    assert dag_run.state == "success"
    assert library.asked == ORDER


@pytest.mark.parametrize(("shares", "entered"), [(0, 0), (1, 1), (3, 3)])
def test_a_night_is_entered_whole_also_where_there_is_nothing_yet(library, load, shares, entered):
    library.shares = shares

    dag_run = run(load)

    assert dag_run.state == "success"
    assert library.entered == [entered]
    assert library.asked[-1] == "apply_retention"


def test_what_a_share_finds_is_told(library, load, notices):
    library.opened = [OPENED]

    run(load)

    assert [notice.lines[1:] for notice in notices] == [("finding 0123456789abcdef-0001 R010 records/a",)]


@pytest.mark.parametrize("step", ["prepare_holds", "reconcile_share", "extend_share"])
def test_a_list_is_not_made_where_holds_or_locks_are_not_as_they_should_be(library, load, step):
    library.refuse = {step: StoreUnfitError("no lock")}

    dag_run = run(load)

    assert dag_run.state == "failed"
    assert "apply_retention" not in library.asked


def test_nothing_is_proposed_where_the_profile_is_not_automatic(library, script, load):
    from muniment_airflow.retention_tasks import list_due

    script.schedule = schedule(automatic=False)

    assert list_due("harborview") == []


def test_an_automatic_profile_proposes_what_is_due_once_for_each_series(library, script, load):
    from muniment_airflow.retention_tasks import list_due

    script.schedule = schedule(automatic=True)

    proposals = list_due("harborview")

    assert [(one["series"], one["volumes"]) for one in proposals] == [
        ("official-posts", [DUE[1]["volume"], DUE[0]["volume"]]),
        ("subscriber-lists", [DUE[2]["volume"]]),
    ]
    assert load().dags[DAG].get_task("start_disposition").partial_kwargs["trigger_dag_id"] == (
        "dispose_records_harborview"
    )
