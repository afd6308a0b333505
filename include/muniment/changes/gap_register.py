"""The registers of gaps and of failed captures: what their events say, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from muniment.changes.gaps import MOST_EVIDENCE, Attempt, Gap, GapKind
from muniment.errors import EvidenceError
from muniment.evidence.register_event import RegisterEvent
from muniment.records.canonical import JsonValue
from muniment.records.names import AccountId, SeriesId, format_instant, parse_instant

GAPS, CAPTURES = "gaps", "captures"
GAP, FILLED, CHECKED, FAILED = "gap", "filled", "checked", "failed"


def gap_event(gap: Gap, *, at: str, by: str) -> RegisterEvent:
    """Return the event that enters the closed *gap*, entered *at* (an instant)."""
    facts: dict[str, JsonValue] = {
        "account": gap.account,
        "series": gap.series,
        "kind": gap.kind.value,
        "begins": format_instant(gap.begins),
        "ends": format_instant(gap.ends),
        "reason": gap.reason,
        "remedy": gap.remedy,
        "count": gap.count,
        "evidence": list(gap.evidence),
    }
    return RegisterEvent(register=GAPS, id=f"{gap.id}-{GAP}", event=GAP, subject=gap.id, at=at, by=by, facts=facts)


def filled_event(gap: Gap, made: Iterable[str], *, at: str, by: str) -> RegisterEvent:
    """Return the event that says that *gap* is none any more: the snapshots *made*, by their keys, were finished."""
    return RegisterEvent(
        register=GAPS,
        id=f"{gap.id}-{FILLED}",
        event=FILLED,
        subject=gap.id,
        at=at,
        by=by,
        facts={"account": gap.account, "series": gap.series, "evidence": list(made)[:MOST_EVIDENCE]},
    )


def fold_gaps(events: Iterable[RegisterEvent]) -> tuple[Gap, ...]:
    """Return the gaps that *events* entered and that were not filled since, earliest first.

    Raises:
        EvidenceError: an event lacks a fact, or has one of another type.
    """
    known = list(events)
    filled = {event.subject for event in known if event.event == FILLED}
    entered = {event.subject: event for event in known if event.event == GAP and event.subject not in filled}
    return tuple(sorted(map(_read_gap, entered.values()), key=order_of))


def order_of(gap: Gap) -> tuple[str, str, str, str, str]:
    """Return what gaps are sorted by: account, series, beginning."""
    return gap.account, gap.series, format_instant(gap.begins), gap.kind, gap.reason


def read_attempts(events: Iterable[RegisterEvent]) -> Iterator[Attempt]:
    """Yield the failed captures among *events* of the register of captures.

    Raises:
        EvidenceError: an event lacks a fact, or has one of another type.
    """
    for event in events:
        if event.event == FAILED:
            account, series = _text(event, "account"), _text(event, "series")
            yield Attempt(
                account=AccountId(account) if account else None,
                series=SeriesId(series) if series else None,
                taken_at=parse_instant(_text(event, "taken_at")),
                error=_text(event, "error"),
                key=f"registers/{CAPTURES}/{event.at[:7]}/{event.id}.json",
            )


def _read_gap(event: RegisterEvent) -> Gap:
    count, evidence = event.facts.get("count"), event.facts.get("evidence")
    if not isinstance(count, int) or not isinstance(evidence, list):
        raise EvidenceError(f"gap {event.id}: expected count and evidence among its facts, found others")
    return Gap(
        account=AccountId(_text(event, "account")),
        series=SeriesId(_text(event, "series")),
        begins=parse_instant(_text(event, "begins")),
        ends=parse_instant(_text(event, "ends")),
        reason=_text(event, "reason"),
        remedy=_text(event, "remedy"),
        evidence=tuple(map(str, evidence)),
        kind=_kind(event),
        count=count,
    )


def _kind(event: RegisterEvent) -> GapKind:
    try:
        return GapKind(_text(event, "kind"))
    except ValueError as error:
        raise EvidenceError(f"gap {event.id}: {error}") from None


def _text(event: RegisterEvent, name: str) -> str:
    value = event.facts.get(name)
    if not isinstance(value, str):
        raise EvidenceError(f"event {event.id}: expected text as {name}, found {type(value).__name__}")
    return value
