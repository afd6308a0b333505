"""Capture: ask the platform, and seal what it answered before anything reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from muniment.custody.store_checks import check_store_passed
from muniment.evidence.layout import PAGES, SnapshotAddress
from muniment.records.page import Page
from muniment.tables.ahead import read_ahead
from muniment.tables.pages_file import PagesWriter, read_body_index
from muniment.workflows.connectors import ask_platform
from muniment.workflows.history import read_volume_manifests
from muniment.workflows.orders import Order
from muniment.workflows.wiring import Workplace

PARQUET = "application/vnd.apache.parquet"


def take_pages(place: Workplace, order: Order) -> bool:
    """Seal the pages of *order*; return False when an earlier try of the run has done so.

    Raises:
        CaptureError: the platform could not be captured; nothing is sealed.
        CustodyError: the store did not keep what it was given.
    """
    address = place.address(order)
    if place.vault.find(address.key(PAGES)) is not None:
        return False
    check_store_passed(place.vault)
    with place.scratch(order) as folder:
        path = folder / PAGES
        with PagesWriter(path, known_bodies=_known_bodies(place, address, folder)) as writer:
            for found in read_ahead(ask_platform(place, place.account(order.account), order.series)):
                if isinstance(found, Page):
                    writer.add(found)
                else:
                    writer.add_gap(found)
        place.vault.seal_file(address.key(PAGES), path, lock_until=place.locked_until(order), content_type=PARQUET)
    return True


def _known_bodies(place: Workplace, address: SnapshotAddress, folder: Path) -> Mapping[bytes, str]:
    latest = next(read_volume_manifests(place.vault, address.volume, before=address.snapshot), None)
    if latest is None:
        return {}
    path = folder / "latest-pages.parquet"
    place.vault.download(latest.address.key(PAGES), path)
    return read_body_index(path, latest.snapshot)
