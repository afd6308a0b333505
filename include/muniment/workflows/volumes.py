"""The volumes of an agency: from the vault, which is the truth, or from the catalog, which is quicker.

Either way one volume at a time: however many objects a vault holds, no more than one
volume's are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from muniment.catalog.index import Catalog
from muniment.catalog.volumes import read_filed_volumes
from muniment.custody.vault import Vault
from muniment.errors import EvidenceError, ObjectKeyError
from muniment.evidence.layout import VolumeAddress, is_manifest_key, parse_record_key, taken_at_of
from muniment.evidence.manifest import parse_manifest
from muniment.records.names import SnapshotId, parse_instant
from muniment.workflows.history import list_pairs, list_volumes

_AT_ONCE = 8  # manifests read side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeState:
    """One volume: how much is in it, until when its manifests lock it, when its snapshots were taken.

    `objects` and `size_bytes` count every object, manifests too. `sealed_until` is None without a
    readable manifest; `unreadable` are the keys of those that are not of their form. Times are
    aware UTC.
    """

    address: VolumeAddress
    snapshots: int
    objects: int
    size_bytes: int
    sealed_until: datetime | None
    first_taken: datetime
    last_taken: datetime
    unreadable: tuple[str, ...] = ()


def read_volumes(vault: Vault) -> Iterator[VolumeState]:
    """Yield the state of every volume of *vault* from its lists and manifests, by series, account and volume.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    pairs = sorted((series, account) for account, series in list_pairs(vault))
    addresses = (address for series, account in pairs for address in sorted(list_volumes(vault, series, account)))
    states = (read_volume(vault, address) for address in addresses)
    return (state for state in states if state is not None)


def read_volume(vault: Vault, address: VolumeAddress) -> VolumeState | None:
    """Return the state of the volume at *address*, or None when no snapshot of it was ever begun.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    objects = size_bytes = 0
    manifests: list[str] = []
    taken: set[SnapshotId] = set()
    for record in vault.list_objects(address.prefix):
        objects, size_bytes = objects + 1, size_bytes + record.size_bytes
        manifests += [record.key] if is_manifest_key(record.key) else []
        taken |= _snapshot_in(record.key)
    if not taken:
        return None
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        locks = dict(zip(manifests, pool.map(lambda key: _read_lock(vault, key), manifests), strict=True))
    return VolumeState(
        address=address,
        snapshots=len(manifests),
        objects=objects,
        size_bytes=size_bytes,
        sealed_until=max((lock for lock in locks.values() if lock is not None), default=None),
        first_taken=taken_at_of(min(taken)),
        last_taken=taken_at_of(max(taken)),
        unreadable=tuple(key for key, lock in locks.items() if lock is None),
    )


def read_volumes_of_catalog(catalog: Catalog, agency_id: str) -> Iterator[VolumeState]:
    """Yield the state of every volume of the agency as the catalog has it: only what a manifest names is in it.

    Raises:
        CatalogMissingError: the catalog was not built for the agency.
        CatalogVersionError: its tables are of another version.
        CatalogUnavailableError: the server did not answer in time.
    """
    for filed in read_filed_volumes(catalog, agency_id):
        yield VolumeState(
            address=filed.address,
            snapshots=filed.snapshots,
            objects=filed.objects,
            size_bytes=filed.size_bytes,
            sealed_until=filed.sealed_until,
            first_taken=taken_at_of(filed.first),
            last_taken=taken_at_of(filed.last),
        )


def _snapshot_in(key: str) -> set[SnapshotId]:
    try:
        snapshot = parse_record_key(key)[1]
    except ObjectKeyError:
        return set()  # a stray: `verify` finds it as V005
    return set() if snapshot is None else {snapshot}


def _read_lock(vault: Vault, key: str) -> datetime | None:
    try:
        return parse_instant(parse_manifest(vault.read(key)).retention.locked_until)
    except EvidenceError:
        return None
