"""### Append to an agency's log.

Logs every manifest and every register's event that is not logged yet, signs a checkpoint over
it all, and finishes what an earlier run left. Runs after each snapshot run and each run of probes
that sealed something, after each certificate of a disposition, and every hour besides, so that
nothing waits for the next capture.

**To run by hand:** Trigger; there is nothing to choose. `muniment log append` does the same.

| When this fails | It means | Do |
|---|---|---|
| `append`: ConfigurationError | no key to sign with, or no row `log` in the schedule | mend what the message names |
| `append`: LogError | somebody wrote into the log, or an older state was put back | touch nothing; `muniment verify` |
| `append`: StoreUnavailableError | the store did not answer, four times | the next run does the rest |
| `append`: StoreUnfitError | the store failed its examination | `muniment doctor` |
| a notice with L001 | an object is not sealed, or not of its form, and was not logged | `muniment verify` |
| a run that waits | another agency's append has the pool's one slot, or there is no pool `log` | start again |
"""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, task

from muniment.workflows import planning
from muniment_airflow import log_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency
from muniment_airflow.change_tasks import removed_alias
from muniment_airflow.retention_tasks import dispositions_asset
from muniment_airflow.snapshot_tasks import alias_of


def build_log_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "append_log",
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable("40 * * * *", timezone=zone),
            assets=alias_of(agency_id) | removed_alias(agency_id) | dispositions_asset(agency_id),
        ),
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=tasks.append_defaults(agency_id),
        doc_md=__doc__,
        tags=["log", agency_id],
    )
    def append_log() -> None:
        @task(show_return_value_in_logs=False, outlets=[tasks.log_alias(agency_id)])
        def append(*, dag_run, outlet_events):
            return tasks.append(agency_id, dag_run.run_id, outlet_events)

        append()

    append_log()


for_each_agency(build_log_dag)
