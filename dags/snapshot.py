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

from airflow.sdk import MultipleCronTriggerTimetable, task

from muniment.workflows import planning
from muniment_airflow import snapshot_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency
from muniment_airflow.capture_flow import capture_and_seal


def build_snapshot_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    crons, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "snapshot",
        schedule=MultipleCronTriggerTimetable(*crons, timezone=zone),
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=tasks.task_defaults(agency_id),
        params=tasks.PARAMS,
        doc_md=__doc__,
        tags=["snapshot", agency_id],
    )
    def snapshot_agency() -> None:
        @task(show_return_value_in_logs=False)
        def plan(*, params, dag_run):
            return tasks.plan(agency_id, params, dag_run)

        capture_and_seal(agency_id, plan())

    snapshot_agency()


for_each_agency(build_snapshot_dag)
