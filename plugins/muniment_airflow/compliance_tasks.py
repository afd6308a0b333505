"""What the DAG of the compliance report does: make the report of the month that is over, and seal it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol


def report(agency_id: str, params: dict[str, Any], dag_run: DagRunProtocol) -> dict[str, Any]:
    """Make and seal the report of the month that *params* names, or of the last one over at the run's own instant."""
    from muniment.workflows import compliance  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return compliance.report_compliance(agency_id, month=params["month"] or None, at=dag_run.run_after)
