"""The snapshot workflow as tasks call it: ids and small JSON in, ids and counts out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from muniment.errors import ConfigurationError, MunimentError
from muniment.evidence.manifest import Manifest
from muniment.records.agency import AccountStatus, Agency
from muniment.records.names import AccountId, AgencyId, SeriesId
from muniment.register.timetable import timetable_crons
from muniment.settings import read_settings
from muniment.workflows.orders import Order, read_order
from muniment.workflows.wiring import open_agency, open_workplace

Json = dict[str, Any]


class SealError(MunimentError):
    """One or more snapshots of a run could not be sealed; every other one was."""


def agency_ids() -> list[str]:
    """Return the agencies that have a folder."""
    root = read_settings().agencies
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def agency_timetable(agency_id: str) -> tuple[tuple[str, ...], str]:
    """Return the agency's capture times as cron lines, and the zone that they are in."""
    agency = open_agency(agency_id)
    return timetable_crons(agency.timetable), agency.zone


def plan_captures(
    agency_id: str, accounts: Sequence[str] | None, series: Sequence[str] | None, run_id: str, taken_at: str
) -> list[Json]:
    """Return an order for each active account and series, or for those chosen.

    Raises:
        ConfigurationError: an account or series is chosen that the register does not have active.
    """
    agency = open_agency(agency_id)
    moment = datetime.fromisoformat(taken_at)
    pairs = list(_choose(agency, set(accounts or ()), set(series or ())))
    return [Order(AgencyId(agency.id), account, item, run_id, moment).to_json() for account, item in pairs]


def _choose(agency: Agency, accounts: set[str], series: set[str]) -> Iterable[tuple[AccountId, SeriesId]]:
    active = [account for account in agency.accounts if account.status is AccountStatus.ACTIVE]
    _check_known("account", accounts, {account.id for account in active})
    _check_known("series", series, {item for account in active for item in account.series})
    for account in active:
        for item in account.series:
            if (not accounts or account.id in accounts) and (not series or item in series):
                yield account.id, item


def _check_known(what: str, chosen: set[str], known: Iterable[str]) -> None:
    strange = chosen - set(known)
    if strange:
        raise ConfigurationError(f"{what}: expected some of {sorted(known)}, found {sorted(strange)}")


def capture(order: Json) -> Json:
    """Seal the pages of *order*; see `take_pages`."""
    from muniment.workflows.take_pages import take_pages

    wanted = read_order(order)
    sealed = take_pages(open_workplace(wanted.agency), wanted)
    return {"snapshot": wanted.snapshot, "sealed_now": sealed}


def parse(order: Json) -> Json:
    """Seal the rows and media of *order*; see `take_rows`."""
    from muniment.workflows.take_rows import take_rows

    wanted = read_order(order)
    sealed = take_rows(open_workplace(wanted.agency), wanted)
    return {"snapshot": wanted.snapshot, "sealed_now": sealed}


def seal(orders: list[Json]) -> Json:
    """Judge and seal every one of *orders* that has rows; go on past one that cannot be sealed.

    Raises:
        SealError: some could not be sealed; the message names them.
    """
    from muniment.workflows.seal_snapshot import seal_snapshot

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
