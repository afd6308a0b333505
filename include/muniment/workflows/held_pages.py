"""The pages of a snapshot, with the bodies that other snapshots of its volume hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from muniment.custody.vault import Vault
from muniment.evidence.layout import PAGES, SnapshotAddress, VolumeAddress
from muniment.parsing.platforms import PARSERS
from muniment.records.names import SnapshotId
from muniment.records.page import Purpose
from muniment.records.rows import ItemKind, ItemRow
from muniment.records.series import OFFICIAL_POSTS
from muniment.tables.page_shares import list_holders
from muniment.tables.pages_file import FetchBody
from muniment.workflows.orders import Order
from muniment.workflows.staging import open_holders, read_context
from muniment.workflows.wiring import Workplace


def fetch_holders(vault: Vault, volume: VolumeAddress, pages: Path) -> dict[str, Path]:
    """Download, beside the file *pages*, the pages of each snapshot of *volume* that holds bodies of it.

    Raises:
        ObjectMissingError: a holder has no pages.
        StoreUnavailableError: the store did not answer, or stopped half way.
    """
    holders = {snapshot: pages.with_name(f"{snapshot}-{PAGES}") for snapshot in list_holders(pages)}
    for snapshot, path in holders.items():
        vault.download(SnapshotAddress(volume, SnapshotId(snapshot)).key(PAGES), path)
    return holders


@contextmanager
def open_bodies(vault: Vault, volume: VolumeAddress, folder: Path) -> Iterator[FetchBody]:
    """Lend a function that finds a body by the snapshot of *volume* that holds it and its hash.

    The pages of a holder are downloaded into *folder* when they are first needed.
    """

    def fetch(snapshot: str) -> Path:
        path = folder / f"{snapshot}-{PAGES}"
        vault.download(SnapshotAddress(volume, SnapshotId(snapshot)).key(PAGES), path)
        return path

    with open_holders(fetch) as fetch_body:
        yield fetch_body


def read_profile_or_none(place: Workplace, order: Order, pages: Path, folder: Path) -> ItemRow | None:
    """Read the account's own profile from the file *pages*, or None when the platform shows none."""
    account = place.account(order.account)
    with open_bodies(place.vault, place.address(order).volume, folder) as fetch_body:
        context = read_context(account, order.series, pages, fetch_body)
        page = context.reference.get(Purpose.ACCOUNT)
        if page is None:
            return None
        parser = PARSERS[context.account.platform, OFFICIAL_POSTS]
        rows = parser(page, replace(context, series=OFFICIAL_POSTS)).rows
    return next((row for row in rows if isinstance(row, ItemRow) and row.kind is ItemKind.PROFILE), None)
