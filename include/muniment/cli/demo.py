"""`muniment demo`: the demonstration city from capture to proof, in Airflow, and out again."""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from muniment.cli.demo_city import DEMO_AGENCY as AGENCY
from muniment.cli.demo_city import advance_clock, drop_newsletter
from muniment.cli.output import print_table
from muniment.cli.up import demo_scenario
from muniment.embedded import supervisor
from muniment.embedded.airflow_client import RunState, SignedIn, start_run, wait_for_dag, wait_for_run
from muniment.embedded.ports import LOOPBACK, Ports, pick_free_ports
from muniment.embedded.supervisor_plan import Options
from muniment.errors import MunimentError, ServiceError
from muniment.evidence.manifest import Manifest
from muniment.evidence.verify import verify
from muniment.settings import Settings, read_settings
from muniment.workflows.catalog_build import compare, rebuild
from muniment.workflows.doctor import attempt_deletion_of, examine_store
from muniment.workflows.log_prove import show_log
from muniment.workflows.retrieve import list_manifests, local_time
from muniment.workflows.scorecard import take_scorecard
from muniment.workflows.scorecard_checks import RED
from muniment.workflows.snapshot import summarize
from muniment.workflows.stamp_overview import show_time
from muniment.workflows.wiring import open_vault, open_workplace

DESCRIPTION = """\
Show the whole way of a record on this machine: start the store, PostgreSQL, Airflow and the
simulator of an invented city; have Airflow capture the city's accounts, let two hours pass in
the simulator, capture again; copy, log and time-stamp it all; print what was sealed; try to delete a
sealed object with the administrator's key; read every byte again; stop everything.

The demonstration has a folder of its own, .muniment/demo, which is made anew every time.

Exit code: 0 when all of it is so, 2 when any of it is not."""

DAG, COPY_DAG, LOG_DAG, TIME_DAG = (
    f"{name}_{AGENCY}" for name in ("snapshot", "copy_vault", "append_log", "renew_timestamps")
)
BETWEEN_S = 2 * 3600


class DemoError(MunimentError):
    """The demonstration did not show what it should."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - every command is handed its arguments
    """Run the demonstration."""
    began = time.monotonic()
    with _running() as demo:
        _examine(demo.settings)
        who = demo.sign_in("operator")
        for dag in (DAG, COPY_DAG, LOG_DAG, TIME_DAG):
            wait_for_dag(who, dag)
        _say("First capture, by Airflow")
        drop_newsletter(demo.settings, AGENCY)
        _run(who, DAG)
        _say("Two hours pass in the invented city; second capture")
        advance_clock(demo.settings, BETWEEN_S)
        drop_newsletter(demo.settings, AGENCY)
        _run(who, DAG)
        _say("Everything that was sealed is copied, logged, and the log signed and time-stamped")
        for dag in (COPY_DAG, LOG_DAG, TIME_DAG):
            _run(who, dag)
        _show_log(demo.settings)
        _show_time(demo.settings)
        manifests = _show_sealed(demo.settings)
        _check_delta(manifests)
        _show_refusal(demo.settings, manifests[0])
        _show_verified(demo.settings)
        _show_scorecard(demo.settings)
        _show_catalog(demo.settings)
        _say("Stopping what was started")
    print(f"All of it held, in {time.monotonic() - began:.0f} s. `make up` leaves it running for you to look at.")
    return 0


@contextmanager
def _running() -> Iterator[supervisor.Running]:
    settings = read_settings()
    home = settings.home / "demo"
    demo = replace(settings, home=home, secrets=home / "secrets", log_keys=home / "log-keys", drop=home / "drop")
    supervisor.stop(demo)
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True, mode=0o700)
    ports = Ports(**dict(zip(Ports().named(), pick_free_ports(len(Ports().named())), strict=True)))
    _say(f"Starting the store, PostgreSQL, Airflow and the simulator on {LOOPBACK}, in {_short(home)}")
    try:
        yield supervisor.start(demo, Options(ports=ports, scenario=demo_scenario(), timetables=False), progress=print)
    finally:
        supervisor.stop(demo)


def _examine(settings: Settings) -> None:
    report = examine_store(AGENCY, settings)
    if not report.passed:
        raise DemoError(f"store: expected it to pass the doctor, found {[item.code for item in report.findings]}")
    print(f"The store's locks hold ({', '.join(report.keys_tried)} tried to break them).")


def _run(who: SignedIn, dag: str) -> None:
    run_id = start_run(who, dag)
    seen: set[tuple[str, str]] = set()

    def tell(state: RunState) -> None:
        for task in state.tasks:
            if task.state in {"success", "failed", "up_for_retry"} and (task.task_id, task.label) not in seen:
                seen.add((task.task_id, task.label))
                took = f", {task.seconds:.1f} s" if task.seconds is not None else ""
                print(f"  {task.task_id.rpartition('.')[2]:8} {task.label:36} {task.state}{took}")

    state = wait_for_run(who, dag, run_id, progress=tell)
    if state.state != "success":
        raise ServiceError(f"run {run_id}: expected success, found {state.state}")


def _show_log(settings: Settings) -> None:
    shown = show_log(AGENCY, settings).to_json()
    signers = ", ".join(shown["signed_by"])
    print(f"{shown['size']} entries, root {shown['root']}, signed by {shown['origin']}, key {signers}.")
    if shown["not_logged_yet"] or not shown["size"]:
        raise DemoError(f"log: expected everything that is sealed in it, found {shown['not_logged_yet']} missing")


def _show_time(settings: Settings) -> None:
    shown = show_time(AGENCY, settings)
    for authority in shown["authorities"]:
        newest = authority["newest"]
        print(f"Time stamp of the authority {newest['authority']}: {newest['time']}; {newest.get('note', '')}")
    if shown["findings"]:
        raise DemoError(f"time: expected every time stamp sound, found {shown['findings'][0]}")


def _show_sealed(settings: Settings) -> list[Manifest]:
    _say("Sealed")
    manifests = list(list_manifests(open_workplace(AGENCY, settings), account=None, series=None))
    columns = ("series", "account", "captured", "rows", "new", "changed", "gone", "verdict", "locked until")
    print_table(columns, [_line(manifest) for manifest in manifests], empty="nothing")
    return manifests


def _line(manifest: Manifest) -> tuple[object, ...]:
    summary = summarize(manifest)
    captured = local_time(manifest.began_at, manifest.zone)
    until = local_time(manifest.retention.locked_until, manifest.zone)
    counts = (summary[name] for name in ("rows", "new", "changed", "gone", "verdict"))
    return manifest.series, manifest.account, f"{captured:%H:%M:%S}", *counts, f"{until:%Y-%m-%d %H:%M %Z}"


def _check_delta(manifests: list[Manifest]) -> None:
    pairs = {(manifest.account, manifest.series) for manifest in manifests}
    if len(manifests) != 2 * len(pairs):
        raise DemoError(f"sealed: expected two snapshots of each of {len(pairs)} series, found {len(manifests)}")
    refused = [item.snapshot for item in manifests if item.verdict.outcome != "accepted"]
    if refused:
        raise DemoError(f"sealed: expected every snapshot accepted, found quarantined: {', '.join(refused)}")
    deltas = [manifest.rows for manifest in manifests if manifest.previous is not None]
    if not any(rows.changed for rows in deltas) or not any(rows.gone for rows in deltas):
        raise DemoError("sealed: expected an edit and a removal in the second capture, found none")


def _show_refusal(settings: Settings, manifest: Manifest) -> None:
    key = manifest.objects[0].key
    _say(f"Deleting a sealed object with the administrator's key\n  {key}")
    attempts = attempt_deletion_of(AGENCY, key, settings)
    for attempt in attempts:
        print(f"  {attempt.way:32} {attempt.answer}; the bytes are {'still there' if attempt.survived else 'GONE'}")
    if any(attempt.answer == "accepted" or not attempt.survived for attempt in attempts):
        raise DemoError(f"{key}: expected every deletion to be refused, found one that was not")


def _show_verified(settings: Settings) -> None:
    _say("Reading every byte again")
    report = verify(open_vault(AGENCY, settings))
    print(f"{report.snapshots} snapshots, {report.objects} objects, {report.size_bytes:,} bytes; checked:")
    for check in report.checks_made:
        print(f"  {check}")
    if report.findings:
        raise DemoError(f"verify: expected no finding, found {[(item.code, item.subject) for item in report.findings]}")


def _show_scorecard(settings: Settings) -> None:
    _say("How the vault stands to the rules of a trusted system")
    card = take_scorecard(AGENCY, settings)
    for row in card.rows:
        print(f"{row.state:6}{row.asks} ({row.rule})\n      {row.evidence}")
    if red := [row.rule for row in card.rows if row.state == RED]:
        raise DemoError(f"scorecard: expected nothing red, found {red}")


def _show_catalog(settings: Settings) -> None:
    _say("Comparing the catalog with the bucket; then making it anew from the bucket alone")
    _check_catalog(settings, "as the runs filed it")
    rebuild(AGENCY, settings)
    _check_catalog(settings, "made anew")


def _check_catalog(settings: Settings, how: str) -> None:
    compared = compare(AGENCY, settings)
    if found := compared.comparison.differences:
        raise DemoError(f"catalog, {how}: expected it equal to the bucket, found {found[0]}")
    print(f"{how}: {compared.snapshots} snapshots, equal to the bucket")


def _say(line: str) -> None:
    print(f"\n== {line}", flush=True)


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
