"""### Dispose of records that are due: propose, approve, wait, destroy, certify.

A records officer starts it: Trigger, choose the series, answer the exclusions, give the reason.
What is to go is frozen as a list; each approval of the agency's profile is then asked of the
officers who hold that office, under Required Actions, in order, of a different person each.
Nothing is destroyed by silence, by marking a task, or by the one who proposed.
Only a run that ends well has destroyed something, and it ends with a certificate.

| When this fails or waits | It means | Do |
|---|---|---|
| `propose` | a gate is closed: the log names each by its code | docs/findings.md; then propose anew |
| `propose`: ConfigurationError, ServiceError | the recorder cannot sign in | its password file; clear it |
| a step that waits | its officers have not answered | they find it under Required Actions |
| a step that waits a second time | the answer lacked a reason, document or reference | answer it again |
| a step: RejectedError, ExpiredError | refused; or the list grew old before everybody had signed | propose anew |
| a step: AirflowFailException | nobody who may answer holds the office, or it was withdrawn | `agency.yaml`; clear it |
| `authorize` | a signature is missing, or not what Airflow recorded | look who marked a task |
| `wait_for_grace` | destruction may still be stopped | `muniment hold place`, `muniment dispose withdraw` |
| `destroy` | the last check found a closed gate, or a store did not answer | the log; clear it, and it goes on |
| `publish` | the certificate is sealed, its announcement failed | clear the task |
"""

from __future__ import annotations

from airflow.sdk import chain, task

from muniment.workflows import planning
from muniment_airflow import disposition_form as form
from muniment_airflow import retention_tasks as tasks
from muniment_airflow.agency_dags import agency_dag, for_each_agency
from muniment_airflow.approval import ApprovalStepOperator

# Who listens to it has the keys that these tasks need, and nobody else has: docker-compose.yaml, `disposer`.
QUEUE = "dispositions"


def build_dispose_dag(agency_id: str) -> None:
    """Make the DAG of one agency; none where nothing says who must approve."""
    schedule = planning.agency_schedule(agency_id)
    if schedule.disposition is None:
        return

    @agency_dag(
        agency_id,
        "dispose_records",
        schedule=None,
        max_active_runs=tasks.RUNS_AT_ONCE,
        dagrun_timeout=form.longest_run(schedule),
        default_args=tasks.apply_defaults(agency_id),
        params=form.dispose_params(schedule),
        doc_md=__doc__,
        tags=["retention", agency_id],
    )
    def dispose_records() -> None:
        @task(show_return_value_in_logs=False, queue=QUEUE)
        def propose(*, params, dag_run):
            return tasks.propose(agency_id, params, dag_run)

        # A step that the row does not ask for is skipped, and the next is asked all the same.
        @task(show_return_value_in_logs=False, trigger_rule="none_failed")
        def authorize(proposed):
            return tasks.authorize(agency_id, proposed)

        @task.sensor(**form.waiting(schedule))
        def wait_for_grace(granted):
            return tasks.grace_is_over(granted)

        @task(show_return_value_in_logs=False, queue=QUEUE)
        def destroy(proposed):
            return tasks.destroy(agency_id, proposed)

        @task(outlets=[tasks.dispositions_asset(agency_id)])
        def publish(done, *, outlet_events):
            tasks.publish(agency_id, done, outlet_events)

        steps = [
            ApprovalStepOperator(task_id=step.id, agency=agency_id, step=step, trigger_rule="none_failed")
            for step in form.asked_steps(schedule)
        ]
        proposed = propose()
        granted = authorize(proposed)
        done = destroy(proposed)
        chain(proposed, *steps, granted, wait_for_grace(granted), done, publish(done))

    dispose_records()


for_each_agency(build_dispose_dag)
