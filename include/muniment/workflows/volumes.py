"""The volumes of an agency: from the vault, which is the truth, or from the catalog, which is quicker.

Either way one volume at a time: however many objects a vault holds, no more than a few
volumes' keys are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from muniment.catalog.index import Catalog
from muniment.catalog.volumes import FiledVolume, read_filed_volumes
from muniment.custody.reading import read_each
from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.errors import EvidenceError, ObjectKeyError
from muniment.evidence.layout import VolumeAddress, is_manifest_key, parse_record_key, taken_at_of
from muniment.evidence.manifest import parse_manifest
from muniment.records.names import SnapshotId, parse_instant
from muniment.workflows.history import list_pairs, list_volumes

_VOLUMES_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeState:
    """One volume: how much is in it, until when its manifests lock it, when its snapshots were taken.

    `objects` and `size_bytes` count every object, manifests too. The manifests' locks reach from
    `least_until` to `sealed_until`, None without a readable one; `unreadable` are the keys of
    those that are not of their form. Times are aware UTC.
    """

    address: VolumeAddress
    snapshots: int
    objects: int
    size_bytes: int
    sealed_until: datetime | None
    first_taken: datetime
    last_taken: datetime
    least_until: datetime | None = None
    unreadable: tuple[str, ...] = ()


def parse_prefix(prefix: str) -> VolumeAddress:
    """Return the address of the volume whose keys begin with *prefix*.

    Raises:
        ObjectKeyError: *prefix* is not of the form of `VolumeAddress.prefix`.
    """
    return parse_record_key(f"{prefix}media/{'0' * 64}")[0]


def read_volumes(vault: Vault) -> Iterator[VolumeState]:
    """Yield the state of every volume of *vault* from its lists and manifests, by series, account and volume.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    return _read_all(vault, {})


def read_volumes_quickly(vault: Vault, catalog: Catalog, agency_id: str) -> Iterator[VolumeState]:
    """Yield the same as `read_volumes` does, believing the catalog for manifests where it has as many as the vault.

    Raises:
        CatalogError: the catalog was not built for the agency, or did not answer.
        StoreUnavailableError: the store did not answer.
    """
    return _read_all(vault, {filed.address: filed for filed in read_filed_volumes(catalog, agency_id)})


def read_volume(vault: Vault, address: VolumeAddress) -> VolumeState | None:
    """Return the state of the volume at *address*, or None when no snapshot of it was ever begun.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    return _read_one(vault, address, None)


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
            least_until=filed.least_until,
            first_taken=taken_at_of(filed.first),
            last_taken=taken_at_of(filed.last),
        )


def _read_all(vault: Vault, filed: Mapping[VolumeAddress, FiledVolume]) -> Iterator[VolumeState]:
    pairs = sorted((series, account) for account, series in list_pairs(vault))
    addresses = [address for series, account in pairs for address in sorted(list_volumes(vault, series, account))]
    with ThreadPoolExecutor(_VOLUMES_AT_ONCE) as pool:
        for state in pool.map(lambda address: _read_one(vault, address, filed.get(address)), addresses):
            if state is not None:
                yield state


def _read_one(vault: Vault, address: VolumeAddress, filed: FiledVolume | None) -> VolumeState | None:
    objects = size_bytes = 0
    manifests: list[StoredVersion] = []
    taken: set[SnapshotId] = set()
    for record in vault.list_objects(address.prefix):
        objects, size_bytes = objects + 1, size_bytes + record.size_bytes
        manifests += [record] if is_manifest_key(record.key) else []
        taken |= _snapshot_in(record.key)
    if not taken:
        return None
    if filed is None or filed.snapshots != len(manifests):
        locks, unreadable = _read_locks(vault, manifests)
    else:
        locks, unreadable = [filed.least_until, filed.sealed_until], ()
    return VolumeState(
        address=address,
        snapshots=len(manifests),
        objects=objects,
        size_bytes=size_bytes,
        sealed_until=max(locks, default=None),
        least_until=min(locks, default=None),
        first_taken=taken_at_of(min(taken)),
        last_taken=taken_at_of(max(taken)),
        unreadable=unreadable,
    )


def _snapshot_in(key: str) -> set[SnapshotId]:
    try:
        snapshot = parse_record_key(key)[1]
    except ObjectKeyError:
        return set()  # a stray: `verify` finds it as V005
    return set() if snapshot is None else {snapshot}


def _read_locks(vault: Vault, manifests: Sequence[StoredVersion]) -> tuple[list[datetime], tuple[str, ...]]:
    """Return the locks that *manifests* state, and the keys of those that are not of their form."""
    locks: list[datetime] = []
    unreadable: list[str] = []
    for key, body in read_each(vault, manifests):
        try:
            locks.append(parse_instant(parse_manifest(body).retention.locked_until))
        except EvidenceError:
            unreadable.append(key)
    return locks, tuple(unreadable)
