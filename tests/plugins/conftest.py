"""A real Airflow with its database and store, started by the embedded code on free ports, stopped at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from muniment.embedded import supervisor
from muniment.embedded.airflow import USERS
from muniment.embedded.airflow_client import SignedIn, ask, wait_for_dag
from muniment.embedded.ports import Ports, pick_free_ports
from muniment.embedded.supervisor_plan import Options
from muniment.settings import read_settings

DAG = "snapshot_claremont"
SERVED = {"running", "users"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SERVED & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.airflow)


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[supervisor.Running]:
    """The embedded default without a simulator; no run starts by itself."""
    home: Path = tmp_path_factory.mktemp("embedded-airflow")
    settings = read_settings({"MUNIMENT_HOME": str(home)})
    names = Ports().named()
    ports = Ports(**dict(zip(names, pick_free_ports(len(names)), strict=True)))
    try:
        yield supervisor.start(settings, Options(ports=ports, timetables=False))
    finally:
        supervisor.stop(settings)


@pytest.fixture(scope="package")
def users(running: supervisor.Running) -> dict[str, SignedIn]:
    """Everybody, signed in; with one run that failed, so that there is something to look at."""
    signed_in = {name: running.sign_in(name) for name in USERS}
    wait_for_dag(signed_in["operator"], DAG)
    body = {"logical_date": None, "dag_run_id": "looked-at", "conf": {"accounts": ["no-such-account"]}}
    ask(signed_in["operator"], "POST", f"/api/v2/dags/{DAG}/dagRuns", body)
    return signed_in
