"""The snapshot workflow as tasks call it: ids and small JSON in, ids and counts out."""

from __future__ import annotations

from typing import Any

from muniment.errors import MunimentError
from muniment.evidence.manifest import Manifest
from muniment.workflows.orders import read_order
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.take_pages import take_pages
from muniment.workflows.take_rows import take_rows
from muniment.workflows.wiring import open_workplace

Json = dict[str, Any]


class SealError(MunimentError):
    """One or more snapshots of a run could not be sealed; every other one was."""


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


def seal(orders: list[Json]) -> Json:
    """Judge and seal every one of *orders* that has rows; go on past one that cannot be sealed.

    Raises:
        SealError: some could not be sealed; the message names them.
    """
    sealed: list[Json] = []
    failed: list[str] = []
    for wanted in map(read_order, orders):
        try:
            manifest = seal_snapshot(open_workplace(wanted.agency), wanted)
        except MunimentError as error:
            failed.append(f"{wanted.account} {wanted.series}: {error}")
            continue
        if manifest is not None:
            sealed.append(summarize(manifest))
    if failed:
        raise SealError(f"{len(failed)} of {len(orders)} snapshots could not be sealed:\n" + "\n".join(failed))
    return {"sealed": sealed, "captured": len(sealed), "ordered": len(orders)}


def summarize(manifest: Manifest) -> Json:
    """Return what a table, a notice or an asset event says of a snapshot: ids, counts, codes, dates."""
    rows = manifest.rows
    return {
        "account": manifest.account,
        "series": manifest.series,
        "volume": manifest.volume,
        "snapshot": manifest.snapshot,
        "rows": rows.new + rows.changed + rows.unchanged,
        "new": rows.new,
        "changed": rows.changed,
        "gone": rows.gone,
        "gaps": sum(gap.count for gap in manifest.gaps),
        "verdict": manifest.verdict.outcome,
        "findings": [[finding.code, finding.count] for finding in manifest.verdict.findings],
        "locked_until": manifest.retention.locked_until,
    }
