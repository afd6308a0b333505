"""What the DAG of coverage does: compare captures that were due with those that were made, and tell what was missed."""

from __future__ import annotations

from typing import Any

from muniment_airflow.keeping_tasks import tell


def check(agency_id: str) -> dict[str, Any]:
    """Enter the gaps that are a day old in their register, and open the findings of what was missed."""
    from muniment.workflows import coverage  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return tell(agency_id, coverage.check_coverage(agency_id))
