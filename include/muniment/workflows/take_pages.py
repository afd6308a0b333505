"""Capture: ask the platform, and seal what it answered before anything reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

from muniment.custody.digests import RunningDigests
from muniment.custody.store_checks import check_store_passed
from muniment.errors import BasisMissingError, TooLateError
from muniment.evidence.layout import PAGES, SnapshotAddress
from muniment.policy.bases import find_lacking, needed_fields
from muniment.records.agency import Account
from muniment.records.names import SeriesId
from muniment.records.page import Gap, Page
from muniment.tables.ahead import read_ahead
from muniment.tables.pages_file import PagesWriter
from muniment.tables.pages_summary import read_body_index
from muniment.workflows.connectors import ask_platform
from muniment.workflows.history import read_volume_manifests
from muniment.workflows.orders import Order
from muniment.workflows.wiring import Workplace

LATEST = timedelta(days=1)  # what a platform shows later is no record of the order's day
PARQUET = "application/vnd.apache.parquet"


Ask = Callable[[], Iterator[Page | Gap]]


def take_pages(place: Workplace, order: Order, *, ask: Ask | None = None) -> bool:
    """Seal the pages of *order*; return False when an earlier try of the run has done so.

    *ask* yields them where they are not what a connector captures of the series.

    Raises:
        TooLateError: the order is older than a day.
        BasisMissingError: the agency names no ground on which a field of the series may be kept;
            the platform was not asked.
        CaptureError: the platform could not be captured; nothing is sealed.
        CustodyError: the store did not keep what it was given.
    """
    address = place.address(order)
    if place.vault.find(address.key(PAGES)) is not None:
        return False
    _check_in_time(place, order)
    account = place.account(order.account)
    _check_grounds(place, account, order.series)
    check_store_passed(place.vault)
    ask = ask or partial(ask_platform, place, account, order.series)
    with place.scratch(order) as folder:
        path, running, known = folder / PAGES, RunningDigests(), _known_bodies(place, address, folder)
        with PagesWriter(path, known_bodies=known, watch=running.update) as writer:
            for found in read_ahead(ask()):
                if isinstance(found, Page):
                    writer.add(found)
                else:
                    writer.add_gap(found)
        place.vault.seal_file(
            address.key(PAGES),
            path,
            lock_until=place.locked_until(order),
            content_type=PARQUET,
            digests=running.result(),
        )
    return True


def _check_in_time(place: Workplace, order: Order) -> None:
    # The order's day gives the snapshot its name, its volume and so its lock.
    late = place.clock() - order.taken_at
    if late > LATEST:
        raise TooLateError(f"{order.snapshot}: expected to be captured within {LATEST} of its time, found {late} past")


def _check_grounds(place: Workplace, account: Account, series: SeriesId) -> None:
    policy = place.agency.policy
    if policy is None:
        raise BasisMissingError(
            f"{account.platform} {series}: expected a basis register (bases in policy.yaml of agency "
            f"{place.agency.id}) for {', '.join(needed_fields(series))}, found none"
        )
    lacking = find_lacking(policy.bases, account.platform, series)
    if lacking:
        raise BasisMissingError("; ".join(map(str, lacking)))


def _known_bodies(place: Workplace, address: SnapshotAddress, folder: Path) -> Mapping[bytes, str]:
    latest = next(read_volume_manifests(place.vault, address.volume, before=address.snapshot), None)
    if latest is None:
        return {}
    path = folder / "latest-pages.parquet"
    place.vault.download(latest.address.key(PAGES), path)
    return read_body_index(path, latest.snapshot)
