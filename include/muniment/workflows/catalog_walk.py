"""Read from the bucket what the catalog is made of: every manifest, and every entry of registers and log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from muniment.catalog.filing import Filing, file_entry, file_manifest
from muniment.custody.vault import Vault
from muniment.errors import ObjectMissingError
from muniment.evidence.layout import MANIFEST, SnapshotAddress, VolumeAddress
from muniment.records.names import AccountId, SeriesId
from muniment.workflows.history import list_pairs, list_snapshots, list_volumes

Item = TypeVar("Item")

_AT_ONCE = 8  # requests to the store
_BATCH = 128
_KINDS = {"registers/": "register", "log/batches/": "log"}


def walk_vault(
    vault: Vault,
    agency: str,
    *,
    filed: Callable[[VolumeAddress], Collection[str]],
    entries: Callable[[], Collection[str]],
) -> Iterator[list[Filing]]:
    """Yield batches of what the vault holds and *filed* (snapshots of a volume) and *entries* (keys) do not name.

    Raises:
        CustodyError: the store did not answer.
    """
    pairs = list_pairs(vault)
    volumes = (volume for account, series in pairs for volume in list_volumes(vault, series, account))
    yield from walk_volumes(vault, agency, volumes, filed=filed)
    yield from walk_entries(vault, agency, entries=entries)


def walk_latest(
    vault: Vault,
    agency: str,
    pairs: Iterable[tuple[AccountId, SeriesId]],
    *,
    filed: Callable[[VolumeAddress], Collection[str]],
) -> Iterator[list[Filing]]:
    """Yield batches of what the two latest volumes of *pairs* hold and *filed* does not name.

    Raises:
        CustodyError: the store did not answer.
    """
    # A run may begin in one month and seal in the next.
    volumes = (volume for account, series in pairs for volume in list_volumes(vault, series, account)[:2])
    return walk_volumes(vault, agency, volumes, filed=filed)


def walk_volumes(
    vault: Vault, agency: str, volumes: Iterable[VolumeAddress], *, filed: Callable[[VolumeAddress], Collection[str]]
) -> Iterator[list[Filing]]:
    """Yield batches of the finished snapshots of *volumes* that *filed* does not name."""

    def file(address: SnapshotAddress) -> Filing | None:
        try:
            return file_manifest(agency, address, vault.read(address.key(MANIFEST)))
        except ObjectMissingError:
            return None  # never finished: no snapshot yet

    wanted = (address for volume in volumes for address in _list_missing(vault, volume, filed(volume)))
    return _in_batches(file, wanted)


def walk_entries(vault: Vault, agency: str, *, entries: Callable[[], Collection[str]]) -> Iterator[list[Filing]]:
    """Yield batches of the entries of registers and log whose keys *entries* does not name."""
    known = entries()
    wanted = ((key, kind) for prefix, kind in _KINDS.items() for key in vault.list_keys(prefix) if key not in known)

    def file(entry: tuple[str, str]) -> Filing:
        key, kind = entry
        return file_entry(agency, key, kind, vault.read(key))

    return _in_batches(file, wanted)


def _list_missing(vault: Vault, volume: VolumeAddress, known: Collection[str]) -> list[SnapshotAddress]:
    return [address for address in list_snapshots(vault, volume) if address.snapshot not in known]


def _in_batches(file: Callable[[Item], Filing | None], wanted: Iterable[Item]) -> Iterator[list[Filing]]:
    waiting = iter(wanted)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="catalog") as pool:
        while batch := list(islice(waiting, _BATCH)):
            yield [filing for filing in pool.map(file, batch) if filing is not None]
