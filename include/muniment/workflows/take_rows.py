"""Parse: read the sealed pages into typed rows, take the media that they show, seal both."""

from __future__ import annotations

from pathlib import Path

from muniment.evidence.layout import PAGES, ROWS, SnapshotAddress
from muniment.evidence.manifest import Manifest
from muniment.records.names import SnapshotId
from muniment.records.rows import MediaRef
from muniment.records.series import row_kind
from muniment.tables.page_shares import split_pages
from muniment.tables.sealed_rows import Basis, seal_rows
from muniment.workflows.held_pages import fetch_holders
from muniment.workflows.history import find_basis
from muniment.workflows.orders import Order
from muniment.workflows.parse_workers import count_workers, stage_in_workers
from muniment.workflows.staging import Reading, open_reading
from muniment.workflows.take_media import take_media
from muniment.workflows.take_pages import PARQUET
from muniment.workflows.wiring import Workplace


def take_rows(place: Workplace, order: Order) -> bool:
    """Seal the rows and media of *order*; return False when an earlier try of the run has done so.

    Raises:
        ObjectMissingError: the order's pages are not sealed.
        CustodyError: the store did not keep what it was given.
    """
    address = place.address(order)
    if place.vault.find(address.key(ROWS)) is not None:
        return False
    with place.scratch(order) as folder:
        pages, staging, rows = folder / PAGES, folder / "staging.parquet", folder / ROWS
        place.vault.download(address.key(PAGES), pages)
        found = find_basis(place.vault, address)
        media = _stage(place, order, pages, staging, commits=found is None)
        basis = _fetch_basis(place, address, folder, found)
        take_media(place, order, media, basis, folder)
        seal_rows(staging, rows, kind=row_kind(order.series), basis=basis)
        place.vault.seal_file(address.key(ROWS), rows, lock_until=place.locked_until(order), content_type=PARQUET)
    return True


def _stage(place: Workplace, order: Order, pages: Path, staging: Path, *, commits: bool) -> dict[str, MediaRef]:
    holders = fetch_holders(place.vault, place.address(order).volume, pages)
    account = place.account(order.account)
    reading = Reading(account=account, series=order.series, pages=pages, holders=holders, commits=commits)
    parsing = place.settings.parsing
    shares = split_pages(pages, share_bytes=parsing.share_bytes)
    workers = count_workers(len(shares), parsing.workers)
    if workers > 1:
        return stage_in_workers(reading, staging, shares=shares, workers=workers)
    with open_reading(reading) as stage:
        return stage(staging, None)


def _fetch_basis(place: Workplace, address: SnapshotAddress, folder: Path, manifest: Manifest | None) -> Basis | None:
    if manifest is None:
        return None
    paths: dict[str, Path] = {}
    for snapshot in (manifest.snapshot, *manifest.reads):
        holder = SnapshotAddress(address.volume, SnapshotId(snapshot))
        paths[snapshot] = folder / f"{snapshot}-rows.parquet"
        place.vault.download(holder.key(ROWS), paths[snapshot])
    rows = paths.pop(manifest.snapshot)
    return Basis(snapshot=manifest.snapshot, rows=rows, holders=paths)
