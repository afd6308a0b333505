"""The due list: which volumes' dispositions may be proposed, what stops the others that are due, and what is to come.

Nothing is proposed or destroyed here. The list names every exclusion by its finding code, so
that whoever is asked why a volume is still there has the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muniment.errors import ClosedGate, RetentionError
from muniment.evidence.register_event import RegisterEvent
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant
from muniment.records.schedule import Action, ScheduleRow
from muniment.retention.clock import DueSum
from muniment.retention.gates import check_action, check_adoption, check_matters
from muniment.workflows.clocks.extended import SERVICE
from muniment.workflows.clocks.known import Known, read_known, read_states
from muniment.workflows.registers import enter
from muniment.workflows.volumes import VolumeState
from muniment.workflows.wiring import now, open_workplace

Json = dict[str, Any]

REGISTER = "due-lists"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """One volume on the list: its sum (None where none can be made), whether it is due, and what stops it."""

    state: VolumeState
    due: DueSum | None
    is_due: bool
    stops: tuple[ClosedGate, ...]

    @property
    def kind(self) -> str:
        """Return where the volume stands: due, stopped, to come, waiting, permanent, or undecided."""
        if self.due is None:
            return "undecided"
        if self.is_due:
            return "stopped" if self.stops else "due"
        if self.due.permanent:
            return "permanent"
        return "waiting" if self.due.waits_for else "to come"

    def to_json(self) -> Json:
        """Return what the list says of the volume: ids, dates, counts and codes."""
        address, due = self.state.address, self.due
        return {
            "volume": address.prefix,
            "series": address.series,
            "account": address.account,
            "row": due.row if due else None,
            "due_at": format_instant(due.due_at) if due and due.due_at else None,
            "waits_for": due.waits_for.value if due and due.waits_for else None,
            "permanent": due.permanent if due else False,
            "objects": self.state.objects,
            "size_bytes": self.state.size_bytes,
            "stops": [{"code": stop.code, "subject": stop.subject, "detail": stop.detail} for stop in self.stops],
        }


def due_list(agency_id: str, at: datetime | None = None) -> list[DueLine]:
    """Return every volume of the agency with its sum as of *at* (aware; None is now), and what stops each that is due.

    Raises:
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    return list(list_lines(agency_id, at or now())[1])


def list_lines(agency_id: str, at: datetime) -> tuple[Known, Iterator[DueLine]]:
    """Return what the clocks are read from, and each volume's line as it is reckoned; as for `due_list`."""
    place = open_workplace(agency_id)
    known = read_known(place, at)
    return known, reckon(known, read_states(place))


def reckon(known: Known, states: Iterable[VolumeState]) -> Iterator[DueLine]:
    """Yield the line of each of *states*. Pure."""
    for state in states:
        row = known.row(state.address)
        if row is None:
            missing = f"expected a row for {state.address.series} in the schedule, found none"
            yield _undecided(state, ClosedGate("R001", state.address.prefix, missing))
            continue
        try:
            due = known.sum_of(state, row)
        except RetentionError as error:
            yield _undecided(state, ClosedGate("R001", state.address.prefix, str(error)))
            continue
        is_due = due.due_at is not None and due.due_at <= known.at
        stops = tuple(_stops(known, state, row)) if is_due else ()
        yield DueLine(state=state, due=due, is_due=is_due, stops=stops)


def summarize(known: Known, lines: Iterable[DueLine]) -> Json:
    """Return the list as JSON: what may be proposed, what is due and stopped, why, and counts of the rest."""
    listed: dict[str, list[Json]] = {"due": [], "stopped": []}
    counts: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for line in lines:
        counts[line.kind] += 1
        codes.update({stop.code for stop in line.stops})
        if line.kind in listed:
            listed[line.kind].append(line.to_json())
    profile, schedule = known.agency.schedule.disposition, known.agency.schedule
    return {
        "agency": known.agency.id,
        "at": format_instant(known.at),
        "schedule": schedule.version,
        "retain_only": schedule.is_retain_only,
        "not_in_force": [str(gate) for gate in known.not_in_force],
        "floor": known.floor.period if known.floor else None,
        "exclusions_to_answer": [item.id for item in profile.exclusions] if profile else [],
        "counts": dict(sorted(counts.items())),
        "stopped_by": dict(sorted(codes.items())),
        **listed,
    }


def list_due(agency_id: str, at: datetime | None = None) -> Json:
    """Return the due list of the agency as JSON; as for `due_list`."""
    return summarize(*list_lines(agency_id, at or now()))


def apply_retention(agency_id: str) -> Json:
    """Make tonight's due list, seal it in its register, and return it.

    Raises:
        CustodyError: the vault did not keep it.
        EvidenceError: an event of a register is not of its form.
    """
    place, moment = open_workplace(agency_id), now()
    known = read_known(place, moment)
    made = summarize(known, reckon(known, read_states(place)))
    facts: dict[str, JsonValue] = {name: value for name, value in made.items() if name not in ("agency", "at")}
    event = RegisterEvent(
        register=REGISTER,
        id=f"{moment:%Y%m%dt%H%M%S%f}z",
        event="listed",
        subject=agency_id,
        at=format_instant(moment),
        by=SERVICE,
        facts=facts,
    )
    enter(place.vault, place.agency, event)
    return made


def _undecided(state: VolumeState, stop: ClosedGate) -> DueLine:
    return DueLine(state=state, due=None, is_due=False, stops=(stop,))


def _stops(known: Known, state: VolumeState, row: ScheduleRow) -> Iterator[ClosedGate]:
    """Yield what keeps a volume that is due from being proposed."""
    prefix = state.address.prefix
    yield from check_adoption(known.agency.schedule)
    yield from known.not_in_force
    yield from check_matters(state.address, known.matters_over(state.address))
    if row.action is Action.KEEP:
        yield from check_action(row, Action.DESTROY)
    open_one = known.disposition_of(state.address)
    if open_one is not None:
        yield ClosedGate("R042", prefix, f"expected it in no open disposition, found it in {open_one.id}")
    for key in state.unreadable:
        yield ClosedGate("V003", prefix, f"expected manifests that can be read, found {key}")
