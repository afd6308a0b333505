"""The DAG of coverage, and the reasons that failed captures leave, in Airflow with stand-in workflows."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from muniment.errors import StoreUnavailableError, TokenRefusedError
from muniment_airflow.failed_captures import describe_capture

OPENED = {"id": "0123456789abcdef-0001", "code": "U001", "subject": "bluesky-city/official-posts/then"}


def run_snapshot(load):
    return load().dags["snapshot_harborview"].test()


def test_a_capture_that_succeeds_enters_nothing(script, load) -> None:
    run_snapshot(load)

    assert script.failed == []


@pytest.mark.parametrize("step", ["capture", "parse"])
def test_a_capture_that_failed_for_good_is_entered_once_with_the_class_of_its_error(script, load, step) -> None:
    script.refuse = {(step, "bluesky-city"): TokenRefusedError("refused for @somebody")}

    dag_run = run_snapshot(load)

    ((agency, facts),) = script.failed
    assert (agency, facts["account"], facts["series"], facts["error"]) == (
        "harborview", "bluesky-city", "official-posts", "TokenRefusedError",
    )  # fmt: skip
    assert facts["taken_at"] == script.planned[0][4]
    assert facts["run_id"] == dag_run.run_id
    assert "somebody" not in str(facts)


def test_a_plan_that_failed_is_entered_for_every_account(script, load) -> None:
    script.refuse = {("plan", "harborview"): TokenRefusedError("x")}

    run_snapshot(load)

    assert [(facts["account"], facts["series"], facts["error"]) for _, facts in script.failed] == [
        (None, None, "TokenRefusedError")
    ]


def test_a_failure_that_cannot_be_entered_changes_nothing_of_the_run(script, load, notices) -> None:
    script.refuse = {
        ("capture", "bluesky-city"): TokenRefusedError("x"),
        ("record", "harborview"): StoreUnavailableError("away"),
    }

    dag_run = run_snapshot(load)

    assert dag_run.state == "failed"
    assert [done for done in script.done if done[0] == "seal"] == [("seal", "mastodon-city", "official-posts")]
    assert any("TokenRefusedError" in notice.subject for notice in notices)


@pytest.mark.parametrize("task_id", ["seal", "complete"])
def test_a_task_of_no_account_that_failed_is_no_failed_capture(task_id: str) -> None:
    context = {
        "task_instance": SimpleNamespace(task_id=task_id),
        "exception": StoreUnavailableError("away"),
        "dag_run": SimpleNamespace(run_id="r", run_after=datetime(2026, 11, 2, tzinfo=UTC)),
    }

    assert describe_capture(context) is None
    assert describe_capture(context | {"task_instance": SimpleNamespace(task_id="plan")}) is not None


def test_coverage_is_checked_every_night_by_the_agencys_own_clock_never_for_the_past(script, load) -> None:
    dag = load().dags["check_coverage_harborview"]

    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == ("40 4 * * *", "America/Los_Angeles")
    assert [task_id for task_id in dag.task_ids if f"`{task_id}`" not in dag.doc_md] == []


def test_what_was_missed_is_told(script, load, notices) -> None:
    script.opened = [OPENED]

    dag_run = load().dags["check_coverage_harborview"].test()

    assert dag_run.state == "success"
    assert script.done == [("coverage", "harborview", "")]
    assert [notice.lines[1:] for notice in notices] == [
        ("finding 0123456789abcdef-0001 U001 bluesky-city/official-posts/then",)
    ]
