"""Airflow in this process, on a throw-away SQLite; the workflows are a stand-in of the same signatures."""

from __future__ import annotations

import os
import sys
import tempfile
import types
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import muniment.workflows
from muniment.records.schedule import RetentionSchedule

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(tempfile.mkdtemp(prefix="muniment-airflow-"))

# Airflow reads its settings when it is first imported: this comes before.
for name in [name for name in os.environ if name.startswith(("AIRFLOW_", "MUNIMENT_"))]:
    del os.environ[name]
os.environ |= {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(HOME / "logs"),
}

# An error raised in Airflow's in-process API server hangs its caller for good, so other people's
# warnings stay warnings; a warning at a line of ours is an error as everywhere.
WARNINGS = (
    "ignore",
    r"error:::muniment(_airflow)?(\..*)?",
    r"error:::(unusual_prefix_.*_)?(snapshot|agency_files|append_log|renew_timestamps|copy_vault|check_\w+)",
    r"error:::(unusual_prefix_.*_)?(apply_retention|detect_changes|dispose_records|watch_policies)",
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import airflow.dag_processing.dagbag
    from airflow.utils import db


@dataclass
class Script:
    """What the stand-in does next, and what it was asked."""

    agencies: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # agency -> (account, series)
    broken: dict[str, Exception] = field(default_factory=dict)  # agency -> what its files raise
    refuse: dict[tuple[str, str], Exception] = field(default_factory=dict)  # (step, account or agency)
    quarantined: set[str] = field(default_factory=set)  # accounts
    appended: dict[str, Any] = field(default_factory=dict)  # what appending to the log comes to
    quiet: set[str] = field(default_factory=set)  # accounts of which there is nothing to ask for
    pages: list[str] = field(default_factory=lambda: ["privacy-policy", "social-policy"])  # that are watched
    planned: list[tuple[Any, ...]] = field(default_factory=list)
    done: list[tuple[str, str, str]] = field(default_factory=list)  # (step, account, series)
    filed: list[tuple[str, list[str]]] = field(default_factory=list)  # (agency, snapshots)
    failed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # captures entered as failed
    opened: list[dict[str, str]] = field(default_factory=list)  # findings that a check says are new
    schedule: Any = None  # the agencies' retention schedule; None is one without a disposition profile


SCRIPT = Script()


def _order(agency: str, account: str, series: str, run_id: str, taken_at: str) -> dict[str, str]:
    order = {"agency": agency, "account": account, "series": series, "run_id": run_id, "taken_at": taken_at}
    return order | {"snapshot": f"{account}-{series}"}


def agency_ids() -> list[str]:
    return sorted(SCRIPT.agencies.keys() | SCRIPT.broken.keys())


def agency_timetable(agency_id: str) -> tuple[tuple[str, ...], str]:
    if agency_id in SCRIPT.broken:
        raise SCRIPT.broken[agency_id]
    return ("*/15 8-16 * * 1-5", "0 */2 * * 0,6"), "America/Los_Angeles"


def agency_schedule(agency_id: str) -> RetentionSchedule:
    if agency_id in SCRIPT.broken:
        raise SCRIPT.broken[agency_id]
    plain = RetentionSchedule(version="1", jurisdiction="Testland", adoption=None, disposition=None, rows=())
    return SCRIPT.schedule or plain


def plan_captures(
    agency_id: str, accounts: list[str], series: list[str], *, run_id: str, taken_at: str
) -> list[dict[str, Any]]:
    if ("plan", agency_id) in SCRIPT.refuse:
        raise SCRIPT.refuse["plan", agency_id]
    SCRIPT.planned.append((agency_id, accounts, series, run_id, taken_at))
    return [_order(agency_id, account, item, run_id, taken_at) for account, item in SCRIPT.agencies[agency_id]]


def _step(name: str, order: dict[str, Any]) -> None:
    if (name, order["account"]) in SCRIPT.refuse:
        raise SCRIPT.refuse[name, order["account"]]
    SCRIPT.done.append((name, order["account"], order["series"]))


def plan_pages(agency_id: str, pages: list[str], *, run_id: str, taken_at: str) -> list[dict[str, Any]]:
    SCRIPT.planned.append((agency_id, pages, run_id, taken_at))
    return [_order(agency_id, page, "policies", run_id, taken_at) for page in SCRIPT.pages]


def capture(order: dict[str, Any]) -> dict[str, Any]:
    _step("capture", order)
    return {"snapshot": order["snapshot"], "sealed_now": True}


def parse(order: dict[str, Any]) -> dict[str, Any]:
    _step("parse", order)
    return {"snapshot": order["snapshot"], "sealed_now": True}


def seal(order: dict[str, Any]) -> dict[str, Any]:
    _step("seal", order)
    verdict = "quarantined" if order["account"] in SCRIPT.quarantined else "accepted"
    return {name: order[name] for name in ("account", "series", "snapshot")} | {"verdict": verdict}


def record_sealed(agency_id: str, sealed: list[dict[str, Any]]) -> None:
    SCRIPT.filed.append((agency_id, [item["snapshot"] for item in sealed]))


def plan_probes(agency_id: str, *, run_id: str, taken_at: str) -> list[dict[str, Any]]:
    SCRIPT.planned.append((agency_id, run_id, taken_at))
    return [{"agency": agency_id, "account": account} for account, _ in SCRIPT.agencies[agency_id]]


def probe(order: dict[str, Any]) -> dict[str, Any]:
    account = order["account"]
    _step("probe", order | {"series": "removed-content"})
    blank = {"account": account, "series": "removed-content", "asked": 3, "changes": {"removed": 3}, "opened": []}
    snapshot = None if account in SCRIPT.quiet else f"{account}-removed-content"
    return blank | {"snapshot": snapshot, "opened": SCRIPT.opened if snapshot else []}


def append_log(agency_id: str) -> dict[str, Any]:
    if ("append", agency_id) in SCRIPT.refuse:
        raise SCRIPT.refuse["append", agency_id]
    SCRIPT.done.append(("append", agency_id, ""))
    blank = {"appended": 3, "size": 40, "checkpoint": 7, "root": "00", "advanced": True, "findings": []}
    return blank | SCRIPT.appended


def record_failure(agency_id: str, **facts: Any) -> None:
    if ("record", agency_id) in SCRIPT.refuse:
        raise SCRIPT.refuse["record", agency_id]
    SCRIPT.failed.append((agency_id, facts))


def report_compliance(agency_id: str, *, month: str | None, at: Any) -> dict[str, Any]:
    SCRIPT.planned.append((agency_id, month, at))
    return {"agency": agency_id, "month": month or "2026-10", "key": "registers/x", "sound": True}


def check_coverage(agency_id: str) -> dict[str, Any]:
    SCRIPT.done.append(("coverage", agency_id, ""))
    return {"agency": agency_id, "entered": 1, "opened": SCRIPT.opened}


def check_policies(agency_id: str) -> dict[str, Any]:
    if ("policy", agency_id) in SCRIPT.refuse:
        raise SCRIPT.refuse["policy", agency_id]
    SCRIPT.done.append(("policy", agency_id, ""))
    return {"opened": SCRIPT.opened, "findings": []}


def check_policies_after_snapshot(agency_id: str) -> dict[str, Any]:
    SCRIPT.done.append(("policy after snapshot", agency_id, ""))
    return {"opened": SCRIPT.opened, "findings": []}


STAND_INS = {
    "policy": (check_policies, check_policies_after_snapshot),
    "compliance": (report_compliance,),
    "coverage": (check_coverage, record_failure),
    "catalog_record": (record_sealed,),
    "planning": (agency_ids, agency_schedule, agency_timetable),
    "append_log": (append_log,),
    "pages": (plan_pages,),
    "removed": (plan_probes, probe),
    "snapshot": (plan_captures, capture, parse, seal),
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.airflow)
            for line in WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(line))


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """A migrated database; made once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        db.initdb()


@pytest.fixture
def script(airflow_database: None, monkeypatch: pytest.MonkeyPatch) -> Script:
    """The stand-in's script, blank; the DAG files and what they share read the stand-in."""
    SCRIPT.__init__()
    SCRIPT.agencies = {"harborview": [("bluesky-city", "official-posts"), ("mastodon-city", "official-posts")]}
    for name, functions in STAND_INS.items():
        stand_in = types.ModuleType(f"muniment.workflows.{name}")
        vars(stand_in).update({function.__name__: function for function in functions})
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
        monkeypatch.setattr(muniment.workflows, name, stand_in, raising=False)
    for name in ("agency_dags", "agency_files", "capture_flow", "change_tasks", "log_tasks", "snapshot_tasks"):
        monkeypatch.delitem(sys.modules, f"muniment_airflow.{name}", raising=False)
        monkeypatch.delattr(f"muniment_airflow.{name}", raising=False)
    return SCRIPT


@pytest.fixture
def load():
    """Load the project's DAG files."""

    def load_bag() -> airflow.dag_processing.dagbag.DagBag:
        return airflow.dag_processing.dagbag.DagBag(dag_folder=str(ROOT / "dags"))

    return load_bag


TOLD: list[Any] = []


def keep_notice(notice: Any) -> None:
    """Be the configured notifier."""
    TOLD.append(notice)


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the configured notifier was told."""
    TOLD.clear()
    recorder = types.ModuleType("muniment_test_notices")
    recorder.keep_notice = keep_notice
    monkeypatch.setitem(sys.modules, "muniment_test_notices", recorder)
    monkeypatch.setenv("AIRFLOW__MUNIMENT__NOTIFIERS", "muniment_test_notices.keep_notice")
    return TOLD
