"""The DAGs that keep what is sealed, run in Airflow with stand-in workflows of the same signatures."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

import muniment.workflows
from muniment.errors import ConfigurationError, StoreUnfitError

DAGS = ("copy_vault_harborview", "check_store_harborview", "check_fixity_harborview")
OPENED = {"id": "0123456789abcdef-0001", "code": "C003", "subject": "records/a"}


@dataclass
class Keeping:
    """What the stand-ins do next, and what they were asked."""

    shares: int = 2
    opened: list[dict[str, str]] = field(default_factory=list)  # by each share
    opened_in_planning: list[dict[str, str]] = field(default_factory=list)
    failed: int = 0
    refuse: dict[str, Exception] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def ask(self, what: str, about: Any) -> None:
        self.asked.append((what, about))
        if what in self.refuse:
            raise self.refuse[what]

    def share_out(self, agency: str) -> list[dict[str, Any]]:
        return [{"agency": agency, "units": [number], "prefixes": [number]} for number in range(self.shares)]

    def plan_copy(self, agency: str, *, whole: bool) -> list[dict[str, Any]]:
        self.ask("plan_copy", whole)
        return self.share_out(agency)

    def probe_stores(self, agency: str) -> dict[str, Any]:
        self.ask("probe_stores", agency)
        return {"stores": [], "opened": []}

    def enter_check(self, agency: str, probes: dict[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
        self.ask("enter_check", len(results))
        return {"objects": len(results)}

    def plan(self, name: str, agency: str) -> list[dict[str, Any]]:
        self.ask(name, agency)
        return self.share_out(agency)

    def work(self, name: str, share: dict[str, Any]) -> dict[str, Any]:
        self.ask(name, share["units"])
        return {"opened": self.opened, "failed": self.failed, "objects": 1}

    def modules(self) -> dict[str, dict[str, Any]]:
        return {
            "copy_vault": {
                "plan_copy": self.plan_copy,
                "copy_share": partial(self.work, "copy_share"),
                "check_copied": check_copied,
            },
            "check_store": {
                "probe_stores": self.probe_stores,
                "plan_check_store": partial(self.plan, "plan_check_store"),
                "check_store_share": partial(self.work, "check_store_share"),
                "enter_check": self.enter_check,
            },
            "findings_register": {"list_opened_since": lambda agency, moment: self.opened_in_planning},
            "check_fixity": {
                "plan_fixity": partial(self.plan, "plan_fixity"),
                "check_fixity_share": partial(self.work, "check_fixity_share"),
            },
        }


def check_copied(result: dict[str, Any]) -> None:
    if result["failed"]:
        raise StoreUnfitError("second copy: expected every object copied")  # one that is not tried again


@pytest.fixture
def keeping(script, monkeypatch: pytest.MonkeyPatch) -> Keeping:
    found = Keeping()
    for name, functions in found.modules().items():
        stand_in = types.ModuleType(f"muniment.workflows.{name}")
        vars(stand_in).update(functions)
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
        monkeypatch.setattr(muniment.workflows, name, stand_in, raising=False)
    return found


def asked(keeping: Keeping) -> list[str]:
    return [what for what, _ in keeping.asked]


def test_an_agency_has_one_dag_of_each_and_one_with_faulty_files_has_none_and_stops_no_other(script, load):
    script.broken = {"ridgeway": ConfigurationError("agency.yaml")}

    bag = load()

    assert set(DAGS) <= set(bag.dags)
    assert [name for name in bag.dags if "ridgeway" in name] == []


@pytest.mark.parametrize("dag_id", DAGS)
def test_one_run_at_a_time_never_for_the_past_and_never_waiting_for_a_click(keeping, load, dag_id):
    dag = load().dags[dag_id]

    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert dag.dagrun_timeout < timedelta(days=1)


@pytest.mark.parametrize("dag_id", DAGS)
def test_the_runbook_names_every_task(keeping, load, dag_id):
    dag = load().dags[dag_id]

    assert [task_id for task_id in dag.task_ids if f"`{task_id}`" not in dag.doc_md] == []


@pytest.mark.parametrize("dag_id", DAGS)
def test_every_task_retries_tells_of_its_failure_and_logs_no_value(keeping, load, dag_id):
    for task in load().dags[dag_id].tasks:
        given = getattr(task, "partial_kwargs", None) or vars(task)
        assert given["retries"] == 3
        assert given["retry_exponential_backoff"]
        assert given["on_failure_callback"]
        assert given["show_return_value_in_logs"] is False


@pytest.mark.parametrize("dag_id", DAGS)
def test_checks_come_at_night_by_the_agencys_own_clock(keeping, load, dag_id):
    timetable = load().dags[dag_id].timetable
    timetable = getattr(timetable, "timetable", timetable)

    assert str(timetable.timezone) == "America/Los_Angeles"
    assert 1 <= int(timetable.expression.split()[1]) <= 4


def test_copying_follows_every_series_of_a_snapshot(keeping, load):
    condition = load().dags["copy_vault_harborview"].timetable.asset_condition

    assert {asset.uri for asset in condition.objects} >= {
        f"x-muniment://harborview/{series}" for series in ("official-posts", "public-comments", "subscriber-lists")
    }


def test_a_run_by_hand_copies_everywhere(keeping, load):
    dag_run = load().dags["copy_vault_harborview"].test()

    assert dag_run.state == "success"
    assert keeping.asked[0] == ("plan_copy", True)
    assert asked(keeping).count("copy_share") == 2


@pytest.mark.parametrize(("run_type", "whole"), [("ASSET_TRIGGERED", False), ("SCHEDULED", True), ("MANUAL", True)])
def test_after_a_snapshot_only_what_grows_is_looked_through(keeping, run_type, whole):
    from airflow.sdk.api.datamodels._generated import DagRunType

    from muniment_airflow import keeping_tasks

    keeping_tasks.plan_copy("harborview", types.SimpleNamespace(run_type=DagRunType[run_type]))

    assert keeping.asked == [("plan_copy", whole)]


def test_without_a_second_store_nothing_runs_and_nothing_fails(keeping, load):
    keeping.shares = 0

    dag_run = load().dags["copy_vault_harborview"].test()

    assert dag_run.state == "success"
    assert asked(keeping) == ["plan_copy"]


def test_what_could_not_be_copied_fails_the_run(keeping, load, notices):
    keeping.failed = 1

    dag_run = load().dags["copy_vault_harborview"].test()

    assert dag_run.state == "failed"


@pytest.mark.parametrize(("dag_id", "shares"), [(DAGS[0], 1), (DAGS[1], 1), (DAGS[2], 1)])
def test_new_findings_are_told_by_id_code_and_key(keeping, load, notices, dag_id, shares):
    keeping.shares, keeping.opened = shares, [OPENED]

    load().dags[dag_id].test()

    (notice,) = notices
    assert notice.subject == "harborview: 1 new finding(s)"
    assert notice.lines[1:] == ("finding 0123456789abcdef-0001 C003 records/a",)


@pytest.mark.parametrize(("dag_id", "steps"), [(DAGS[0], 1), (DAGS[1], 2), (DAGS[2], 1)])
def test_what_is_found_before_the_shares_is_told_too(keeping, load, notices, dag_id, steps):
    keeping.opened_in_planning = [{"id": "0123456789abcdef-0001", "code": "C001", "subject": "second-muniment-x"}]

    load().dags[dag_id].test()

    assert len(notices) == steps
    assert notices[0].lines[1:] == ("finding 0123456789abcdef-0001 C001 second-muniment-x",)


def test_what_is_found_is_told_also_where_the_planning_then_fails(keeping, load, notices):
    keeping.opened_in_planning = [{"id": "0123456789abcdef-0001", "code": "C001", "subject": "second-muniment-x"}]
    keeping.refuse = {"plan_copy": StoreUnfitError("no lock")}

    load().dags["copy_vault_harborview"].test()

    assert "harborview: 1 new finding(s)" in [notice.subject for notice in notices]


def test_a_night_without_new_findings_tells_nobody(keeping, load, notices):
    for dag_id in DAGS:
        load().dags[dag_id].test()

    assert notices == []


@pytest.mark.parametrize("shares", [1, 3])
def test_the_store_is_probed_compared_in_shares_and_entered_once(keeping, load, shares):
    keeping.shares = shares

    dag_run = load().dags["check_store_harborview"].test()

    assert dag_run.state == "success"
    assert asked(keeping)[:2] == ["probe_stores", "plan_check_store"]
    assert keeping.asked[-1] == ("enter_check", shares)


def test_a_store_that_cannot_be_probed_is_not_compared_and_not_entered(keeping, load, notices):
    keeping.refuse = {"probe_stores": StoreUnfitError("no lock")}

    dag_run = load().dags["check_store_harborview"].test()

    assert dag_run.state == "failed"
    assert "enter_check" not in asked(keeping)


def test_tonights_share_is_read_by_as_many_tasks_as_it_was_dealt_to(keeping, load):
    keeping.shares = 4

    dag_run = load().dags["check_fixity_harborview"].test()

    assert dag_run.state == "success"
    assert sorted(about for what, about in keeping.asked if what == "check_fixity_share") == [[0], [1], [2], [3]]
