"""How a run goes from its orders to what is sealed: the tasks of every DAG that captures, and what waits for what."""

from __future__ import annotations

from typing import Any

from airflow.sdk import TriggerRule, task, task_group

from muniment_airflow import snapshot_tasks as tasks


def capture_and_seal(agency_id: str, orders: Any) -> None:
    """Add to the DAG at hand the tasks that capture, parse and seal each of *orders*, the value of its plan."""

    @task_group  # mapped as one: an account or a page that fails holds back no other
    def keep(order):
        parsed = _parse(order)
        _capture(order) >> parsed
        return parsed

    @task(
        show_return_value_in_logs=False,
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
        outlets=[tasks.alias_of(agency_id)],
    )
    def seal(orders, *, task_instance, outlet_events):
        return tasks.seal(agency_id, orders, task_instance, outlet_events)

    kept = keep.expand(order=orders)
    # Without a last task that needs them all, a run whose seal succeeded would hide a failed capture.
    kept >> _complete(seal(kept))


@task(task_id="capture", show_return_value_in_logs=False, map_index_template=tasks.LABEL)
def _capture(order):
    return tasks.capture(order)


@task(task_id="parse", show_return_value_in_logs=False, map_index_template=tasks.LABEL)
def _parse(order):
    return tasks.parse(order)


@task(task_id="complete", show_return_value_in_logs=False, retries=0)
def _complete(outcome):
    tasks.check_complete(outcome)
