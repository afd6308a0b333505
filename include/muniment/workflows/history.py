"""What a vault already holds of an account and series: the snapshots before this one.

A folder whose name is not of the layout's form stops no capture: it is a finding of verification.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from muniment.custody.vault import Vault
from muniment.errors import ObjectMissingError
from muniment.evidence.layout import (
    MANIFEST,
    PAGES,
    SnapshotAddress,
    VolumeAddress,
    account_prefix,
    is_snapshot,
    is_volume,
)
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId, is_slug


def list_pairs(vault: Vault) -> list[tuple[AccountId, SeriesId]]:
    """Return each account and series of which the vault holds something, also those that no register names."""
    every_series = _last_parts(vault.list_folders("records/"), "series=", is_slug)
    return sorted(
        (AccountId(account), SeriesId(series))
        for series in every_series
        for account in _last_parts(vault.list_folders(f"records/series={series}/"), "account=", is_slug)
    )


def list_volumes(vault: Vault, series: SeriesId, account: AccountId) -> list[VolumeAddress]:
    """Return the volumes of *account* and *series*, latest first."""
    names = _last_parts(vault.list_folders(account_prefix(series, account)), "volume=", is_volume)
    return [VolumeAddress(series, account, VolumeId(name)) for name in names]


def list_snapshots(vault: Vault, volume: VolumeAddress) -> list[SnapshotAddress]:
    """Return the snapshots of *volume*, finished or not, latest first."""
    return [
        SnapshotAddress(volume, SnapshotId(name))
        for name in _last_parts(vault.list_folders(volume.prefix), "snapshot=", is_snapshot)
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


def find_unfinished(vault: Vault, volume: VolumeAddress) -> list[SnapshotAddress]:
    """Return the snapshots of *volume* whose pages are sealed and whose manifest is not, earliest first."""
    names: dict[str, set[str]] = defaultdict(set)
    for key in vault.list_keys(f"{volume.prefix}snapshot="):
        folder, _, name = key.removeprefix(f"{volume.prefix}snapshot=").partition("/")
        names[folder].add(name)
    begun = sorted(name for name, found in names.items() if PAGES in found and MANIFEST not in found)
    addresses = [SnapshotAddress(volume, SnapshotId(name)) for name in begun if is_snapshot(name)]
    return [address for address in addresses if vault.find(address.key(PAGES)) is not None]


def _last_parts(prefixes: list[str], marker: str, is_of_form: Callable[[str], bool]) -> list[str]:
    parts = (prefix.rstrip("/").rsplit("/", 1)[-1] for prefix in prefixes)
    names = (part.removeprefix(marker) for part in parts if part.startswith(marker))
    return sorted(filter(is_of_form, names), reverse=True)
