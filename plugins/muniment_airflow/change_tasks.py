"""What the tasks of probing do: plan, probe one account, announce what was sealed, tell of what was found."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import AssetAlias, get_current_context

from muniment.errors import CaptureError
from muniment.records.names import format_instant
from muniment.records.series import REMOVED_CONTENT
from muniment_airflow.keeping_tasks import tell
from muniment_airflow.snapshot_tasks import LABEL, alias_of, record, series_asset, task_defaults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk.types import DagRunProtocol, OutletEventAccessorsProtocol

__all__ = [
    "LABEL",
    "RUN_LIMIT",
    "alias_of",
    "announce",
    "check_probed",
    "plan",
    "probe",
    "removed_alias",
    "task_defaults",
]

RUN_LIMIT = timedelta(hours=6)


def plan(agency_id: str, dag_run: DagRunProtocol) -> list[dict[str, Any]]:
    """Plan the run: one order for each account. The run's own instant makes a repeat find its work."""
    from muniment.workflows import removed  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return removed.plan_probes(agency_id, run_id=dag_run.run_id, taken_at=format_instant(dag_run.run_after))


def probe(order: dict[str, Any]) -> dict[str, Any]:
    """Ask for what one account no longer shows."""
    get_current_context()["order_name"] = order["account"]
    from muniment.workflows import removed  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return removed.probe(order)


def announce(
    agency_id: str, done: Sequence[dict[str, Any]] | dict[str, Any], outlet_events: OutletEventAccessorsProtocol
) -> dict[str, Any]:
    """Enter in the catalog what was sealed, announce it, and send a notice of each new finding."""
    # When only one mapped task succeeded, Airflow hands on its value and not a list of one.
    results = [done] if isinstance(done, dict) else list(done)
    sealed = [result for result in results if result["snapshot"] is not None]
    if sealed:
        record(agency_id, sealed)
        extra = {"snapshots": [result["snapshot"] for result in sealed]}
        outlet_events[removed_alias(agency_id)].add(series_asset(agency_id, REMOVED_CONTENT), extra=extra)
    told = tell(agency_id, {"opened": [entry for result in results for entry in result["opened"]]})
    return {"accounts": len(results), "sealed": len(sealed), "opened": len(told["opened"])}


def check_probed(planned: Sequence[dict[str, Any]], outcome: dict[str, Any]) -> None:
    """Return when every account was probed.

    Raises:
        CaptureError: one was not.
    """
    if outcome["accounts"] != len(planned):
        raise CaptureError(f"run: expected {len(planned)} accounts probed, found {outcome['accounts']}")


def removed_alias(agency_id: str) -> AssetAlias:
    """Return the alias through which a run announces removed content: another than that which sets it off."""
    return AssetAlias(f"{agency_id} removed content", group="snapshots")
