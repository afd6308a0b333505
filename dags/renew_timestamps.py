"""### Have the log's checkpoints stamped with the time, and renew the stamps.

After every new checkpoint the authorities that `agency.yaml` names stamp it; the log waits for
none of them. Every night what was left unstamped is stamped, and whatever will age out within
the days that `renew_days_before` gives has another stamp laid over it.

**To run by hand:** Trigger; there is nothing to choose. `muniment time renew` does the same.

| When this fails or tells | It means | Do |
|---|---|---|
| `stamp`, T006 | a required authority did not answer as it should | the next run asks again; or name another |
| `stamp`, T007 | its clock and ours are five minutes apart | set this machine's clock, or ask the authority |
| `renew`, T012 | what ages out could not be renewed | name an authority whose certificate lasts longer |
| `renew`, T008 | a stamp aged out before it was renewed | nothing brings it back; ask the second copy's keeper |
| T001 to T004 | a kept stamp is not to be believed | `muniment verify`; then the second copy |
| ConfigurationError | no row `log` in the schedule | mend `retention.yaml` |
| StoreUnavailableError | the store did not answer, four times | the next run does the rest |
"""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, task

from muniment.workflows import planning
from muniment_airflow import time_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency
from muniment_airflow.keeping_tasks import nightly
from muniment_airflow.log_tasks import log_alias


def build_renew_timestamps_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "renew_timestamps",
        schedule=AssetOrTimeSchedule(timetable=nightly("30 5 * * *", zone), assets=log_alias(agency_id)),
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=tasks.task_defaults(agency_id),
        doc_md=__doc__,
        tags=["log", agency_id],
    )
    def renew_timestamps_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def stamp():
            return tasks.stamp(agency_id)

        @task(show_return_value_in_logs=False)
        def renew(*, dag_run):
            return tasks.renew(agency_id, dag_run)

        stamp() >> renew()

    renew_timestamps_of_agency()


for_each_agency(build_renew_timestamps_dag)
