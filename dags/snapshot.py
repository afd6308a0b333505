"""### Snapshot an agency's accounts.

Captures every account and series on the agency's own timetable, parses what the platforms
answered, checks it and seals it. Each mapped task is one account and one series; one that
fails holds back no other. A run that is repeated finds what it sealed and does the rest.

**To run by hand:** Trigger, and name `accounts` or `series` to take only those
(`{"accounts": ["bluesky-city"], "series": ["official-posts"]}`); empty lists take all.

| When this fails | It means | Do |
|---|---|---|
| `plan` | a fault in the agency's files, or the store failed its test | `muniment register check`, `muniment doctor` |
| `capture`: TokenRefusedError | the platform no longer takes our credentials | renew the token file; clear the task |
| `capture`: RateLimitedError | the platform asked us to wait | nothing: it waits 20 minutes, or the next run tries |
| `capture`: PlatformUnavailableError | the platform did not answer, four times | the next run tries again |
| `capture`: TooLateError | the run is older than a day | nothing: its day is over; see the runs since |
| `capture`: SubscriberListRefusedError | an address would be locked in the clear | write the privacy rules first |
| `capture`: BasisMissingError | no ground is named on which a field may be kept | complete `bases` in `policy.yaml` |
| `parse` | a sealed page is not what it should be | the pages are safe; clear the task after an update |
| `seal` | a snapshot could not be sealed | pages and rows are safe; `muniment doctor`; clear the task |
| `complete` | something above is missing | look at the task that failed |
| a quarantine notice | sealed, but a check failed | `muniment snapshots show` names the finding |
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import MultipleCronTriggerTimetable, TriggerRule, dag, task, task_group

from muniment.errors import MunimentError
from muniment.workflows import planning
from muniment_airflow import snapshot_tasks as tasks
from muniment_airflow.notices import FailureNotifier


def build_snapshot_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    crons, zone = planning.agency_timetable(agency_id)

    @dag(
        f"snapshot_{agency_id}",
        schedule=MultipleCronTriggerTimetable(*crons, timezone=zone),
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,  # a platform shows its present, not its past
        max_active_runs=1,
        is_paused_upon_creation=False,  # a capture that waits for a click is a gap
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=tasks.task_defaults(agency_id),
        params=tasks.PARAMS,
        on_failure_callback=FailureNotifier(agency_id),
        doc_md=__doc__,
        tags=["snapshot", agency_id],
    )
    def snapshot_agency() -> None:
        @task(show_return_value_in_logs=False)
        def plan(*, params, dag_run):
            return tasks.plan(agency_id, params, dag_run)

        @task(show_return_value_in_logs=False, map_index_template=tasks.LABEL)
        def capture(order):
            return tasks.capture(order)

        @task(show_return_value_in_logs=False, map_index_template=tasks.LABEL)
        def parse(order):
            return tasks.parse(order)

        @task_group  # mapped as one: an account that fails holds back no other
        def keep(order):
            parsed = parse(order)
            capture(order) >> parsed
            return parsed

        @task(
            show_return_value_in_logs=False,
            trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
            outlets=[tasks.alias_of(agency_id)],
        )
        def seal(orders, *, task_instance, outlet_events):
            return tasks.seal(agency_id, orders, task_instance, outlet_events)

        @task(show_return_value_in_logs=False, retries=0)
        def complete(outcome):
            tasks.check_complete(outcome)

        kept = keep.expand(order=plan())
        # Without a last task that needs them all, a run whose seal succeeded would hide a failed capture.
        kept >> complete(seal(kept))

    snapshot_agency()


for _agency_id in planning.agency_ids():
    try:
        build_snapshot_dag(_agency_id)
    except MunimentError:
        # An import error in this file would stop every agency: agency_files.py raises it instead.
        continue
