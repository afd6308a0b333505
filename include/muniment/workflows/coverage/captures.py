"""The snapshots of one account and series: which there are, from keys; what they are, from manifests.

A manifest is not read where the catalog has the snapshot: it is written from the manifest, and
which snapshots there are is asked of the bucket all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from muniment.catalog.captures import FiledCapture, read_filed_captures
from muniment.changes.coverage import Captured, Term
from muniment.custody.vault import Vault
from muniment.errors import CatalogError, ConfigurationError, EvidenceError, ObjectKeyError
from muniment.evidence.layout import (
    MANIFEST,
    PAGES,
    SnapshotAddress,
    VolumeAddress,
    parse_record_key,
    snapshot_stamp,
    taken_at_of,
)
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.records.names import parse_instant
from muniment.retention.volume_spans import span_of
from muniment.workflows.history import list_volumes
from muniment.workflows.wiring import Workplace, open_catalog

_AT_ONCE = 8
_log = logging.getLogger(__name__)
Filed = Mapping[SnapshotAddress, FiledCapture]


@dataclass(frozen=True, slots=True)
class Held:
    """What one volume holds, by when it was taken: finished snapshots, and pages whose snapshot is not finished."""

    finished: tuple[SnapshotAddress, ...]
    begun: tuple[SnapshotAddress, ...]


@dataclass(slots=True)
class Shelf:
    """The volumes of one account and series, listed when they are asked for and not twice."""

    vault: Vault
    zone: str
    term: Term
    filed: Filed
    _spans: list[tuple[datetime, datetime, VolumeAddress]] | None = None
    _held: dict[VolumeAddress, Held] = field(default_factory=dict)
    _unreadable: set[SnapshotAddress] = field(default_factory=set)

    def between(self, since: datetime, until: datetime) -> tuple[Captured, ...]:
        """Return the finished snapshots taken in [*since*, *until*], by when they were taken."""
        wanted = [at for held in self._volumes(since, until) for at in held.finished if since <= _taken(at) <= until]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = [one for one in pool.map(self._read, wanted) if one is not None]
        return tuple(sorted(found, key=lambda one: (one.taken_at, one.snapshot)))

    def begun(self, since: datetime, until: datetime) -> list[tuple[datetime, str]]:
        """Return when each capture was taken whose pages are sealed and whose snapshot is not whole, and the key."""
        found = [at for held in self._volumes(since, until) for at in held.begun if since <= _taken(at) <= until]
        unreadable = [(_taken(at), at.key(MANIFEST)) for at in sorted(self._unreadable) if since <= _taken(at) <= until]
        return [*((_taken(at), at.key(PAGES)) for at in found), *unreadable]

    def taken(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield when each capture in [*since*, *until*] was taken, finished or not."""
        for held in self._volumes(since, until):
            yield from (at for at in map(_taken, (*held.finished, *held.begun)) if since <= at <= until)

    def last_accepted(self, before: datetime) -> datetime | None:
        """Return when the last accepted snapshot before *before* was taken."""
        for _, _, volume in reversed([span for span in self._listed() if span[0] < before]):
            finished = reversed([at for at in self._hold(volume).finished if _taken(at) < before])
            if (found := _first_accepted(map(self._read, finished))) is not None:
                return found
        return None

    def next_accepted(self, after: datetime) -> datetime | None:
        """Return when the first accepted snapshot at or after *after* was taken."""
        for _, _, volume in [span for span in self._listed() if span[1] > after]:
            finished = [at for at in self._hold(volume).finished if _taken(at) >= after]
            if (found := _first_accepted(map(self._read, finished))) is not None:
                return found
        return None

    def first_taken(self) -> datetime | None:
        """Return when the first finished snapshot was taken."""
        for _, _, volume in self._listed():
            if self._hold(volume).finished:
                return _taken(self._hold(volume).finished[0])
        return None

    def _volumes(self, since: datetime, until: datetime) -> Iterator[Held]:
        for begins, ends, volume in self._listed():
            if begins <= until and ends > since:
                yield self._hold(volume)

    def _listed(self) -> list[tuple[datetime, datetime, VolumeAddress]]:
        if self._spans is None:
            volumes = list_volumes(self.vault, self.term.series, self.term.account)
            self._spans = sorted((*span_of(volume.volume, self.zone), volume) for volume in volumes)
        return self._spans

    def _hold(self, volume: VolumeAddress) -> Held:
        if volume not in self._held:
            self._held[volume] = list_held(self.vault, volume)
        return self._held[volume]

    def _read(self, address: SnapshotAddress) -> Captured | None:
        filed = self.filed.get(address)
        if filed is not None:
            return _from_catalog(address, filed)
        try:
            return from_manifest(parse_manifest(self.vault.read(address.key(MANIFEST))))
        except EvidenceError:
            self._unreadable.add(address)  # `verify` finds it as V003; here it is a snapshot that is not whole
            return None


def list_held(vault: Vault, volume: VolumeAddress) -> Held:
    """Return what *volume* holds, by its keys alone.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    names: dict[SnapshotAddress, set[str]] = {}
    for key in vault.list_keys(f"{volume.prefix}snapshot="):
        try:
            _, snapshot, name = parse_record_key(key)
        except ObjectKeyError:
            continue  # a stray: `verify` finds it as V005
        if snapshot is not None:
            names.setdefault(SnapshotAddress(volume, snapshot), set()).add(name)
    ordered = sorted(names)
    return Held(
        tuple(at for at in ordered if MANIFEST in names[at]),
        tuple(at for at in ordered if MANIFEST not in names[at] and PAGES in names[at]),
    )


def read_filed(place: Workplace, since: datetime, until: datetime) -> Filed:
    """Return what the catalog says of the snapshots taken in [*since*, *until*); nothing where there is no catalog."""
    if not place.settings.catalog_file.is_file():
        return {}
    first, after = snapshot_stamp(since), snapshot_stamp(until)
    try:
        return read_filed_captures(open_catalog(place.settings), place.agency.id, first=first, after=after)
    except (CatalogError, ConfigurationError) as error:
        _log.warning("%s; the bucket is read instead", error)
        return {}


def from_manifest(manifest: Manifest) -> Captured:
    """Return what *manifest* says of its capture."""
    return Captured(
        account=manifest.account,
        series=manifest.series,
        snapshot=manifest.snapshot,
        key=manifest.address.key(MANIFEST),
        taken_at=taken_at_of(manifest.snapshot),
        began_at=parse_instant(manifest.began_at),
        ended_at=parse_instant(manifest.ended_at),
        accepted=manifest.verdict.outcome == "accepted",
        codes=tuple(finding.code for finding in manifest.verdict.findings if finding.stops_seal),
        gaps=tuple((gap.purpose, gap.reason, gap.count) for gap in manifest.gaps),
    )


def _from_catalog(address: SnapshotAddress, filed: FiledCapture) -> Captured:
    return Captured(
        account=address.volume.account,
        series=address.volume.series,
        snapshot=address.snapshot,
        key=address.key(MANIFEST),
        taken_at=_taken(address),
        began_at=filed.began_at,
        ended_at=filed.ended_at,
        accepted=filed.verdict == "accepted",
        codes=filed.codes,
        gaps=filed.gaps,
    )


def _first_accepted(captures: Iterable[Captured | None]) -> datetime | None:
    return next((one.taken_at for one in captures if one is not None and one.accepted), None)


def _taken(address: SnapshotAddress) -> datetime:
    return taken_at_of(address.snapshot)
