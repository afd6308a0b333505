"""One step of a disposition's approvals, asked of the people who hold the office that the agency's profile names.

The operator asks in Airflow's own page, parks without a worker, and seals what was answered as
an event of the register of approvals. That event is what counts: the state of this task and
what it hands on count for nothing when it comes to destroying.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from muniment.errors import ConfigurationError
from muniment.records.names import parse_instant

if TYPE_CHECKING:
    from airflow.sdk import Context

    from muniment.records.schedule import ApprovalStep

APPROVE, REJECT = "Approve", "Reject"
PROPOSE = "propose"  # the task that hands on the disposition's id
# An answer that cannot be taken is asked for again; a person's time is no execution time.
_ASKED_AGAIN = {
    "retries": 5,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 0,
    "retry_policy": None,
    "execution_timeout": None,
}
_SHA256 = "^[0-9a-f]{64}$"


class RejectedError(AirflowFailException):
    """Somebody who was asked refused; nothing is destroyed."""


class ExpiredError(AirflowFailException):
    """Nobody answered while the frozen list was valid; nothing is destroyed."""


class ApprovalStepOperator(HITLOperator):
    """Asks the officers of one office for one approval. Silence approves nothing: there is no default answer."""

    def __init__(self, *, agency: str, step: ApprovalStep, **kwargs: Any) -> None:
        # Airflow hands on the DAG's own parameters, which are no fields of this form.
        kwargs |= {**_ASKED_AGAIN, "params": _form(step)}
        super().__init__(subject=step.title, body=step.question, options=[APPROVE, REJECT], **kwargs)
        self.agency = agency
        self.step = step

    def execute(self, context: Context) -> Any:
        """Ask; or go on when the row does not need this step, or it was answered already."""
        from muniment.workflows.disposition import asking  # noqa: PLC0415 - heavy, and DAGs are parsed often

        try:
            again = context["ti"].try_number > 1
            question = asking.ask(self.agency, _disposition(context), self.step.id, again=again)
        except ConfigurationError as error:
            raise AirflowFailException(str(error)) from None
        if question.state == asking.NOT_NEEDED:
            raise AirflowSkipException(f"the row does not ask for {self.step.id}")
        if question.state == asking.GIVEN:
            return None
        remaining = parse_instant(question.expires_at) - datetime.now(UTC)
        if remaining <= timedelta(0):
            self._expire(context)
        self.subject, self.body = question.subject, question.body
        self.assigned_users = [{"id": name, "name": name} for name in question.assigned]
        self.response_timeout = remaining
        # Only the page's form is strict: whether an answer may be taken is decided where it is sealed.
        self.params = _form(self.step, question.list_sha256)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Seal what was answered.

        Raises:
            GateError: the answer cannot be taken; the step is asked again.
            RejectedError: the answer was no.
            ExpiredError: there was no answer in time.
        """
        if event.get("error_type") == "timeout":
            self._expire(context)
        if "error" in event:
            self.process_trigger_event_error(event)
        done = self._record(context, event)
        if REJECT in event["chosen_options"]:
            raise RejectedError(f"{self.step.id}: rejected")
        return {"step": self.step.id, "event": done.get("event")}

    def _expire(self, context: Context) -> None:
        self._record(context, {})
        raise ExpiredError(f"{self.step.id}: nobody answered in time")

    def _record(self, context: Context, detail: dict[str, Any]) -> dict[str, Any]:
        from muniment.workflows import disposition  # noqa: PLC0415 - heavy, and DAGs are parsed often
        from muniment_airflow.recorded_responses import to_response  # noqa: PLC0415 - the same

        ti = context["ti"]
        answer = to_response(ti.dag_id, ti.run_id, ti.task_id, detail)
        return disposition.record_answer(self.agency, _disposition(context), self.step.id, answer=answer)


def _disposition(context: Context) -> str:
    return str(context["ti"].xcom_pull(task_ids=PROPOSE)["disposition"])


def _form(step: ApprovalStep, list_sha256: str | None = None) -> ParamsDict:
    """Return the fields that are asked for; with *list_sha256*, as strict as the page can be."""
    needed: dict[str, Any] = {"type": "string"} if list_sha256 else {"type": ["null", "string"]}
    shown: dict[str, Any] = {"enum": [list_sha256]} if list_sha256 else {}
    # Who rejects has no paper to name, and the page knows no field that only one of its buttons needs.
    paper: dict[str, Any] = {"type": ["null", "string"]}
    fields = {
        "reason": Param(None, **needed, title="Reason", description="Why; it is sealed with the answer."),
        "list_sha256": Param(list_sha256, **needed, **shown, title="List", description="The frozen list's SHA-256."),
    }
    if step.document:
        about = f"To approve: the SHA-256 of {step.document}, as `sha256sum FILE` prints it."
        fields["document_sha256"] = Param(None, **paper, pattern=_SHA256, title="Document", description=about)
    if step.reference:
        about = f"To approve: {step.reference}."
        fields["reference"] = Param(None, **paper, title="Reference", description=about)
    for param in fields.values():
        param.source = "task"  # the class drops every other
    return ParamsDict(fields)
