"""Retrieve: list what was captured, and hand a day's snapshot over in a folder that verifies on its own."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from muniment.catalog.summaries import Summary, read_summaries, summarize_manifest
from muniment.errors import CatalogError, ConfigurationError, ObjectMissingError
from muniment.evidence.layout import (
    MANIFEST,
    MEDIA,
    ROWS,
    SNAPSHOT_EXAMPLE,
    SnapshotAddress,
    VolumeAddress,
    is_snapshot,
)
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.records.names import AccountId, SeriesId, SnapshotId, parse_instant
from muniment.records.series import row_kind
from muniment.tables.current_rows import export_rows
from muniment.tables.media_file import read_media
from muniment.workflows.handover_note import write_note
from muniment.workflows.handover_proofs import write_proofs
from muniment.workflows.history import (
    list_pairs,
    list_snapshots,
    list_volumes,
    read_manifest_or_none,
    read_manifests,
)
from muniment.workflows.wiring import Workplace, open_catalog

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handover:
    """A folder that was handed over: the snapshot, its rows and the folder's objects."""

    manifest: Manifest
    rows: int
    objects: int
    folder: Path


def list_manifests(place: Workplace, *, account: str | None, series: str | None) -> Iterator[Manifest]:
    """Yield the sealed snapshots of the agency, latest first within each account and series.

    What a vault holds is listed also when the register no longer names the account.

    Raises:
        ConfigurationError: neither register nor vault has such an account or series.
    """
    for account_id, name in _choose(place, account, series):
        for volume in list_volumes(place.vault, name, account_id):
            for _, body in read_manifests(place.vault, list_snapshots(place.vault, volume)):
                yield parse_manifest(body)


def list_summaries(place: Workplace, *, account: str | None, series: str | None) -> Iterator[Summary]:
    """Yield what a list says of each snapshot that `list_manifests` yields, in its order.

    Which snapshots there are is asked of the bucket. What the catalog says of one saves the
    reading of its manifest; where there is no catalog, the manifest is read.

    Raises:
        ConfigurationError: neither register nor vault has such an account or series.
    """
    pairs = _choose(place, account, series)
    filed = _read_filed(place, account, series)
    for account_id, name in pairs:
        for volume in list_volumes(place.vault, name, account_id):
            addresses = list_snapshots(place.vault, volume)
            bodies = read_manifests(place.vault, [address for address in addresses if address not in filed])
            read = {address: summarize_manifest(parse_manifest(body)) for address, body in bodies}
            found = (filed.get(address) or read.get(address) for address in addresses)
            yield from (summary for summary in found if summary is not None)


def _read_filed(place: Workplace, account: str | None, series: str | None) -> dict[SnapshotAddress, Summary]:
    if not place.settings.catalog_file.is_file():
        return {}
    try:
        return read_summaries(open_catalog(place.settings), place.agency.id, account=account, series=series)
    except (CatalogError, ConfigurationError) as error:
        _log.warning("%s; the bucket is read instead", error)
        return {}


def _choose(place: Workplace, account: str | None, series: str | None) -> list[tuple[AccountId, SeriesId]]:
    named = [(item.id, name) for item in place.agency.accounts for name in item.series]
    pairs = list(dict.fromkeys((*named, *list_pairs(place.vault))))
    _check_known("account", account, [account_id for account_id, _ in pairs])
    mine = [pair for pair in pairs if account in (None, pair[0])]
    _check_known("series", series, [name for _, name in mine])
    return [pair for pair in mine if series in (None, pair[1])]


def _check_known(what: str, chosen: str | None, known: Iterable[str]) -> None:
    names = sorted(set(known))
    if chosen is not None and chosen not in names:
        raise ConfigurationError(f"{what}: expected one of {', '.join(names)}; found {chosen!r}")


def find_of_day(place: Workplace, *, account: str, series: str, day: date) -> Manifest:
    """Return the day's last accepted snapshot, or its last quarantined one when none was accepted.

    *day* is a date in the agency's zone.

    Raises:
        ConfigurationError: nothing was captured on that day; the message names the nearest days.
    """
    manifests = list(list_manifests(place, account=account, series=series))
    of_day = [manifest for manifest in manifests if day_of(manifest) == day]
    if not of_day:
        days = sorted({day_of(manifest) for manifest in manifests})
        before = max((item for item in days if item < day), default=None)
        after = min((item for item in days if item > day), default=None)
        raise ConfigurationError(
            f"{account} {series}: expected a snapshot of {day}, found none; "
            f"the nearest before is {before or 'none'}, the nearest after is {after or 'none'}"
        )
    accepted = [manifest for manifest in of_day if manifest.verdict.outcome == "accepted"]
    return max(accepted or of_day, key=lambda manifest: manifest.snapshot)


def find_by_id(place: Workplace, *, account: str, series: str, snapshot: str) -> Manifest:
    """Return the manifest of *snapshot*.

    Raises:
        ConfigurationError: the account and series have no such sealed snapshot.
    """
    if not is_snapshot(snapshot):
        raise ConfigurationError(f"snapshot: expected an id as {SNAPSHOT_EXAMPLE}, found {snapshot!r}")
    ((account_id, name),) = _choose(place, account, series)
    for volume in list_volumes(place.vault, name, account_id):
        manifest = read_manifest_or_none(place.vault, SnapshotAddress(volume, SnapshotId(snapshot)))
        if manifest is not None:
            return manifest
    raise ConfigurationError(f"{account} {series}: expected a sealed snapshot {snapshot}, found none")


def hand_over(place: Workplace, manifest: Manifest, folder: Path) -> Handover:
    """Write the snapshot, and every snapshot of its volume that it needs, into the new *folder*.

    Objects stand under their keys, so that the folder verifies on its own; beside them the rows
    in full as CSV and Parquet, the media's list, and a note in plain words.

    Raises:
        ConfigurationError: *folder* exists and is not empty.
        ParseError: the rows cannot be put together.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigurationError(f"{folder}: expected a new or empty folder, found files in it")
    needed = _closure(place, manifest)
    keys = sorted({key for item in needed for key in (*(o.key for o in item.objects), item.address.key(MANIFEST))})
    for key in keys:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        place.vault.download(key, path)
    holders: dict[str, Path] = {
        item.snapshot: folder / item.address.key(ROWS) for item in needed if item is not manifest
    }
    rows = export_rows(
        folder / manifest.address.key(ROWS),
        holders,
        kind=row_kind(manifest.series),
        zone=manifest.zone,
        out_parquet=folder / "rows.parquet",
        out_csv=folder / "rows.csv",
    )
    write_proofs(place, needed, folder)
    media = [line for item in needed for line in _media_of(item, folder)]
    write_note(folder, manifest, rows=rows, media=media)
    return Handover(manifest, rows, len(keys), folder)


def day_of(manifest: Manifest | Summary) -> date:
    """Return the day of the capture in the agency's zone."""
    return local_time(manifest.began_at, manifest.zone).date()


def local_time(instant: str, zone: str) -> datetime:
    """Return *instant* as the agency's clocks showed it."""
    return parse_instant(instant).astimezone(ZoneInfo(zone))


def _closure(place: Workplace, manifest: Manifest) -> list[Manifest]:
    volume: VolumeAddress = manifest.address.volume
    found: dict[SnapshotId, Manifest] = {manifest.snapshot: manifest}
    waiting = list(manifest.reads)
    while waiting:
        snapshot = waiting.pop()
        if snapshot in found:
            continue
        holder = read_manifest_or_none(place.vault, SnapshotAddress(volume, snapshot))
        if holder is None:
            raise ObjectMissingError(f"snapshot {snapshot}: expected its manifest, which {manifest.snapshot} needs")
        found[snapshot] = holder
        waiting += holder.reads
    return list(found.values())


def _media_of(manifest: Manifest, folder: Path) -> list[tuple[str, str, str, str]]:
    path = folder / manifest.address.key(MEDIA)
    if not path.exists():
        return []
    return [
        (
            line.media_id,
            line.url,
            line.content_type or "",
            manifest.address.volume.media_key(line.sha256) if line.sha256 else f"not captured: {line.gap_reason}",
        )
        for line in read_media(path)
    ]
