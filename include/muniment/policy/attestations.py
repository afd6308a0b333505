"""Attestations of monitoring: the fold of the register `attestations` (claremont-social B.4, D.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from muniment.errors import EvidenceError
from muniment.evidence.findings import Finding
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.business_days import business_days
from muniment.records.agency import Account, AccountStatus, Agency, Platform

REGISTER = "attestations"
MONITORED = "monitored"
# Where the public writes, or could: a newsletter and a feed of news have no comments to look at.
_MONITORED = frozenset({Platform.BLUESKY, Platform.MASTODON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Somebody says that on `day` (in the agency's zone) they looked at these accounts."""

    day: date
    accounts: tuple[str, ...]
    person: str
    entered_at: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredDay:
    """One business day: who attested what, and which accounts nobody did."""

    day: date
    attestations: tuple[Attestation, ...]
    missing: tuple[str, ...]


def fold_attestations(events: Iterable[RegisterEvent]) -> Mapping[date, tuple[Attestation, ...]]:
    """Return the attestations by day, those of other kinds of the register left out.

    Raises:
        EvidenceError: an attestation is not of its form.
    """
    days: dict[date, list[Attestation]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event.at, event.id)):
        if event.event == MONITORED:
            attestation = _read(event)
            days[attestation.day].append(attestation)
    return {day: tuple(found) for day, found in sorted(days.items())}


def list_days(
    agency: Agency, attested: Mapping[date, tuple[Attestation, ...]], *, first: date, last: date
) -> tuple[MonitoredDay, ...]:
    """Return every business day from *first* to *last*, and every other day with an attestation, in order."""
    expected = set(business_days(agency, first, last))
    days = sorted(expected | {day for day in attested if first <= day <= last})
    found = []
    for day in days:
        given = attested.get(day, ())
        named = {account for one in given for account in one.accounts}
        missing = [one.id for one in monitored_accounts(agency, day) if one.id not in named]
        found.append(MonitoredDay(day=day, attestations=given, missing=tuple(missing) if day in expected else ()))
    return tuple(found)


def monitored_accounts(agency: Agency, day: date) -> tuple[Account, ...]:
    """Return the accounts that were to be looked at on *day*: in service then, and open to what the public writes."""
    return tuple(
        account
        for account in agency.accounts
        if account.platform in _MONITORED
        and account.status is not AccountStatus.PROPOSED
        and (account.opened_on is None or account.opened_on <= day)
        and (account.terminated_on is None or day < account.terminated_on)
    )


def find_unattested(days: Iterable[MonitoredDay]) -> tuple[Finding, ...]:
    """Return M020 for each of *days* on which an account was attested by nobody."""
    return tuple(
        Finding("M020", f"monitoring {one.day}", f"expected an attestation of {', '.join(one.missing)}, found none")
        for one in days
        if one.missing
    )


def last_whole_day(today: date) -> date:
    """Return the last day that is over when it is *today*."""
    return today - timedelta(days=1)


def _read(event: RegisterEvent) -> Attestation:
    facts = event.facts
    accounts, person, note = facts.get("accounts"), facts.get("person"), facts.get("note")
    try:
        day = date.fromisoformat(str(facts.get("day")))
    except ValueError:
        raise EvidenceError(f"{REGISTER}: event {event.id}: day: expected YYYY-MM-DD, found other facts") from None
    if not isinstance(accounts, list) or not isinstance(person, str) or not isinstance(note, str | None):
        raise EvidenceError(f"{REGISTER}: event {event.id}: expected accounts, a person and a note, found other facts")
    names = tuple(str(account) for account in accounts)
    return Attestation(day=day, accounts=names, person=person, entered_at=event.at, note=note)
