"""Who held which office, and when. The fold of the register `authorizations`.

The agency's file says who holds an office now; the register keeps what it said on every day before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from muniment.errors import EvidenceError
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Officer
from muniment.records.canonical import JsonValue
from muniment.records.names import parse_instant
from muniment.retention.facts import text_of
from muniment.retention.periods import zone_named

REGISTER = "authorizations"
GRANTED, ENDED = "granted", "ended"
_DATES = ("valid_from", "valid_until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One term of one person in an office, and when (aware UTC) the register was told of it.

    `outside` are the times at which it was ended though its dates ran on, each with the time at
    which it was granted again, or None.
    """

    officer: Officer
    granted_at: datetime
    outside: tuple[tuple[datetime, datetime | None], ...] = ()
    number: int = 1  # of the events about this term so far

    @property
    def has_ended(self) -> bool:
        """Tell whether it was ended and not granted again."""
        return bool(self.outside) and self.outside[-1][1] is None

    def holds(self, at: datetime, *, zone: str) -> bool:
        """Tell whether the office was held at *at* (aware), by the days of *zone*; its last day is one of them."""
        day, one = at.astimezone(zone_named(zone)).date(), self.officer
        in_term = one.valid_from <= day and (one.valid_until is None or day <= one.valid_until)
        return in_term and not any(end <= at and (again is None or at < again) for end, again in self.outside)


Term = tuple[str, str, date]


def term_of(officer: Officer) -> Term:
    """Return what makes one term of office: the person, the office, its first day."""
    return (officer.sign_in, officer.office, officer.valid_from)


def fold_grants(events: Iterable[RegisterEvent]) -> dict[Term, Grant]:
    """Return every term of office, as the last event about it says.

    Raises:
        EvidenceError: an event is not of its form.
    """
    grants: dict[Term, Grant] = {}
    for event in sorted(events, key=lambda event: (event.at, event.id)):
        officer, at = _officer(event), parse_instant(event.at)
        known = grants.get(term_of(officer))
        if event.event == GRANTED:
            grants[term_of(officer)] = _grant(known, officer, at)
        elif event.event == ENDED and known is not None and not known.has_ended:
            outside = (*known.outside, (at, None))
            grants[term_of(officer)] = replace(known, outside=outside, number=known.number + 1)
        else:
            raise EvidenceError(f"authorizations {event.id}: expected a grant, or the end of one, found {event.event}")
    return grants


def compare_officers(officers: Sequence[Officer], grants: Mapping[Term, Grant]) -> Iterator[tuple[str, Officer, int]]:
    """Yield what the register lacks to say what *officers* does: the event, whose, and its number in that term."""
    listed = {term_of(officer): officer for officer in officers}
    for term, officer in listed.items():
        known = grants.get(term)
        if known is None or known.has_ended or known.officer != officer:
            yield GRANTED, officer, known.number + 1 if known else 1
    for term, grant in grants.items():
        if term not in listed and not grant.has_ended:
            yield ENDED, grant.officer, grant.number + 1


def _grant(known: Grant | None, officer: Officer, at: datetime) -> Grant:
    if known is None:
        return Grant(officer=officer, granted_at=at)
    outside = known.outside
    if known.has_ended:
        outside = (*outside[:-1], (outside[-1][0], at))
    return replace(known, officer=officer, outside=outside, number=known.number + 1)


def facts_of(officer: Officer) -> dict[str, JsonValue]:
    """Return the facts of an event about *officer*."""
    return {name: _spell(getattr(officer, name)) for name in _FACTS}


_FACTS = tuple(field.name for field in fields(Officer) if field.name != "sign_in")


def _spell(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _officer(event: RegisterEvent) -> Officer:
    try:
        texts = {name: text_of(event.facts[name]) for name in _FACTS if name not in _DATES}
        until = event.facts["valid_until"]
        return Officer(
            sign_in=event.subject,
            valid_from=date.fromisoformat(text_of(event.facts["valid_from"])),
            valid_until=None if until is None else date.fromisoformat(text_of(until)),
            **texts,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EvidenceError(
            f"authorizations {event.id}: expected an office and its dates, found {type(error).__name__}"
        ) from None
