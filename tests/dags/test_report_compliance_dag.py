"""The DAG of the compliance report, in Airflow with a stand-in library of the same signatures."""

from __future__ import annotations

import pytest
from airflow.exceptions import ParamValidationError

DAG = "report_compliance_harborview"


def test_the_report_comes_on_the_first_of_the_month_by_the_agencys_own_clock(script, load) -> None:
    dag = load().dags[DAG]

    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == ("20 7 1 * *", "America/Los_Angeles")
    assert [task_id for task_id in dag.task_ids if f"`{task_id}`" not in dag.doc_md] == []


def test_it_is_of_the_last_month_at_the_runs_own_instant(script, load) -> None:
    dag_run = load().dags[DAG].test()

    assert dag_run.state == "success"
    assert script.planned == [("harborview", None, dag_run.run_after)]


def test_a_person_may_name_a_month_and_nothing_else(script, load) -> None:
    load().dags[DAG].test(run_conf={"month": "2026-09"})

    assert script.planned[0][:2] == ("harborview", "2026-09")
    with pytest.raises(ParamValidationError):
        load().dags[DAG].test(run_conf={"month": "September"})
