"""### Check the clauses of the policies.

Every night, and at most once an hour when snapshots land: every check that the agency's clauses name is run over the
last 31 days of evidence, from the vault, its registers and the agency's own files. All judgements
of a run are sealed as one event of the register `policy-checks`; what is found is entered in the
register of findings, told once, and stays open until a person closes it.

**To run by hand:** Trigger, or `muniment policy check`. `muniment policy status` shows how each clause stands.

| When this fails or tells | It means | Do |
|---|---|---|
| `check`: StoreUnavailableError | the store did not answer | clear the task when it is back |
| `check`: EvidenceError, ManifestError | what is sealed is not of its form | `muniment verify` names it |
| `check`: ParseError | the rows of a snapshot are not whole | `muniment verify` names it |
| `check`: AlreadySealedError | two runs at the very same moment | clear the task |
| K001 to K003 | register, captures and what operates differ | capture it, or correct `accounts.yaml` |
| K004 to K010 | an approval, an authorization, an address or a last capture is lacking | correct the register |
| K011 to K016, K018, K020 | something is not captured, not kept or not tried | see `muniment policy status` |
| K017, K021 | a policy has no version, an agency no policy file | correct `policy.yaml` |
| other codes | what the check of another clause found | `docs/findings.md` has every code |
"""

from __future__ import annotations

from airflow.sdk import task

from muniment.workflows import planning
from muniment_airflow import policy_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency
from muniment_airflow.keeping_tasks import RUN_LIMIT, nightly_and_after_snapshots, task_defaults


def build_check_policy_dag(agency_id: str) -> None:
    """Make the DAG of one agency."""
    _, zone = planning.agency_timetable(agency_id)

    @agency_dag(
        agency_id,
        "check_policy",
        schedule=nightly_and_after_snapshots(agency_id, "20 5 * * *", zone),
        dagrun_timeout=RUN_LIMIT,
        default_args=task_defaults(agency_id),
        doc_md=__doc__,
        tags=["policy", agency_id],
    )
    def check_policy_of_agency() -> None:
        @task(show_return_value_in_logs=False)
        def check(*, dag_run):
            return tasks.check(agency_id, dag_run)

        check()

    check_policy_of_agency()


for_each_agency(build_check_policy_dag)
