"""### Keep the second copy of an agency's vault whole.

After every snapshot, and every night, whatever the second store lacks is copied to it, each
object under a lock as long as its own, and every copy is read back. What the second copy holds
is never written over. The nightly run looks everywhere, and lengthens locks that grew since. A
bucket that is gone is made and filled anew, and its loss stays a finding. Without a second store
(`MUNIMENT_SECOND_S3_ENDPOINT`) there is nothing to do, and `muniment scorecard` is red.

**To run by hand:** Trigger, or `muniment copy run`.

| When this fails or tells | It means | Do |
|---|---|---|
| `plan_copy`: StoreUnavailableError, C001 | the second store or its bucket is gone | bring it back |
| `plan_copy`: StoreUnfitError | the second bucket has no Object Lock | name another bucket |
| `copy`: CustodyError, C007 | something could not be copied, four times | the next run tries again |
| C003 | the second copy holds other bytes under a sealed object's key | find out whose |
| C004 | a lock of the second copy does not hold | `muniment doctor`; another store |
| F001, V004 | an object of the vault is altered or not locked, and was not copied | see `check_store` |
"""

from __future__ import annotations

from airflow.sdk import task

from muniment.workflows import planning
from muniment_airflow import keeping_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency


def build_copy_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "copy_vault",
        schedule=tasks.nightly_and_after_snapshots(agency_id, "10 1 * * *", zone),
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=tasks.task_defaults(agency_id),
        doc_md=__doc__,
        tags=["keeping", agency_id],
    )
    def copy_vault_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def plan_copy(*, dag_run):
            return tasks.plan_copy(agency_id, dag_run)

        @task(show_return_value_in_logs=False, map_index_template=tasks.LABEL)
        def copy(share):
            return tasks.copy(agency_id, share)

        copy.expand(share=plan_copy())

    copy_vault_of_agency()


for_each_agency(build_copy_dag)
