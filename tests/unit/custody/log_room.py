"""A vault in memory that can be killed at a write, and a log in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from muniment.custody.log_tip import Tip, read_from
from muniment.custody.log_writer import LogWriter
from muniment.errors import AlreadySealedError, ObjectMissingError
from muniment.evidence.log_records import KEY_KIND, MANIFEST_KIND, KeyRecord, LogEntry, entry_of
from muniment.evidence.manifest import Retention, SealedObject
from muniment.evidence.merkle import leaf_hash, root_of
from muniment.evidence.notes import SigningKey, make_signing_key
from muniment.evidence.tiles import read_entries
from muniment.records.names import format_instant

ORIGIN = "city.example/muniment/city"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNTIL = "2031-12-01T08:00:00.000000Z"
RETENTION = Retention(
    row="CA-SM-12",
    schedule_version="1",
    schedule_sha256="0" * 64,
    title="System logs",
    authority=("2 CCR 22620.7",),
    trigger="captured",
    period="P5Y",
    cutoff_at="2026-12-01T08:00:00.000000Z",
    locked_until=UNTIL,
    lock_mode="COMPLIANCE",
    steps=("one",),
)


class Killed(BaseException):
    """The process is gone: nothing in the program may catch it."""


@dataclass
class Stored:
    """What a key holds."""

    key: str
    body: bytes
    until: datetime


@dataclass
class MemoryVault:
    """Behaves as `Vault` does: written once, under a lock that only grows.

    Writing number `dies_at`, from 0, kills the writer, before or after it is done.
    """

    objects: dict[str, Stored] = field(default_factory=dict)
    writes: int = 0
    reads: list[str] = field(default_factory=list)
    dies_at: int | None = None
    dies_after: bool = False
    guard: threading.Lock = field(default_factory=threading.Lock)

    def seal_bytes(self, key: str, body: bytes, *, lock_until: datetime, content_type: str) -> SealedObject:
        with self.guard:
            number, self.writes = self.writes, self.writes + 1
            if number == self.dies_at and not self.dies_after:
                raise Killed
            held = self.objects.setdefault(key, Stored(key, body, lock_until))
            if held.body != body:
                raise AlreadySealedError(f"{key}: other bytes")
            held.until = max(held.until, lock_until)
            if number == self.dies_at:
                raise Killed
        return SealedObject(
            key=key,
            size_bytes=len(body),
            sha256="",
            content_type=content_type,
            locked_until=format_instant(held.until),
        )

    def read(self, key: str) -> bytes:
        with self.guard:
            self.reads.append(key)
            if key not in self.objects:
                raise ObjectMissingError(f"{key}: none")
            return self.objects[key].body

    def list_objects(self, prefix: str) -> Iterator[Stored]:
        with self.guard:
            found = sorted(key for key in self.objects if key.startswith(prefix))
        return (self.objects[key] for key in found)

    def list_keys(self, prefix: str) -> Iterator[str]:
        return (item.key for item in self.list_objects(prefix))

    def copy(self) -> MemoryVault:
        return MemoryVault({key: replace(item) for key, item in self.objects.items()})


@dataclass
class Room:
    """A log, and somebody who may write it."""

    vault: MemoryVault
    keys: dict[str, SigningKey]

    @property
    def writer(self) -> LogWriter:
        return LogWriter(self.vault, ORIGIN, self.keys)  # type: ignore[arg-type]

    def append(self, entries: list[LogEntry], *, at: datetime = NOW) -> Tip:
        """Append what the log does not have yet, as often as it takes."""
        while True:
            tip = self.writer.settle()
            logged = set(self.logged(tip))
            rest = [entry for entry in entries if entry not in logged]
            signer = tip.signer or next(iter(self.keys))
            if tip.seq < 0:
                record = KeyRecord(vkey=self.keys[signer].verifier.vkey, previous=None)
                body = self.writer.seal_key_record(record, [signer], RETENTION)
                rest = [entry_of(KEY_KIND, record.key, body), *rest]
            if not rest:
                return tip
            try:
                self.writer.append(tip, rest, [signer], at=at + timedelta(seconds=tip.seq + 1), retention=RETENTION)
            except AlreadySealedError:
                continue

    def logged(self, tip: Tip) -> list[LogEntry]:
        from muniment.evidence.log_records import parse_entry

        return [parse_entry(entry) for entry in read_entries(read_from(self.vault), tip.checkpoint.size)]  # type: ignore[arg-type]


def make_room() -> Room:
    key = make_signing_key(ORIGIN)
    return Room(MemoryVault(), {key.verifier.id.hex(): key})


def made_up(count: int, start: int = 0) -> list[LogEntry]:
    return [LogEntry(MANIFEST_KIND, f"records/{number}", f"{number:064x}") for number in range(start, start + count)]


def root_by_definition(entries: list[LogEntry]) -> bytes:
    return root_of([leaf_hash(entry.to_bytes()) for entry in entries])
