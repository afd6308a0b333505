"""What work on the moderation ledger needs: the agency, its policy, and the register as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from muniment.errors import AlreadySealedError, ModerationError
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.business_days import local_day
from muniment.policy.moderation.cases import Case, Decision, Entry, Ledger
from muniment.policy.moderation.ledger import REGISTER, add_entry, case_id, entry_event, event_id, fold_ledger
from muniment.policy.moderation.ledger_rules import Surroundings, find_faults, versions_in_force
from muniment.records.names import is_slug
from muniment.records.policy import AgencyPolicy
from muniment.workflows.registers import enter, read_events
from muniment.workflows.wiring import Workplace


@dataclass(slots=True)
class Desk:
    """One agency's ledger as it was read, with `cases` and `known` events kept up with what is entered here."""

    place: Workplace
    policy: AgencyPolicy
    ledger: Ledger
    known: set[str] = field(default_factory=set)
    cases: dict[str, Case] = field(default_factory=dict)

    def around(self, now: datetime) -> Surroundings:
        """Return what an entry is held against at *now* (aware)."""
        agency = self.place.agency
        return Surroundings(
            policy=self.policy,
            accounts=frozenset(account.id for account in agency.accounts),
            now=now,
            day_of=lambda moment: local_day(agency, moment),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of the entries of one case: how many were new, and how many the ledger had already.

    `begun`: the ledger had no such case before.
    """

    case: str
    begun: bool
    new: int
    known: int


def open_desk(place: Workplace) -> Desk:
    """Read the agency's ledger.

    Raises:
        ModerationError: its policy names no grounds.
        EvidenceError: an event of the register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    policy = place.agency.policy
    if policy is None or not policy.grounds:
        raise ModerationError(f"agency {place.agency.id}", ["expected grounds of removal in its policy, found none"])
    events = read_events(place.vault, REGISTER)
    ledger = fold_ledger(events)
    return Desk(place, policy, ledger, {event.id for event in events}, dict(ledger.cases))


def enter_case(desk: Desk, case: str | None, entries: Sequence[Entry], *, by: str) -> Taken:
    """Take *entries* into *case*, or into a new one, all or none; the same entry again changes nothing.

    Raises:
        ModerationError: an entry cannot be taken; every reason is told, and nothing was entered.
        CustodyError: the vault did not keep an event. Those before it stand; entering them again does the rest.
    """
    stated = [_state_version(desk, entry) for entry in entries]
    name = case or case_id(stated)
    fresh = _check(desk, name, stated, by=by)
    now, begun = desk.place.clock(), name not in desk.cases
    for entry in fresh:
        _enter(desk, entry_event(name, entry, now=now, by=by))
        desk.cases[name] = add_entry(desk.cases.get(name, Case(id=name)), entry, now=now, by=by)
    return Taken(case=name, begun=begun, new=len(fresh), known=len(stated) - len(fresh))


def _check(desk: Desk, name: str, entries: Iterable[Entry], *, by: str) -> list[Entry]:
    faults: list[str] = [] if is_slug(name) else ["case: expected lower-case letters, digits and single hyphens"]
    if not by.strip():
        faults.append("by: expected the name of who enters it, found none")
    now, case, fresh = desk.place.clock(), desk.cases.get(name, Case(id=name)), list[Entry]()
    for entry in entries:
        if event_id(name, entry) in desk.known:
            continue
        faults += find_faults(case, entry, desk.around(now))
        case = add_entry(case, entry, now=now, by=by)
        fresh.append(entry)
    if faults:
        raise ModerationError(f"case {name}", list(dict.fromkeys(faults)))
    return fresh


def _state_version(desk: Desk, entry: Entry) -> Entry:
    """Name the version in force that day, where the decision names none and there is one only."""
    if not isinstance(entry, Decision) or entry.policy_version is not None:
        return entry
    found = versions_in_force(desk.policy, local_day(desk.place.agency, entry.at))
    return replace(entry, policy_version=found[0].id) if len(found) == 1 else entry


def _enter(desk: Desk, event: RegisterEvent) -> None:
    # Somebody may have entered the same at the same time: the id is made from what it says.
    with suppress(AlreadySealedError):
        enter(desk.place.vault, desk.place.agency, event)
    desk.known.add(event.id)
