"""What earlier runs of probes concluded: the latest row of each item."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from muniment.evidence.layout import ROWS, is_manifest_key, parse_record_key, snapshot_stamp, taken_at_of
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.records.names import AccountId, SeriesId, SnapshotId, parse_instant
from muniment.records.rows import RemovalRow
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, REMOVED_CONTENT
from muniment.tables.removal_rows import read_removals
from muniment.workflows.history import list_volumes
from muniment.workflows.wiring import Workplace

LISTED = (OFFICIAL_POSTS, PUBLIC_COMMENTS)  # whose items can be asked for; persons are not
_UNSEALED = timedelta(days=2)  # for which a capture that broke off may lie before a run ends it


def list_runs(
    place: Workplace, account: AccountId, *, before: SnapshotId | None = None, since: datetime | None = None
) -> Iterator[Manifest]:
    """Yield the sealed runs of probes of *account*, latest first: before the run *before*, taken from *since* on.

    Raises:
        ManifestError: a manifest is not of its specified form.
        StoreUnavailableError: the store did not answer.
    """
    for volume in list_volumes(place.vault, REMOVED_CONTENT, account):
        keys = sorted(filter(is_manifest_key, place.vault.list_keys(f"{volume.prefix}snapshot=")), reverse=True)
        for key in keys:
            snapshot = parse_record_key(key)[1]
            if snapshot is None or (before is not None and snapshot >= before):
                continue
            if since is not None and snapshot < snapshot_stamp(since):
                return
            yield parse_manifest(place.vault.read(key))


def read_run(place: Workplace, run: Manifest, folder: Path) -> Iterator[RemovalRow]:
    """Yield the rows of *run*, fetched into *folder*.

    Raises:
        ParseError: they cannot be read.
        StoreUnavailableError: the store did not answer.
    """
    path = folder / f"{run.snapshot}-{ROWS}"
    if not path.exists():
        place.vault.download(run.address.key(ROWS), path)
    yield from read_removals(path)


def read_conclusions(
    place: Workplace, account: AccountId, folder: Path, *, before: SnapshotId
) -> dict[str, tuple[RemovalRow, SnapshotId]]:
    """Return, by item, the latest row that runs before *before* sealed, and the run.

    Raises:
        ParseError: a run's rows cannot be read.
    """
    found: dict[str, tuple[RemovalRow, SnapshotId]] = {}
    for run in list_runs(place, account, before=before):
        for row in read_run(place, run, folder):
            found.setdefault(row.item_id, (row, run.snapshot))
    return found


def find_latest_listing(place: Workplace, account: AccountId, series: SeriesId, at: datetime) -> Manifest | None:
    """Return the latest accepted snapshot of *series* taken by *at* (aware), or None."""
    return next(_list_accepted(place, account, series, at), None)


def find_unread(place: Workplace, run: Manifest) -> datetime:
    """Return from when on listings are to be gone through that *run* of probes did not know.

    That is its own instant, or that of an earlier listing which was sealed only after it: one that
    broke off and was ended by a later run.
    """
    at = taken_at_of(run.snapshot)
    since = at
    for series in LISTED:
        for listing in _list_accepted(place, run.account, series, at):
            taken_at = taken_at_of(listing.snapshot)
            if taken_at < at - _UNSEALED:
                break
            if parse_instant(listing.sealed_at) >= at:
                since = min(since, taken_at)
    return since


def _list_accepted(place: Workplace, account: AccountId, series: SeriesId, at: datetime) -> Iterator[Manifest]:
    """Yield the accepted snapshots of *series* taken by *at*, latest first."""
    stamp = snapshot_stamp(at)
    for volume in list_volumes(place.vault, series, account):
        keys = sorted(filter(is_manifest_key, place.vault.list_keys(f"{volume.prefix}snapshot=")), reverse=True)
        for key in keys:
            snapshot = parse_record_key(key)[1]
            if snapshot is not None and snapshot[: len(stamp)] <= stamp:
                manifest = parse_manifest(place.vault.read(key))
                if manifest.verdict.outcome == "accepted":
                    yield manifest
