"""Everything that a report is folded from: sealed snapshots, register events, findings. Read once, from the vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from muniment.custody.vault import Vault
from muniment.errors import EvidenceError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import parse_instant
from muniment.retention.disposition import Disposition
from muniment.retention.dispositions import fold_dispositions
from muniment.retention.facts import text_of
from muniment.retention.frozen_list import FrozenList, parse_list
from muniment.workflows.clocks.extended import REGISTER as LOCKS
from muniment.workflows.findings_register import Entry, list_entries
from muniment.workflows.registers import APPROVALS, DISPOSITIONS, HOLDS, SCHEDULES, TRIGGERS, read_events
from muniment.workflows.reports.sealed import SealedSnapshot, read_sealed, snapshots_listed

TOMBSTONE = "tombstone"
REGISTERS = (APPROVALS, DISPOSITIONS, HOLDS, LOCKS, SCHEDULES, TRIGGERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a vault tells, of all times."""

    snapshots: tuple[SealedSnapshot, ...]
    events: Mapping[str, tuple[RegisterEvent, ...]]
    findings: tuple[Entry, ...]
    unreadable: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return in sentences what could not be counted."""
        number = len(self.unreadable)
        told = f"{number} manifests could not be read, and what they list is not counted: `muniment verify` names them."
        return (told,) if number else ()

    def until(self, moment: datetime) -> Facts:
        """Return what of it was so at *moment* (aware), as somebody reading then would have found it."""
        return Facts(
            snapshots=tuple(one for one in self.snapshots if one.sealed_at <= moment),
            events={
                name: tuple(event for event in events if parse_instant(event.at) <= moment)
                for name, events in self.events.items()
            },
            findings=tuple(
                entry
                for entry in self.findings
                if parse_instant(entry.opened_at) <= moment
                and (entry.closed_at is None or parse_instant(entry.closed_at) > moment)
            ),
            unreadable=self.unreadable,
        )


def gather(vault: Vault) -> Facts:
    """Read everything that reports are made of.

    Raises:
        EvidenceError: an event or a list is not of its form; the message has its key.
        StoreUnavailableError: the store did not answer.
    """
    events = {name: read_events(vault, name) for name in REGISTERS}
    there, unreadable = read_sealed(vault)
    known = {one.address: one for one in read_listed(vault, events)} | {one.address: one for one in there}
    return Facts(
        snapshots=tuple(known[address] for address in sorted(known)),
        events=events,
        findings=tuple(list_entries(vault, with_closed=True)),
        unreadable=tuple(unreadable),
    )


def read_listed(vault: Vault, events: Mapping[str, tuple[RegisterEvent, ...]]) -> list[SealedSnapshot]:
    """Return the snapshots of the lists whose destruction began, those with a tombstone last, and when they went.

    Raises:
        EvidenceError: a list is not the one that its disposition was proposed with.
    """
    at = {
        (event.subject, text_of(event.facts["volume"])): parse_instant(event.at)
        for event in events[DISPOSITIONS]
        if event.event == TOMBSTONE
    }
    found: list[SealedSnapshot] = []
    for one in fold_dispositions(events[DISPOSITIONS], events[APPROVALS]):
        if one.began_at is not None:
            for volume in _read_list(vault, one).volumes:
                gone_at = at.get((one.id, volume.address.prefix))
                found += snapshots_listed(volume, gone_at=gone_at, by=None if gone_at is None else one.id)
    # One disposition may have left what a later one destroyed: then the later one tells.
    return sorted(found, key=lambda one: one.gone_at is not None)


def _read_list(vault: Vault, one: Disposition) -> FrozenList:
    if one.list_key is None:
        raise EvidenceError(f"disposition {one.id}: expected the key of its list, found none")
    body = vault.read(one.list_key)
    if sha256_hex(body) != one.list_sha256:
        raise EvidenceError(f"{one.list_key}: expected the list of SHA-256 {one.list_sha256}, found another")
    return parse_list(body)
