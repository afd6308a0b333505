"""Order the capture of an agency's watched pages, and take them one after the other where no Airflow does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from muniment.errors import ConfigurationError
from muniment.evidence.manifest import Manifest
from muniment.records.names import AccountId
from muniment.records.series import POLICIES
from muniment.records.watched_pages import watched_pages
from muniment.workflows.orders import Order, new_order
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.snapshot import Json, despite_rivals, resume_orders
from muniment.workflows.take_pages import LATEST, take_pages
from muniment.workflows.take_rows import take_rows
from muniment.workflows.wiring import Workplace, open_workplace


def plan_pages(agency_id: str, pages: Collection[str], *, run_id: str, taken_at: str) -> list[Json]:
    """Order each watched page, or those chosen, after what an earlier run left unfinished.

    Raises:
        ConfigurationError: *taken_at* is no aware time, the agency is not in service, or a page is
            chosen that it does not have watched.
        StoreUnavailableError: the store did not answer.
    """
    moment = datetime.fromisoformat(taken_at)
    if moment.tzinfo is None:
        raise ConfigurationError(f"taken_at: expected an aware time, found {taken_at}")
    orders = order_pages(open_workplace(agency_id), pages, run_id=run_id, taken_at=moment)
    return [order.to_json() for order in orders]


def order_pages(place: Workplace, pages: Collection[str], *, run_id: str, taken_at: datetime) -> list[Order]:
    """Order the pages of *place* as `plan_pages` does; one that begins a day late is ordered for now.

    Raises:
        ConfigurationError: the agency is not in service, or does not have a chosen page watched.
        StoreUnavailableError: the store did not answer.
    """
    if not place.agency.in_service:
        raise ConfigurationError(f"agency {place.agency.id}: expected in_service: true in agency.yaml, found false")
    present = place.clock()
    moment = present if present - taken_at > LATEST else taken_at
    accounts = _choose(place, set(pages))
    orders = [new_order(place.agency.id, account, POLICIES, run_id=run_id, taken_at=moment) for account in accounts]
    own = {order.snapshot for order in orders}
    begun = [
        left
        for account in accounts
        for left in resume_orders(place, account, POLICIES, run_id=run_id, taken_at=moment)
        if left.snapshot not in own
    ]
    return [*begun, *orders]


def take_page(place: Workplace, order: Order) -> Manifest:
    """Capture, read and seal the page of *order*; what an earlier try did is found.

    Raises:
        CaptureError: the page's server failed, or a field has no ground on which it may be kept.
        CustodyError: the store did not keep what it was given.
    """
    despite_rivals(take_pages, place, order)
    despite_rivals(take_rows, place, order)
    manifest = despite_rivals(seal_snapshot, place, order)
    if manifest is None:
        raise AssertionError(f"{order.snapshot}: parsed, and yet it has no rows")
    return manifest


def _choose(place: Workplace, chosen: set[str]) -> list[AccountId]:
    known = [page.id for page in watched_pages(place.agency)]
    strange = sorted(chosen - set(known))
    if strange:
        raise ConfigurationError(f"page: expected some of {', '.join(known) or 'none'}; found {', '.join(strange)}")
    return [AccountId(name) for name in known if not chosen or name in chosen]
