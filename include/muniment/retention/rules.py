"""The rules that keep a volume, each with the point where it ends and the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from muniment.errors import RetentionError
from muniment.records.names import VolumeId, format_instant
from muniment.records.schedule import PERMANENT, Cutoff, Floor, ScheduleRow, TriggerEvent
from muniment.retention.cutoffs import Point, advance, cutoff_of, form_of
from muniment.retention.periods import CalendarPeriod, parse_period

PERMANENT_LOCK = "P10Y"  # how far ahead what is kept for ever is locked
EVENT_WORDS = {
    TriggerEvent.CUTOFF: "the cutoff",
    TriggerEvent.ACCOUNT_TERMINATED: "the termination of the account",
    TriggerEvent.BLOCK_ENDED: "the end of the block",
    TriggerEvent.CASE_CLOSED: "the closing of the case",
    TriggerEvent.SUPERSEDED: "the day it is superseded",
    TriggerEvent.COPY_VERIFIED: "the verification of the record copy",
    TriggerEvent.REMOVAL_REQUESTED: "the request to remove it",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, the point until which it keeps the volume, and the sentence that says so."""

    name: str
    end: Point
    sentence: str


def tell_cutoff(volume: VolumeId, cutoff: Point, zone: str) -> tuple[str, str]:
    """Say what *volume* holds and when it was cut off."""
    form = form_of(volume)
    if form is None or form is Cutoff.UTC_MINUTE:
        return (
            f"Volume {volume} holds what was captured in that minute of UTC.",
            f"Its cutoff is the end of that minute: {format_instant(cutoff.at)}.",
        )
    return (
        f"Volume {volume} holds what was captured in that {form.value.replace('-', ' ')} in {zone}.",
        f"Its cutoff is the first instant of {cutoff.day} there: {format_instant(cutoff.at)}.",
    )


def span_of(period: str, start: Point) -> CalendarPeriod:
    """Return how long *period* locks, counted from *start*; what is kept for ever, for `PERMANENT_LOCK` at a time.

    Raises:
        RetentionError: *period* is none, or counts in seconds outside an exercise.
    """
    return parse_period(PERMANENT_LOCK if period == PERMANENT else period, drill=start.day is None)


def least_rules(volume: VolumeId, row: ScheduleRow, *, zone: str, floor: Floor | None) -> tuple[Rule, ...]:
    """Return the rules that hold from the first day, whatever comes later: the row's own, then the floor if it binds.

    What waits for an event is kept for its period from the cutoff at the least, and what is kept
    for ever for `PERMANENT_LOCK`.

    Raises:
        RetentionError: a period cannot be read or ends past the year 9999, or *volume* or *zone* is none.
    """
    cutoff = cutoff_of(volume, zone)
    span = span_of(row.period, cutoff)
    end, period = advance(cutoff, span, zone), span.in_words()
    if row.period == PERMANENT:
        sentence = f"Row {row.id} keeps it for ever, under a lock of {period} that is rolled ahead: "
    elif row.starts is TriggerEvent.CUTOFF:
        sentence = f"Row {row.id} keeps it for {period} ({row.period}) from the cutoff: "
    else:
        awaited = EVENT_WORDS[row.starts]
        sentence = (
            f"Row {row.id} keeps it for {period} ({row.period}) from {awaited}, and from the cutoff at the least: "
        )
    least = Rule("the row's period", end, f"{sentence}{cutoff.short} and {period} is {end.short}.")
    return (least, *floor_rules(row, floor, cutoff, zone))


def row_rule(row: ScheduleRow, start: Point, from_what: str, zone: str) -> Rule:
    """Return the rule of *row*, its clock started at *start*."""
    period = span_of(row.period, start)
    words, end = period.in_words(), advance(start, period, zone)
    return Rule(
        "the row's period",
        end,
        f"Row {row.id} ({'; '.join(row.authority)}) keeps it for {words} ({row.period}) from {from_what}: "
        f"{start.short} and {words} is {end.short}.",
    )


def floor_rules(row: ScheduleRow, floor: Floor | None, cutoff: Point, zone: str) -> Iterator[Rule]:
    """Yield the rule of *floor*, unless there is none or it does not bind *row*."""
    if floor is None or row.below_floor is not None:
        return
    period = span_of(floor.period, cutoff)
    words, end = period.in_words(), advance(cutoff, period, zone)
    yield Rule(
        "the floor",
        end,
        f"Nothing may be destroyed before {words} ({floor.period}) from the cutoff ({floor.authority}): "
        f"{cutoff.short} and {words} is {end.short}.",
    )


def tell_floor_waived(row: ScheduleRow, floor: Floor | None) -> Iterator[str]:
    """Say that *floor* does not bind *row*, and by what authority; nothing where that is not so."""
    if floor is not None and row.below_floor is not None:
        yield f"The floor of {floor.period} ({floor.authority}) does not bind this row: {row.below_floor}."


def sealed_rules(sealed_until: datetime | None) -> Iterator[Rule]:
    """Yield the rule of the lock that stands."""
    if sealed_until is not None:
        end = Point(None, aware(sealed_until))
        yield Rule("the lock that stands", end, f"It is locked until {end.short}, and no lock is ever shortened.")


def aware(moment: datetime) -> datetime:
    """Return *moment* in UTC.

    Raises:
        RetentionError: it carries no zone.
    """
    if moment.tzinfo is None:
        raise RetentionError(f"time: expected an aware one, found {moment.isoformat()} without a zone")
    return moment.astimezone(UTC)
