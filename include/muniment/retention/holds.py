"""Matters: what a hold belongs to, what it covers, and who answers for it. The state is the fold of its events.

The store's hold is one bit that knows no reason. A matter is the reason: any number of them may
cover one volume, and the bit stays while one of them is open. What is covered is always a whole
volume, with its media and manifests, as disposition destroys volumes whole.

A narrowed matter, one with persons or a search, covers what was found; from its placing until
the search is done it covers everything else that its scope allows, so that nothing goes meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from muniment.errors import EvidenceError
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent
from muniment.records.canonical import JsonValue
from muniment.records.names import parse_instant
from muniment.retention.matters import (
    Coverage,
    Matter,
    MatterKind,
    Notice,
    Release,
    Scope,
    covers,
    day_in,
    is_settled,
    may_cover,
    parse_scope,
    text_in,
    texts_in,
)

__all__ = [
    "Coverage",
    "Matter",
    "MatterKind",
    "Notice",
    "Release",
    "Scope",
    "covers",
    "ever_over",
    "fold_matters",
    "is_settled",
    "matters_over",
    "may_cover",
]

REGISTER = "holds"
PLACED, SCOPED, ACKNOWLEDGED, AMENDED, RELEASED = "placed", "scoped", "acknowledged", "amended", "released"
HELD, LET_GO = "held", "let-go"  # the record of bits set and bits let go: no state


def matters_over(matters: Iterable[Matter], address: VolumeAddress, *, zone: str) -> tuple[Matter, ...]:
    """Return the open matters that hold the volume at *address*.

    Raises:
        RetentionError: *zone* is none.
    """
    return tuple(matter for matter in matters if matter.is_open and covers(matter.coverage, address, zone=zone))


def ever_over(matters: Iterable[Matter], address: VolumeAddress, *, zone: str) -> bool:
    """Tell whether some matter, open or released, covers or covered the volume at *address*.

    Raises:
        RetentionError: as for `matters_over`.
    """
    return any(
        covers(coverage, address, zone=zone) and is_settled(coverage, address)
        for matter in matters
        for coverage in (*matter.past, matter.coverage)
    )


def fold_matters(events: Iterable[RegisterEvent]) -> tuple[Matter, ...]:
    """Return every matter that *events* of the register tell of, by its placing.

    Raises:
        EvidenceError: an event is of no known kind, belongs to no matter, or lacks a fact.
    """
    told: dict[str, list[RegisterEvent]] = defaultdict(list)
    for event in events:
        told[event.subject].append(event)
    matters = [_fold(subject, told[subject]) for subject in told]
    return tuple(sorted(matters, key=lambda matter: (matter.placed_at, matter.id)))


def _fold(subject: str, events: list[RegisterEvent]) -> Matter:
    # A matter begins with its placing, whatever another machine's clock has put before it.
    first, *rest = sorted(events, key=lambda event: (event.event != PLACED, event.at, event.id))
    if first.event != PLACED:
        raise EvidenceError(f"{REGISTER}: matter {subject}: expected its placing, found only {first.event}")
    try:
        matter = _place(first)
        for event in rest:
            matter = _STEPS[event.event](matter, event)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(f"{REGISTER}: matter {subject}: an event lacks or misspells {error}") from None
    return matter


def _place(event: RegisterEvent) -> Matter:
    facts, notice = event.facts, cast("Mapping[str, JsonValue]", event.facts["notice"])
    return Matter(
        id=event.subject,
        kind=MatterKind(str(facts["kind"])),
        title=str(facts["title"]),
        notice=Notice(
            attorney=str(notice["attorney"]),
            contact=str(notice["contact"]),
            authority=str(notice["authority"]),
            number=text_in(notice["number"]),
            acknowledge_by=day_in(notice["acknowledge_by"]),
            confidentiality=text_in(notice["confidentiality"]),
        ),
        custodians=texts_in(facts["custodians"]),
        placed_at=event.at,
        placed_by=event.by,
        coverage=_cover(event),
    )


def _cover(event: RegisterEvent) -> Coverage:
    scope = cast("Mapping[str, JsonValue]", event.facts["scope"])
    return Coverage(event=event.id, as_of=parse_instant(event.at), scope=parse_scope(scope))


def _scoped(matter: Matter, event: RegisterEvent) -> Matter:
    coverage = matter.coverage
    if event.facts["of"] != coverage.event:
        return matter  # a search of what the scope was before it was amended
    volumes, until = texts_in(event.facts["volumes"]), text_in(event.facts["searched_until"])
    if until is None and coverage.found is None:
        return replace(matter, coverage=replace(coverage, early=coverage.early | frozenset(volumes)))
    searched = parse_instant(until) if until else coverage.searched_until
    found = (coverage.found or coverage.early) | frozenset(volumes)
    return replace(matter, coverage=replace(coverage, found=found, searched_until=searched))


def _acknowledged(matter: Matter, event: RegisterEvent) -> Matter:
    custodian = str(event.facts["custodian"])
    return replace(matter, acknowledged=MappingProxyType({custodian: event.at, **matter.acknowledged}))


def _amended(matter: Matter, event: RegisterEvent) -> Matter:
    custodians = texts_in(event.facts["custodians"])
    past = (*matter.past, matter.coverage)
    return replace(matter, coverage=_cover(event), past=past, custodians=custodians, amendments=matter.amendments + 1)


def _released(matter: Matter, event: RegisterEvent) -> Matter:
    if matter.release is not None:
        return matter
    attorney, reason = str(event.facts["attorney"]), str(event.facts["reason"])
    return replace(matter, release=Release(at=event.at, by=event.by, attorney=attorney, reason=reason))


def _recorded(matter: Matter, _event: RegisterEvent) -> Matter:
    return matter


_STEPS: Mapping[str, Callable[[Matter, RegisterEvent], Matter]] = {
    SCOPED: _scoped,
    ACKNOWLEDGED: _acknowledged,
    AMENDED: _amended,
    RELEASED: _released,
    HELD: _recorded,
    LET_GO: _recorded,
}
