"""Probing as tasks call it: ids and small JSON in, counts out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from muniment.capture.probes import PROBERS
from muniment.errors import ConfigurationError
from muniment.records.agency import AccountStatus
from muniment.records.names import AccountId, format_instant, parse_instant
from muniment.records.series import REMOVED_CONTENT
from muniment.workflows.removed.earlier import LISTED
from muniment.workflows.removed.run import probe_account
from muniment.workflows.take_pages import LATEST
from muniment.workflows.wiring import now, open_workplace

Json = dict[str, Any]


def plan_probes(agency_id: str, *, run_id: str, taken_at: str) -> list[Json]:
    """Order a run of probes of each active account whose items can be asked for by name.

    A run that begins later than its captures may be has them ordered for now.

    Raises:
        ConfigurationError: *taken_at* is no aware time.
    """
    moment = datetime.fromisoformat(taken_at)
    if moment.tzinfo is None:
        raise ConfigurationError(f"taken_at: expected an aware time, found {taken_at}")
    if now() - moment > LATEST:
        moment = now()
    return [
        {"agency": agency_id, "account": one.id, "run_id": run_id, "taken_at": format_instant(moment)}
        for one in open_workplace(agency_id).agency.accounts
        if one.status is AccountStatus.ACTIVE and one.platform in PROBERS and set(one.series) & set(LISTED)
    ]


def probe(order: Json) -> Json:
    """Probe the account of *order*; see `probe_account`. Return counts, and what findings are new."""
    place, taken_at = open_workplace(order["agency"]), parse_instant(order["taken_at"])
    done = probe_account(place, AccountId(order["account"]), run_id=order["run_id"], taken_at=taken_at)
    return {**done, "series": REMOVED_CONTENT}
