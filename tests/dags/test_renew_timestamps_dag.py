"""The DAG of time stamps, run in Airflow with stand-in workflows of the same signatures."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import muniment.workflows
from muniment.errors import ConfigurationError, StoreUnfitError

DAG = "renew_timestamps_harborview"
OPENED = {"id": "0123456789abcdef-0001", "code": "T006", "subject": "time authority local"}


@dataclass
class Time:
    opened: list[dict[str, str]] = field(default_factory=list)
    refuse: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def ask(self, what: str) -> None:
        self.asked.append(what)
        if what in self.refuse:
            raise self.refuse[what]

    def stamp_newest(self, agency: str) -> dict[str, Any]:
        self.ask("stamp")
        stamps = [{"authority": "local", "local": True}]
        return {"checkpoint": 7, "stamps": stamps, "failed": {}, "findings": [], "opened": self.opened}

    def renew_timestamps(self, agency: str) -> dict[str, Any]:
        self.ask("renew")
        return {"renewed": 3, "waiting": 0, "findings": [], "opened": []}


@pytest.fixture
def time(script, monkeypatch: pytest.MonkeyPatch) -> Time:
    found = Time()
    modules = {"stamp_checkpoints": found.stamp_newest, "renew_timestamps": found.renew_timestamps}
    for name, function in modules.items():
        stand_in = types.ModuleType(f"muniment.workflows.{name}")
        setattr(stand_in, function.__name__, function)
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
        monkeypatch.setattr(muniment.workflows, name, stand_in, raising=False)
    return found


def test_faulty_files_of_one_agency_stop_no_other(script, load):
    script.broken = {"ridgeway": ConfigurationError("agency.yaml")}

    bag = load()

    assert DAG in bag.dags
    assert "renew_timestamps_ridgeway" not in bag.dags


def test_one_run_at_a_time_never_for_the_past_and_never_waiting_for_a_click(time, load):
    dag = load().dags[DAG]

    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert dag.dagrun_timeout < timedelta(days=1)


def test_the_runbook_names_every_task(time, load):
    dag = load().dags[DAG]

    assert [task_id for task_id in dag.task_ids if f"`{task_id}`" not in dag.doc_md] == []


def test_every_task_retries_tells_of_its_failure_and_logs_no_value(time, load):
    for task in load().dags[DAG].tasks:
        assert task.retries == 3
        assert task.on_failure_callback
        assert task.show_return_value_in_logs is False


def test_it_follows_the_log_and_comes_at_night_besides(time, load):
    timetable = load().dags[DAG].timetable

    assert str(timetable.timetable.timezone) == "America/Los_Angeles"
    assert timetable.timetable.expression == "30 5 * * *"
    assert timetable.asset_condition.name == "harborview log"


def test_a_run_by_hand_stamps_and_then_renews(time, load, notices):
    dag_run = load().dags[DAG].test()

    assert dag_run.state == "success"
    assert time.asked == ["stamp", "renew"]
    assert notices == []


def test_after_a_checkpoint_nothing_is_renewed(time):
    from muniment_airflow.time_tasks import renew

    assert renew("harborview", SimpleNamespace(run_type="asset_triggered")) == {"renewed": 0, "waiting": 0}
    assert time.asked == []


def test_a_new_finding_is_told_once_by_its_id(time, load, notices):
    time.opened = [OPENED]

    dag_run = load().dags[DAG].test()

    assert dag_run.state == "success"
    (notice,) = notices
    assert "finding 0123456789abcdef-0001 T006 time authority local" in notice.lines


def test_a_store_that_is_unfit_fails_the_run_and_nothing_is_renewed(time, load, notices):
    time.refuse = {"stamp": StoreUnfitError("no lock")}

    dag_run = load().dags[DAG].test()

    assert dag_run.state == "failed"
    assert time.asked.count("renew") == 0
