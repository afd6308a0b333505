"""What the tasks share that keep what is sealed: copying, comparing, reading again; and telling what is found."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, get_current_context

from muniment.records.series import SERIES
from muniment_airflow.notices import FailureNotifier, describe_findings, send_notice
from muniment_airflow.retries import PlatformRetryPolicy
from muniment_airflow.snapshot_tasks import series_asset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from airflow.sdk.types import DagRunProtocol

LABEL = "{{ share_name }}"
RUN_LIMIT = timedelta(hours=20)  # of a nightly run: the next night has its own
AFTER_SNAPSHOT = "asset_triggered"  # the type of a run that follows a snapshot


def task_defaults(agency_id: str) -> dict[str, Any]:
    """Return what every task that keeps the agency's vault is given."""
    return {
        "owner": agency_id,
        "retries": 3,
        "retry_delay": timedelta(minutes=2),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=30),
        "retry_policy": PlatformRetryPolicy(),
        "execution_timeout": timedelta(hours=16),
        "on_failure_callback": FailureNotifier(agency_id),
    }


def nightly(cron: str, zone: str) -> CronTriggerTimetable:
    """Return the timetable of a check at *cron* by the agency's own clock."""
    return CronTriggerTimetable(cron, timezone=zone)


def nightly_and_after_snapshots(agency_id: str, cron: str, zone: str) -> AssetOrTimeSchedule:
    """Return the schedule of what follows every snapshot of the agency, and comes at *cron* besides."""
    assets = AssetAny(*(series_asset(agency_id, series) for series in SERIES))
    return AssetOrTimeSchedule(timetable=nightly(cron, zone), assets=assets)


def plan_copy(agency_id: str, dag_run: DagRunProtocol) -> list[dict[str, Any]]:
    """Plan the copying: after a snapshot where the vault grows; at night, and by hand, everywhere."""
    from muniment.workflows import copy_vault  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    with telling(agency_id):
        return copy_vault.plan_copy(agency_id, whole=dag_run.run_type != AFTER_SNAPSHOT)


def copy(agency_id: str, share: dict[str, Any]) -> dict[str, Any]:
    """Copy a share; fail, so that it is tried again, while something could not be copied."""
    _name_task(share["prefixes"])
    from muniment.workflows import copy_vault  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    result = copy_vault.copy_share(share)
    tell(agency_id, result)
    copy_vault.check_copied(result)
    return result


def probe_stores(agency_id: str) -> dict[str, Any]:
    """Try on both stores what their locks must refuse."""
    from muniment.workflows import check_store  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    with telling(agency_id):
        return check_store.probe_stores(agency_id)


def plan_check_store(agency_id: str) -> list[dict[str, Any]]:
    """Cut both copies into shares to compare with the manifests."""
    from muniment.workflows import check_store  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    with telling(agency_id):
        return check_store.plan_check_store(agency_id)


def compare(agency_id: str, share: dict[str, Any]) -> dict[str, Any]:
    """Compare a share of both copies with the manifests."""
    _name_task(share["units"])
    from muniment.workflows import check_store  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return tell(agency_id, check_store.check_store_share(share))


def enter_check(agency_id: str, probes: dict[str, Any], results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Enter the night's result in the register."""
    from muniment.workflows import check_store  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    # When there is only one mapped task, Airflow may hand on its value and not a list of one.
    listed = [results] if isinstance(results, dict) else list(results)
    return check_store.enter_check(agency_id, probes, listed)


def plan_fixity(agency_id: str) -> list[dict[str, Any]]:
    """Choose what is read again tonight."""
    from muniment.workflows import check_fixity  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    with telling(agency_id):
        return check_fixity.plan_fixity(agency_id)


def read_again(agency_id: str, share: dict[str, Any]) -> dict[str, Any]:
    """Read a share again."""
    _name_task(share["units"])
    from muniment.workflows import check_fixity  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return tell(agency_id, check_fixity.check_fixity_share(share))


def tell(agency_id: str, result: dict[str, Any]) -> dict[str, Any]:
    """Send a notice of the findings that *result* says are new, and hand it on."""
    _tell_opened(agency_id, result["opened"])
    return result


@contextmanager
def telling(agency_id: str) -> Iterator[None]:
    """Send a notice of the findings that are opened meanwhile, also where the work then fails."""
    from muniment.workflows import findings_register  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    began = datetime.now(UTC)
    try:
        yield
    finally:
        _tell_opened(agency_id, findings_register.list_opened_since(agency_id, began))


def _tell_opened(agency_id: str, opened: Sequence[Mapping[str, str]]) -> None:
    if opened:
        send_notice(describe_findings(agency_id, str(get_current_context().get("run_id")), opened))


def _name_task(units: Sequence[Any]) -> None:
    get_current_context()["share_name"] = f"{len(units)} units"
