"""Four agencies in one Airflow: each captured into its own bucket by its own rules; a person of one sees no other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import platform_simulator
from muniment.cli.demo_city import drop_newsletter
from muniment.custody.client import connect
from muniment.embedded import supervisor
from muniment.embedded.airflow_client import SignedIn, send, start_run, wait_for_dag, wait_for_run
from muniment.embedded.ports import Ports, pick_free_ports
from muniment.embedded.secret_files import read_or_make_secret
from muniment.embedded.supervisor_plan import Options, airflow_of
from muniment.evidence.layout import is_manifest_key
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.records.names import parse_instant
from muniment.settings import read_settings
from muniment.workflows.planning import open_agency
from muniment.workflows.wiring import open_vault

pytestmark = [pytest.mark.real, pytest.mark.airflow]

AGENCIES = ("calcities", "claremont", "helena", "lathrop")
DUTIES = ("operator", "clerk", "auditor", "counsel", "records_officer")
SCENARIO = Path(platform_simulator.__file__).parent / "scenarios" / "side-by-side.yaml"
SHIPPED = Path(__file__).resolve().parents[2] / "include" / "agencies"


def put_in_service(folder: Path) -> Path:
    for agency in AGENCIES:
        shutil.copytree(SHIPPED / agency, folder / agency)
        file = folder / agency / "agency.yaml"
        file.write_text(file.read_text("utf-8").replace("in_service: false", "in_service: true"), "utf-8")
    return folder


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[supervisor.Running]:
    home = tmp_path_factory.mktemp("four-agencies")
    agencies = put_in_service(home / "agencies")
    settings = read_settings({"MUNIMENT_HOME": str(home / "data"), "MUNIMENT_AGENCIES": str(agencies)})
    names = Ports().named()
    ports = Ports(**dict(zip(names, pick_free_ports(len(names)), strict=True)))
    options = Options(ports=ports, scenario=SCENARIO, timetables=False)
    sign_in = airflow_of(settings, options).sign_in
    sign_in.mkdir(parents=True, mode=0o700)
    for agency in AGENCIES:
        for duty in DUTIES:
            read_or_make_secret(sign_in / f"{agency}.{duty}.password")
    try:
        yield supervisor.start(settings, options)
    finally:
        supervisor.stop(settings)


@pytest.fixture(scope="module")
def captured(running: supervisor.Running) -> dict[str, Any]:
    """One run of each agency's snapshot, started by that agency's own operator."""
    drop_newsletter(running.settings, "claremont")
    begun = {}
    for agency in AGENCIES:
        who, dag = running.sign_in(f"{agency}.operator"), f"snapshot_{agency}"
        wait_for_dag(who, dag, within_s=180)
        begun[agency] = (who, dag, start_run(who, dag))
    return {agency: wait_for_run(*run, within_s=900) for agency, run in begun.items()}


@pytest.fixture(scope="module")
def people(running: supervisor.Running) -> dict[tuple[str, str], SignedIn]:
    return {(agency, duty): running.sign_in(f"{agency}.{duty}") for agency in AGENCIES for duty in DUTIES}


def manifests_of(running: supervisor.Running, agency: str) -> list[Manifest]:
    vault = open_vault(agency, running.settings)
    return [parse_manifest(vault.read(key)) for key in vault.list_keys("records/") if is_manifest_key(key)]


@pytest.mark.parametrize("agency", AGENCIES)
def test_each_agency_is_captured_whole_into_its_own_bucket_by_its_own_schedule(running, captured, agency) -> None:
    assert captured[agency].state == "success", captured[agency].tasks
    about = open_agency(agency, running.settings)
    sealed = manifests_of(running, agency)

    assert {manifest.agency for manifest in sealed} == {agency}
    assert {(one.account, one.series) for one in sealed} == {
        (account.id, series) for account in about.accounts for series in account.series
    }
    assert {manifest.zone for manifest in sealed} == {about.zone}
    for manifest in sealed:
        row = about.schedule.row_for(manifest.series)
        assert row is not None
        assert manifest.retention.row == row.id
        assert parse_instant(manifest.retention.locked_until) - parse_instant(manifest.ended_at) > timedelta(days=360)


def test_the_same_series_of_two_agencies_is_locked_as_long_as_each_ones_schedule_says(running, captured) -> None:
    until = {
        agency: next(one.retention for one in manifests_of(running, agency) if one.series == "official-posts")
        for agency in AGENCIES
    }

    assert {agency: one.row for agency, one in until.items()} == {
        agency: open_agency(agency, running.settings).schedule.row_for("official-posts").id for agency in AGENCIES
    }
    # Two years after the month in California's cities, three in Montana and for the nonprofit.
    assert until["lathrop"].locked_until < until["helena"].locked_until
    assert until["claremont"].locked_until < until["calcities"].locked_until


def test_there_is_one_bucket_for_each_agency(running, captured) -> None:
    store = running.settings.store
    client = connect(store.endpoint, store.region, *store.administrator_or_none())

    buckets = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}

    assert {store.bucket(agency) for agency in AGENCIES} <= buckets


def listed(who: SignedIn, path: str, field: str, key: str = "dag_id") -> set[str]:
    status, text = send(who, "GET", path)
    assert status == 200, text
    return {item[key] for item in json.loads(text)[field] if item[key]}


def agency_of(dag_id: str) -> str:
    return dag_id.rpartition("_")[2]


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize("agency", AGENCIES)
def test_every_list_shows_a_person_the_own_agency_alone(captured, people, agency, duty) -> None:
    who = people[agency, duty]

    assert {agency_of(dag) for dag in listed(who, "/api/v2/dags?limit=200", "dags")} == {agency}
    assert {agency_of(dag) for dag in listed(who, "/ui/dags?limit=200", "dags")} == {agency}
    assert {agency_of(dag) for dag in listed(who, "/api/v2/dags/~/dagRuns?limit=200", "dag_runs")} == {agency}
    runs = "/api/v2/dags/~/dagRuns/~/taskInstances?limit=500"
    assert {agency_of(dag) for dag in listed(who, runs, "task_instances")} == {agency}
    status, graph = send(who, "GET", "/ui/dependencies")
    assert status == 200
    assert [other for other in AGENCIES if other != agency and f"_{other}" in graph] == []


@pytest.mark.parametrize("agency", AGENCIES)
def test_an_auditors_log_of_deeds_names_no_dag_of_another_agency(captured, people, agency) -> None:
    found = listed(people[agency, "auditor"], "/api/v2/eventLogs?limit=500", "event_logs")

    assert {agency_of(dag) for dag in found} == {agency}


CALLS = [
    ("GET", "/api/v2/dags/{dag}", None),
    ("GET", "/api/v2/dags/{dag}/details", None),
    ("GET", "/api/v2/dags/{dag}/dagRuns", None),
    ("GET", "/api/v2/dags/{dag}/dagRuns/{run}", None),
    ("GET", "/api/v2/dags/{dag}/dagRuns/{run}/taskInstances", None),
    ("GET", "/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/plan/logs/1", None),
    ("GET", "/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/plan/xcomEntries", None),
    ("GET", "/api/v2/dags/{dag}/dagRuns/~/hitlDetails", None),
    ("GET", "/api/v2/dagSources/{dag}", None),
    ("GET", "/ui/grid/structure/{dag}", None),
    ("GET", "/ui/structure/structure_data?dag_id={dag}", None),
    ("GET", "/api/v2/assets", None),
    ("PATCH", "/api/v2/dags/{dag}", {"is_paused": True}),
    ("POST", "/api/v2/dags/{dag}/dagRuns", {"logical_date": None, "conf": {}}),
    ("POST", "/api/v2/dags/dispose_records_{other}/dagRuns", {"logical_date": None, "conf": {"series": "none"}}),
    ("PATCH", "/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/plan/-1/hitlDetails",
     {"chosen_options": ["Approve"], "params_input": {}}),
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS])
@pytest.mark.parametrize("duty", DUTIES)
def test_what_is_another_agencys_is_refused_to_everybody_of_this_one(captured, people, duty, call) -> None:
    method, path, body = call
    for agency, other in zip(AGENCIES, AGENCIES[1:] + AGENCIES[:1], strict=True):
        names = {"dag": f"snapshot_{other}", "run": captured[other].run_id, "other": other}

        status, text = send(people[agency, duty], method, path.format(**names), body)

        assert status == 403, (agency, other, text[:200])


def test_whoever_is_of_the_installation_sees_every_agency_and_its_assets(running, captured) -> None:
    operator = running.sign_in("operator")

    dags = listed(operator, "/api/v2/dags?limit=200", "dags")
    assets = listed(operator, "/api/v2/assets?limit=200", "assets", key="name")

    assert {agency_of(dag) for dag in dags} == set(AGENCIES)
    assert {name.partition("/")[0] for name in assets} == set(AGENCIES)
