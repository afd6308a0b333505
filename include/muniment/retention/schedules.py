"""The versions of a schedule: which was in force at an instant. The fold of the register `schedules`.

An adopted version is in force from its event until the next one's. A file that nobody has adopted
is not in force; until it is adopted, it and the version in force both count, and the longer of
the two holds. An agency that never adopted anything is retain-only, and its file alone counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from muniment.errors import EvidenceError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import parse_instant
from muniment.retention.clock import DueSum
from muniment.retention.facts import fields_of, text_of

REGISTER = "schedules"
ADOPTED = "adopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleVersion:
    """A schedule as it was adopted: its text, the act, and from when (aware UTC) it is in force."""

    version: str
    sha256: str  # of the file's bytes, as manifests name it
    body: str
    resolution: str
    adopted_on: date
    effective_at: datetime
    by: str
    event: str  # the id of the event


def fold_versions(events: Iterable[RegisterEvent]) -> tuple[ScheduleVersion, ...]:
    """Return every adopted version, the earliest first.

    Raises:
        EvidenceError: an event is not of its form.
    """
    versions = [_read(event) for event in events if event.event == ADOPTED]
    for version in versions:
        if sha256_hex(version.body.encode()) != version.sha256:
            raise EvidenceError(f"schedules {version.event}: expected the text of SHA-256 {version.sha256}")
    return tuple(sorted(versions, key=lambda version: (version.effective_at, version.event)))


def version_at(versions: Sequence[ScheduleVersion], at: datetime) -> ScheduleVersion | None:
    """Return the version in force at *at* (aware), or None when none was adopted by then."""
    return next((version for version in reversed(versions) if version.effective_at <= at), None)


def find_unadopted(
    versions: Sequence[ScheduleVersion], *, version: str, sha256: str, at: datetime
) -> Iterator[Finding]:
    """Find that the file with *sha256* is not what is in force at *at* (R050)."""
    current = version_at(versions, at)
    if current is not None and current.sha256 != sha256:
        detail = f"expected version {current.version} ({current.sha256[:12]}), as adopted, found {sha256[:12]}"
        yield Finding("R050", version, detail)


def later_sum(first: DueSum, second: DueSum) -> DueSum:
    """Return which of two sums about one volume keeps it longer, with the longer lock of both."""
    longer, other = (first, second) if rank(first) >= rank(second) else (second, first)
    return replace(longer, lock_until=max(longer.lock_until, other.lock_until))


def rank(due: DueSum) -> tuple[int, float]:
    """Return what orders sums: for ever, then until an event, then by the date."""
    if due.permanent:
        return (2, 0.0)
    return (1, 0.0) if due.due_at is None else (0, due.due_at.timestamp())


def _read(event: RegisterEvent) -> ScheduleVersion:
    try:
        adoption = fields_of(event.facts["adoption"])
        body = text_of(event.facts["body"])
        return ScheduleVersion(
            version=event.subject,
            sha256=text_of(event.facts["sha256"]),
            body=body,
            resolution=text_of(adoption["resolution"]),
            adopted_on=date.fromisoformat(text_of(adoption["adopted_on"])),
            effective_at=parse_instant(text_of(event.facts["effective_at"])),
            by=event.by,
            event=event.id,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EvidenceError(
            f"schedules {event.id}: expected the text of a schedule and its adoption, found {type(error).__name__}"
        ) from None
