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

from datetime import UTC, datetime

from airflow.sdk import TriggerRule, dag, task, task_group

from muniment.errors import MunimentError
from muniment.workflows import planning
from muniment_airflow import page_tasks as tasks
from muniment_airflow.keeping_tasks import nightly
from muniment_airflow.notices import FailureNotifier


def build_watch_policies_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @dag(
        f"watch_policies_{agency_id}",
        schedule=nightly("40 4 * * *", zone),
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,  # a page shows its present, not its past
        max_active_runs=1,
        is_paused_upon_creation=False,
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=tasks.task_defaults(agency_id),
        params=tasks.PAGE_PARAMS,
        on_failure_callback=FailureNotifier(agency_id),
        doc_md=__doc__,
        tags=["policy", agency_id],
    )
    def watch_policies_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def plan(*, params, dag_run):
            return tasks.plan_pages(agency_id, params, dag_run)

        @task(show_return_value_in_logs=False, map_index_template=tasks.LABEL)
        def capture(order):
            return tasks.capture(order)

        @task(show_return_value_in_logs=False, map_index_template=tasks.LABEL)
        def parse(order):
            return tasks.parse(order)

        @task_group  # mapped as one: a page that fails holds back no other
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
        kept >> complete(seal(kept))

    watch_policies_of_agency()


for _agency_id in planning.agency_ids():
    try:
        build_watch_policies_dag(_agency_id)
    except MunimentError:
        # An import error in this file would stop every agency: agency_files.py raises it instead.
        continue
