"""What earlier runs of probes concluded: the latest row of each item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from muniment.custody.reading import download_each
from muniment.custody.versions import StoredVersion
from muniment.errors import ObjectMissingError
from muniment.evidence.layout import (
    ROWS,
    SNAPSHOT_PREFIX,
    SnapshotAddress,
    is_manifest_key,
    snapshot_stamp,
    taken_at_of,
)
from muniment.evidence.manifest import Manifest
from muniment.records.names import AccountId, SeriesId, SnapshotId, parse_instant
from muniment.records.rows import RemovalRow
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, REMOVED_CONTENT
from muniment.tables.removal_rows import read_removals
from muniment.workflows.history import list_volumes, read_volume_manifests
from muniment.workflows.wiring import Workplace

LISTED = (OFFICIAL_POSTS, PUBLIC_COMMENTS)  # whose items can be asked for; persons are not
_TICK = timedelta(microseconds=1)
_UNSEALED = timedelta(days=2)  # for which a capture that broke off may lie before a run ends it


@dataclass(frozen=True, slots=True)
class Run:
    """A sealed run of probes, and the record of its rows."""

    address: SnapshotAddress
    rows: StoredVersion

    @property
    def snapshot(self) -> SnapshotId:
        """Return the run's own name."""
        return self.address.snapshot


def list_runs(
    place: Workplace, account: AccountId, *, before: SnapshotId | None = None, since: datetime | None = None
) -> Iterator[Run]:
    """Yield the sealed runs of probes of *account*, latest first: before the run *before*, taken from *since* on.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    for volume in list_volumes(place.vault, REMOVED_CONTENT, account):
        records = {one.key: one for one in place.vault.list_objects(f"{volume.prefix}{SNAPSHOT_PREFIX}")}
        for key in sorted(filter(is_manifest_key, records), reverse=True):
            address = SnapshotAddress(volume, _run_of(key))
            if before is not None and address.snapshot >= before:
                continue
            if since is not None and address.snapshot < snapshot_stamp(since):
                return
            rows = records.get(address.key(ROWS))
            if rows is None:
                raise ObjectMissingError(f"{address.key(ROWS)}: expected the rows of a sealed run, found no object")
            yield Run(address, rows)


def read_runs(place: Workplace, runs: Iterable[Run], folder: Path) -> Iterator[tuple[RemovalRow, SnapshotId]]:
    """Yield each row of *runs*, run by run, with the run; *folder* holds those that are being read.

    Raises:
        ParseError: a run's rows cannot be read.
        StoreUnavailableError: the store did not answer.
    """
    for key, path in download_each(place.vault, (run.rows for run in runs), folder):
        for row in read_removals(path):
            yield row, _run_of(key)
        path.unlink()


def _run_of(key: str) -> SnapshotId:
    return SnapshotId(key.split("/")[-2].removeprefix(SNAPSHOT_PREFIX))


def read_conclusions(
    place: Workplace, account: AccountId, folder: Path, *, before: SnapshotId
) -> dict[str, tuple[RemovalRow, SnapshotId]]:
    """Return, by item, the latest row that runs before *before* sealed, and the run.

    Raises:
        ParseError: a run's rows cannot be read.
    """
    found: dict[str, tuple[RemovalRow, SnapshotId]] = {}
    for row, run in read_runs(place, list_runs(place, account, before=before), folder):
        found.setdefault(row.item_id, (row, run))
    return found


def find_latest_listing(place: Workplace, account: AccountId, series: SeriesId, at: datetime) -> Manifest | None:
    """Return the latest accepted snapshot of *series* taken by *at* (aware), or None."""
    return next(_list_accepted(place, account, series, at), None)


def find_unread(place: Workplace, run: SnapshotAddress) -> datetime:
    """Return from when on listings are to be gone through that the run of probes at *run* did not know.

    That is its own instant, or that of an earlier listing which was sealed only after it: one that
    broke off and was ended by a later run.
    """
    at = taken_at_of(run.snapshot)
    since = at
    for series in LISTED:
        for listing in _list_accepted(place, run.volume.account, series, at):
            taken_at = taken_at_of(listing.snapshot)
            if taken_at < at - _UNSEALED:
                break
            if parse_instant(listing.sealed_at) >= at:
                since = min(since, taken_at)
    return since


def _list_accepted(place: Workplace, account: AccountId, series: SeriesId, at: datetime) -> Iterator[Manifest]:
    """Yield the accepted snapshots of *series* taken by *at*, latest first."""
    after = SnapshotId(snapshot_stamp(at + _TICK))
    for volume in list_volumes(place.vault, series, account):
        for manifest in read_volume_manifests(place.vault, volume, before=after):
            if manifest.verdict.outcome == "accepted":
                yield manifest
