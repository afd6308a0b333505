"""Append: log every manifest and every register's event that is not logged yet, whatever left it so."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from muniment.custody.log_tip import Tip
from muniment.custody.vault import Vault
from muniment.errors import AlreadySealedError, EvidenceError, LogError, ObjectMissingError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, SNAPSHOT_PREFIX, is_manifest_key, is_register_key
from muniment.evidence.log_records import (
    KEY_KIND,
    MANIFEST_KIND,
    MAX_ENTRIES,
    REGISTER_KIND,
    KeyRecord,
    LogEntry,
    entry_of,
)
from muniment.evidence.manifest import parse_manifest
from muniment.settings import Settings
from muniment.workflows.history import list_pairs, list_volumes
from muniment.workflows.log_place import LogPlace, open_log
from muniment.workflows.wiring import now

Json = dict[str, Any]
_RIVALS = 100  # races lost in one run; each means that somebody else appended


@dataclass(frozen=True, slots=True)
class Refused:
    """An object that was not logged, and why."""

    key: str
    reason: str

    @property
    def finding(self) -> Finding:
        """Return it as a finding."""
        return Finding("L001", self.key, self.reason)


@dataclass(frozen=True, slots=True)
class Appended:
    """What one run did: entries it appended, what it refused, races it lost, and where the log then stood."""

    entries: int
    refused: tuple[Refused, ...]
    races_lost: int
    tip: Tip
    advanced: bool  # whether there is a checkpoint that this machine had not seen before

    def to_json(self) -> Json:
        """Return ids and counts."""
        return {
            "origin": self.tip.checkpoint.origin,
            "appended": self.entries,
            "size": self.tip.checkpoint.size,
            "root": self.tip.checkpoint.root.hex(),
            "checkpoint": self.tip.seq,
            "advanced": self.advanced,
            "races_lost": self.races_lost,
            "findings": [[item.finding.code, item.key, item.reason] for item in self.refused],
        }


def append_log(agency_id: str, settings: Settings | None = None) -> Json:
    """Bring the agency's log up to date; see `bring_up_to_date`."""
    return bring_up_to_date(open_log(agency_id, settings)).to_json()


def bring_up_to_date(log: LogPlace) -> Appended:
    """Append what is not logged yet, and finish what an earlier run left.

    Raises:
        ConfigurationError: the schedule has no row for the log, or the key that must sign is not at hand.
        LogError: the log is not what its batches make it, or others append without end.
        CustodyError: the store did not keep what it was given.
    """
    before, _ = log.seen.last()
    tip, appended, lost = log.settle(), 0, 0
    there = _Listed(log.vault, set(_list_keys(log.vault)))
    logged = _Logged(log)
    while entries := _next_entries(log, tip, there, logged):
        try:
            log.writer.append(tip, entries, (_signer(log, tip),), at=now(), retention=log.retention())
            appended += len(entries)
        except AlreadySealedError:
            lost += 1
            if lost > _RIVALS:
                raise LogError(f"log: expected to append after {_RIVALS} others, found another again") from None
        tip = log.settle()
    return Appended(appended, tuple(there.refused.values()), lost, tip, tip.seq > before)


def list_unlogged(vault: Vault, logged: Collection[str]) -> set[str]:
    """Return the keys of what ought to be in the log and is not among those *logged*.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    return set(_list_keys(vault)).difference(logged)


@dataclass(slots=True)
class _Listed:
    """The keys that ought to be logged, and what reading their objects came to."""

    vault: Vault
    keys: set[str]
    read: dict[str, LogEntry] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)

    def entries(self, logged: Collection[str]) -> Iterator[LogEntry]:
        """Yield the entries of what is not *logged*, oldest first, each object read once; note what is refused."""
        for key in sorted(self.keys.difference(logged, self.refused), key=_age):
            try:
                if key not in self.read:
                    self.read[key] = _read_entry(self.vault, key)
                yield self.read[key]
            except (EvidenceError, ObjectMissingError) as error:
                self.refused[key] = Refused(key, str(error))


@dataclass(slots=True)
class _Logged:
    """The keys that the log has, read on from where it was read before."""

    log: LogPlace
    size: int = 0
    keys: set[str] = field(default_factory=set)

    def at(self, size: int) -> Collection[str]:
        self.keys.update(json.loads(entry)["key"] for entry in self.log.seen.entries(self.log.vault, size, self.size))
        self.size = size
        return self.keys


def _next_entries(log: LogPlace, tip: Tip, there: _Listed, logged: _Logged) -> list[LogEntry]:
    first = [_first_key(log)] if tip.seq < 0 else []
    return [*first, *islice(there.entries(logged.at(tip.checkpoint.size)), MAX_ENTRIES - len(first))]


def _list_keys(vault: Vault) -> Iterator[str]:
    for account, series in list_pairs(vault):
        for volume in list_volumes(vault, series, account):
            # Not the whole volume: its media may be a thousand to a snapshot.
            keys = vault.list_keys(f"{volume.prefix}{SNAPSHOT_PREFIX}")
            yield from (key for key in keys if is_manifest_key(key))
    yield from filter(is_register_key, vault.list_keys("registers/"))


def _age(key: str) -> tuple[str, str]:
    # Both a snapshot's name and an event's begin with an instant.
    name = key.removesuffix(f"/{MANIFEST}").rsplit("/", 1)[-1]
    return name.removeprefix(SNAPSHOT_PREFIX).lower(), key


def _read_entry(vault: Vault, key: str) -> LogEntry:
    if vault.find(key) is None:
        raise LogError("expected an object under a COMPLIANCE lock, found one without")
    body = vault.read(key)
    if is_register_key(key):
        return entry_of(REGISTER_KIND, key, body)
    if parse_manifest(body).address.key(MANIFEST) != key:
        raise LogError("expected the manifest of its snapshot, found that of another")
    return entry_of(MANIFEST_KIND, key, body)


def _first_key(log: LogPlace) -> LogEntry:
    key_id, key = next(iter(log.keys.items()))
    record = KeyRecord(vkey=key.verifier.vkey, previous=None)
    return entry_of(KEY_KIND, record.key, log.writer.seal_key_record(record, (key_id,), log.retention()))


def _signer(log: LogPlace, tip: Tip) -> str:
    return tip.signer or next(iter(log.keys))
