"""The pages of a snapshot, with the bodies that other snapshots of its volume hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from muniment.custody.vault import Vault
from muniment.evidence.layout import PAGES, SnapshotAddress, VolumeAddress
from muniment.parsing.context import REFERENCE_PURPOSES, ParseContext
from muniment.parsing.platforms import PARSERS
from muniment.records.names import SnapshotId
from muniment.records.page import Page, Purpose
from muniment.records.rows import ItemKind, ItemRow
from muniment.records.series import OFFICIAL_POSTS
from muniment.tables.held_bodies import HeldBodies
from muniment.tables.pages_file import FetchBody, read_pages
from muniment.workflows.orders import Order
from muniment.workflows.wiring import Workplace

_BESIDE = REFERENCE_PURPOSES | {Purpose.HISTORY}


@contextmanager
def open_bodies(vault: Vault, volume: VolumeAddress, folder: Path) -> Iterator[FetchBody]:
    """Lend a function that finds a body by the snapshot of *volume* that holds it and its hash.

    The pages of a holder are downloaded into *folder* when they are first needed.
    """
    with ExitStack() as stack:
        holders: dict[str, HeldBodies] = {}

        def fetch_body(snapshot: str, digest: bytes) -> bytes:
            if snapshot not in holders:
                path = folder / f"{snapshot}-pages.parquet"
                vault.download(SnapshotAddress(volume, SnapshotId(snapshot)).key(PAGES), path)
                holders[snapshot] = stack.enter_context(HeldBodies(path))
            return holders[snapshot].find(digest)

        yield fetch_body


def read_context(place: Workplace, order: Order, pages: Path, fetch_body: FetchBody) -> ParseContext:
    """Read the small pages of the file *pages* that a parser needs beside the page in its hand."""
    beside = [page for page in read_pages(pages, fetch_body, purposes=_BESIDE) if isinstance(page, Page)]
    return ParseContext(
        account=place.account(order.account),
        series=order.series,
        reference={page.purpose: page for page in beside if page.purpose in REFERENCE_PURPOSES},
        history={page.subject: page for page in beside if page.purpose is Purpose.HISTORY and page.subject},
    )


def read_profile_or_none(place: Workplace, order: Order, pages: Path, folder: Path) -> ItemRow | None:
    """Read the account's own profile from the file *pages*, or None when the platform shows none."""
    with open_bodies(place.vault, place.address(order).volume, folder) as fetch_body:
        context = read_context(place, order, pages, fetch_body)
        page = context.reference.get(Purpose.ACCOUNT)
        if page is None:
            return None
        parser = PARSERS[context.account.platform, OFFICIAL_POSTS]
        rows = parser(page, replace(context, series=OFFICIAL_POSTS)).rows
    return next((row for row in rows if isinstance(row, ItemRow) and row.kind is ItemKind.PROFILE), None)
