"""What the DAG of the policies does: run the checks of the clauses, and tell what is found."""

from __future__ import annotations

from typing import Any

from muniment_airflow.keeping_tasks import tell


def check(agency_id: str) -> dict[str, Any]:
    """Run every check that the agency's clauses name, seal the judgements and open the findings."""
    from muniment.workflows import policy  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return tell(agency_id, policy.check_policies(agency_id))
