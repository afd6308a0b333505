"""What happens next to a volume, who must act, and what nobody has answered yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from muniment.records.names import format_instant
from muniment.records.schedule import PERMANENT, Action, ApprovalStep, DispositionProfile, ScheduleRow
from muniment.retention.clock import DueSum
from muniment.retention.disposition import Disposition
from muniment.retention.holds import Matter
from muniment.retention.rules import EVENT_WORDS
from muniment.workflows.clocks.known import Known
from muniment.workflows.volumes import VolumeState

BODY, OFFICER, COUNSEL, NOBODY = "the governing body", "the records officer", "counsel", "nobody"
_PROFILE_ONLY = "a disposition profile: who must sign before anything goes"


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing that comes next: who must act (an office's title), and what is asked of them."""

    who: str
    what: str


def list_next(
    known: Known, state: VolumeState, row: ScheduleRow | None, due: DueSum | None, matters: Sequence[Matter]
) -> Iterator[NextStep]:
    """Yield what comes next for the volume of *state*, in the order in which it must come."""
    if row is None or due is None:
        yield NextStep(BODY, f"adopts a row of the schedule for {state.address.series}; until then it is kept")
        return
    if row.period == PERMANENT or row.action is Action.KEEP:
        yield NextStep(NOBODY, "disposes of it: it is kept for ever")
        return
    yield from _list_obstacles(known, row, due, matters)
    open_one = known.disposition_of(state.address)
    if open_one is not None:
        yield from _list_open(known, open_one, row)
    else:
        yield from _list_disposition(known, row, due)


def list_unanswered(known: Known, row: ScheduleRow | None) -> Iterator[str]:
    """Yield what must be answered before a disposition and is not."""
    schedule = known.agency.schedule
    if row is None:
        yield "Under which row of the schedule is this series kept?"
        return
    if schedule.adoption is None:
        yield "Which act adopted the schedule, and when?"
    for gate in known.not_in_force:
        yield f"Is schedule {gate.subject} in force? {gate.code}: {gate.detail}"
    if schedule.disposition is None:
        yield f"Which are the steps of {_PROFILE_ONLY}?"
        return
    if row.period != PERMANENT and row.action is not Action.KEEP:
        for exclusion in schedule.disposition.exclusions:
            yield f"{exclusion.question} ({exclusion.authority}; answered for each disposition)"


def _list_obstacles(known: Known, row: ScheduleRow, due: DueSum, matters: Sequence[Matter]) -> Iterator[NextStep]:
    schedule = known.agency.schedule
    if schedule.adoption is None:
        yield NextStep(BODY, "adopts the schedule; until then nothing is disposed of (retain-only)")
    elif known.not_in_force:
        yield NextStep(BODY, "adopts the schedule's file, which is not in force: `muniment schedule adopt`")
    if schedule.disposition is None:
        yield NextStep(BODY, f"adopts {_PROFILE_ONLY}; until then nothing is disposed of (retain-only)")
    for matter in matters:
        yield NextStep(COUNSEL, f"releases the matter {matter.id} ({matter.kind.value}); until then it is held")
    if due.waits_for is not None:
        yield NextStep(OFFICER, f"records {EVENT_WORDS[row.starts]}, when it comes: `muniment event record`")


def _list_disposition(known: Known, row: ScheduleRow, due: DueSum) -> Iterator[NextStep]:
    profile = known.agency.schedule.disposition
    if profile is None or known.agency.schedule.adoption is None or due.due_at is None:
        return
    when = "may now be proposed" if due.due_at <= known.at else f"may be proposed from {format_instant(due.due_at)}"
    who = "the schedule itself" if profile.automatic else OFFICER
    yield NextStep(who, f"its disposition ({row.action.value}) {when}")
    yield from _list_steps(profile, row, done=frozenset())
    yield NextStep(NOBODY, f"destruction waits {profile.grace} after the last approval")


def _list_open(known: Known, open_one: Disposition, row: ScheduleRow) -> Iterator[NextStep]:
    profile = known.agency.schedule.disposition
    yield NextStep(NOBODY, f"it is in disposition {open_one.id}, which is {open_one.state.value}")
    if profile is not None:
        given = frozenset(step.id for step in profile.steps if open_one.approval(step.id) is not None)
        yield from _list_steps(profile, row, done=given)
    if open_one.grace_until is not None:
        yield NextStep(NOBODY, f"destruction waits until {open_one.grace_until}")


def _list_steps(profile: DispositionProfile, row: ScheduleRow, *, done: frozenset[str]) -> Iterator[NextStep]:
    wanted = [profile.step(step_id) for step_id in row.approvals]
    for step in wanted:
        if step is not None and not step.standing and step.id not in done:
            yield NextStep(step.title, _ask(step))


def _ask(step: ApprovalStep) -> str:
    papers = [paper for paper in (step.document, step.reference) if paper]
    return step.question + (f" (with {' and '.join(papers)})" if papers else "")
