"""### Check that every capture that was due was made.

Every night: the captures that the timetable asked for are compared with the snapshots that the
vault holds, account by account. What was missed, quarantined or could not be had is entered in
the register of gaps, with its reason and what to do, when it is a day old: a run may take half a
day, and the next one finishes what it left. A gap that was finished late is entered as filled.

**To run by hand:** Trigger. `muniment coverage`, `muniment gaps` and `muniment exposure` show it at any time.

| When this fails or tells | It means | Do |
|---|---|---|
| `check`: StoreUnavailableError | the store did not answer | clear the task when it is back |
| `check`: EvidenceError | an event of a register is not of its form | `muniment verify` names it |
| U001 | a capture that was due was not made | `muniment gaps` has the reason and the remedy |
| U002 | an active account has a series that was never captured | capture it, or correct the register |
"""

from __future__ import annotations

from airflow.sdk import task

from muniment.workflows import planning
from muniment_airflow import coverage_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency
from muniment_airflow.keeping_tasks import RUN_LIMIT, nightly, task_defaults


def build_check_coverage_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "check_coverage",
        schedule=nightly("40 4 * * *", zone),
        dagrun_timeout=RUN_LIMIT,
        default_args=task_defaults(agency_id),
        doc_md=__doc__,
        tags=["changes", agency_id],
    )
    def check_coverage_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def check():
            return tasks.check(agency_id)

        check()

    check_coverage_of_agency()


for_each_agency(build_check_coverage_dag)
