"""Enter a capture that failed for good in the register of captures: the reason of the gap that it leaves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

from muniment.errors import MunimentError
from muniment.records.names import format_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Context

ORDER = "order"  # what a task of one account and series puts into its context
_PLAN = "plan"
_log = logging.getLogger(__name__)


class CaptureRecorder(BaseNotifier):
    """Enters the failure of a task that captures; other tasks' failures leave what was captured behind."""

    def __init__(self, agency: str) -> None:
        super().__init__()
        self.agency = agency

    def notify(self, context: Context) -> None:
        """Enter the failure that *context* describes; where it cannot be entered the gap's reason is not known."""
        facts = describe_capture(context)
        if facts is None:
            return
        from muniment.workflows import coverage  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

        try:
            coverage.record_failure(self.agency, **facts)
        except (MunimentError, OSError) as error:
            # The run goes on and fails for its own reason; the store may be what failed.
            _log.error("failed capture not entered: %s", type(error).__name__)


def describe_capture(context: Context | Mapping[str, Any]) -> dict[str, Any] | None:
    """Return which capture failed and with which class of error; None where no capture did.

    A plan that failed is the failure of every capture of its run.
    """
    task, error, run = context.get("task_instance"), context.get("exception"), context.get("dag_run")
    order: Mapping[str, Any] | None = context.get(ORDER)
    if task is None or run is None or (order is None and task.task_id != _PLAN):
        return None
    return {
        "run_id": run.run_id,
        "taken_at": format_instant(run.run_after) if order is None else order["taken_at"],
        "error": "unknown" if error is None else type(error).__name__,
        "account": None if order is None else order["account"],
        "series": None if order is None else order["series"],
    }
