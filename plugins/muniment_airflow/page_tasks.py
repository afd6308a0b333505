"""What is the policy watch's own among captures: the pages it plans."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param

from muniment.records.names import format_instant

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol

RUN_LIMIT = timedelta(hours=6)
PAGE_PARAMS = {
    "pages": Param(
        [],
        type="array",
        uniqueItems=True,
        items={"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        description="Pages to capture, by their id in policy.yaml; none means all that are watched.",
    ),
}


def plan_pages(agency_id: str, params: dict[str, Any], dag_run: DagRunProtocol) -> list[dict[str, Any]]:
    """Plan the run: one order for each watched page. The run's own instant makes a repeat find its work."""
    from muniment.workflows import pages  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    taken_at = format_instant(dag_run.run_after)
    return pages.plan_pages(agency_id, params["pages"], run_id=dag_run.run_id, taken_at=taken_at)
