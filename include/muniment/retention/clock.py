"""When a volume is due: the longest of all rules wins, and the sum is told in sentences.

A clock starts at the volume's cutoff, or with the event that its row waits for: then on the
day after the event, as a period is counted without its first day and with its last (Gov. Code
6800). What waits for an event, and what is kept for ever, has no due date; its lock is rolled
ahead of the present day instead, so that nothing can be deleted before somebody knows more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from muniment.errors import RetentionError
from muniment.evidence.layout import VolumeAddress
from muniment.records.names import format_instant
from muniment.records.schedule import PERMANENT, Floor, ScheduleRow, TriggerEvent
from muniment.retention.cutoffs import Point, advance, bare_point, cutoff_of, day_point
from muniment.retention.periods import zone_named
from muniment.retention.rules import (
    EVENT_WORDS,
    Rule,
    aware,
    floor_rules,
    least_rules,
    row_rule,
    sealed_rules,
    span_of,
    tell_cutoff,
    tell_floor_waived,
)
from muniment.retention.triggers import TriggerFact, fold_triggers, latest_fact

__all__ = ["DueSum", "TriggerFact", "compute_due", "fold_triggers"]

ROLL_AHEAD = timedelta(days=30)  # a lock that is rolled is rolled anew once it is this much short of its period
_NEXT_RUN = timedelta(days=2)  # locks are looked at daily: none that is rolled may end before the next time


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSum:
    """When one volume is due, and how that was reckoned.

    `due_at` is None where the volume waits for an event or is kept for ever. Every object of the
    volume must be locked until `lock_until` at least, as of the moment of the reckoning. `steps`
    are the sum in sentences; the last has the date, or why there is none. Times are aware UTC.
    """

    address: VolumeAddress
    row: str
    cutoff_at: datetime
    due_at: datetime | None
    lock_until: datetime
    waits_for: TriggerEvent | None
    permanent: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    address: VolumeAddress
    row: ScheduleRow
    zone: str
    cutoff: Point
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(zone_named(self.zone)).date()


@dataclass(frozen=True, slots=True)
class _Start:
    point: Point
    words: str
    told: tuple[str, ...] = ()


def compute_due(
    address: VolumeAddress,
    row: ScheduleRow,
    *,
    zone: str,
    floor: Floor | None,
    triggers: Sequence[TriggerFact],
    sealed_until: datetime | None,
    now: datetime,
) -> DueSum:
    """Reckon when the volume at *address* is due under *row*, as of *now* (aware).

    `sealed_until` (aware) is the longest lock that is known to be on it: nothing sealed is shortened.

    Raises:
        RetentionError: a period cannot be read or ends past the year 9999, the volume or the zone
            is none, or *now* carries no zone.
    """
    case = _Case(address, row, zone, cutoff_of(address.volume, zone), aware(now))
    others = [*floor_rules(row, floor, case.cutoff, zone), *sealed_rules(sealed_until)]
    start = None if row.period == PERMANENT else _find_start(case, triggers)
    if start is None:
        until = _roll(case, [least_rules(address.volume, row, zone=zone, floor=None)[0], *others])
        told = [*_tell_no_start(case), *(rule.sentence for rule in others), _tell_rolled(case, until)]
        due_at = None
    else:
        rules = [row_rule(row, start.point, start.words, zone), *others]
        longest = max(rules, key=lambda rule: rule.end.at)
        until = due_at = longest.end.at
        told = [*start.told, *_tell_longest(rules, longest, [*tell_floor_waived(row, floor)], zone)]
    return DueSum(
        address=address,
        row=row.id,
        cutoff_at=case.cutoff.at,
        due_at=due_at,
        lock_until=until,
        waits_for=row.starts if due_at is None and row.period != PERMANENT else None,
        permanent=row.period == PERMANENT,
        steps=(*tell_cutoff(address.volume, case.cutoff, zone), *told),
    )


def _find_start(case: _Case, triggers: Sequence[TriggerFact]) -> _Start | None:
    """Return where the clock starts; None while the event that the row waits for has not happened."""
    starts = case.row.starts
    if starts is TriggerEvent.CUTOFF:
        return _Start(case.cutoff, "the cutoff")
    fact = latest_fact(triggers, starts, case.address, case.today)
    if fact is None:
        return None
    after, waited = _after(fact, case), f"The clock waits for {EVENT_WORDS[starts]}"
    if after.at <= case.cutoff.at:
        told = f"{waited}: it was on {fact.on}, before the cutoff, so the clock starts at the cutoff."
        return _Start(case.cutoff, "the cutoff", (told,))
    if after.day is None:
        told = f"{waited}: in this exercise it starts at the instant of the event, {after.short}."
        return _Start(after, EVENT_WORDS[starts], (told,))
    told = f"{waited}: it was on {fact.on}, and that day itself does not count (Gov. Code 6800)."
    return _Start(after, f"the day after {EVENT_WORDS[starts]}", (told,))


def _after(fact: TriggerFact, case: _Case) -> Point:
    if case.cutoff.day is None and fact.entered_at is not None:
        return bare_point(fact.entered_at)
    following = day_point(_next(fact.on), case.zone)
    return following if case.cutoff.day is not None else bare_point(following.at)


def _tell_longest(rules: Sequence[Rule], longest: Rule, waived: Sequence[str], zone: str) -> list[str]:
    told = [*(rule.sentence for rule in rules), *waived]
    if len(rules) > 1:
        told.append(f"The longest of these wins: {longest.name}.")
    return [*told, f"Its disposition may be proposed from {longest.end.in_words(f'in {zone}')}."]


def _tell_no_start(case: _Case) -> list[str]:
    row, clauses = case.row, "; ".join(case.row.authority)
    if row.period == PERMANENT:
        return [f"Row {row.id} ({clauses}) keeps it for ever."]
    period = span_of(row.period, case.cutoff).in_words()
    return [
        f"Row {row.id} ({clauses}) keeps it for {period} ({row.period}) from {EVENT_WORDS[row.starts]}.",
        "No such event is recorded.",
    ]


def _tell_rolled(case: _Case, until: datetime) -> str:
    why = "as it is kept for ever" if case.row.period == PERMANENT else "until that event is recorded"
    ahead = span_of(case.row.period, case.cutoff).in_words()
    return f"It has no due date {why}; its lock is kept {ahead} ahead: until {format_instant(until)}."


def _roll(case: _Case, rules: Sequence[Rule]) -> datetime:
    """Return the longest of *rules*, or the period from today once that has come too near."""
    base, period = max(rule.end.at for rule in rules), span_of(case.row.period, case.cutoff)
    # As if the event happened today: so no lock is rolled past the due date that the event would give.
    start = bare_point(case.now) if case.cutoff.day is None else day_point(_next(case.today), case.zone)
    ahead = advance(start, period, case.zone).at
    wanted = ahead - min(ROLL_AHEAD, (ahead - case.now) / 2)
    if case.cutoff.day is not None:
        wanted = max(wanted, min(ahead, case.now + _NEXT_RUN))
    return ahead if base < wanted else base


def _next(day: date) -> date:
    try:
        return day + timedelta(days=1)
    except OverflowError:
        raise RetentionError(f"day: expected one with a day after it, found {day}") from None
