"""What every DAG of an agency has in common, and the making of one for each agency."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import dag

from muniment.errors import MunimentError
from muniment.workflows import planning
from muniment_airflow.notices import FailureNotifier

if TYPE_CHECKING:
    from collections.abc import Callable


def agency_dag(agency_id: str, family: str, *, schedule: Any, **particulars: Any) -> Callable[..., Any]:
    """Return Airflow's decorator for the DAG ``<family>_<agency>``.

    *schedule* and *particulars* are that decorator's own arguments: those in which the DAG differs from the others.
    """
    common: dict[str, Any] = {
        "start_date": datetime(2026, 1, 1, tzinfo=UTC),
        "catchup": False,  # a platform, a page and a store show their present, not their past
        "max_active_runs": 1,
        "is_paused_upon_creation": False,  # what waits for a click is a gap, or a window that grows
        "on_failure_callback": FailureNotifier(agency_id),
    }
    return dag(f"{family}_{agency_id}", schedule=schedule, **common | particulars)


def for_each_agency(build: Callable[[str], None]) -> None:
    """Have *build* make the DAG of each agency whose files have no fault.

    An import error in a DAG file would stop every agency: agency_files.py raises the faults instead.
    """
    for agency_id in planning.agency_ids():
        try:
            build(agency_id)
        except MunimentError:
            continue
