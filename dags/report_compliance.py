"""### Report compliance: the month that is over, for the clerk, counsel and the auditor.

On the first day of every month, by the agency's own clock: captures, gaps and exposure, what
changed and what was removed, by ground and by reviewer, each clause of the policies, the
findings and their age, the scorecard. The report is sealed as one document with its page, which
prints to PDF, and its tables; `muniment compliance show` writes them out. Nobody of the public is named in it.

**To run by hand:** Trigger, and name a month (`{"month": "2026-11"}`) or none for the last one that is
over. `muniment compliance report` makes one without sealing it.

| When this fails | It means | Do |
|---|---|---|
| `report`: StoreUnavailableError | the store did not answer | clear the task when it is back |
| `report`: EvidenceError, ParseError | something sealed is not of its form | `muniment verify` names it |
| `report`: ConfigurationError | the month is none, or the agency's files have faults | `muniment register check` |
"""

from __future__ import annotations

from airflow.sdk import Param, task

from muniment.workflows import planning
from muniment_airflow import compliance_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency
from muniment_airflow.keeping_tasks import RUN_LIMIT, nightly, task_defaults


def build_report_compliance_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "report_compliance",
        # After the night's checks of that day, so that the report has what they found.
        schedule=nightly("20 7 1 * *", zone),
        dagrun_timeout=RUN_LIMIT,
        default_args=task_defaults(agency_id),
        params={"month": Param("", type="string", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")},
        doc_md=__doc__,
        tags=["policy", agency_id],
    )
    def report_compliance_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def report(*, params, dag_run):
            return tasks.report(agency_id, params, dag_run)

        report()

    report_compliance_of_agency()


for_each_agency(build_report_compliance_dag)
