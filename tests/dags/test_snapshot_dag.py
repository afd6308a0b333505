from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.exceptions import ParamValidationError
from airflow.models.asset import AssetEvent, AssetModel
from airflow.utils.session import create_session
from sqlalchemy import select

from muniment.errors import AgencyFilesError, ConfigurationError, Fault, TokenRefusedError

FAMILIES = (
    "append_log",
    "apply_retention",
    "check_coverage",
    "check_fixity",
    "check_policy",
    "check_store",
    "copy_vault",
    "detect_changes",
    "renew_timestamps",
    "report_compliance",
    "snapshot",
    "watch_policies",
)  # an agency's
DAGS = Path(__file__).resolve().parents[2] / "dags"


def run(bag: DagBag, **params: object):
    return bag.dags["snapshot_harborview"].test(run_conf=params)


def states(dag_run) -> dict[tuple[str, int], str]:
    return {(task.task_id, task.map_index): str(task.state) for task in dag_run.get_task_instances()}


def test_every_dag_file_parses(script, load):
    bag = load()

    assert bag.import_errors == {}
    assert set(bag.dags) == {f"{family}_harborview" for family in FAMILIES}


def test_an_agency_with_faulty_files_is_an_import_error_naming_file_and_line_and_stops_no_other(script, load):
    fault = Fault("agency.yaml", 7, "zone", "an IANA time zone", "'Mars'")
    script.broken = {"ridgeway": AgencyFilesError("ridgeway", [fault])}

    bag = load()

    assert set(bag.dags) == {f"{family}_harborview" for family in FAMILIES}
    assert [Path(name).name for name in bag.import_errors] == ["agency_files.py"]
    assert "agency.yaml:7: zone: expected an IANA time zone, found 'Mars'" in next(iter(bag.import_errors.values()))


def test_one_run_at_a_time_on_the_agencys_own_clock_and_never_for_the_past(script, load):
    dag = load().dags["snapshot_harborview"]

    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert dag.dagrun_timeout is not None
    crons = [(item.expression, str(item.timezone)) for item in dag.timetable.timetables]
    assert crons == [("*/15 8-16 * * 1-5", "America/Los_Angeles"), ("0 */2 * * 0,6", "America/Los_Angeles")]


def test_the_runbook_names_every_task(script, load):
    dag = load().dags["snapshot_harborview"]

    missing = [task_id for task_id in dag.task_ids if f"`{task_id.removeprefix('keep.')}`" not in dag.doc_md]

    assert missing == []


def test_every_task_retries_later_each_time_tells_of_its_failure_and_logs_no_value(script, load):
    dag = load().dags["snapshot_harborview"]

    for task in dag.tasks:
        partial = getattr(task, "partial_kwargs", None) or vars(task)
        assert partial["retry_exponential_backoff"]
        assert partial["max_retry_delay"] >= timedelta(minutes=10)
        assert partial["retry_policy"]
        assert partial["on_failure_callback"]
        assert partial["show_return_value_in_logs"] is False


def test_whatever_is_parsed_is_sealed_and_announced(script, load):
    dag_run = run(load())

    assert dag_run.state == "success"
    assert {step for step in script.done if step[0] == "seal"} == {
        ("seal", "bluesky-city", "official-posts"),
        ("seal", "mastodon-city", "official-posts"),
    }
    assert announced(dag_run) == {
        "x-muniment://harborview/official-posts": ["bluesky-city-official-posts", "mastodon-city-official-posts"]
    }


def test_whatever_is_sealed_is_handed_to_the_catalog_once(script, load):
    run(load())

    assert script.filed == [
        ("harborview", ["bluesky-city-official-posts", "mastodon-city-official-posts"]),
    ]


@pytest.mark.parametrize("step", ["capture", "parse"])
def test_a_broken_account_stops_no_other_and_fails_the_run(script, load, step):
    script.refuse = {(step, "bluesky-city"): TokenRefusedError("refused")}

    dag_run = run(load())

    assert dag_run.state == "failed"
    assert states(dag_run)["seal", -1] == "success"
    assert [done for done in script.done if done[0] == "seal"] == [("seal", "mastodon-city", "official-posts")]
    assert announced(dag_run) == {"x-muniment://harborview/official-posts": ["mastodon-city-official-posts"]}


def test_a_run_of_one_account_and_series_is_sealed(script, load):
    script.agencies["harborview"] = [("bluesky-city", "official-posts")]

    dag_run = run(load())

    assert dag_run.state == "success"
    assert announced(dag_run) == {"x-muniment://harborview/official-posts": ["bluesky-city-official-posts"]}


def test_when_no_account_answers_nothing_is_sealed_and_the_run_fails(script, load):
    script.refuse = {
        ("capture", account): TokenRefusedError("refused") for account in ("bluesky-city", "mastodon-city")
    }

    dag_run = run(load())

    assert dag_run.state == "failed"
    assert [done for done in script.done if done[0] == "seal"] == []


def test_when_the_plan_fails_nothing_else_runs(script, load):
    script.refuse = {("plan", "harborview"): ConfigurationError("accounts.yaml")}

    dag_run = run(load())

    assert dag_run.state == "failed"
    assert script.done == []


def test_a_task_repeated_finds_the_same_instant(script, load):
    bag = load()

    first = run(bag)

    (_, accounts, series, run_id, taken_at) = script.planned[0]
    assert (accounts, series, run_id) == ([], [], first.run_id)
    assert datetime.fromisoformat(taken_at) == first.run_after.astimezone(UTC)


def test_a_run_by_hand_may_choose_accounts_and_series(script, load):
    run(load(), accounts=["bluesky-city"], series=["official-posts"])

    assert script.planned[0][1:3] == (["bluesky-city"], ["official-posts"])


@pytest.mark.parametrize(
    "params", [{"accounts": "bluesky-city"}, {"accounts": ["../x"]}, {"series": ["everything"]}, {"accounts": [1]}]
)
def test_a_choice_of_another_shape_is_refused(script, load, params):
    with pytest.raises(ParamValidationError):
        run(load(), **params)


def test_mapped_tasks_are_named_by_account_and_series_also_when_they_fail(script, load):
    script.refuse = {("capture", "bluesky-city"): TokenRefusedError("refused")}

    dag_run = run(load())

    labels = {task.rendered_map_index for task in dag_run.get_task_instances() if task.task_id == "keep.capture"}
    assert labels == {"bluesky-city official-posts", "mastodon-city official-posts"}


def test_what_tasks_hand_on_is_ids_and_counts(script, load):
    dag_run = run(load())

    sealed = dag_run.get_task_instance("seal").xcom_pull(task_ids="seal")
    assert json.loads(json.dumps(sealed)) == {
        "sealed": [
            {
                "account": account,
                "series": "official-posts",
                "snapshot": f"{account}-official-posts",
                "verdict": "accepted",
            }
            for account in ("bluesky-city", "mastodon-city")
        ],
        "failed": [],
    }


def test_a_quarantined_snapshot_is_announced_and_told(script, load, notices):
    script.quarantined = {"mastodon-city"}

    dag_run = run(load())

    assert dag_run.state == "success"
    assert [notice.subject for notice in notices] == ["harborview: 1 snapshot(s) quarantined"]
    assert notices[0].lines[1:] == ("snapshot mastodon-city-official-posts",)


def test_an_account_that_fails_for_good_is_told_without_the_platforms_words(script, load, notices):
    script.refuse = {("capture", "bluesky-city"): TokenRefusedError("no entry for @somebody")}

    run(load())

    told = [notice.subject for notice in notices]
    assert "harborview: keep.capture bluesky-city official-posts failed: TokenRefusedError" in told
    assert "somebody" not in repr(notices)


def announced(dag_run) -> dict[str, list[str]]:
    with create_session() as session:
        rows = session.execute(
            select(AssetModel.uri, AssetEvent.extra)
            .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
            .where(AssetEvent.source_run_id == dag_run.run_id)
        ).all()
    return {uri: extra["snapshots"] for uri, extra in rows}
