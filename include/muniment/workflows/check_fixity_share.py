"""How much is read again tonight, so that everything is within its period: pure arithmetic.

A unit is due a quarter of the period before the period ends, so that as many nights in a row
may be missed. Units are taken in the order of their days, each night an even part of what is
due on any day. After nights that were missed the part grows by itself, and what is due tonight
is always in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DueUnit:
    """A unit to read: its bytes, and the last night (a day's ordinal) on which it is due."""

    name: str
    weight: int
    due: int


def spare_nights(period_days: int) -> int:
    """Return how many nights in a row may be missed without anything exceeding its period."""
    return period_days // 4


def due_on(last_read: int, period_days: int) -> int:
    """Return the night by which a unit read on *last_read* is due, both days' ordinals."""
    return last_read + period_days - spare_nights(period_days)


def choose_share(units: Iterable[DueUnit], night: int) -> list[DueUnit]:
    """Return the units to read on *night*, the most pressing first."""
    ordered = sorted(units, key=lambda unit: (unit.due, unit.name))
    reached, needed = 0, 0
    for unit in ordered:
        reached += _weight(unit)
        needed = max(needed, reached // (max(unit.due - night, 0) + 1))
    share: list[DueUnit] = []
    taken = 0
    for unit in ordered:
        # A unit larger than a night's part waits for its day: taken early, it would be read again and again.
        if unit.due <= night or taken + _weight(unit) <= needed:
            share.append(unit)
            taken += _weight(unit)
    return share


def deal_out(units: Iterable[DueUnit], tasks: int) -> list[list[DueUnit]]:
    """Deal *units* out to at most *tasks* tasks, the heaviest first, each to the task with the least."""
    loads: list[list[DueUnit]] = [[] for _ in range(tasks)]
    for unit in sorted(units, key=_weight, reverse=True):
        min(loads, key=lambda load: sum(map(_weight, load))).append(unit)
    return [load for load in loads if load]


def _weight(unit: DueUnit) -> int:
    return max(unit.weight, 1)  # an empty unit is a unit
