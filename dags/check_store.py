"""### Check that the store still does and still holds what the manifests say.

Every night, for both copies: the doctor's probes try with throwaways to break locks; then every
object's lock, its versions and delete markers, and the buckets' settings are compared with the
manifests. What is found is entered in the register of findings, told once, and stays open
until a person closes it with a reason and a name.

**To run by hand:** Trigger, or `muniment check store`.

| When this fails or tells | It means | Do |
|---|---|---|
| `probe`: StoreUnavailableError, ObjectMissingError | the vault's store or bucket is gone | bring it back |
| D001 to D013 | the store does not refuse what a lock must; captures stop | `muniment doctor` |
| `plan_check`, `compare`: StoreUnavailableError | a store went away meanwhile | clear the task |
| V001, V002 | an object is gone, or of another size | the second copy has it |
| V003, V005 | a manifest is not of its form; an object that none names | find out who wrote it |
| V007 | a snapshot was begun and not finished within a day | the next capture finishes it |
| V004 | a lock is short, or there is none | `muniment doctor`; find out who could do that |
| V008, C006 | a later version or a delete marker hides a record that is still there | find out whose |
| C001, C002, C004 | the second copy is gone, lacks something, is locked too short | `muniment copy run` |
| C003, C005 | the second copy holds something else | find out whose it is |
| `enter` | the night's result could not be sealed | clear the task |
"""

from __future__ import annotations

from airflow.sdk import task

from muniment.workflows import planning
from muniment_airflow import keeping_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency


def build_check_store_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "check_store",
        schedule=tasks.nightly("10 3 * * *", zone),
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=tasks.task_defaults(agency_id),
        doc_md=__doc__,
        tags=["keeping", agency_id],
    )
    def check_store_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def probe():
            return tasks.probe_stores(agency_id)

        @task(show_return_value_in_logs=False)
        def plan_check():
            return tasks.plan_check_store(agency_id)

        @task(show_return_value_in_logs=False, map_index_template=tasks.LABEL)
        def compare(share):
            return tasks.compare(agency_id, share)

        @task(show_return_value_in_logs=False)
        def enter(probes, results):
            return tasks.enter_check(agency_id, probes, results)

        probed, planned = probe(), plan_check()
        probed >> planned
        enter(probed, compare.expand(share=planned))

    check_store_of_agency()


for_each_agency(build_check_store_dag)
