"""Compare one unit of both copies with its manifests: what is there, under which lock, hidden by what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from muniment.custody.reading import read_each
from muniment.custody.second_copy import REWRITTEN, compare, is_covered, is_kept
from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.errors import EvidenceError, ObjectKeyError, ObjectMissingError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, SnapshotAddress, parse_record_key
from muniment.evidence.locks import ObjectLock
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.records.names import format_instant, parse_instant
from muniment.records.schedule import LockMode

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was compared and what was found."""

    objects: int = 0
    copies: int = 0
    findings: tuple[Finding, ...] = ()

    def plus(self, other: Reconciled) -> Reconciled:
        """Return both together."""
        return Reconciled(self.objects + other.objects, self.copies + other.copies, self.findings + other.findings)


@dataclass(slots=True)
class _Named:
    """What the manifests of a unit say: each object's size (None for a manifest) and until when it is locked."""

    sizes: dict[str, int | None] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)
    snapshots: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def reconcile_unit(first: Vault, second: Vault | None, prefix: str, *, settled_before: datetime) -> Reconciled:
    """Compare the unit *prefix* of both copies; what was stored after *settled_before* may be in the making.

    Raises:
        StoreUnavailableError: a store did not answer.
    """
    records = {record.key: record for record in first.list_objects(prefix)}
    named = _read_named(first, records)
    findings = [
        *named.findings,
        *_find_missing(named, records),
        *_find_unnamed(named, records.values(), settled_before),
        *(loose := list(_find_loose(first, named, records))),
        *(Finding("V008", key, what) for key, what in first.find_hidden(prefix) if key not in REWRITTEN),
    ]
    copies = 0
    if second is not None:
        count, more = _compare_copies(first, second, prefix, settled_before)
        # What is not sealed is not copied either: its own finding says so.
        unsealed = {finding.subject for finding in loose}
        more = [finding for finding in more if finding.code != "C002" or finding.subject not in unsealed]
        copies, findings = count, findings + more
    return Reconciled(len(records), copies, tuple(findings))


def _read_named(vault: Vault, records: dict[str, StoredVersion]) -> _Named:
    named = _Named()
    manifests = (
        record for key, record in records.items() if key.startswith("records/") and key.endswith(f"/{MANIFEST}")
    )
    for key, body in read_each(vault, manifests):
        try:
            _enter(named, key, parse_manifest(body))
        except EvidenceError as error:
            named.findings.append(Finding("V003", key, str(error)))
    return named


def _enter(named: _Named, key: str, manifest: Manifest) -> None:
    named.snapshots.add(manifest.address.prefix)
    for sealed in manifest.objects:
        named.sizes[sealed.key], named.until[sealed.key] = sealed.size_bytes, parse_instant(sealed.locked_until)
    named.sizes[key], named.until[key] = None, parse_instant(manifest.retention.locked_until)


def _find_missing(named: _Named, records: dict[str, StoredVersion]) -> Iterator[Finding]:
    for key, size in named.sizes.items():
        if key not in records:
            yield Finding("V001", key, f"expected {size} bytes, found no object")
        elif size is not None and records[key].size_bytes != size:
            yield Finding("V002", key, f"expected {size} bytes, found {records[key].size_bytes}")


def _find_unnamed(named: _Named, records: Iterable[StoredVersion], settled_before: datetime) -> Iterator[Finding]:
    broken = {finding.subject.removesuffix(MANIFEST) for finding in named.findings}
    for record in records:
        if record.key in named.sizes or record.stored_at > settled_before:
            continue
        if not is_kept(record.key) and record.key not in REWRITTEN:
            yield Finding("V005", record.key, "expected only records, registers and the log, found another object")
        elif record.key.startswith("records/"):
            yield from _judge_unnamed(record.key, named, broken)


def _judge_unnamed(key: str, named: _Named, broken: set[str]) -> Iterator[Finding]:
    try:
        volume, snapshot, _ = parse_record_key(key)
    except ObjectKeyError as error:
        yield Finding("V005", key, str(error))
        return
    if snapshot is None:
        yield Finding("V005", key, "expected a manifest of its volume to name it, found none")
        return
    prefix = SnapshotAddress(volume, snapshot).prefix
    if prefix in named.snapshots:
        yield Finding("V005", key, "expected the manifest beside it to name it, found that it does not")
    elif prefix not in broken:
        yield Finding("V007", prefix, "expected a manifest, found none")


def _find_loose(vault: Vault, named: _Named, records: dict[str, StoredVersion]) -> Iterator[Finding]:
    keys = [key for key in records if is_kept(key)]
    for key, lock in zip(keys, _locks_of(vault, keys), strict=True):
        until = named.until.get(key)
        if lock is None or lock.mode != LockMode.COMPLIANCE or (until is not None and lock.until < until):
            expected = f"COMPLIANCE until {format_instant(until)}" if until is not None else "a COMPLIANCE lock"
            yield Finding("V004", key, f"expected {expected}, found {_describe(lock)}")


def _compare_copies(first: Vault, second: Vault, prefix: str, settled_before: datetime) -> tuple[int, list[Finding]]:
    found = compare(first, second, prefix)
    findings = [
        Finding("C002", record.key, f"expected a copy of {record.size_bytes} bytes, found none")
        for record in found.missing
        if record.stored_at <= settled_before
    ]
    findings += [
        Finding("C003", key, "expected as many bytes as in the vault, found others") for key in found.other_size
    ]
    findings += [Finding("C005", key, "expected it in the vault too, found that it is not") for key in found.foreign]
    keys = [record.key for record in found.both]
    for key, lock, copy in zip(keys, _locks_of(first, keys), _locks_of(second, keys), strict=True):
        if not is_covered(lock, copy):
            findings.append(Finding("C004", key, f"expected {_describe(lock)}, found {_describe(copy)}"))
    findings += [Finding("C006", key, what) for key, what in second.find_hidden(prefix)]
    return len(found.both) + len(found.other_size), findings


def _locks_of(vault: Vault, keys: list[str]) -> list[ObjectLock | None]:
    def lock_of(key: str) -> ObjectLock | None:
        try:
            return vault.lock_of(key)
        except ObjectMissingError:
            return None  # listed, and not there: a store that lies is a store without a lock

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lock_of, keys))


def _describe(lock: ObjectLock | None) -> str:
    return f"{lock.mode} until {format_instant(lock.until)}" if lock is not None else "none"
