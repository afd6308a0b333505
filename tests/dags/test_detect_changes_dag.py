"""Probing as Airflow runs it, with stand-in workflows of the same signatures."""

from __future__ import annotations

from airflow.models.asset import AssetEvent, AssetModel
from airflow.utils.session import create_session
from sqlalchemy import select

from muniment.errors import TokenRefusedError

DAG = "detect_changes_harborview"
FINDING = {"id": "0123456789abcdef-0001", "code": "H001", "subject": "bluesky-city 20261121T120000.000000Z-0123abcd"}


def run(load):
    return load().dags[DAG].test()


def announced(dag_run) -> list[tuple[str, dict[str, object]]]:
    with create_session() as session:
        rows = session.execute(
            select(AssetModel.uri, AssetEvent.extra)
            .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
            .where(AssetEvent.source_run_id == dag_run.run_id)
        ).all()
    return [(uri, extra) for uri, extra in rows]


def test_after_every_snapshot_and_once_a_day_and_never_set_off_by_itself(script, load):
    dag = load().dags[DAG]

    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert (dag.timetable.timetable.expression, str(dag.timetable.timetable.timezone)) == (
        "50 5 * * *",
        "America/Los_Angeles",
    )
    assert dag.timetable.asset_condition.name == "harborview snapshots"
    (announce,) = [task for task in dag.tasks if task.task_id == "announce"]
    assert [outlet.name for outlet in announce.outlets] == ["harborview removed content"]


def test_the_runbook_names_every_task(script, load):
    dag = load().dags[DAG]

    assert [name for name in dag.task_ids if f"`{name}`" not in dag.doc_md] == []


def test_every_account_is_probed_and_what_is_sealed_is_filed_and_announced(script, load):
    script.quiet = {"mastodon-city"}

    dag_run = run(load)

    assert dag_run.state == "success"
    assert {account for step, account, _ in script.done if step == "probe"} == {"bluesky-city", "mastodon-city"}
    assert script.filed == [("harborview", ["bluesky-city-removed-content"])]
    extra = {"snapshots": ["bluesky-city-removed-content"]}
    assert announced(dag_run) == [("x-muniment://harborview/removed-content", extra)]


def test_where_nothing_vanished_nothing_is_announced(script, load):
    script.quiet = {"bluesky-city", "mastodon-city"}

    dag_run = run(load)

    assert (dag_run.state, script.filed, announced(dag_run)) == ("success", [], [])


def test_an_account_that_cannot_be_probed_stops_no_other_and_fails_the_run(script, load):
    script.refuse = {("probe", "mastodon-city"): TokenRefusedError("expected 200, the platform answered 401")}

    dag_run = run(load)

    assert dag_run.state == "failed"
    assert script.filed == [("harborview", ["bluesky-city-removed-content"])]


def test_a_new_finding_is_told_once_by_code_and_run(script, load, notices):
    script.opened, script.quiet = [FINDING], {"mastodon-city"}

    run(load)

    (notice,) = notices
    assert FINDING["id"] in "\n".join(notice.lines)
