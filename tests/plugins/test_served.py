from __future__ import annotations

import http.client
import os
import signal
import stat
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from muniment.embedded import supervisor
from muniment.embedded.airflow import DAEMONS, RECORDER, USERS, read_health
from muniment.embedded.airflow_client import SignedIn, ask, send, sign_in
from muniment.errors import ServiceError
from muniment.settings import read_settings

pytestmark = pytest.mark.real  # an Airflow of its own

DAG = "/api/v2/dags/snapshot_claremont"


def browse(running, method: str, path: str, headers: dict[str, str], body: str | None = None):
    parts = urlsplit(running.airflow.address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        reply.read()
        return reply
    finally:
        connection.close()


def group_of(pid: str) -> int | None:
    """Return the process group of *pid*; None when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[2])


def wait_until(holds) -> None:
    deadline = time.monotonic() + 90
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.5)


def is_socket(link: Path) -> bool:
    try:
        return stat.S_ISSOCK(link.stat().st_mode)
    except FileNotFoundError:
        return False


def test_the_projects_own_dag_files_parse(users):
    errors = ask(users["operator"], "GET", "/api/v2/importErrors")

    assert errors["import_errors"] == []


def test_a_request_that_another_site_makes_a_browser_send_is_refused(running, users):
    cookie = f"_token={users['operator'].token}"
    headers = {"Cookie": cookie, "Content-Type": "application/json"}
    body = '{"is_paused": false}'

    foreign = browse(running, "PATCH", DAG, headers | {"Sec-Fetch-Site": "cross-site"}, body)
    ours = browse(running, "PATCH", DAG, headers | {"Sec-Fetch-Site": "same-origin"}, body)

    assert (foreign.status, ours.status) == (403, 200)


def test_a_stranger_who_opens_a_page_is_sent_to_sign_in(running):
    reply = browse(running, "GET", "/api/v2/dags", {})

    assert reply.status == 401


def test_a_wrong_password_is_refused(running):
    with pytest.raises(ServiceError, match="found 401"):
        sign_in(running.airflow.address, "operator", "operator")


def test_every_password_and_secret_is_its_owners_alone(running):
    folders = (
        running.airflow.sign_in,
        running.airflow.folder / "secrets",
        running.settings.home / "postgres" / "secrets",
    )
    files = [path for folder in folders for path in folder.iterdir()]

    assert {path.stem for path in running.airflow.sign_in.iterdir()} == {*USERS, RECORDER}
    assert [path for path in files if stat.S_IMODE(path.stat().st_mode) != 0o600] == []


def test_no_password_or_secret_is_in_a_log_or_in_a_daemons_environment(running, users):
    folders = (
        running.airflow.sign_in,
        running.airflow.folder / "secrets",
        running.settings.home / "postgres" / "secrets",
    )
    secrets = [path.read_bytes().strip() for folder in folders for path in folder.iterdir()]
    logs = list(running.settings.home.rglob("*.log"))
    environments = [Path(f"/proc/{running.state().pids[name]}/environ") for name in DAEMONS]

    told = b"".join(path.read_bytes() for path in [*logs, *environments])

    assert len(logs) > 5
    assert [secret for secret in secrets if secret in told] == []


def test_everything_listens_on_the_loopback_interface_only(running):
    groups = {os.getpgid(pid) for pid in running.state().pids.values()}
    ours = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and group_of(path.name) in groups]
    sockets = {link.stat().st_ino for pid in ours for link in Path(f"/proc/{pid}/fd").glob("*") if is_socket(link)}
    addresses = {
        fields[1].split(":")[0]
        for table in ("tcp", "tcp6")
        for fields in (line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if fields[3] == "0A" and int(fields[9]) in sockets
    }

    assert addresses == {"0100007F"}


def test_a_second_start_finds_what_runs(running):
    again = supervisor.start(running.settings, running.options)

    assert again.state().pids == running.state().pids


def test_another_installation_on_the_same_ports_is_told_which_is_taken(running, tmp_path):
    other = read_settings({"MUNIMENT_HOME": str(tmp_path)})

    with pytest.raises(ServiceError, match=rf"port {running.options.ports.airflow} \(airflow\).*expected free"):
        supervisor.start(other, running.options)


@pytest.mark.parametrize("daemon", ["scheduler", "postgres", "dag-processor"])
def test_a_daemon_that_is_killed_comes_back(running, users, daemon):
    # What died with the database before may still be on its way back.
    wait_until(lambda: set(DAEMONS) <= running.state().pids.keys())
    killed, before = running.state().pids[daemon], running.state().restarts.get(daemon, 0)

    os.kill(killed, signal.SIGKILL)

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        pid = running.state().pids.get(daemon)
        if pid not in {None, killed} and send(users["operator"], "GET", "/api/v2/dags")[0] == 200:
            break
        time.sleep(0.5)
    assert running.state().pids[daemon] != killed
    assert running.state().restarts[daemon] >= before + 1
    assert [
        path.name for path in Path("/proc").iterdir() if path.name.isdigit() and group_of(path.name) == killed
    ] == []
    assert any(line.startswith(f"{daemon}: died; starting it again in ") for line in running.state().progress)
    assert set(read_health(running.airflow)) >= {"scheduler", "dag_processor"}


def test_signing_in_needs_a_running_airflow():
    with pytest.raises(ServiceError, match="expected an answer"):
        sign_in("http://127.0.0.1:1", "operator", "x")


def test_an_unknown_dag_is_refused(users):
    who: SignedIn = users["operator"]

    with pytest.raises(ServiceError, match="found 404"):
        ask(who, "POST", "/api/v2/dags/no-such-dag/dagRuns", {"logical_date": None})
