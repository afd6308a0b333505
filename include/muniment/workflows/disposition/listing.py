"""What a volume holds now, in both copies: every version, every delete marker, every manifest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from muniment.custody.second_copy import compare
from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.errors import ClosedGate, CustodyError, EvidenceError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import VolumeAddress, is_manifest_key, taken_at_of
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.records.names import format_instant, parse_instant
from muniment.retention.clock import DueSum
from muniment.retention.dispositions import ListedManifest, ListedVersion, ListedVolume
from muniment.retention.frozen_list import MARKER_BYTES, SECOND, VAULT
from muniment.retention.weights import weigh
from muniment.workflows.volumes import VolumeState

_AT_ONCE = 8  # manifests read side by side


class Lists(Protocol):
    """What lists every version."""

    def list_versions(self, prefix: str) -> Iterator[StoredVersion]:
        """Yield every version and every delete marker under *prefix*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVolume:
    """A volume as both copies have it now. `broken` are the keys of manifests that cannot be read."""

    address: VolumeAddress
    manifests: tuple[tuple[ListedManifest, Manifest], ...]
    broken: tuple[str, ...]
    versions: tuple[ListedVersion, ...]

    @property
    def state(self) -> VolumeState:
        """Return the volume as the clocks reckon it; there is a manifest."""
        manifests = [manifest for _, manifest in self.manifests]
        records = [one for one in self.versions if one.copy == VAULT and one.size_bytes != MARKER_BYTES]
        until = [parse_instant(manifest.retention.locked_until) for manifest in manifests]
        taken = sorted(taken_at_of(manifest.snapshot) for manifest in manifests)
        return VolumeState(
            address=self.address,
            snapshots=len(manifests),
            objects=len({one.key for one in records}),
            size_bytes=sum(one.size_bytes for one in records),
            sealed_until=max(until),
            first_taken=taken[0],
            last_taken=taken[-1],
            least_until=min(until),
            unreadable=self.broken,
        )


def find_volume(vault: Vault, second: Vault | None, address: VolumeAddress) -> FoundVolume:
    """List both copies of the volume and read its manifests.

    Raises:
        StoreUnavailableError: a store did not answer.
    """
    versions = [*list_copy(vault, VAULT, address.prefix)]
    keys = sorted({one.key for one in versions if is_manifest_key(one.key) and one.size_bytes != MARKER_BYTES})
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        read = list(pool.map(lambda key: _read(vault, key), keys))
    if second is not None:
        versions += list_copy(second, SECOND, address.prefix)
    return FoundVolume(
        address=address,
        manifests=tuple(_weighed([one for one in read if not isinstance(one, str)])),
        broken=tuple(one for one in read if isinstance(one, str)),
        versions=tuple(sorted(versions)),
    )


def list_copy(store: Lists, copy: str, prefix: str) -> Iterator[ListedVersion]:
    """Yield every version and delete marker that *store*, the copy called *copy*, has under *prefix*.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    for one in store.list_versions(prefix):
        size = MARKER_BYTES if one.is_marker else one.size_bytes
        yield ListedVersion(copy, one.key, one.name.version_id, size)


def check_second(vault: Vault, second: Vault | None, address: VolumeAddress) -> Iterator[ClosedGate]:
    """Find that the second copy does not answer, or does not hold every object of the volume whole (R036)."""
    if second is None:
        yield ClosedGate("R036", address.prefix, "expected a second copy, found that none is configured")
        return
    try:
        found = compare(vault, second, address.prefix)
    except CustodyError as error:
        yield ClosedGate("R036", address.prefix, f"expected the second copy to answer, found {type(error).__name__}")
        return
    lacking = {"missing": found.missing, "of another size": found.other_size, "only in the second copy": found.foreign}
    for what, objects in lacking.items():
        if objects:
            detail = f"expected every object whole in both copies, found {len(objects)} {what}"
            yield ClosedGate("R036", address.prefix, detail)


def list_volume(found: FoundVolume, due: DueSum, row: str) -> ListedVolume:
    """Return the volume as a frozen list states it; *due* has its due date."""
    address, manifests = found.address, [manifest for _, manifest in found.manifests]
    records = {one.key: one.size_bytes for one in found.versions if one.copy == VAULT and one.size_bytes >= 0}
    taken = sorted(taken_at_of(manifest.snapshot) for manifest in manifests)
    return ListedVolume(
        series=address.series,
        account=address.account,
        volume=address.volume,
        row=row,
        cutoff_at=format_instant(due.cutoff_at),
        due_at=format_instant(due.due_at or due.lock_until),
        steps=due.steps,
        snapshots=len(manifests),
        objects=len(records),
        rows=sum(manifest.rows.new + manifest.rows.changed for manifest in manifests),
        size_bytes=sum(records.values()),
        first_taken=format_instant(taken[0]),
        last_taken=format_instant(taken[-1]),
        manifests=tuple(listed for listed, _ in found.manifests),
        versions=found.versions,
    )


def _weighed(read: Sequence[tuple[ListedManifest, Manifest]]) -> Iterator[tuple[ListedManifest, Manifest]]:
    """Yield each with what came with it: once the volume is gone, the list alone can say."""
    listed = {manifest.address: one for one, manifest in read}
    for weight in sorted(weigh(manifest for _, manifest in read), key=lambda weight: weight.manifest.address):
        manifest = weight.manifest
        told = replace(
            listed[manifest.address],
            sealed_at=manifest.sealed_at,
            row=manifest.retention.row,
            locked_until=manifest.retention.locked_until,
            least_until=weight.least_until,
            objects=weight.objects,
            size_bytes=weight.size_bytes,
        )
        yield told, manifest


def _read(vault: Vault, key: str) -> tuple[ListedManifest, Manifest] | str:
    try:
        body = vault.read(key)
        return ListedManifest(key, sha256_hex(body)), parse_manifest(body)
    except EvidenceError:
        return key
