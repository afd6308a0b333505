"""What the log's DAG does in its one task: append, announce the new checkpoint, tell of what was refused."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AssetAlias

from muniment_airflow.notices import Notice, send_notice
from muniment_airflow.snapshot_tasks import task_defaults

if TYPE_CHECKING:
    from airflow.sdk.types import OutletEventAccessorsProtocol

POOL = "log"  # of one slot, see pools.py: an append that runs beside another only loses the race
RUN_LIMIT = timedelta(hours=2)
_SHOWN = 20


def append_defaults(agency_id: str) -> dict[str, Any]:
    """Return what the task is given."""
    # It holds the one slot: one that hangs would hold back every agency.
    return task_defaults(agency_id) | {"pool": POOL, "execution_timeout": timedelta(minutes=30)}


def append(agency_id: str, run_id: str, outlet_events: OutletEventAccessorsProtocol) -> dict[str, Any]:
    """Append to the agency's log; add an event to the log's asset when there is a new checkpoint."""
    from muniment.workflows import append_log  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    done = append_log.append_log(agency_id)
    if done["advanced"]:
        extra = {"checkpoint": done["checkpoint"], "size": done["size"]}
        outlet_events[log_alias(agency_id)].add(log_asset(agency_id), extra=extra)
    if done["findings"]:
        send_notice(describe_refused(agency_id, run_id, done["findings"]))
    return {name: done[name] for name in ("appended", "size", "checkpoint")} | {"refused": len(done["findings"])}


def describe_refused(agency_id: str, run_id: str, findings: list[list[str]]) -> Notice:
    """Describe what a run refused to log."""
    lines = (f"run {run_id}", *(f"{code} {key}" for code, key, _ in findings[:_SHOWN]))
    return Notice(agency_id, f"{agency_id}: {len(findings)} object(s) refused by the log", lines)


def log_asset(agency_id: str) -> Asset:
    """Return the asset that stands for the agency's log; what follows a checkpoint is scheduled by it."""
    return Asset(name=f"{agency_id}/log", uri=f"x-muniment://{agency_id}/log", group="log")


def log_alias(agency_id: str) -> AssetAlias:
    """Return the alias through which a run announces: only when there is a new checkpoint."""
    return AssetAlias(f"{agency_id} log", group="log")
