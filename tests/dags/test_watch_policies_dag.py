"""The policy watch as Airflow runs it, with stand-in workflows of the same signatures."""

from __future__ import annotations

from muniment.errors import BasisMissingError

DAG = "watch_policies_harborview"


def run(load, **params):
    return load().dags[DAG].test(run_conf=params)


def test_once_a_night_before_the_clauses_are_checked(script, load):
    dag = load().dags[DAG]

    assert (dag.max_active_runs, dag.catchup, dag.is_paused_upon_creation) == (1, False, False)
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == ("40 4 * * *", "America/Los_Angeles")


def test_the_runbook_names_every_task(script, load):
    dag = load().dags[DAG]

    assert [name for name in dag.task_ids if f"`{name.removeprefix('keep.')}`" not in dag.doc_md] == []


def test_every_page_is_captured_parsed_and_sealed(script, load):
    dag_run = run(load)

    assert dag_run.state == "success"
    steps = {(step, page) for step, page, series in script.done if series == "policies"}
    assert steps == {(step, page) for step in ("capture", "parse", "seal") for page in script.pages}
    assert script.filed == [("harborview", ["privacy-policy-policies", "social-policy-policies"])]


def test_chosen_pages_alone_are_planned(script, load):
    run(load, pages=["privacy-policy"])

    assert [planned[1] for planned in script.planned] == [["privacy-policy"]]


def test_a_page_that_fails_stops_no_other_and_fails_the_run(script, load):
    script.refuse = {("capture", "privacy-policy"): BasisMissingError("none")}

    dag_run = run(load)

    assert dag_run.state == "failed"
    assert ("seal", "social-policy", "policies") in script.done
    assert ("parse", "privacy-policy", "policies") not in script.done


def test_an_agency_that_watches_nothing_has_a_run_that_ends_well(script, load):
    script.pages = []

    assert run(load).state == "success"
