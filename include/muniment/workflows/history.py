"""What a vault already holds of an account and series: the snapshots before this one.

A folder whose name is not of the layout's form stops no capture: it is a finding of verification.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from os.path import commonprefix

from muniment.custody.reading import read_each
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
    taken_at_of,
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
    """Yield the manifests of *volume*, latest first, only those of snapshots earlier than *before*.

    Each is read when it is asked for: most who ask want the first.
    """
    for address in list_snapshots(vault, volume):
        if before is None or address.snapshot < before:
            manifest = read_manifest_or_none(vault, address)
            if manifest is not None:
                yield manifest


def read_manifests(vault: Vault, addresses: Sequence[SnapshotAddress]) -> Iterator[tuple[SnapshotAddress, bytes]]:
    """Yield those of *addresses*, all of one volume, that are finished, in their order, and their manifests' bytes.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    if not addresses:
        return
    # Not the whole volume: its media may be a thousand to a snapshot. The names begin with the time.
    prefix = commonprefix([address.prefix for address in addresses])  # noqa: RUF071 - its characters are meant
    listed = {one.key: one for one in vault.list_objects(prefix)}
    finished = {key: address for address in addresses if (key := address.key(MANIFEST)) in listed}
    for key, body in read_each(vault, (listed[key] for key in finished)):
        yield finished[key], body


def read_span(
    vault: Vault, series: SeriesId, account: AccountId, *, since: datetime, until: datetime
) -> Iterator[Manifest]:
    """Yield the manifests taken in [*since*, *until*) (aware), latest first, then those back to the first accepted.

    Raises:
        ManifestError: a manifest is not of its specified form.
        StoreUnavailableError: the store did not answer.
    """
    for volume in list_volumes(vault, series, account):
        taken = [(taken_at_of(address.snapshot), address) for address in list_snapshots(vault, volume)]
        within = [address for at, address in taken if since <= at < until]
        yield from (parse_manifest(body) for _, body in read_manifests(vault, within))
        for address in (address for at, address in taken if at < since):
            manifest = read_manifest_or_none(vault, address)
            if manifest is not None:
                yield manifest
                if manifest.verdict.outcome == "accepted":
                    return


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
