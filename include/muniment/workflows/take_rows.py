"""Parse: read the sealed pages into typed rows, take the media that they show, seal both."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from muniment.evidence.layout import PAGES, ROWS, SnapshotAddress
from muniment.parsing.platforms import PARSERS
from muniment.records.names import SnapshotId
from muniment.records.page import Page
from muniment.records.rows import ItemRow, MediaRef, ParsedPage
from muniment.records.series import row_kind
from muniment.tables.ahead import read_ahead
from muniment.tables.pages_file import FetchBody, read_pages
from muniment.tables.rows_file import StagingWriter
from muniment.tables.sealed_rows import Basis, seal_rows
from muniment.workflows.held_pages import open_bodies, read_context
from muniment.workflows.history import find_basis
from muniment.workflows.orders import Order
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
        with open_bodies(place.vault, address.volume, folder) as fetch_body:
            media = _stage(place, order, pages, staging, fetch_body)
        basis = _fetch_basis(place, address, folder)
        take_media(place, order, media, basis, folder)
        seal_rows(staging, rows, kind=row_kind(order.series), basis=basis)
        place.vault.seal_file(address.key(ROWS), rows, lock_until=place.locked_until(order), content_type=PARQUET)
    return True


def _stage(place: Workplace, order: Order, pages: Path, staging: Path, fetch_body: FetchBody) -> dict[str, MediaRef]:
    account = place.account(order.account)
    parser = PARSERS[account.platform, order.series]
    context = read_context(place, order, pages, fetch_body)
    media: dict[str, MediaRef] = {}
    with _without_collector(), StagingWriter(staging, row_kind(order.series)) as writer:
        for page in read_ahead(read_pages(pages, fetch_body)):
            if isinstance(page, Page):
                parsed = parser(page, context)
                writer.add(parsed)
                _note_media(parsed, media)
    return media


@contextmanager
def _without_collector() -> Iterator[None]:
    # Rows hold no cycles, and looking for some in each page of them takes a fifth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _note_media(parsed: ParsedPage, media: dict[str, MediaRef]) -> None:
    for row in parsed.rows:
        if isinstance(row, ItemRow) and row.media:
            media.update((medium.media_id, medium) for medium in row.media)


def _fetch_basis(place: Workplace, address: SnapshotAddress, folder: Path) -> Basis | None:
    manifest = find_basis(place.vault, address)
    if manifest is None:
        return None
    paths: dict[str, Path] = {}
    for snapshot in (manifest.snapshot, *manifest.reads):
        holder = SnapshotAddress(address.volume, SnapshotId(snapshot))
        paths[snapshot] = folder / f"{snapshot}-rows.parquet"
        place.vault.download(holder.key(ROWS), paths[snapshot])
    rows = paths.pop(manifest.snapshot)
    return Basis(snapshot=manifest.snapshot, rows=rows, holders=paths)
