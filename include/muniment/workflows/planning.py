"""Which captures a run makes, and when runs are due. Light enough to be imported while DAGs are parsed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from muniment.errors import AgencyFilesError, ConfigurationError
from muniment.records.agency import AccountStatus, Agency
from muniment.records.names import AccountId, SeriesId
from muniment.records.schedule import RetentionSchedule
from muniment.register.load import is_in_service, load_agency
from muniment.register.timetable import timetable_crons
from muniment.settings import Settings, read_settings
from muniment.workflows.orders import Order, new_order


def agency_ids(settings: Settings | None = None) -> list[str]:
    """Return the agencies in service: those with DAGs, a bucket and a log."""
    settings = settings or read_settings()
    return [name for name in known_agencies(settings) if is_in_service(settings.agencies / name)]


def known_agencies(settings: Settings | None = None) -> list[str]:
    """Return the agencies that have a folder, in service or not."""
    root = (settings or read_settings()).agencies
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def agency_timetable(agency_id: str) -> tuple[tuple[str, ...], str]:
    """Return the agency's capture times as cron lines, and the zone that they are in."""
    agency = open_agency(agency_id)
    return timetable_crons(agency.timetable), agency.zone


def agency_schedule(agency_id: str) -> RetentionSchedule:
    """Return the agency's retention schedule, with its disposition profile when it has one."""
    return open_agency(agency_id).schedule


def agency_officers(settings: Settings | None = None) -> dict[str, frozenset[str]]:
    """Return the user names that sign for each agency in service; none where its files have faults."""
    settings = settings or read_settings()
    return {agency: _officers(agency, settings) for agency in agency_ids(settings)}


def _officers(agency_id: str, settings: Settings) -> frozenset[str]:
    try:
        return frozenset(officer.sign_in for officer in open_agency(agency_id, settings).officers)
    except AgencyFilesError:
        return frozenset()  # whoever opens the agency is told; the others' people sign in all the same


def open_agency(agency_id: str, settings: Settings | None = None) -> Agency:
    """Load the agency's files.

    Raises:
        ConfigurationError: it has no folder.
        AgencyFilesError: its files have faults.
    """
    settings = settings or read_settings()
    check_agency(agency_id, settings)
    return load_agency(settings.agencies / agency_id, simulator=settings.simulator)


def check_agency(agency_id: str, settings: Settings) -> None:
    """Check that the agency has a folder.

    Raises:
        ConfigurationError: it has none.
    """
    known = known_agencies(settings)
    if agency_id not in known:
        raise ConfigurationError(
            f"agency: expected one of {', '.join(known) or 'none'} in {settings.agencies}, found {agency_id!r}"
        )


def plan_orders(
    agency: Agency, *, accounts: Collection[str], series: Collection[str], run_id: str, taken_at: datetime
) -> list[Order]:
    """Order each active account and series, or those chosen when *accounts* or *series* name any.

    Raises:
        ConfigurationError: the agency is not in service, or an account or series is chosen that
            the register does not have active.
    """
    if not agency.in_service:
        raise ConfigurationError(f"agency {agency.id}: expected in_service: true in agency.yaml, found false")
    return [
        new_order(agency.id, account, item, run_id=run_id, taken_at=taken_at)
        for account, item in _choose(agency, set(accounts), set(series))
    ]


def _choose(agency: Agency, accounts: set[str], series: set[str]) -> Iterator[tuple[AccountId, SeriesId]]:
    active = [account for account in agency.accounts if account.status is AccountStatus.ACTIVE]
    _check_known("account", accounts, {account.id for account in active})
    _check_known("series", series, {item for account in active for item in account.series})
    for account in active:
        for item in account.series:
            if (not accounts or account.id in accounts) and (not series or item in series):
                yield account.id, item


def _check_known(what: str, chosen: set[str], known: Iterable[str]) -> None:
    strange = sorted(chosen - set(known))
    if strange:
        raise ConfigurationError(f"{what}: expected some of {', '.join(sorted(known))}; found {', '.join(strange)}")
