"""The moderation ledger: the fold of the register `moderation`. The order of events on disk changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from muniment.errors import EvidenceError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.moderation.cases import KIND_OF, KINDS, Case, Entered, Entry, FilterVersion, Ledger
from muniment.policy.moderation.entry_facts import from_facts, to_facts
from muniment.records.canonical import canonical_json
from muniment.records.names import format_instant, parse_instant

REGISTER = "moderation"
FILTER = "filter"
FILTER_KINDS = ("words", "accounts")


def fold_ledger(events: Iterable[RegisterEvent]) -> Ledger:
    """Return what the *events* of the register tell; each counts once, however often it comes.

    Raises:
        EvidenceError: an event is of no known kind, or its facts are not of its form.
    """
    cases: dict[str, list[Entered]] = defaultdict(list)
    lists: dict[str, list[RegisterEvent]] = defaultdict(list)
    latest_first = sorted(events, key=lambda event: (event.at, event.by, event.id), reverse=True)
    for event in {event.id: event for event in latest_first}.values():  # of the same entry, the earliest event stays
        if event.event == FILTER:
            lists[event.subject].append(event)
        else:
            cases[event.subject].append(_enter(event))
    versions = tuple(version for name in sorted(lists) for version in _versions(lists[name]))
    folded = {name: Case(id=name, entered=in_order(cases[name])) for name in sorted(cases)}
    return Ledger(cases=MappingProxyType(folded), filters=versions)


def in_order(entered: Iterable[Entered]) -> tuple[Entered, ...]:
    """Return entries by when they happened, then by when they were entered."""
    return tuple(sorted(entered, key=lambda one: (one.entry.at, one.entered_at, one.event)))


def add_entry(case: Case, entry: Entry, *, now: datetime, by: str) -> Case:
    """Return *case* as it would be with *entry* in it."""
    fresh = Entered(entry=entry, event=event_id(case.id, entry), entered_at=now, entered_by=by)
    return replace(case, entered=in_order((*case.entered, fresh)))


def event_id(case: str, entry: Entry) -> str:
    """Name the event of *entry*: the same entry of the same case has the same name, whenever it is entered."""
    return f"{case}-{KIND_OF[type(entry)]}-{sha256_hex(canonical_json(to_facts(entry)))[:12]}"


def case_id(entries: Iterable[Entry]) -> str:
    """Name a case that begins with *entries*: its day in UTC, and a digest that names nobody."""
    told = [{"kind": KIND_OF[type(entry)], **to_facts(entry)} for entry in entries]
    day = min(str(facts["at"]) for facts in told)[:10].replace("-", "")
    return f"{day}-{sha256_hex(canonical_json(told))[:8]}"


def entry_event(case: str, entry: Entry, *, now: datetime, by: str) -> RegisterEvent:
    """Return the event that enters *entry* in *case*."""
    return RegisterEvent(
        register=REGISTER,
        id=event_id(case, entry),
        event=KIND_OF[type(entry)],
        subject=case,
        at=format_instant(now),
        by=by,
        facts=to_facts(entry),
    )


def _enter(event: RegisterEvent) -> Entered:
    kind = KINDS.get(event.event)
    if kind is None:
        raise EvidenceError(f"{REGISTER}: event {event.id}: expected one of {', '.join(KINDS)}, found {event.event!r}")
    try:
        entry = from_facts(kind, event.facts)
    except EvidenceError as error:
        raise EvidenceError(f"{REGISTER}: event {event.id}: {error}") from None
    return Entered(entry=entry, event=event.id, entered_at=parse_instant(event.at), entered_by=event.by)


def _versions(events: list[RegisterEvent]) -> Iterator[FilterVersion]:
    ordered = sorted(events, key=lambda event: (_text(event, "since"), event.at, event.id))
    for number, event in enumerate(ordered, 1):
        following = parse_instant(_text(ordered[number], "since")) if number < len(ordered) else None
        stated = event.facts.get("until")
        ends = [moment for moment in (following, parse_instant(_text(event, "until")) if stated else None) if moment]
        yield FilterVersion(
            list=event.subject,
            kind=_text(event, "kind"),
            number=number,
            sha256=_text(event, "sha256"),
            lines=_texts(event, "lines"),
            accounts=_texts(event, "accounts"),
            since=parse_instant(_text(event, "since")),
            until=min(ends, default=None),
            added_by=event.by,
        )


def _text(event: RegisterEvent, name: str) -> str:
    value = event.facts.get(name)
    if not isinstance(value, str):
        raise EvidenceError(f"{REGISTER}: event {event.id}: {name}: expected text, found {type(value).__name__}")
    return value


def _texts(event: RegisterEvent, name: str) -> tuple[str, ...]:
    value = event.facts.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise EvidenceError(f"{REGISTER}: event {event.id}: {name}: expected a list of texts, found other facts")
    return tuple(value)
