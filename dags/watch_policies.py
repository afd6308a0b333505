"""### Watch an agency's policies.

Captures, once a night, each page that `policy.yaml` has watched: the agency's own policies, the
terms of the platforms that it uses, its website. Each is sealed as a snapshot of the series
`policies` and compared clause by clause with the one before; `check_policy`, which runs after it,
tells of what changed and names the controls that go by it.

**To run by hand:** Trigger, and name `pages` to take only those (`{"pages": ["privacy-policy"]}`);
an empty list takes all. Or `muniment pages watch`.

| When this fails | It means | Do |
|---|---|---|
| `plan` | a fault in the agency's files, or the store did not answer | `muniment register check`, `muniment doctor` |
| `capture`: PlatformUnavailableError | the page's server did not answer, four times | the next night tries again |
| `capture`: RateLimitedError | the server asked us to wait | nothing: it waits 20 minutes, or the next night tries |
| `capture`: BasisMissingError | no ground is named to keep a field on | complete `bases` in `policy.yaml` |
| `capture`: TooLateError | the run is older than a day | nothing: its day is over |
| `parse` | a sealed page is not what it should be | the page is safe; clear the task after an update |
| `seal` | a snapshot could not be sealed | page and rows are safe; `muniment doctor`; clear the task |
| `complete` | something above is missing | look at the task that failed |
| a quarantine notice | the page is gone, or shows no words | `muniment pages list`; correct it in `policy.yaml` |
"""

from __future__ import annotations

from airflow.sdk import task

from muniment.workflows import planning
from muniment_airflow import page_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency
from muniment_airflow.capture_flow import capture_and_seal
from muniment_airflow.keeping_tasks import nightly
from muniment_airflow.snapshot_tasks import task_defaults


def build_watch_policies_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "watch_policies",
        schedule=nightly("40 4 * * *", zone),
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=task_defaults(agency_id),
        params=tasks.PAGE_PARAMS,
        doc_md=__doc__,
        tags=["policy", agency_id],
    )
    def watch_policies_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def plan(*, params, dag_run):
            return tasks.plan_pages(agency_id, params, dag_run)

        capture_and_seal(agency_id, plan())

    watch_policies_of_agency()


for_each_agency(build_watch_policies_dag)
