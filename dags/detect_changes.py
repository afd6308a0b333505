"""### Ask for what an agency's accounts no longer show.

After each snapshot run that sealed something, and once a day: what a list no longer shows is asked for
by name, at the platform and, on Bluesky, at the author's own host. What comes back is sealed as a
snapshot of the series `removed-content`, with each item as it was last seen. `removed` is confirmed by a
second answer a day later, so an account is quiet here when nothing of it vanished.

**To run by hand:** Trigger; there is nothing to choose. `muniment removed list` shows what is concluded.

| When this fails or tells | It means | Do |
|---|---|---|
| `plan` | a fault in the agency's files | `muniment register check` |
| `probe`: RateLimitedError | the platform asked us to wait | the next run asks |
| `probe`: ConfigurationError | the file of the account's token is missing | put it there; clear the task |
| `probe`: StoreUnavailableError | the store did not answer, four times | the next run ends what was begun |
| `probe`: StoreUnfitError | the store failed its examination | `muniment doctor` |
| `announce` | the register of findings or the store did not answer | clear the task |
| `complete` | an account above was not probed | look at the task that failed |
| H001 | very much vanished at once | find out why; `muniment changes decide` |
| H002 | something was removed before any capture | capture more often: `muniment exposure` |
| H003 | items could not be asked for, or it is refused | the token, where it stays; the next run asks again |
| H004 | an answer differs from the one before | `muniment removed show`: it may have come back |
"""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, TriggerRule, task

from muniment.workflows import planning
from muniment_airflow import change_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency


def build_detect_changes_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "detect_changes",
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable("50 5 * * *", timezone=zone), assets=tasks.alias_of(agency_id)
        ),
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=tasks.task_defaults(agency_id),
        doc_md=__doc__,
        tags=["changes", agency_id],
    )
    def detect_changes_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def plan(*, dag_run):
            return tasks.plan(agency_id, dag_run)

        @task(show_return_value_in_logs=False, map_index_template=tasks.LABEL)
        def probe(order):
            return tasks.probe(order)

        @task(
            show_return_value_in_logs=False,
            trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
            outlets=[tasks.removed_alias(agency_id)],
        )
        def announce(done, *, outlet_events):
            return tasks.announce(agency_id, done, outlet_events)

        @task(show_return_value_in_logs=False, retries=0)
        def complete(planned, outcome):
            tasks.check_probed(planned, outcome)

        planned = plan()
        probed = probe.expand(order=planned)
        probed >> complete(planned, announce(probed))

    detect_changes_of_agency()


for_each_agency(build_detect_changes_dag)
