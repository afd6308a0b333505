"""The snapshot workflow as tasks call it: ids and small JSON in, ids and counts out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError
from muniment.evidence.layout import MANIFEST
from muniment.evidence.manifest import Manifest
from muniment.workflows.history import count_listed, list_snapshots
from muniment.workflows.orders import Order, read_order, resume_order
from muniment.workflows.planning import plan_orders
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.take_pages import take_pages
from muniment.workflows.take_rows import take_rows
from muniment.workflows.wiring import Workplace, open_workplace

Json = dict[str, Any]

_LOOK_BACK = 48  # snapshots of a volume that are looked at for one left unfinished


def plan_captures(
    agency_id: str, accounts: Collection[str], series: Collection[str], *, run_id: str, taken_at: str
) -> list[Json]:
    """Order each active account and series, or those chosen, and what an earlier run left unfinished.

    Raises:
        ConfigurationError: *taken_at* is no aware time, or an account or series is chosen that
            the register does not have active.
        StoreUnavailableError: the store did not answer.
    """
    moment = datetime.fromisoformat(taken_at)
    if moment.tzinfo is None:
        raise ConfigurationError(f"taken_at: expected an aware time, found {taken_at}")
    place = open_workplace(agency_id)
    orders = plan_orders(place.agency, accounts=accounts, series=series, run_id=run_id, taken_at=moment)
    unfinished = [left for order in orders for left in find_unfinished(place, order)]
    return [order.to_json() for order in (*unfinished, *orders)]


def find_unfinished(place: Workplace, order: Order) -> Iterator[Order]:
    """Yield an order for each earlier snapshot of the order's volume that was begun and not sealed."""
    address = place.address(order)
    for earlier in list_snapshots(place.vault, address.volume)[:_LOOK_BACK]:
        if earlier.snapshot < address.snapshot and not _is_sealed(place.vault, earlier.key(MANIFEST)):
            yield resume_order(
                order.agency, order.account, order.series, run_id=order.run_id, snapshot=earlier.snapshot
            )


def _is_sealed(vault: Vault, key: str) -> bool:
    return vault.find(key) is not None


def capture(order: Json) -> Json:
    """Seal the pages of *order*; see `take_pages`."""
    wanted = read_order(order)
    sealed = take_pages(open_workplace(wanted.agency), wanted)
    return {"snapshot": wanted.snapshot, "sealed_now": sealed}


def parse(order: Json) -> Json:
    """Seal the rows and media of *order*; see `take_rows`."""
    wanted = read_order(order)
    sealed = take_rows(open_workplace(wanted.agency), wanted)
    return {"snapshot": wanted.snapshot, "sealed_now": sealed}


def seal(order: Json) -> Json | None:
    """Judge and seal the snapshot of *order* and summarize it; None when it has no rows: see `seal_snapshot`."""
    wanted = read_order(order)
    manifest = seal_snapshot(open_workplace(wanted.agency), wanted)
    return None if manifest is None else summarize(manifest)


def summarize(manifest: Manifest) -> Json:
    """Return what a table, a notice or an asset event says of a snapshot: ids, counts, codes, dates."""
    return {
        "account": manifest.account,
        "series": manifest.series,
        "volume": manifest.volume,
        "snapshot": manifest.snapshot,
        "rows": count_listed(manifest),
        "new": manifest.rows.new,
        "changed": manifest.rows.changed,
        "gone": manifest.rows.gone,
        "gaps": sum(gap.count for gap in manifest.gaps),
        "verdict": manifest.verdict.outcome,
        "findings": [[finding.code, finding.count] for finding in manifest.verdict.findings],
        "locked_until": manifest.retention.locked_until,
    }
