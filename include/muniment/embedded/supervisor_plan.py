"""What the embedded default consists of, in the order in which it starts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from muniment.embedded import airflow as af
from muniment.embedded import postgres as pg
from muniment.embedded.airflow_client import get_json
from muniment.embedded.ports import LOOPBACK, Ports
from muniment.embedded.processes import Supervised, find_pid, start_process, stop_process
from muniment.embedded.seaweed import SeaweedFS
from muniment.embedded.secret_files import write_secret_text
from muniment.errors import ServiceError
from muniment.settings import Settings, read_child_environment
from muniment.workflows.catalog_build import prepare_catalog
from muniment.workflows.doctor import examine_stores
from muniment.workflows.log_keys import make_missing_keys
from muniment.workflows.planning import agency_officers

_JOB_WITHIN_S = 300
SIMULATED_PAST = timedelta(hours=3)  # what a demonstration lets pass stays in the past of real clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run the embedded default.

    Without *scenario* no simulator runs. Without *timetables* only runs that somebody asks
    for take place.
    """

    ports: Ports
    scenario: Path | None = None
    timetables: bool = True


def write_options(path: Path, options: Options) -> None:
    """Write *options* to *path*, for the supervisor to read."""
    scenario = str(options.scenario.absolute()) if options.scenario else None
    value = {"ports": options.ports.named(), "scenario": scenario, "timetables": options.timetables}
    path.write_text(json.dumps(value, indent=1), "utf-8")


def read_options(path: Path) -> Options:
    """Read the options that `write_options` wrote."""
    value = json.loads(path.read_text("utf-8"))
    scenario = Path(value["scenario"]) if value["scenario"] else None
    # An earlier version may have written a service that is no more.
    ports = {name: value["ports"][name] for name in Ports().named()}
    return Options(ports=Ports(**ports), scenario=scenario, timetables=value["timetables"])


@dataclass(frozen=True, slots=True)
class Service:
    """One process to keep alive, found by its pid file."""

    name: str
    start: Callable[[], object]
    stop: Callable[[], None]
    find_pid: Callable[[], int | None]
    is_ready: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """Services that start side by side, and what happens once when they are ready."""

    name: str
    services: tuple[Service, ...]
    then: tuple[tuple[str, Callable[[], object]], ...] = ()


def build_plan(settings: Settings, options: Options) -> tuple[Step, ...]:
    """Return the steps that start everything; stopping goes the other way round."""
    settings = resolve_settings(settings, options)
    environment = read_child_environment(settings)
    postgres = pg.Postgres(folder=settings.home / "postgres", port=options.ports.postgres)
    airflow = airflow_of(settings, options)
    af.prepare(airflow, [name for names in agency_officers(settings).values() for name in names])
    airflow_environment = af.environment(airflow, environment)

    def job(name: str, command: Sequence[str]) -> Callable[[], object]:
        return lambda: run_job(name, command, airflow_environment, settings.home / "logs" / f"{name}.log")

    ground = [_store(settings), _postgres(settings, postgres, environment)]
    if options.scenario:
        ground.append(_simulator(settings, options, environment))
    return (
        Step(
            "store and database",
            tuple(ground),
            then=(
                # Before Airflow: a run may be due at once, and refuses a store that nobody has examined.
                ("examination of the store", lambda: examine_stores(settings)),
                ("keys of the logs", lambda: make_missing_keys(settings)),
                ("database", lambda: pg.ensure_database(postgres)),
                ("catalog", lambda: _prepare_catalog(settings, postgres)),
                ("migrations", job("migrations", af.command("db", "migrate"))),
                ("roles and users", job("roles", af.prepare_command(airflow))),
            ),
        ),
        Step("airflow", tuple(_airflow(settings, airflow, daemon, airflow_environment) for daemon in af.DAEMONS)),
    )


def airflow_of(settings: Settings, options: Options) -> af.Airflow:
    """Return the Airflow that belongs to *settings*."""
    postgres = pg.Postgres(folder=settings.home / "postgres", port=options.ports.postgres)
    return af.Airflow(
        folder=settings.home / "airflow",
        ports=options.ports,
        database_url=postgres.url(),
        timetables=options.timetables,
    )


def resolve_settings(settings: Settings, options: Options) -> Settings:
    """Return *settings* with the addresses of the embedded store, catalog and simulator.

    The second copy is a second bucket of the same server unless a second store is configured: a
    second server on one machine is lost with the first, and costs what the others need.
    """
    weed = SeaweedFS(settings.home)
    store = replace(
        settings.store,
        endpoint=weed.endpoint,
        credentials_file=weed.credentials_file("operator"),
        administrator_file=weed.credentials_file("administrator"),
        shredder_file=weed.credentials_file("shredder"),
    )
    simulator = f"http://{LOOPBACK}:{options.ports.simulator}" if options.scenario else settings.simulator
    second = settings.second or replace(store, bucket_prefix=f"second-{store.bucket_prefix}")
    catalog = settings.home / "catalog.url"
    return replace(settings, store=store, second=second, catalog_file=catalog, simulator=simulator)


def run_job(name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Run *command* to its end, its output appended to *log*.

    Raises:
        ServiceError: it failed, or takes longer than five minutes.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        try:
            ended = subprocess.run(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                timeout=_JOB_WITHIN_S,
            )
        except subprocess.TimeoutExpired:
            raise ServiceError(f"{name}: expected an end within {_JOB_WITHIN_S} s, found none (see {log})") from None
    if ended.returncode != 0:
        raise ServiceError(f"{name}: expected success, found exit {ended.returncode} (see {log})")


def supervised(settings: Settings, name: str) -> Supervised:
    """Return where the pid and the output of the process *name* are kept."""
    return Supervised(name, settings.home / "run" / f"{name}.pid", settings.home / "logs" / f"{name}.log")


def _store(settings: Settings) -> Service:
    weed = SeaweedFS(settings.home)
    return Service("store", weed.start, weed.stop, weed.find_pid, lambda: weed.find_pid() is not None)


def _postgres(settings: Settings, postgres: pg.Postgres, environment: Mapping[str, str]) -> Service:
    process = supervised(settings, "postgres")

    def start() -> None:
        for note in pg.prepare(postgres):
            print(note, flush=True)  # noqa: T201 - the supervisor's own log
        start_process(process, pg.command(postgres), {**environment, "LC_ALL": "C"})

    return Service(
        "postgres", start, lambda: pg.stop(process), lambda: find_pid(process), lambda: pg.is_ready(postgres)
    )


def _prepare_catalog(settings: Settings, postgres: pg.Postgres) -> None:
    # Written at every start: the port may be another.
    write_secret_text(settings.catalog_file, postgres.catalog_url())
    for note in prepare_catalog(settings):
        print(note, flush=True)  # noqa: T201 - the supervisor's own log


def _simulator(settings: Settings, options: Options, environment: Mapping[str, str]) -> Service:
    port = options.ports.simulator
    arguments = ("--scenario", str(options.scenario), "--port", str(port), "--start", _simulated_start(settings))
    command = (sys.executable, "-m", "platform_simulator", *arguments)

    def is_ready() -> bool:
        try:
            return bool(get_json(f"http://{LOOPBACK}:{port}/simulator/clock"))
        except ServiceError:
            return False

    return _process(supervised(settings, "simulator"), command, environment, is_ready)


def _simulated_start(settings: Settings) -> str:
    # Ids of posts follow the start: with another one, every post would be a new post after a restart.
    kept = settings.home / "run" / "simulated-start"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        start = (datetime.now(UTC) - SIMULATED_PAST).replace(minute=0, second=0, microsecond=0)
        kept.write_text(start.isoformat(), "utf-8")
    return kept.read_text("utf-8")


def _airflow(settings: Settings, airflow: af.Airflow, daemon: str, environment: Mapping[str, str]) -> Service:
    return _process(
        supervised(settings, daemon), af.daemon_command(daemon), environment, lambda: af.is_healthy(airflow, daemon)
    )


def _process(
    process: Supervised, command: Sequence[str], environment: Mapping[str, str], is_ready: Callable[[], bool]
) -> Service:
    return Service(
        process.name,
        lambda: start_process(process, command, environment),
        lambda: stop_process(process),
        lambda: find_pid(process),
        is_ready,
    )
