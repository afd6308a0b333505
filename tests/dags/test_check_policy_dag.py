"""The DAG of the policies, run in Airflow with a stand-in workflow."""

from __future__ import annotations

import types

import pytest

from muniment.errors import ConfigurationError, StoreUnfitError

OPENED = {"id": "0123456789abcdef-0001", "code": "K001", "subject": "bluesky-city"}


def test_an_agency_with_faulty_files_has_none_and_stops_no_other(script, load) -> None:
    script.broken = {"ridgeway": ConfigurationError("agency.yaml")}

    assert [name for name in load().dags if name.startswith("check_policy")] == ["check_policy_harborview"]


def test_one_run_at_a_time_at_night_and_after_snapshots_never_for_the_past(script, load) -> None:
    dag = load().dags["check_policy_harborview"]

    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert "official-posts" in str(dag.timetable.asset_condition)
    assert [task_id for task_id in dag.task_ids if f"`{task_id}`" not in dag.doc_md] == []


def test_what_is_found_is_told(script, load, notices) -> None:
    script.opened = [OPENED]

    dag_run = load().dags["check_policy_harborview"].test()

    assert dag_run.state == "success"
    assert script.done == [("policy", "harborview", "")]
    assert [notice.lines[1:] for notice in notices] == [("finding 0123456789abcdef-0001 K001 bluesky-city",)]


@pytest.mark.parametrize("error", [StoreUnfitError("one that is not tried again")])
def test_a_run_that_could_not_be_made_is_failed(script, load, error) -> None:
    script.refuse = {("policy", "harborview"): error}

    assert load().dags["check_policy_harborview"].test().state == "failed"


@pytest.mark.parametrize(
    ("run_type", "asked"), [("ASSET_TRIGGERED", "policy after snapshot"), ("SCHEDULED", "policy"), ("MANUAL", "policy")]
)
def test_after_a_snapshot_the_last_run_is_looked_at_first(script, run_type, asked) -> None:
    from airflow.sdk.api.datamodels._generated import DagRunType

    from muniment_airflow import policy_tasks

    policy_tasks.check("harborview", types.SimpleNamespace(run_type=DagRunType[run_type]))

    assert script.done == [(asked, "harborview", "")]
