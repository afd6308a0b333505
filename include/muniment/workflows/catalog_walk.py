"""Read from the bucket what the catalog is made of: every manifest, and every entry of registers and log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, islice

from muniment.catalog.filing import Filing, file_entry, file_manifest
from muniment.custody.reading import read_each
from muniment.custody.vault import Vault
from muniment.evidence.layout import SnapshotAddress, VolumeAddress
from muniment.records.names import AccountId, SeriesId
from muniment.workflows.history import list_pairs, list_snapshots, list_volumes, read_manifests

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
    missing = (_list_missing(vault, volume, filed(volume)) for volume in volumes)
    read = chain.from_iterable(read_manifests(vault, addresses) for addresses in missing)
    return _in_batches(file_manifest(agency, address, body) for address, body in read)


def walk_entries(vault: Vault, agency: str, *, entries: Callable[[], Collection[str]]) -> Iterator[list[Filing]]:
    """Yield batches of the entries of registers and log whose keys *entries* does not name."""
    known = entries()
    for prefix, kind in _KINDS.items():
        missing = (record for record in vault.list_objects(prefix) if record.key not in known)
        yield from _in_batches(file_entry(agency, key, kind, body) for key, body in read_each(vault, missing))


def _list_missing(vault: Vault, volume: VolumeAddress, known: Collection[str]) -> list[SnapshotAddress]:
    return [address for address in list_snapshots(vault, volume) if address.snapshot not in known]


def _in_batches(filings: Iterator[Filing]) -> Iterator[list[Filing]]:
    while batch := list(islice(filings, _BATCH)):
        yield batch
