"""### Apply the retention schedule: officers, holds, locks, and the list of what is due.

Every day: the offices of `agency.yaml` are entered in the register of authorizations; every
object's hold is compared with the open matters, both ways; locks that are shorter than their
sums are lengthened, never shortened; and what is due is listed. Nothing is destroyed here.
Where the agency's profile is automatic, what is due is proposed: `dispose_records` starts.

**To run by hand:** Trigger. `muniment due`, `muniment explain` and `muniment hold reconcile` do parts of it.

| When this fails or tells | It means | Do |
|---|---|---|
| `mirror_officers` | the register of authorizations could not be written | clear the task |
| R050 | `retention.yaml` is not what was adopted; the longer of both holds | `muniment schedule diff`, then `adopt` |
| `prepare_holds`, `plan_holds`, `reconcile`, `enter_holds` | a store did not answer | clear the task when it is back |
| R010 | an open matter covers an object that was not held; it is now | find out who let it go |
| R011 | an object is held and no matter says why; the hold stays | find the matter, or place one |
| `plan_locks`, `extend`: StoreUnavailableError | a store did not answer | clear the task when it is back |
| R001 | a lock ends within 30 days, and there is no date to lengthen it to | enter the event: `muniment event` |
| R002 | a lock is shorter than its sum and could not be lengthened | `muniment doctor` |
| `list_due` | the list could not be made | clear the task |
| `start_disposition` | the schedule's own proposal could not be started | clear the task |
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import chain, task

from muniment.workflows import planning
from muniment_airflow import retention_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency
from muniment_airflow.keeping_tasks import LABEL, RUN_LIMIT, nightly


def keep_holds(agency_id: str) -> tuple[Any, Any]:
    """Make the tasks that keep the store's holds to the matters; return the first and the last."""

    @task(show_return_value_in_logs=False)
    def prepare_holds():
        return tasks.prepare_holds(agency_id)

    @task(show_return_value_in_logs=False)
    def plan_holds(prepared):
        return tasks.plan_holds(agency_id, prepared)

    @task(show_return_value_in_logs=False, map_index_template=LABEL)
    def reconcile(share):
        return tasks.reconcile(agency_id, share)

    # An empty vault has no shares, and what comes after them comes all the same.
    @task(show_return_value_in_logs=False, trigger_rule="none_failed")
    def enter_holds(prepared, results):
        return tasks.enter_holds(agency_id, prepared, results)

    prepared = prepare_holds()
    return prepared, enter_holds(prepared, reconcile.expand(share=plan_holds(prepared)))


def build_apply_retention_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "apply_retention",
        schedule=nightly("10 6 * * *", zone),
        dagrun_timeout=RUN_LIMIT,
        default_args=tasks.apply_defaults(agency_id),
        doc_md=__doc__,
        tags=["retention", agency_id],
    )
    def apply_retention() -> None:
        @task(show_return_value_in_logs=False)
        def mirror_officers():
            return tasks.mirror_officers(agency_id)

        @task(show_return_value_in_logs=False)
        def plan_locks():
            return tasks.plan_locks(agency_id)

        @task(show_return_value_in_logs=False, map_index_template=LABEL)
        def extend(share):
            return tasks.extend(agency_id, share)

        @task(show_return_value_in_logs=False, trigger_rule="none_failed")
        def list_due():
            return tasks.list_due(agency_id)

        prepared, entered = keep_holds(agency_id)
        locks, due = plan_locks(), list_due()
        chain(mirror_officers(), prepared)
        chain(entered, locks, extend.expand(share=locks), due)
        # Where the profile is not automatic the list is empty, and nothing starts.
        TriggerDagRunOperator.partial(
            task_id="start_disposition", trigger_dag_id=f"dispose_records_{agency_id}"
        ).expand(conf=due)

    apply_retention()


for_each_agency(build_apply_retention_dag)
