"""The gates of a disposition: conditions that must hold before anything is deleted, each with its code.

Pure. A gate that is closed is a `ClosedGate`; all that are closed are named at once. `GATES` is
the table of them that docs/disposition-gates.md shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from muniment.errors import ClosedGate
from muniment.evidence.layout import VolumeAddress
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant
from muniment.records.schedule import Action, DispositionProfile, Floor, RetentionSchedule, ScheduleRow
from muniment.retention.clock import DueSum
from muniment.retention.cutoffs import advance, cutoff_of
from muniment.retention.holds import Matter, MatterKind
from muniment.retention.rules import span_of

PROPOSAL, ANSWER, LAST = "proposal", "answer", "last check"
_ALL = (PROPOSAL, LAST)


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: its code, what must hold, and when it is checked."""

    code: str
    holds: str
    checked: tuple[str, ...]


GATES = (
    Gate("R020", "The schedule names the act that adopted it, which was entered, and has a disposition profile.", _ALL),
    Gate("R021", "Every volume is older than the floor, or its row names why the floor does not bind.", _ALL),
    Gate("R022", "Every volume is past its due date: the longest of all rules.", _ALL),
    Gate("R023", "No open litigation matter covers a volume.", _ALL),
    Gate("R024", "No open records request covers a volume.", _ALL),
    Gate("R025", "No open claim, audit or CEQA project covers a volume.", _ALL),
    Gate("R026", "Every exclusion of the profile was answered.", _ALL),
    Gate("R027", "No exclusion applies.", _ALL),
    Gate("R028", "Both copies hold exactly what the list says, and each signer signed that list.", (ANSWER, LAST)),
    Gate("R029", "Every step of the row is approved, in the profile's order.", (ANSWER, LAST)),
    Gate("R030", "Nobody rejected it.", (ANSWER, LAST)),
    Gate("R031", "Every step was answered while the list was valid, and silence approved nothing.", (ANSWER, LAST)),
    Gate("R032", "Whoever answered a step held its office on that day.", (ANSWER, LAST)),
    Gate("R033", "Nobody answered two steps, and not the one who proposed.", (ANSWER, LAST)),
    Gate("R034", "The paper that a step asks for is named by its SHA-256, and its reference is given.", (ANSWER, LAST)),
    Gate("R035", "Each sealed approval is the response that was recorded: person, choice, time, papers.", (LAST,)),
    Gate("R036", "The second copy answers and holds every object of the list whole.", _ALL),
    Gate("R037", "On both stores every lock has ended and nothing is held.", (LAST,)),
    Gate("R038", "The days of grace after the last approval are over.", (LAST,)),
    Gate("R039", "The receiver of a transfer acknowledged the same bag, by its checksum.", (LAST,)),
    Gate("R040", "The row's action allows what is proposed.", _ALL),
    Gate("R041", "The list has something on it, all of it of one row and of this agency.", (PROPOSAL,)),
    Gate("R042", "No other open disposition has one of the volumes.", _ALL),
    Gate("R043", "The schedule in force is the one under which the list was frozen.", (LAST,)),
    Gate("R050", "The schedule's file is the one whose adoption was entered last.", _ALL),
)
# What passes by itself or once something answers: the disposition waits for it instead of ending.
PASSING = frozenset({"R036", "R037", "R038", "R039"})

_KINDS = {
    MatterKind.LITIGATION: "R023",
    MatterKind.RECORDS_REQUEST: "R024",
    MatterKind.CLAIM: "R025",
    MatterKind.AUDIT: "R025",
    MatterKind.CEQA: "R025",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResponse:
    """An answer as the workflow engine recorded it. `responded_by` is a sign-in name; null where nobody answered.

    `params` has what the form asked for: ``list_sha256``, ``document_sha256``, ``reference``, ``reason``.
    """

    dag_id: str
    run_id: str
    task_id: str
    responded_by: str | None
    responded_at: str | None  # an instant
    chosen: tuple[str, ...]
    params: Mapping[str, JsonValue]

    def text(self, name: str) -> str | None:
        """Return the parameter *name* without blanks around it, or None where it is not text or says nothing."""
        value = self.params.get(name)
        return value.strip() or None if isinstance(value, str) else None


def check_adoption(schedule: RetentionSchedule) -> Iterator[ClosedGate]:
    """Find that the agency runs retain-only (R020)."""
    if schedule.adoption is None:
        yield ClosedGate("R020", schedule.version, "expected the act that adopted the schedule, found none")
    if schedule.disposition is None:
        yield ClosedGate("R020", schedule.version, "expected a disposition profile, found none")
    for step in schedule.undecided:
        detail = f"expected it decided whether {step} is standing or asked for each batch, found null"
        yield ClosedGate("R020", schedule.version, detail)


def check_due(address: VolumeAddress, due: DueSum, now: datetime) -> Iterator[ClosedGate]:
    """Find that the volume is not due at *now* (R022)."""
    if due.permanent:
        yield ClosedGate("R022", address.prefix, "expected a due date, found that it is kept for ever")
    elif due.due_at is None:
        yield ClosedGate("R022", address.prefix, f"expected a due date, found that it waits for {due.waits_for}")
    elif now < due.due_at:
        yield ClosedGate("R022", address.prefix, f"expected it due, found that it is due {format_instant(due.due_at)}")


def check_floor(
    address: VolumeAddress, row: ScheduleRow, floor: Floor | None, *, zone: str, now: datetime
) -> Iterator[ClosedGate]:
    """Find that the volume is younger at *now* than the *floor* (R021)."""
    if floor is None or row.below_floor is not None:
        return
    cutoff = cutoff_of(address.volume, zone)
    end = advance(cutoff, span_of(floor.period, cutoff), zone).at
    if now < end:
        detail = f"expected it past {floor.authority}, found that the floor ends {format_instant(end)}"
        yield ClosedGate("R021", address.prefix, detail)


def check_matters(address: VolumeAddress, matters: Iterable[Matter]) -> Iterator[ClosedGate]:
    """Find the open matters over the volume, each by its kind (R023, R024, R025)."""
    for matter in matters:
        detail = f"expected no open {matter.kind.value} over it, found {matter.id}"
        yield ClosedGate(_KINDS[matter.kind], address.prefix, detail)


def check_exclusions(profile: DispositionProfile, answers: Mapping[str, bool]) -> Iterator[ClosedGate]:
    """Find the exclusions that were not answered (R026), and those that apply (R027)."""
    for exclusion in profile.exclusions:
        if exclusion.id not in answers:
            yield ClosedGate("R026", exclusion.id, f"expected an answer ({exclusion.authority}), found none")
        elif answers[exclusion.id]:
            yield ClosedGate("R027", exclusion.id, f"expected no ({exclusion.authority}), found yes")


def check_action(row: ScheduleRow, action: str) -> Iterator[ClosedGate]:
    """Find that *row* does not allow *action* (R040)."""
    allowed = {Action.REVIEW: (Action.DESTROY, Action.TRANSFER), Action.KEEP: ()}.get(row.action, (row.action,))
    if action not in allowed:
        spelled = " or ".join(allowed) or "nothing"
        yield ClosedGate("R040", row.id, f"expected {spelled} by the row's action {row.action}, found {action}")
