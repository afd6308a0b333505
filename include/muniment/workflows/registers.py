"""The registers of events: entering one, sealed under the lock of its series, and reading them all again.

The state of holds, approvals, authorizations, schedules, triggers and dispositions is the
fold of their events, in `retention`; nothing else keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from muniment.custody.reading import read_each
from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.errors import EvidenceError
from muniment.evidence.layout import register_key
from muniment.evidence.register_event import RegisterEvent, parse_event
from muniment.records.agency import Agency
from muniment.records.names import VolumeId, parse_instant
from muniment.records.series import REGISTER_SERIES
from muniment.retention.locks import compute_volume_lock, volume_of
from muniment.workflows.doctor import longest_lock

HOLDS, APPROVALS, AUTHORIZATIONS = "holds", "approvals", "authorizations"
SCHEDULES, TRIGGERS, DISPOSITIONS = "schedules", "triggers", "dispositions"
_TYPE = "application/json"


def enter(vault: Vault, agency: Agency, event: RegisterEvent) -> str:
    """Seal *event* in its register and return its key. The same event again changes nothing.

    Raises:
        AlreadySealedError: another event has that id in that month.
        CustodyError: the vault did not keep it.
        ObjectKeyError: the register's name or the event's id is not of its form.
    """
    at = parse_instant(event.at)
    key = register_key(event.register, VolumeId(f"{at:%Y-%m}"), event.id)
    until = lock_until(agency, event.register, at)
    vault.seal_bytes(key, event.to_bytes(), lock_until=until, content_type=_TYPE)
    return key


def lock_until(agency: Agency, register: str, at: datetime) -> datetime:
    """Return until when (aware UTC) an event of *register* at *at* (aware) is locked.

    By the row of its own series; where the schedule has none, as long as the longest-kept series.
    """
    series = REGISTER_SERIES.get(register)
    row = agency.schedule.row_for(series) if series is not None else None
    if series is None or row is None:
        return longest_lock(agency, at)
    return parse_instant(compute_volume_lock(volume_of(at, row.cutoff, agency.zone), series, agency).locked_until)


def read_events(vault: Vault, register: str) -> tuple[RegisterEvent, ...]:
    """Return every event of *register*, by time and then by id.

    Raises:
        EvidenceError: an object of the register is no event of it; the message has its key.
        StoreUnavailableError: the store did not answer.
    """
    return in_order(read_listed_events(vault, register, vault.list_objects(f"registers/{register}/")).values())


def read_listed_events(vault: Vault, register: str, records: Iterable[StoredVersion]) -> dict[str, RegisterEvent]:
    """Return the events of *register* that *records* hold, by key; raises as `read_events`."""
    return {key: _parse(register, key, body) for key, body in read_each(vault, records)}


def in_order(events: Iterable[RegisterEvent]) -> tuple[RegisterEvent, ...]:
    """Return *events* by time and then by id."""
    return tuple(sorted(events, key=lambda event: (event.at, event.id)))


def read_event(vault: Vault, register: str, key: str) -> RegisterEvent:
    """Return the event of *register* at *key*.

    Raises:
        EvidenceError: it is no event of it; the message has its key.
        StoreUnavailableError: the store did not answer.
    """
    return _parse(register, key, vault.read(key))


def _parse(register: str, key: str, body: bytes) -> RegisterEvent:
    try:
        event = parse_event(body)
    except EvidenceError as error:
        raise EvidenceError(f"{key}: {error}") from None
    if event.register != register or not key.endswith(f"/{event.id}.json"):
        raise EvidenceError(f"{key}: expected an event of {register} of that id, found {event.register}/{event.id}")
    return event
