"""What a vault already holds of an account and series: the snapshots before this one."""

from __future__ import annotations

from collections.abc import Iterator

from muniment.custody.vault import Vault
from muniment.errors import ObjectMissingError
from muniment.evidence.layout import MANIFEST, SnapshotAddress, VolumeAddress, account_prefix
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId


def list_volumes(vault: Vault, series: SeriesId, account: AccountId) -> list[VolumeAddress]:
    """Return the volumes of *account* and *series*, latest first."""
    names = _last_parts(vault.list_folders(account_prefix(series, account)), "volume=")
    return [VolumeAddress(series, account, VolumeId(name)) for name in names]


def list_snapshots(vault: Vault, volume: VolumeAddress) -> list[SnapshotAddress]:
    """Return the snapshots of *volume*, finished or not, latest first."""
    return [
        SnapshotAddress(volume, SnapshotId(name))
        for name in _last_parts(vault.list_folders(volume.prefix), "snapshot=")
    ]


def read_manifest_or_none(vault: Vault, address: SnapshotAddress) -> Manifest | None:
    """Return the manifest of the snapshot at *address*, or None when it was never finished.

    Raises:
        ManifestError: the manifest is not of its specified form.
    """
    try:
        return parse_manifest(vault.read(address.key(MANIFEST)))
    except ObjectMissingError:
        return None


def read_volume_manifests(
    vault: Vault, volume: VolumeAddress, *, before: SnapshotId | None = None
) -> Iterator[Manifest]:
    """Yield the manifests of *volume*, latest first, only those of snapshots earlier than *before*."""
    for address in list_snapshots(vault, volume):
        if before is None or address.snapshot < before:
            manifest = read_manifest_or_none(vault, address)
            if manifest is not None:
                yield manifest


def find_previous(vault: Vault, address: SnapshotAddress) -> Manifest | None:
    """Return the latest finished snapshot of the same account and series before *address*, if any."""
    for volume in list_volumes(vault, address.volume.series, address.volume.account):
        if volume.volume <= address.volume.volume:
            manifest = next(read_volume_manifests(vault, volume, before=address.snapshot), None)
            if manifest is not None:
                return manifest
    return None


def find_basis(vault: Vault, address: SnapshotAddress) -> Manifest | None:
    """Return the latest accepted snapshot of the same volume before *address*, if any.

    A quarantined snapshot is no basis: what it lacks would read as gone.
    """
    manifests = read_volume_manifests(vault, address.volume, before=address.snapshot)
    return next((manifest for manifest in manifests if manifest.verdict.outcome == "accepted"), None)


def find_accepted(vault: Vault, address: SnapshotAddress) -> Manifest | None:
    """Return the latest accepted snapshot before *address* in its volume or the one before it, if any."""
    volumes = list_volumes(vault, address.volume.series, address.volume.account)
    for volume in [found for found in volumes if found.volume <= address.volume.volume][:2]:
        manifests = read_volume_manifests(vault, volume, before=address.snapshot)
        accepted = next((manifest for manifest in manifests if manifest.verdict.outcome == "accepted"), None)
        if accepted is not None:
            return accepted
    return None


def count_listed(manifest: Manifest) -> int:
    """Return how many rows the snapshot listed, those that are gone left out."""
    return manifest.rows.new + manifest.rows.changed + manifest.rows.unchanged


def _last_parts(prefixes: list[str], marker: str) -> list[str]:
    parts = (prefix.rstrip("/").rsplit("/", 1)[-1] for prefix in prefixes)
    return sorted((part.removeprefix(marker) for part in parts if part.startswith(marker)), reverse=True)
