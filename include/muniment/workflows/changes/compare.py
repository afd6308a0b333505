"""Compare two accepted snapshots of an account and series: fetch of their rows what that takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from muniment.changes.windows import window_between
from muniment.custody.vault import Vault
from muniment.evidence.layout import ROWS, SnapshotAddress, VolumeAddress
from muniment.evidence.manifest import Manifest
from muniment.records.changes import Window
from muniment.records.names import SnapshotId
from muniment.records.series import RowKind, row_kind
from muniment.tables.counter_changes import COUNTED, CountersMoved, compare_counters
from muniment.tables.row_changes import (
    COMPARED,
    TOLD,
    RowChange,
    RowDifference,
    compare_rows,
    read_changes,
    read_full_row,
)
from muniment.tables.some_columns import copy_columns
from muniment.tables.unlike_rows import Listing
from muniment.workflows.wiring import Workplace


@dataclass(frozen=True, slots=True)
class Pair:
    """Two accepted snapshots, one after the other."""

    before: Manifest
    after: Manifest

    @property
    def window(self) -> Window:
        """Return between which two moments happened what differs."""
        return window_between(self.before, self.after)

    @property
    def is_same(self) -> bool:
        """Tell whether the later snapshot's counts say that it lists the same rows with the same contents.

        Counts are against the snapshot that it was sealed against, which is the earlier one if
        that had been sealed by the time that the later capture began.
        """
        before, after = self.before, self.after
        in_turn = before.address.volume == after.address.volume and before.snapshot < after.snapshot
        return (
            in_turn
            and before.sealed_at <= after.began_at
            and (after.rows.new, after.rows.changed, after.rows.gone) == (0, 0, 0)
        )


@dataclass(slots=True)
class Shelf:
    """Rows files fetched into *folder*, only the columns that are read, kept while they may be read again."""

    vault: Vault
    folder: Path
    fetched: dict[tuple[SnapshotAddress, frozenset[str]], Path] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def rows(self, address: SnapshotAddress, columns: frozenset[str]) -> Path:
        """Return a copy of the rows file at *address* with *columns*; the rest of it are holes.

        Raises:
            ObjectMissingError: the snapshot has no rows.
            ParseError: it is no whole Parquet file.
        """
        found = self.fetched.get((address, columns))
        if found is None:
            found = self.folder / f"{next(self.numbers)}-{address.snapshot}-{ROWS}"
            size, read = self.vault.open_ranges(address.key(ROWS))
            copy_columns(read, size, found, columns)
            self.fetched[address, columns] = found
        return found

    def listing(self, manifest: Manifest, columns: Mapping[RowKind, frozenset[str]]) -> Listing:
        """Return the rows of *manifest*; those that they point to are fetched when they are needed."""
        wanted = columns[row_kind(manifest.series)]
        holders = _Holders(self, manifest.address.volume, manifest.reads, wanted)
        return Listing(rows=self.rows(manifest.address, wanted), holders=holders, snapshot=manifest.snapshot)

    def keep(self, *volumes: VolumeAddress) -> None:
        """Remove what is of no volume of *volumes*."""
        for name in [name for name in self.fetched if name[0].volume not in volumes]:
            self.fetched.pop(name).unlink()


class _Holders(Mapping[str, Path]):
    """The snapshots that a snapshot reads, each fetched when it is asked for."""

    def __init__(
        self, shelf: Shelf, volume: VolumeAddress, reads: tuple[SnapshotId, ...], columns: frozenset[str]
    ) -> None:
        self._shelf, self._volume, self._reads, self._columns = shelf, volume, reads, columns

    def __getitem__(self, snapshot: str) -> Path:
        if snapshot not in self._reads:
            raise KeyError(snapshot)
        return self._shelf.rows(SnapshotAddress(self._volume, SnapshotId(snapshot)), self._columns)

    def __contains__(self, snapshot: object) -> bool:
        return snapshot in self._reads

    def __iter__(self) -> Iterator[str]:
        return iter(self._reads)

    def __len__(self) -> int:
        return len(self._reads)


@contextmanager
def open_shelf(place: Workplace) -> Iterator[Shelf]:
    """Lend a shelf in a private folder, which is cleared away."""
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="changes-", dir=place.settings.scratch) as folder:
        yield Shelf(place.vault, Path(folder))


def list_differences(shelf: Shelf, pair: Pair) -> Iterator[RowDifference]:
    """Yield which rows differ between the two of *pair*, by id; the contents are not fetched.

    Raises:
        ParseError: a rows file cannot be read.
        CustodyError: it cannot be fetched.
    """
    before, after = _open(shelf, pair, COMPARED)
    return compare_rows(
        before.rows,
        before.holders,
        after.rows,
        after.holders,
        kind=row_kind(pair.after.series),
        scratch=shelf.folder,
        before_snapshot=before.snapshot,
    )


def list_row_changes(shelf: Shelf, pair: Pair, *, only: str | None = None) -> Iterator[RowChange]:
    """Yield the rows that differ between the two of *pair*, by id, with what they said; as `list_differences`."""
    before, after = _open(shelf, pair, TOLD)
    return read_changes(before, after, kind=row_kind(pair.after.series), scratch=shelf.folder, only=only)


def list_counters(shelf: Shelf, pair: Pair) -> Iterator[CountersMoved]:
    """Yield the items of *pair* whose counters differ, by id; as `list_differences`. Subscribers have none."""
    if row_kind(pair.after.series) is not RowKind.ITEMS:
        return
    files = [shelf.rows(manifest.address, COUNTED) for manifest in (pair.before, pair.after)]
    yield from compare_counters(files[0], files[1], scratch=shelf.folder)


def read_item(shelf: Shelf, manifest: Manifest, item_id: str) -> Mapping[str, object] | None:
    """Return what the row of *item_id* said in the snapshot of *manifest*, or None when it lists none."""
    listing = shelf.listing(manifest, TOLD)
    return read_full_row(listing, item_id, kind=row_kind(manifest.series), scratch=shelf.folder)


def _open(shelf: Shelf, pair: Pair, columns: Mapping[RowKind, frozenset[str]]) -> tuple[Listing, Listing]:
    shelf.keep(pair.before.address.volume, pair.after.address.volume)
    return shelf.listing(pair.before, columns), shelf.listing(pair.after, columns)
