from __future__ import annotations

import pytest
from airflow.models.asset import AssetEvent, AssetModel
from airflow.utils.session import create_session
from sqlalchemy import select

from muniment.errors import LogError
from muniment_airflow.pools import make_pools


def run(bag):
    return bag.dags["append_log_harborview"].test()


def announced(dag_run) -> list[tuple[str, dict[str, int]]]:
    with create_session() as session:
        rows = session.execute(
            select(AssetModel.uri, AssetEvent.extra)
            .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
            .where(AssetEvent.source_run_id == dag_run.run_id)
        ).all()
    return [(uri, extra) for uri, extra in rows]


def test_one_append_at_a_time_of_all_agencies_after_every_snapshot_and_certificate_and_every_hour(script, load):
    dag = load().dags["append_log_harborview"]

    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert [task.pool for task in dag.tasks] == ["log"]
    assert dag.dagrun_timeout is not None
    assert (dag.timetable.timetable.expression, str(dag.timetable.timetable.timezone)) == (
        "40 * * * *",
        "America/Los_Angeles",
    )
    followed = [condition.name for condition in dag.timetable.asset_condition.objects]
    assert followed == ["harborview snapshots", "harborview removed content", "harborview/dispositions"]


def test_the_pool_has_one_slot_and_is_made_once(script):
    from airflow.models.pool import Pool

    changes = make_pools()

    assert changes in ([], ["pool log: one slot"])  # the database is shared with other tests
    assert make_pools() == []
    assert Pool.get_pool("log").slots == 1


def test_the_runbook_names_every_task(script, load):
    dag = load().dags["append_log_harborview"]

    assert [task_id for task_id in dag.task_ids if f"`{task_id}`" not in dag.doc_md] == []


def test_a_new_checkpoint_is_announced(script, load):
    dag_run = run(load())

    assert dag_run.state == "success"
    assert announced(dag_run) == [("x-muniment://harborview/log", {"checkpoint": 7, "size": 40})]
    handed_on = dag_run.get_task_instance("append").xcom_pull(task_ids="append")
    assert handed_on == {"appended": 3, "size": 40, "checkpoint": 7, "refused": 0}


def test_where_there_is_none_nothing_is_announced(script, load):
    script.appended = {"appended": 0, "advanced": False}

    dag_run = run(load())

    assert dag_run.state == "success"
    assert announced(dag_run) == []


def test_what_was_refused_is_told_and_the_rest_is_logged(script, load, notices):
    script.appended = {"findings": [["L001", "records/x/manifest.json", "expected a lock"]]}

    dag_run = run(load())

    assert dag_run.state == "success"
    assert [(notice.subject, notice.lines[1:]) for notice in notices] == [
        ("harborview: 1 object(s) refused by the log", ("L001 records/x/manifest.json",))
    ]


@pytest.mark.parametrize("error", [LogError("log: expected root, found another")])
def test_a_log_that_is_not_what_it_should_be_fails_the_run_and_is_told(script, load, notices, error):
    script.refuse = {("append", "harborview"): error}

    dag_run = run(load())

    assert dag_run.state == "failed"
    assert "harborview: append failed: LogError" in [notice.subject for notice in notices]
