"""Attest that the accounts were monitored, list the days, and tell what there is to do on one of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from muniment.errors import AlreadySealedError, ModerationError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.attestations import (
    MONITORED,
    REGISTER,
    Attestation,
    MonitoredDay,
    fold_attestations,
    list_days,
    monitored_accounts,
)
from muniment.policy.business_days import is_business_day, local_day
from muniment.policy.moderation.case_findings import Docket
from muniment.policy.moderation.ledger import REGISTER as LEDGER
from muniment.policy.moderation.ledger import fold_ledger
from muniment.policy.moderation.tasks import Task, list_tasks
from muniment.records.agency import Account
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.names import AccountId, format_instant
from muniment.records.series import PUBLIC_COMMENTS
from muniment.workflows.policy.snapshots import read_snapshots
from muniment.workflows.registers import enter, read_events
from muniment.workflows.wiring import Workplace


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """One account to look at: when it was last captured, how many items of the public it showed, who attested."""

    account: AccountId
    address: str
    department: str
    captured_at: datetime | None
    listed: int | None
    attested_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkList:
    """What there is to do on `day`, in the agency's zone."""

    day: date
    business_day: bool
    accounts: tuple[WorkItem, ...]
    tasks: tuple[Task, ...]


def attest(place: Workplace, day: date, *, accounts: Sequence[str], by: str, note: str | None = None) -> Attestation:
    """Seal that *by* looked at *accounts* on *day* in the agency's zone; no accounts named: at every one.

    Raises:
        ModerationError: the day has not come, an account is none that is monitored, or there is no name.
        CustodyError: the vault did not keep it.
    """
    known = [account.id for account in monitored_accounts(place.agency, day)]
    named = list(dict.fromkeys(accounts)) or list(known)
    faults = [
        f"account: expected one of {', '.join(known) or 'none'}, found {one!r}" for one in named if one not in known
    ]
    if not named:
        faults.append(f"account: expected one that was open on {day}, found none")
    today = local_day(place.agency, place.clock())
    if day > today:
        faults.append(f"day: expected one that has come, {today} or before, found {day}")
    if not by.strip() or not by.isprintable():
        faults.append("by: expected the name of who looked, found none")
    if faults:
        raise ModerationError("attestation", faults)
    return _enter(place, day, sorted(named), by=by.strip(), note=note)


def _enter(place: Workplace, day: date, accounts: list[str], *, by: str, note: str | None) -> Attestation:
    facts: dict[str, JsonValue] = {"day": day.isoformat(), "accounts": list(accounts), "person": by, "note": note}
    entry = f"{MONITORED}-{day}-{sha256_hex(canonical_json(facts))[:12]}"
    found = {event.id: event for event in read_events(place.vault, REGISTER)}
    event = found.get(entry) or RegisterEvent(
        register=REGISTER,
        id=entry,
        event=MONITORED,
        subject=day.isoformat(),
        at=format_instant(place.clock()),
        by=by,
        facts=facts,
    )
    if entry not in found:
        # The same person may enter the same on two machines: the id is made from what it says.
        with suppress(AlreadySealedError):
            enter(place.vault, place.agency, event)
    return fold_attestations([event])[day][0]


def read_days(place: Workplace, *, first: date, last: date) -> tuple[MonitoredDay, ...]:
    """Return every business day from *first* to *last*, and other days with an attestation.

    Raises:
        ModerationError: *last* is before *first*.
        EvidenceError: an attestation is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    if last < first:
        raise ModerationError("days", [f"expected a last day not before {first}, found {last}"])
    attested = fold_attestations(read_events(place.vault, REGISTER))
    return list_days(place.agency, attested, first=first, last=last)


def read_work_list(place: Workplace, day: date) -> WorkList:
    """Return what there is to look at on *day*, and what of the ledger waits for somebody now.

    Raises:
        EvidenceError: an event or a manifest is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    agency, now = place.agency, place.clock()
    begins = datetime.combine(day, time(), tzinfo=ZoneInfo(agency.zone))
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(agency.zone))
    captured = {
        fact.account: (fact.began_at, fact.listed)
        for fact in read_snapshots(place, begins, min(now, ends))
        if fact.accepted and fact.series == PUBLIC_COMMENTS
    }
    attested = fold_attestations(read_events(place.vault, REGISTER)).get(day, ())
    return WorkList(
        day=day,
        business_day=is_business_day(agency, day),
        accounts=tuple(
            _work_item(account, captured.get(account.id), attested) for account in monitored_accounts(agency, day)
        ),
        tasks=_tasks(place, now),
    )


def _work_item(account: Account, captured: tuple[datetime, int] | None, attested: Sequence[Attestation]) -> WorkItem:
    return WorkItem(
        account=account.id,
        address=account.address,
        department=account.department,
        captured_at=captured[0] if captured else None,
        listed=captured[1] if captured else None,
        attested_by=tuple(dict.fromkeys(one.person for one in attested if account.id in one.accounts)),
    )


def _tasks(place: Workplace, now: datetime) -> tuple[Task, ...]:
    policy = place.agency.policy
    if policy is None:
        return ()
    ledger = fold_ledger(read_events(place.vault, LEDGER))
    return list_tasks(Docket(ledger=ledger, agency=place.agency, policy=policy, since=now, now=now))
