"""What was ever sealed: each snapshot from its manifest, and those destroyed since from the lists that were signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from muniment.custody.reading import read_each
from muniment.custody.vault import Vault
from muniment.errors import EvidenceError
from muniment.evidence.layout import SnapshotAddress, VolumeAddress, is_manifest_key, parse_record_key, taken_at_of
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.records.names import SnapshotId, parse_instant
from muniment.retention.frozen_list import ListedVolume
from muniment.retention.weights import weigh
from muniment.workflows.volumes import VolumeState


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSnapshot:
    """One snapshot as it was sealed. A medium counts with the first snapshot of its volume that lists it.

    Its locks reach from `least_until` to `locked_until`, the date sum of its manifest. `gone_at` is when
    its volume was destroyed, None while it is there; `gone_by`, by which disposition.
    """

    address: SnapshotAddress
    sealed_at: datetime
    row: str
    locked_until: datetime
    least_until: datetime
    objects: int
    size_bytes: int
    gone_at: datetime | None = None
    gone_by: str | None = None

    def is_there(self, moment: datetime) -> bool:
        """Tell whether it was held at *moment* (aware)."""
        return self.sealed_at <= moment and (self.gone_at is None or self.gone_at > moment)


def read_sealed(vault: Vault) -> tuple[list[SealedSnapshot], list[str]]:
    """Return every snapshot whose manifest *vault* holds, and the keys of manifests that are not of their form.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    records = (record for record in vault.list_objects("records/") if is_manifest_key(record.key))
    found: list[SealedSnapshot] = []
    unreadable: list[str] = []
    for _, volume in groupby(read_each(vault, records), key=lambda read: read[0].partition("snapshot=")[0]):
        manifests: list[Manifest] = []
        for key, body in volume:
            try:
                manifests.append(parse_manifest(body))
            except EvidenceError:
                unreadable.append(key)
        found += snapshots_of(manifests)
    return found, unreadable


def snapshots_of(manifests: Iterable[Manifest]) -> Iterator[SealedSnapshot]:
    """Yield the snapshots of one volume from its *manifests*."""
    for weight in weigh(manifests):
        manifest = weight.manifest
        yield SealedSnapshot(
            address=manifest.address,
            sealed_at=parse_instant(manifest.sealed_at),
            row=manifest.retention.row,
            locked_until=parse_instant(manifest.retention.locked_until),
            least_until=parse_instant(weight.least_until),
            objects=weight.objects,
            size_bytes=weight.size_bytes,
        )


def snapshots_listed(volume: ListedVolume, *, gone_at: datetime | None, by: str | None) -> Iterator[SealedSnapshot]:
    """Yield the snapshots of *volume* of a frozen list, gone at *gone_at* (aware; None: not yet) by *by*."""
    for listed in volume.manifests:
        _, snapshot, _ = parse_record_key(listed.key)
        yield SealedSnapshot(
            address=SnapshotAddress(volume.address, SnapshotId(snapshot or "")),
            sealed_at=parse_instant(listed.sealed_at),
            row=listed.row,
            locked_until=parse_instant(listed.locked_until),
            least_until=parse_instant(listed.least_until),
            objects=listed.objects,
            size_bytes=listed.size_bytes,
            gone_at=gone_at,
            gone_by=by,
        )


def fold_volumes(snapshots: Iterable[SealedSnapshot]) -> Iterator[tuple[VolumeState, str]]:
    """Yield the volumes that *snapshots* are of, by their address, each with the row it was sealed by last."""
    ordered = sorted(snapshots, key=lambda one: one.address)
    for volume, group in groupby(ordered, key=lambda one: one.address.volume):
        yield _fold(volume, list(group))


def _fold(volume: VolumeAddress, group: list[SealedSnapshot]) -> tuple[VolumeState, str]:
    taken = [taken_at_of(one.address.snapshot) for one in group]
    state = VolumeState(
        address=volume,
        snapshots=len(group),
        objects=sum(one.objects for one in group),
        size_bytes=sum(one.size_bytes for one in group),
        sealed_until=max(one.locked_until for one in group),
        first_taken=min(taken),
        last_taken=max(taken),
        least_until=min(one.least_until for one in group),
    )
    return state, group[-1].row
