"""Dispositions: what is to go, frozen as a list, and the fold of what was done about it.

Pure. The list is one sealed document; its SHA-256 is what people sign. The state is never
kept anywhere: it is the fold of the events of the registers ``dispositions`` and ``approvals``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from muniment.errors import ClosedGate, EvidenceError
from muniment.evidence.register_event import RegisterEvent
from muniment.retention.disposition import (
    APPROVED,
    EXPIRED,
    OPEN_STATES,
    REJECTED,
    WAITING_STATES,
    ApprovalGiven,
    BatchRecord,
    Disposition,
    DispositionState,
)
from muniment.retention.facts import count_of, fields_of, list_of, text_of, texts_of
from muniment.retention.frozen_list import FrozenList, ListedManifest, ListedVersion, ListedVolume, parse_list

__all__ = [
    "APPROVED",
    "EXPIRED",
    "OPEN_STATES",
    "REJECTED",
    "WAITING_STATES",
    "ApprovalGiven",
    "BatchRecord",
    "Disposition",
    "DispositionState",
    "FrozenList",
    "ListedManifest",
    "ListedVersion",
    "ListedVolume",
    "fold_dispositions",
    "parse_list",
]


ANOMALY = "R044"  # the code of what was gone before its destruction had begun


def fold_dispositions(
    dispositions: Iterable[RegisterEvent], approvals: Iterable[RegisterEvent]
) -> tuple[Disposition, ...]:
    """Return every disposition that the events of the two registers tell of, by the time of its first event.

    Raises:
        EvidenceError: an event lacks a fact that its kind has.
    """
    told: dict[str, list[RegisterEvent]] = defaultdict(list)
    for event in sorted((*dispositions, *approvals), key=lambda event: (event.at, event.id)):
        told[event.subject].append(event)
    return tuple(_fold(subject, events) for subject, events in told.items())


def _fold(subject: str, events: Iterable[RegisterEvent]) -> Disposition:
    found = Disposition(id=subject, state=DispositionState.STOPPED)
    for event in events:
        try:
            found = replace(_STEPS[event.event](found, event), last_at=event.at)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EvidenceError(
                f"{event.register}/{event.id}: expected the facts of {event.event!r}, found {type(error).__name__}"
            ) from None
    return found


def _proposed(found: Disposition, event: RegisterEvent) -> Disposition:
    facts = event.facts
    if found.list_key is not None:
        return found  # proposed once: the first list is the one that is signed
    return replace(
        found,
        state=DispositionState.PROPOSED,
        agency=text_of(facts["agency"]),
        action=text_of(facts["action"]),
        series=text_of(facts["series"]),
        row=text_of(facts["row"]),
        reason=text_of(facts["reason"]),
        volumes=texts_of(facts["volumes"]),
        list_key=text_of(facts["list_key"]),
        list_sha256=text_of(facts["list_sha256"]),
        versions=count_of(facts["versions"]),
        size_bytes=count_of(facts["size_bytes"]),
        proposed_by=event.by,
        proposed_at=event.at,
        frozen_at=text_of(facts["frozen_at"]),
        valid_until=text_of(facts["valid_until"]),
        dag_runs=(text_of(facts["dag_run"]),),
        answers={str(name): value is True for name, value in fields_of(facts["answers"]).items()},
        stopped=(),
        stopped_at=None,
    )


def _answered(found: Disposition, event: RegisterEvent) -> Disposition:
    facts = event.facts
    given = ApprovalGiven(
        step=text_of(facts["step"]),
        answer=event.event,
        by=text_of(facts["by"]) if facts["by"] is not None else None,
        office=text_of(facts["office"]),
        title=text_of(facts["title"]),
        name=text_of(facts["name"]),
        answered_at=event.at,
        chosen=texts_of(facts["chosen"]),
        document_sha256=text_of(facts["document_sha256"]) if facts["document_sha256"] is not None else None,
        reference=text_of(facts["reference"]) if facts["reference"] is not None else None,
        reason=text_of(facts["reason"]),
        list_sha256=text_of(facts["list_sha256"]),
        dag_id=text_of(facts["dag_id"]),
        run_id=text_of(facts["run_id"]),
        task_id=text_of(facts["task_id"]),
    )
    state = found.state
    if event.event != APPROVED and state is DispositionState.PROPOSED:
        state = DispositionState(event.event)
    return replace(found, state=state, approvals=(*found.approvals, given))


def _withdrawn(found: Disposition, event: RegisterEvent) -> Disposition:
    if found.state not in WAITING_STATES:
        return found
    return replace(found, state=DispositionState.WITHDRAWN, withdrawn_by=event.by)


def _authorized(found: Disposition, event: RegisterEvent) -> Disposition:
    if found.state is not DispositionState.PROPOSED:
        return found
    until = text_of(event.facts["grace_until"])
    return replace(found, state=DispositionState.AUTHORIZED, authorized_at=event.at, grace_until=until)


def _stopped(found: Disposition, event: RegisterEvent) -> Disposition:
    gates = tuple(ClosedGate(*texts_of(line)) for line in list_of(event.facts["findings"]))
    volume = event.facts.get("volume")
    if found.state is DispositionState.DESTROYING:
        stopped = (*found.stopped_volumes, text_of(volume))
        return replace(found, stopped=(*found.stopped, *gates), stopped_volumes=stopped)
    ends = event.facts["ends"] is True and found.state in WAITING_STATES
    state = DispositionState.STOPPED if ends else found.state
    return replace(found, state=state, stopped=gates, stopped_at=event.at)


def _began(found: Disposition, event: RegisterEvent) -> Disposition:
    if found.state is not DispositionState.AUTHORIZED:
        return found
    return replace(
        found,
        state=DispositionState.DESTROYING,
        began_at=event.at,
        batch_versions=count_of(event.facts["batch_versions"]),
        stopped=(),
        stopped_at=None,
    )


def _taken_up(found: Disposition, event: RegisterEvent) -> Disposition:
    return replace(found, dag_runs=(*found.dag_runs, text_of(event.facts["dag_run"])))


def _batch_began(found: Disposition, event: RegisterEvent) -> Disposition:
    number = count_of(event.facts["batch"])
    if found.batch(number) is not None:
        return found
    return replace(found, batches=(*found.batches, BatchRecord(number=number, began_at=event.at)))


def _batch_ended(found: Disposition, event: RegisterEvent) -> Disposition:
    facts, number = event.facts, count_of(event.facts["batch"])
    refused = tuple((copy, key, version, code) for copy, key, version, code in map(texts_of, list_of(facts["refused"])))
    batches = tuple(
        replace(
            batch,
            ended_at=event.at,
            deleted=count_of(facts["deleted"]),
            absent=count_of(facts["absent"]),
            refused=refused,
        )
        if batch.number == number
        else batch
        for batch in found.batches
    )
    return replace(found, batches=batches)


def _failed(found: Disposition, event: RegisterEvent) -> Disposition:
    told = f"{event.at}: {text_of(event.facts['code'])}: {text_of(event.facts['detail'])}"
    if event.facts["code"] == ANOMALY:
        return replace(found, anomalies=(*found.anomalies, told))
    return replace(found, failures=(*found.failures, told))


def _acknowledged(found: Disposition, event: RegisterEvent) -> Disposition:
    return replace(found, acknowledged={**event.facts, "at": event.at, "by": event.by})


def _tombstone(found: Disposition, event: RegisterEvent) -> Disposition:
    return replace(found, tombstones={**found.tombstones, text_of(event.facts["volume"]): text_of(event.facts["key"])})


def _certified(found: Disposition, event: RegisterEvent) -> Disposition:
    facts = event.facts
    return replace(
        found,
        state=DispositionState.CERTIFIED,
        certificate_key=text_of(facts["certificate_key"]),
        certificate_sha256=text_of(facts["certificate_sha256"]),
        outcome=text_of(facts["outcome"]),
        certified_at=event.at,
    )


_STEPS = {
    "proposed": _proposed,
    "taken-up": _taken_up,
    APPROVED: _answered,
    REJECTED: _answered,
    EXPIRED: _answered,
    "withdrawn": _withdrawn,
    "authorized": _authorized,
    "stopped": _stopped,
    "began": _began,
    "batch-began": _batch_began,
    "batch-ended": _batch_ended,
    "failed": _failed,
    "acknowledged": _acknowledged,
    "tombstone": _tombstone,
    "certified": _certified,
}
