"""A month of an agency's accounts from an integer seed: what happens, when captures are made, where one is killed.

The scenario is of the simulator's own form, so that anybody's file of that form can be lived instead.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from drills.acts import Acts, write_acts
from drills.city import ZONE
from drills.troubles import write_troubles

DAYS = 30
_FIRST_DAY, _CHOICE_OF_DAYS = datetime(2024, 1, 1, tzinfo=UTC), 700
# Local hours at which captures are due; each comes up to an hour later. A day of a weekend may have none.
_WEEKDAY, _WEEKEND = ((9,), (13,), (8, 17)), ((), (11,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """A process to kill: in run *run*, in its *order*-th piece of work, at its *write*-th write to the store.

    A run of fewer pieces of work is counted round.
    `after` the write is kept, or before it arrives; with `delay_s`, so long after it began, wherever it then is.
    `again`: the run tries once more, as its scheduler would; otherwise the next run finds what is left.
    """

    run: int
    order: int
    write: int
    after: bool
    delay_s: float | None
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What one drill lives: a scenario from an instant on, the instants of its runs, its kills."""

    seed: int
    start: datetime  # aware UTC
    scenario: str
    runs: tuple[datetime, ...]
    kills: tuple[Kill, ...]

    @property
    def end(self) -> datetime:
        """Return the instant at which the month is over."""
        return self.start + timedelta(days=DAYS)


def plan_month(seed: int, *, scenario: str | None = None, start: datetime | None = None) -> Month:
    """Return the month of *seed*; with *scenario*, that text is lived from *start* on, with the captures of *seed*."""
    chance = random.Random(f"muniment-drill/1/{seed}")
    begins = start or _FIRST_DAY + timedelta(days=chance.randrange(_CHOICE_OF_DAYS))
    runs = tuple(_runs(chance, begins))
    text = json.dumps(write_scenario(seed, [run - begins for run in runs]), ensure_ascii=False)
    return Month(seed=seed, start=begins, scenario=scenario or text, runs=runs, kills=tuple(_kills(chance, len(runs))))


def write_scenario(seed: int, runs: list[timedelta]) -> dict[str, object]:
    """Return the scenario of *seed*; troubles come near *runs*, as offsets, for between them nobody would notice."""
    chance = random.Random(f"muniment-drill/1/{seed}/scenario")
    acts: Acts = write_acts(chance, seed)
    return {
        "scenario": 1,
        "name": f"drill-{seed}",
        "seed": f"drill-{seed}",
        "people": acts.people,
        "accounts": acts.accounts,
        "posts": acts.posts,
        "faults": write_troubles(chance, runs),
    }


def _runs(chance: random.Random, start: datetime) -> list[datetime]:
    local = start.astimezone(ZoneInfo(ZONE))
    found = []
    for number in range(DAYS + 1):
        day = local.date() + timedelta(days=number)
        for hour in chance.choice(_WEEKEND if day.weekday() >= 5 else _WEEKDAY):
            due = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
            found.append(due + timedelta(seconds=chance.randrange(3600)))
    return [run for run in found if start < run < start + timedelta(days=DAYS)]


def _kills(chance: random.Random, runs: int) -> list[Kill]:
    return [
        Kill(
            run=run,
            order=chance.randrange(7),
            write=chance.randrange(1, 5),
            after=chance.random() < 0.5,
            delay_s=chance.uniform(0.02, 0.6) if chance.random() < 0.4 else None,
            # Towards the end nobody else comes by who would find what is left.
            again=chance.random() < 0.5 or run > runs - 12,
        )
        for run in range(1, runs)
        if chance.random() < 0.2
    ]
