"""### Read sealed bytes again, so that everything is read within the agency's period.

Every night a share of both copies is read and compared with the hashes that were sealed. The
share is such that every byte is read within `fixity.reread_within_days` of `agency.yaml`, also
when a quarter of the nights in a row are missed; after a longer pause the first night catches
up. What was read stands in the vault, unit by unit: a night that was cut off is finished by
the next.

**To run by hand:** Trigger; or `muniment check fixity` reads everything now.

| When this fails or tells | It means | Do |
|---|---|---|
| `plan_fixity`, F005 | something was not read within the period | more workers, or a longer period |
| `read_again`: StoreUnavailableError | a store did not answer | clear the task when it is back |
| F001 | an object of the vault is not what was sealed | the disk; the second copy has the bytes |
| F002 | the same, in the second copy | the second store's disk |
| F003, F004 | an object of the vault, of the second copy, cannot be read any more | the same |
| V001, C002 | an object that a manifest names is missing | see `check_store` |
| V004, C004 | an object has no lock, and no hash to compare with | see `check_store` |
"""

from __future__ import annotations

from airflow.sdk import task

from muniment.workflows import planning
from muniment_airflow import keeping_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency


def build_check_fixity_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "check_fixity",
        schedule=tasks.nightly("10 4 * * *", zone),
        dagrun_timeout=tasks.RUN_LIMIT,
        default_args=tasks.task_defaults(agency_id),
        doc_md=__doc__,
        tags=["keeping", agency_id],
    )
    def check_fixity_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def plan_fixity():
            return tasks.plan_fixity(agency_id)

        @task(show_return_value_in_logs=False, map_index_template=tasks.LABEL)
        def read_again(share):
            return tasks.read_again(agency_id, share)

        read_again.expand(share=plan_fixity())

    check_fixity_of_agency()


for_each_agency(build_check_fixity_dag)
