"""Answers: seal what a person answered to a step, after checking who it was and what they signed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from muniment.errors import ClosedGate, ConfigurationError, GateError
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant, parse_instant
from muniment.records.schedule import ApprovalStep
from muniment.retention.approvals import APPROVE, judge_response
from muniment.retention.dispositions import APPROVED, EXPIRED, REJECTED, Disposition, DispositionState
from muniment.retention.gates import RecordedResponse
from muniment.workflows.disposition.scene import SERVICE, Scene, open_scene
from muniment.workflows.registers import APPROVALS
from muniment.workflows.wiring import now

Json = dict[str, Any]


def record_answer(agency_id: str, disposition_id: str, step_id: str, *, answer: RecordedResponse) -> Json:
    """Seal *answer* to the step as ``approved`` or ``rejected``; as ``expired`` where nobody answered.

    An answer that cannot be taken is refused and changes nothing: the step may be asked again.

    Raises:
        GateError: it cannot be taken; says why.
        ConfigurationError: there is no such disposition or step.
    """
    return record_in(open_scene(agency_id), disposition_id, step_id, answer=answer, moment=now())


def record_in(scene: Scene, disposition_id: str, step_id: str, *, answer: RecordedResponse, moment: datetime) -> Json:
    """Record an answer at *moment* (aware), as `record_answer` does."""
    found = scene.read(disposition_id)
    step, signing = scene.profile().step(step_id), scene.signing(scene.row(found.series))
    if step is None:
        raise ConfigurationError(f"step: expected one of the profile's, found {step_id!r}")
    if (given := _given(found, step_id, answer)) is not None:
        return given
    if found.state is not DispositionState.PROPOSED:
        raise GateError(found.id, [ClosedGate("R029", step_id, f"expected it proposed, found it {found.state}")])
    if answer.responded_by is None or answer.responded_at is None:
        return _seal(scene, found, step, answer, kind=EXPIRED, at=moment)
    closed = [*_judge_time(found, step, answer, moment), *judge_response(answer, step, found, signing)]
    if closed:
        raise GateError(found.id, closed)
    kind = APPROVED if answer.chosen == (APPROVE,) else REJECTED
    return _seal(scene, found, step, answer, kind=kind, at=parse_instant(answer.responded_at))


def _given(found: Disposition, step_id: str, answer: RecordedResponse) -> Json | None:
    """Return what was sealed of this very answer by a try before; None when it was not."""
    for given in found.approvals:
        same = (given.step, given.answered_at, given.by) == (step_id, answer.responded_at, answer.responded_by)
        late = (given.step, given.answer) == (step_id, EXPIRED) and answer.responded_by is None
        if same or late:
            return {"disposition": found.id, "step": step_id, "event": given.answer}
    return None


def _judge_time(found: Disposition, step: ApprovalStep, answer: RecordedResponse, moment: datetime) -> list[ClosedGate]:
    at = answer.responded_at or ""
    closed = []
    if max(at, format_instant(moment)) > (found.valid_until or ""):
        closed.append(ClosedGate("R031", step.id, f"expected an answer until {found.valid_until}, found a later one"))
    if at < (found.proposed_at or ""):
        closed.append(ClosedGate("R035", step.id, f"expected an answer after {found.proposed_at}, found one before"))
    return closed


def _seal(
    scene: Scene, found: Disposition, step: ApprovalStep, answer: RecordedResponse, *, kind: str, at: datetime
) -> Json:
    officer = scene.signing(scene.row(found.series)).officer(answer.responded_by, step.office, at)
    facts: dict[str, JsonValue] = {
        "step": step.id,
        "by": answer.responded_by,
        "office": step.office,
        "title": officer.title if officer else "",
        "name": officer.name if officer else "",
        "chosen": list(answer.chosen),
        "document_sha256": answer.text("document_sha256"),
        "reference": answer.text("reference"),
        "reason": answer.text("reason") or "",
        "list_sha256": found.list_sha256,
        "dag_id": answer.dag_id,
        "run_id": answer.run_id,
        "task_id": answer.task_id,
    }
    # One answer a step: the event is named after the step alone, so another's answer cannot be sealed beside it.
    by = answer.responded_by or SERVICE
    scene.enter(found.id, kind, facts, at=at, by=by, name=step.id, register=APPROVALS)
    return {"disposition": found.id, "step": step.id, "event": kind}
