"""The services of docker-compose.yaml, run without containers: database, queue, store, two workers, one snapshot."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.production.airflow_services import finished_by_worker, run_dag, start_airflow
from tests.production.platforms import deliver_newsletter, start_simulator
from tests.production.services import CHECKOUT, Stack, wait

pytestmark = [pytest.mark.real, pytest.mark.airflow]

PROBE = """
from datetime import UTC, datetime
from airflow.sdk import dag, task

@dag(schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC))
def probe():
    @task
    def numbers() -> list[int]:
        return list(range(8))

    @task
    def square(number: int) -> int:
        import time
        time.sleep(1)
        return number * number

    square.expand(number=numbers())

probe()
"""


@pytest.fixture(scope="module")
def airflow(stack: Stack) -> Iterator[Stack]:
    """The store examined, the platforms simulated, Airflow running with two workers, all of it found healthy."""
    stack.dags = stack.folder / "dags"
    shutil.copytree(CHECKOUT / "dags", stack.dags, ignore=shutil.ignore_patterns("__pycache__"))
    (stack.dags / "probe.py").write_text(PROBE, "utf-8")
    simulator = start_simulator(stack)
    deliver_newsletter(stack, simulator)
    stack.run("store-init", MUNIMENT_SIMULATOR=simulator)
    start_airflow(stack, MUNIMENT_SIMULATOR=simulator, AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE="false")
    yield stack
    died = [name for name, process in stack.running.items() if process.poll() is not None]
    assert died == [], {name: stack.tail(name) for name in died}


def test_the_queue_answers_nobody_without_its_password(stack: Stack) -> None:
    answer = subprocess.run(
        ["redis-cli", "-p", str(stack.ports["redis"]), "ping"], capture_output=True, text=True, check=False
    )

    assert answer.stdout.startswith("NOAUTH")


@pytest.mark.parametrize(
    ("port", "path"),
    [
        ("store_master", "/col/delete?collection=muniment-claremont"),  # destroyed a locked bucket, as the store comes
        ("store_master", "/vol/grow?count=1"),
        ("store_master", "/dir/assign"),
        ("store_filer", "/buckets/"),  # destroyed a locked object, as the store comes
        ("store_volume", "/1,01637037d6"),
    ],
)
def test_the_stores_back_doors_are_shut_even_inside_its_container(stack: Stack, port: str, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = httpx.request(method, f"http://127.0.0.1:{stack.ports[port]}{path}")
        assert answer.status_code in {401, 404}, (method, answer.text)


@pytest.mark.parametrize("part", ["store", "store_master", "store_volume", "store_filer"])
def test_the_stores_parts_speak_to_nobody_without_a_certificate(stack: Stack, part: str) -> None:
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE

    plain = socket.create_connection(("127.0.0.1", stack.ports[part] + 10000))
    with stranger.wrap_socket(plain) as connection, pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
        connection.recv(1)


def test_the_store_asks_every_reader_for_a_key(stack: Stack) -> None:
    assert httpx.get(f"http://127.0.0.1:{stack.ports['store']}/").status_code == 403


def test_the_store_listens_for_others_on_its_s3_port_and_the_grpc_port_that_wants_a_certificate(stack: Stack) -> None:
    shift = {"STORE_PORT": 1, "STORE_MASTER_PORT": 2, "STORE_VOLUME_PORT": 3, "STORE_FILER_PORT": 4}
    ports = {name: str(stack.ports["store"] + number) for name, number in shift.items()}
    data = stack.folder / "run" / "apart" / "data"
    stack.make_folder(data)
    stack.start("store", "apart", **ports, STORE_BIND="127.0.0.2", STORE_DATA=str(data))
    s3 = int(ports["STORE_PORT"])

    wait(lambda: s3 in listening_on("127.0.0.2"), 30, "S3", lambda: stack.tail("apart"), stack.running["apart"])
    time.sleep(1)
    open_to_others = listening_on("127.0.0.2") | listening_on("0.0.0.0")
    stack.stop("apart")

    assert open_to_others & range_of(stack) == {s3, s3 + 10000}


def range_of(stack: Stack) -> set[int]:
    """Return the ports that a store beside the first could have opened."""
    first = stack.ports["store"]
    return {port + grpc for port in range(first + 1, first + 5) for grpc in (0, 10000)}


def listening_on(address: str) -> set[int]:
    """Return the ports that anything listens on at *address* (proc(5), /proc/net/tcp)."""
    number = "".join(f"{int(part):02X}" for part in reversed(address.split(".")))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return {int(row[1].split(":")[1], 16) for row in rows if row[1].startswith(number) and row[3] == "0A"}


def test_one_run_is_shared_by_both_workers(airflow: Stack) -> None:
    before = finished_by_worker(airflow)

    tasks = run_dag(airflow, "probe", "shared", 180)

    assert [state for _, _, state in tasks] == ["success"] * 9
    after = finished_by_worker(airflow)
    assert {name: after[name] > before.get(name, 0) for name in after} == {"worker-1": True, "worker-2": True}
    assert sum(after.values()) - sum(before.values()) == 9


def test_no_secret_stands_in_a_process_s_arguments_or_environment(airflow: Stack) -> None:
    keys = {path.name: path.read_bytes().strip() for path in airflow.secrets.iterdir() if path.is_file()}
    for name, process in airflow.running.items():
        seen = b"".join(Path(f"/proc/{process.pid}/{what}").read_bytes() for what in ("cmdline", "environ"))
        assert [secret for secret, value in keys.items() if value in seen] == [], name


def test_a_whole_snapshot_passes_through_both_workers_and_verifies(airflow: Stack) -> None:
    before = finished_by_worker(airflow)
    muniment(airflow, "catalog", "rebuild")

    tasks = run_dag(airflow, "snapshot_claremont", "production", 400)

    assert {state for _, _, state in tasks} == {"success"}
    captures = [number for task, number, _ in tasks if task == "keep.capture"]
    orders = {(account, series) for account, series in planned()}
    assert len(captures) == len(orders)
    after = finished_by_worker(airflow)
    assert all(after[name] > before[name] for name in ("worker-1", "worker-2"))
    sealed = json.loads(muniment(airflow, "snapshots", "list", "--agency", "claremont", "--json"))
    assert {(found["account"], found["series"]) for found in sealed} == orders
    assert [found for found in sealed if found["verdict"] != "accepted"] == []
    report = json.loads(muniment(airflow, "verify", "--agency", "claremont", "--json"))
    assert report["findings"] == []
    assert report["snapshots"] == len(orders)
    (compared,) = json.loads(muniment(airflow, "catalog", "compare", "--json"))
    assert (compared["snapshots"], compared["comparison"]["count"]) == (len(orders), 0)
    addresses = sorted(path.read_text("utf-8-sig") for path in (airflow.folder / "data" / "drop").rglob("*.csv"))
    assert NAMES_SOMEBODY.search(" ".join(addresses))  # what is looked for is there to be found
    assert named_to_operators(airflow) == []


NAMES_SOMEBODY = re.compile(r"[\w.+-]+@[\w-]+\.\w+|did:plc:\w+|[\w-]+\.example\b")


def named_to_operators(stack: Stack) -> list[tuple[str, str]]:
    """Return each address, handle or account id in the logs of tasks, and in what they hand to each other."""
    logs = [path for path in (stack.folder / "data" / "logs").rglob("*.log") if "dag_id=snapshot_" in str(path)]
    told = {str(path.relative_to(stack.folder)): path.read_text("utf-8") for path in logs}
    assert len(told) > 10
    handed = stack.query("select task_id, value::text from xcom where dag_id = %s", "snapshot_claremont")
    assert len(handed) > 10
    told |= {f"xcom {number} of {task}": str(value) for number, (task, value) in enumerate(handed)}
    return [(where, found[0]) for where, text in told.items() if (found := NAMES_SOMEBODY.search(text))]


def planned() -> set[tuple[str, str]]:
    """Return each account and series that the demonstration's register has active."""
    register = yaml.safe_load((CHECKOUT / "include/agencies/claremont/accounts.yaml").read_text("utf-8"))
    active = [account for account in register["accounts"] if account["status"] == "active"]
    return {(account["id"], series) for account in active for series in account["series"]}


def muniment(stack: Stack, *arguments: str) -> str:
    """Run the image's command as a worker would."""
    return stack.run("worker", [str(CHECKOUT / "deploy" / "muniment"), *arguments])
