"""What the DAG of time stamps does: stamp the newest checkpoint, renew what ages out, tell of what is found."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from muniment_airflow import keeping_tasks

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol

RUN_LIMIT = timedelta(hours=12)
_AFTER_CHECKPOINT = "asset_triggered"


def task_defaults(agency_id: str) -> dict[str, Any]:
    """Return what both tasks are given."""
    return keeping_tasks.task_defaults(agency_id) | {"execution_timeout": timedelta(hours=6)}


def stamp(agency_id: str) -> dict[str, Any]:
    """Stamp the newest checkpoint of the agency's log."""
    from muniment.workflows import stamp_checkpoints  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    done = keeping_tasks.tell(agency_id, stamp_checkpoints.stamp_newest(agency_id))
    return {
        "checkpoint": done["checkpoint"],
        "stamped_by": [item["authority"] for item in done["stamps"]],
        "local": [item["authority"] for item in done["stamps"] if item["local"]],
        "failed": sorted(done["failed"]),
    }


def renew(agency_id: str, dag_run: DagRunProtocol) -> dict[str, Any]:
    """Renew what ages out; after a new checkpoint there is nothing that was not there yesterday."""
    if str(dag_run.run_type) == _AFTER_CHECKPOINT:
        return {"renewed": 0, "waiting": 0}
    from muniment.workflows import renew_timestamps  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    done = keeping_tasks.tell(agency_id, renew_timestamps.renew_timestamps(agency_id))
    return {"renewed": done["renewed"], "waiting": done["waiting"]}
