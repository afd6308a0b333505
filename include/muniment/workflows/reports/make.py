"""Make the report of an agency from its vault."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime

from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError
from muniment.evidence.layout import VolumeAddress
from muniment.settings import Settings
from muniment.workflows.reports.compose import compose, instant_of
from muniment.workflows.reports.gather import gather
from muniment.workflows.reports.report import Report
from muniment.workflows.wiring import now, open_workplace

_AT_ONCE = 8


def make_report(
    agency_id: str, day: date | None = None, *, live: bool = False, settings: Settings | None = None
) -> Report:
    """Return the report of the agency at the end of *day* there, or of now; *live* asks the store for its locks.

    Raises:
        ConfigurationError: *day* is not over yet, or locks of a past day are asked of the store.
        EvidenceError: an event or a list is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    if live and day is not None:
        raise ConfigurationError("locks: expected no day beside --live, as a store knows only the present; found one")
    place = open_workplace(agency_id, settings)
    asked = instant_of(day, zone=place.agency.zone, now=now())
    if live:
        asked = replace(asked, on_store=lambda address: read_shortest_lock(place.vault, address))
    return compose(gather(place.vault), place.agency, asked)


def read_shortest_lock(vault: Vault, address: VolumeAddress) -> datetime | None:
    """Return when the first lock on an object of the volume ends (aware), as the store has it; None: one has none.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        locks = list(pool.map(vault.lock_of, vault.list_keys(address.prefix)))
    found = [lock.until for lock in locks if lock is not None]
    return min(found) if found and len(found) == len(locks) else None
