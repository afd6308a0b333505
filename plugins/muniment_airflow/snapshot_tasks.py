"""What the tasks of a snapshot run share: their defaults, the run's parameters, sealing with announcement."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AssetAlias, Param, get_current_context

from muniment.errors import CustodyError, MunimentError
from muniment.records.names import format_instant
from muniment.records.series import SERIES
from muniment_airflow.failed_captures import ORDER, CaptureRecorder
from muniment_airflow.notices import FailureNotifier, describe_quarantine, send_notice
from muniment_airflow.retries import PlatformRetryPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk.types import DagRunProtocol, OutletEventAccessorsProtocol, RuntimeTaskInstanceProtocol

LABEL = "{{ order_name }}"
QUARANTINED = "quarantined"
_log = logging.getLogger(__name__)
RUN_LIMIT = timedelta(hours=12)  # only one run at a time: one that hangs would hold back every later one
PARAMS = {
    "accounts": Param(
        [],
        type="array",
        uniqueItems=True,
        items={"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        description="Accounts to capture, by their id in the register; none means all that are active.",
    ),
    "series": Param(
        [],
        type="array",
        uniqueItems=True,
        items={"type": "string", "enum": list(SERIES)},
        description="Series to capture; none means all that each account has.",
    ),
}


def task_defaults(agency_id: str) -> dict[str, Any]:
    """Return what every task of the agency's runs is given."""
    return {
        "owner": agency_id,
        "retries": 3,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=10),
        "retry_policy": PlatformRetryPolicy(),
        "execution_timeout": timedelta(hours=4),
        "on_failure_callback": [FailureNotifier(agency_id), CaptureRecorder(agency_id)],
    }


def plan(agency_id: str, params: dict[str, Any], dag_run: DagRunProtocol) -> list[dict[str, Any]]:
    """Plan the run: one order for each account and series. The run's own instant makes a repeat find its work."""
    from muniment.workflows import snapshot  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    taken_at = format_instant(dag_run.run_after)
    return snapshot.plan_captures(
        agency_id, params["accounts"], params["series"], run_id=dag_run.run_id, taken_at=taken_at
    )


def capture(order: dict[str, Any]) -> dict[str, Any]:
    """Capture one account's series."""
    _name_task(order)
    from muniment.workflows import snapshot  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return snapshot.capture(order)


def parse(order: dict[str, Any]) -> dict[str, Any]:
    """Parse what was captured, and hand the order on."""
    _name_task(order)
    from muniment.workflows import snapshot  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return {**order, "parsed": snapshot.parse(order)}


def _name_task(order: dict[str, Any]) -> None:
    # In a mapped group the order is not among the task's own arguments, where a template could see it.
    context = get_current_context()
    context["order_name"] = f"{order['account']} {order['series']}"
    context[ORDER] = order  # what failed, should this task fail


def seal(
    agency_id: str,
    orders: Sequence[dict[str, Any]] | dict[str, Any],
    task_instance: RuntimeTaskInstanceProtocol,
    outlet_events: OutletEventAccessorsProtocol,
) -> dict[str, Any]:
    """Seal what was parsed, announce what was sealed; try again while something could not be sealed.

    Announcements come only with a task that succeeds: so the last try ends well, and
    `check_complete` fails the run.

    Raises:
        CustodyError: a snapshot could not be sealed, and there is a try left.
    """
    # When only one mapped task succeeded, Airflow hands on its value and not a list of one.
    sealed, failed = seal_each([orders] if isinstance(orders, dict) else orders)
    record(agency_id, sealed)
    if failed and task_instance.try_number <= task_instance.max_tries:
        raise _incomplete(failed)
    announce(agency_id, sealed, outlet_events)
    quarantined = [item["snapshot"] for item in sealed if item["verdict"] == QUARANTINED]
    if quarantined:
        send_notice(describe_quarantine(agency_id, task_instance.run_id, quarantined))
    return {"sealed": sealed, "failed": failed}


def seal_each(orders: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Seal one order after the other; return the summaries of what is sealed and the snapshots that are not."""
    from muniment.workflows import snapshot  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    sealed: list[dict[str, Any]] = []
    failed: list[str] = []
    for order in orders:
        try:
            summary = snapshot.seal(order)
            sealed += [summary] if summary else []
        except MunimentError as error:
            _log.error("%s: %s: %s", order["snapshot"], type(error).__name__, error)
            failed.append(order["snapshot"])
    return sealed, failed


def record(agency_id: str, sealed: Sequence[dict[str, Any]]) -> None:
    """Enter in the catalog what was sealed; where that fails, say so here and go on."""
    from muniment.workflows import catalog_record  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    catalog_record.record_sealed(agency_id, sealed)


def announce(agency_id: str, sealed: Sequence[dict[str, Any]], outlet_events: OutletEventAccessorsProtocol) -> None:
    """Add an event to the asset of each series of which a snapshot was sealed."""
    by_series: dict[str, list[str]] = {}
    for item in sealed:
        by_series.setdefault(item["series"], []).append(item["snapshot"])
    events = outlet_events[alias_of(agency_id)]
    for series, snapshots in by_series.items():
        events.add(series_asset(agency_id, series), extra={"snapshots": snapshots})


def check_complete(outcome: dict[str, Any]) -> None:
    """Return when everything was sealed.

    Raises:
        CustodyError: something was not.
    """
    if outcome["failed"]:
        raise _incomplete(outcome["failed"])


def series_asset(agency_id: str, series: str) -> Asset:
    """Return the asset that stands for *series* of the agency; what follows a snapshot is scheduled by it."""
    return Asset(name=f"{agency_id}/{series}", uri=f"x-muniment://{agency_id}/{series}", group="snapshots")


def alias_of(agency_id: str) -> AssetAlias:
    """Return the alias through which a run announces: which series it sealed is known only at its end."""
    return AssetAlias(f"{agency_id} snapshots", group="snapshots")


def _incomplete(failed: Sequence[str]) -> CustodyError:
    return CustodyError(f"run: expected every snapshot sealed, found not sealed: {', '.join(failed)}")
