"""Which schedule governed at an instant: the latest that had been adopted and was in effect by then."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from muniment.errors import EvidenceError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency
from muniment.records.names import parse_instant
from muniment.records.schedule import RetentionSchedule
from muniment.register.documents import read_document
from muniment.register.shapes import SCHEDULE, build
from muniment.retention.facts import text_of
from muniment.retention.periods import find_first_instant, zone_named

_ADOPTED = "adopted"


@dataclass(frozen=True, slots=True)
class ScheduleThen:
    """The schedule in force, None where none is known to have been; and in words, which."""

    schedule: RetentionSchedule | None
    words: str


def schedule_then(events: Iterable[RegisterEvent], agency: Agency, moment: datetime, *, is_now: bool) -> ScheduleThen:
    """Return what governed *agency* at *moment* (aware), by *events* entered until then.

    Where the register has no adoption yet, the agency's file governs the present. It says nothing of a
    past day, as nobody knows what it said then: such a day is told by what was sealed alone.

    Raises:
        EvidenceError: an event lacks a fact, or its body is no schedule.
    """
    adopted = [(_effect(event, agency.zone), event) for event in events if event.event == _ADOPTED]
    in_effect = [(at, event.at, event) for at, event in adopted if at <= moment]
    if in_effect:
        *_, event = max(in_effect, key=lambda one: one[:2])
        return ScheduleThen(_read(event), f"By the schedule {event.subject}, adopted on the register {event.at[:10]}.")
    if is_now:
        words = f"By the schedule {agency.schedule.version} of the agency's files; no adoption is on the register."
        return ScheduleThen(agency.schedule, words)
    words = "No adopted schedule was on the register by then: the dates are the sums that each volume was sealed with."
    return ScheduleThen(None, words)


def _effect(event: RegisterEvent, zone: str) -> datetime:
    text = text_of(event.facts["effective_at"])
    if len(text) == len("2026-01-01"):
        return find_first_instant(date.fromisoformat(text), zone_named(zone))
    return parse_instant(text)


def _read(event: RegisterEvent) -> RetentionSchedule:
    body = text_of(event.facts["body"]).encode()
    if sha256_hex(body) != event.facts["sha256"]:
        raise EvidenceError(f"schedules/{event.id}: expected a body of SHA-256 {event.facts['sha256']}, found another")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "retention.yaml"
        path.write_bytes(body)
        document = read_document(path)
    schedule = build(document, SCHEDULE)
    if schedule is None:
        raise EvidenceError(f"schedules/{event.id}: expected a schedule, found {len(document.faults)} fault(s) in it")
    return schedule
