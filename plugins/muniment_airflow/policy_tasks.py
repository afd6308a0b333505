"""What the DAG of the policies does: run the checks of the clauses, and tell what is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment_airflow.keeping_tasks import AFTER_SNAPSHOT, tell

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol


def check(agency_id: str, dag_run: DagRunProtocol) -> dict[str, Any]:
    """Run every check that the agency's clauses name, seal the judgements and open the findings.

    After a snapshot only where the last run is an hour ago.
    """
    from muniment.workflows import policy  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    after_snapshot = dag_run.run_type == AFTER_SNAPSHOT
    run = policy.check_policies_after_snapshot if after_snapshot else policy.check_policies
    return tell(agency_id, run(agency_id))
