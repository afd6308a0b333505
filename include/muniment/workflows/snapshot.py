"""The snapshot workflow as tasks call it: ids and small JSON in, ids and counts out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from muniment.catalog.summaries import summarize_manifest
from muniment.errors import AlreadySealedError, ConfigurationError
from muniment.evidence.layout import snapshot_stamp
from muniment.evidence.manifest import Manifest
from muniment.records.names import AccountId, SeriesId
from muniment.workflows.history import find_unfinished, list_volumes
from muniment.workflows.orders import Order, read_order, resume_order
from muniment.workflows.planning import plan_orders
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.take_pages import LATEST, take_pages
from muniment.workflows.take_rows import take_rows
from muniment.workflows.wiring import Workplace, open_workplace

Json = dict[str, Any]
Done = TypeVar("Done")

_RESUMED = 8  # unfinished snapshots of one account and series that one run takes on, the latest
_RIVALS = 2  # tries more when another run was first to seal: what it sealed is then found


def plan_captures(
    agency_id: str, accounts: Collection[str], series: Collection[str], *, run_id: str, taken_at: str
) -> list[Json]:
    """Order each active account and series, or those chosen, and what an earlier run left unfinished: see `order_run`.

    Raises:
        ConfigurationError: *taken_at* is no aware time, or an account or series is chosen that
            the register does not have active.
        StoreUnavailableError: the store did not answer.
    """
    moment = datetime.fromisoformat(taken_at)
    if moment.tzinfo is None:
        raise ConfigurationError(f"taken_at: expected an aware time, found {taken_at}")
    orders = order_run(open_workplace(agency_id), accounts, series, run_id=run_id, taken_at=moment)
    return [order.to_json() for order in orders]


def order_run(
    place: Workplace, accounts: Collection[str], series: Collection[str], *, run_id: str, taken_at: datetime
) -> list[Order]:
    """Order each active account and series, or those chosen, after what an earlier run left unfinished.

    A run that begins later than its captures may be has them ordered for now.

    Raises:
        ConfigurationError: an account or series is chosen that the register does not have active.
        StoreUnavailableError: the store did not answer.
    """
    present = place.clock()
    moment = present if present - taken_at > LATEST else taken_at
    orders = plan_orders(place.agency, accounts=accounts, series=series, run_id=run_id, taken_at=moment)
    pairs = [(order.account, order.series) for order in orders]
    if not accounts and not series:
        # Also an account that is no longer captured has what was begun of it finished.
        pairs = [(account.id, item) for account in place.agency.accounts for item in account.series]
    own = {order.snapshot for order in orders}
    begun = [left for pair in pairs for left in resume_orders(place, *pair, run_id=run_id, taken_at=moment)]
    return [*(left for left in begun if left.snapshot not in own), *orders]


def resume_orders(
    place: Workplace, account: AccountId, series: SeriesId, *, run_id: str, taken_at: datetime
) -> list[Order]:
    """Order the rest of each snapshot that was begun by *taken_at* (aware) and not sealed, earliest first.

    The latest volume and the one before it are looked through, for a run may begin in one month
    and break off in the next; what is older is a finding of verification.
    """
    stamp = snapshot_stamp(taken_at)
    volumes = list_volumes(place.vault, series, account)[:2]
    begun = [left for volume in reversed(volumes) for left in find_unfinished(place.vault, volume)]
    earlier = [left for left in begun if left.snapshot[: len(stamp)] <= stamp][-_RESUMED:]
    orders = [resume_order(place.agency.id, account, series, run_id=run_id, snapshot=left.snapshot) for left in earlier]
    # One begun under another cutoff rule than today's would be looked for in another volume.
    return [order for order, left in zip(orders, earlier, strict=True) if place.address(order) == left]


def capture(order: Json) -> Json:
    """Seal the pages of *order*; see `take_pages`."""
    wanted = read_order(order)
    sealed = despite_rivals(take_pages, open_workplace(wanted.agency), wanted)
    return {"snapshot": wanted.snapshot, "sealed_now": sealed}


def parse(order: Json) -> Json:
    """Seal the rows and media of *order*; see `take_rows`."""
    wanted = read_order(order)
    sealed = despite_rivals(take_rows, open_workplace(wanted.agency), wanted)
    return {"snapshot": wanted.snapshot, "sealed_now": sealed}


def seal(order: Json) -> Json | None:
    """Judge and seal the snapshot of *order* and summarize it; None when it has no rows: see `seal_snapshot`."""
    wanted = read_order(order)
    manifest = despite_rivals(seal_snapshot, open_workplace(wanted.agency), wanted)
    return None if manifest is None else summarize(manifest)


def despite_rivals(step: Callable[[Workplace, Order], Done], place: Workplace, order: Order) -> Done:
    """Take *step* again when somebody else was first to seal what it makes: it then finds that.

    A person's capture may finish what a scheduled run has in hand, or the other way round.

    Raises:
        AlreadySealedError: what is sealed is still not what the step can find.
    """
    for _ in range(_RIVALS):
        with suppress(AlreadySealedError):
            return step(place, order)
    return step(place, order)


def summarize(manifest: Manifest) -> Json:
    """Return what a table, a notice or an asset event says of a snapshot: ids, counts, codes, dates."""
    return summarize_manifest(manifest).to_json()
