"""Whether an answer may be taken, and whether every approval of a disposition is there and true.

Pure. Silence approves nothing; no step is approved by whoever proposed, by whoever approved
another step, or by somebody who did not hold the office on the day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from muniment.errors import ClosedGate
from muniment.records.agency import Officer
from muniment.records.names import parse_instant
from muniment.records.schedule import ApprovalStep, DispositionProfile, ScheduleRow
from muniment.retention.dispositions import APPROVED, EXPIRED, REJECTED, ApprovalGiven, Disposition
from muniment.retention.gates import RecordedResponse
from muniment.retention.periods import zone_named

APPROVE, REJECT = "Approve", "Reject"  # what a person chooses from
_SHA256 = re.compile(r"[0-9a-f]{64}")
Recorded = Callable[[str, str, str], RecordedResponse | None]  # by the ids of DAG, run and task


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """By what an answer is judged: the steps that the row needs, the officers, and the agency's zone."""

    steps: tuple[ApprovalStep, ...]
    officers: tuple[Officer, ...]
    zone: str

    def next_step(self, disposition: Disposition) -> ApprovalStep | None:
        """Return the first step that is neither standing nor approved; None when all are."""
        given = (step for step in self.steps if not step.standing and disposition.approval(step.id) is None)
        return next(given, None)

    def officer(self, sign_in: str | None, office: str, moment: datetime) -> Officer | None:
        """Return who held *office* under *sign_in* on the day of *moment* (aware), or None."""
        day = moment.astimezone(zone_named(self.zone)).date()
        return next(
            (one for one in self.officers if (one.sign_in, one.office) == (sign_in, office) and in_office(one, day)),
            None,
        )


def in_office(officer: Officer, day: date) -> bool:
    """Tell whether *officer* held the office on *day*; the last day is one of them."""
    return officer.valid_from <= day and (officer.valid_until is None or day <= officer.valid_until)


def steps_of(profile: DispositionProfile, row: ScheduleRow) -> tuple[ApprovalStep, ...]:
    """Return the steps that *row* needs, in the profile's order. A step that the profile lacks is left out.

    The register's checks refuse a schedule whose row names such a step.
    """
    return tuple(step for step in profile.steps if step.id in row.approvals)


def judge_response(
    response: RecordedResponse, step: ApprovalStep, disposition: Disposition, signing: Signing
) -> Iterator[ClosedGate]:
    """Find why *response* cannot be taken as an answer to *step*: it is then asked again.

    A rejection needs the right person too, and no papers.
    """
    if (due := signing.next_step(disposition)) is None or due.id != step.id:
        expected = due.id if due is not None else "no step any more"
        yield ClosedGate("R029", step.id, f"expected {expected} to be answered next, found {step.id}")
    if response.chosen not in ((APPROVE,), (REJECT,)):
        yield ClosedGate("R029", step.id, f"expected one of {APPROVE}, {REJECT}, found {len(response.chosen)} choices")
    if response.run_id not in disposition.dag_runs:
        yield ClosedGate("R035", step.id, "expected an answer of the run that proposed, found one of another run")
    if response.params.get("list_sha256", disposition.list_sha256) != disposition.list_sha256:
        yield ClosedGate("R028", step.id, f"expected the list {disposition.list_sha256}, found another signed")
    yield from _judge_person(response, step, disposition, signing)
    if response.chosen == (APPROVE,):
        yield from judge_papers(step, response.text("document_sha256"), response.text("reference"))


def _judge_person(
    response: RecordedResponse, step: ApprovalStep, disposition: Disposition, signing: Signing
) -> Iterator[ClosedGate]:
    who, moment = response.responded_by, parse_instant(response.responded_at or "")
    if signing.officer(who, step.office, moment) is None:
        detail = f"expected somebody who held the office {step.office} that day, found another"
        yield ClosedGate("R032", step.id, detail)
    if who == disposition.proposed_by:
        yield ClosedGate("R033", step.id, "expected another than the one who proposed, found the same")
    if who in {given.by for given in disposition.approvals if given.step != step.id}:
        yield ClosedGate("R033", step.id, "expected another than those who approved before, found the same")


def judge_papers(step: ApprovalStep, document_sha256: str | None, reference: str | None) -> Iterator[ClosedGate]:
    """Find that the paper or the reference that *step* asks for is not named (R034)."""
    if step.document is not None and _SHA256.fullmatch(document_sha256 or "") is None:
        yield ClosedGate("R034", step.id, f"expected the SHA-256 of {step.document}, found none")
    if step.reference is not None and not reference:
        yield ClosedGate("R034", step.id, f"expected {step.reference}, found none")


def judge_approvals(disposition: Disposition, signing: Signing) -> Iterator[ClosedGate]:
    """Find what is missing or wrong among the sealed approvals of *disposition*, each step on its own."""
    for answer, code in ((REJECTED, "R030"), (EXPIRED, "R031")):
        for given in disposition.approvals:
            if given.answer == answer:
                yield ClosedGate(code, given.step, f"expected it approved, found it {answer}")
    before: list[ApprovalGiven] = []
    for step in signing.steps:
        if step.standing:
            continue
        given_to = disposition.approval(step.id)
        if given_to is None:
            yield ClosedGate("R029", step.id, "expected a sealed approval, found none")
            continue
        yield from _judge_given(given_to, step, disposition, signing)
        yield from _judge_order(given_to, before)
        before.append(given_to)


def _judge_given(
    given: ApprovalGiven, step: ApprovalStep, disposition: Disposition, signing: Signing
) -> Iterator[ClosedGate]:
    if given.list_sha256 != disposition.list_sha256:
        yield ClosedGate("R028", step.id, f"expected the list {disposition.list_sha256} signed, found another")
    if signing.officer(given.by, step.office, parse_instant(given.answered_at)) is None:
        detail = f"expected somebody who held the office {step.office} that day, found another"
        yield ClosedGate("R032", step.id, detail)
    if given.by == disposition.proposed_by:
        yield ClosedGate("R033", step.id, "expected another than the one who proposed, found the same")
    if given.answered_at > (disposition.valid_until or ""):
        yield ClosedGate("R031", step.id, f"expected an answer until {disposition.valid_until}, found a later one")
    yield from judge_papers(step, given.document_sha256, given.reference)


def _judge_order(given: ApprovalGiven, before: Sequence[ApprovalGiven]) -> Iterator[ClosedGate]:
    if given.by in {one.by for one in before}:
        yield ClosedGate("R033", given.step, "expected another than those who approved before, found the same")
    if before and given.answered_at < before[-1].answered_at:
        yield ClosedGate("R029", given.step, f"expected it after {before[-1].step}, found it before")


def judge_recorded(disposition: Disposition, recorded: Recorded) -> Iterator[ClosedGate]:
    """Find the sealed approvals that are not the responses that were recorded (R035)."""
    for given in disposition.approvals:
        if given.answer == APPROVED:
            response = recorded(given.dag_id, given.run_id, given.task_id)
            differing = ["response"] if response is None else _differing(given, response)
            if differing:
                what = ", ".join(differing)
                yield ClosedGate("R035", given.step, f"expected the response recorded as sealed, found another {what}")


def _differing(given: ApprovalGiven, response: RecordedResponse) -> list[str]:
    pairs = {
        "task": ((given.dag_id, given.run_id, given.task_id), (response.dag_id, response.run_id, response.task_id)),
        "person": (given.by, response.responded_by),
        "time": (given.answered_at, response.responded_at),
        "choice": (given.chosen, response.chosen),
        "document": (given.document_sha256, response.text("document_sha256")),
        "reference": (given.reference, response.text("reference")),
        "list": (given.list_sha256, response.params.get("list_sha256", given.list_sha256)),
        "reason": (given.reason, response.text("reason") or ""),
    }
    return [name for name, (sealed, found) in pairs.items() if sealed != found]
