"""Lives a month: run after run, each capture when it is due, some of them killed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from drills.city import BLUESKY, MASTODON, ZONE
from drills.clock import SimulatedClock
from drills.kills import do_and_be_killed
from drills.months import Kill, Month
from drills.truth import COMMENTS, FOLLOWERS, POSTS
from drills.work import Probing, Work, do
from muniment.errors import MunimentError
from muniment.records.names import AccountId, SnapshotId
from muniment.settings import Settings
from muniment.workflows.orders import Order
from muniment.workflows.snapshot import order_run
from muniment.workflows.wiring import Workplace


@dataclass(slots=True)
class Lived:
    """What the drill itself saw: between which instants each snapshot's pages were asked for, and what went wrong.

    `asked` is by snapshot; `failed` and `killed` count pieces of work.
    """

    asked: dict[SnapshotId, tuple[datetime, datetime]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    seconds: float = 0


def live(
    month: Month, settings: Settings, place: Workplace, clock: SimulatedClock, *, after_asking: Callable[[], None]
) -> Lived:
    """Live *month* to its end; what cannot be captured is noted, as a scheduler would note it.

    *after_asking* is called after each run that asked for what was missing: somebody may decide something.
    """
    lived, began = Lived(), time.monotonic()
    life = _Life(settings, place, clock, lived)
    kills = {kill.run: kill for kill in month.kills}
    for number, due in enumerate(month.runs):
        clock.sleep_until(due)
        run_id = f"drill-{month.seed}-{number}"
        orders = order_run(place, [], _series_of(month, number), run_id=run_id, taken_at=clock.look())
        missing_of = (BLUESKY, MASTODON) if _probes(month, number) else ()
        kill, count = kills.get(number), len(orders) + len(missing_of)
        for index, work in enumerate(_works(orders, missing_of, run_id, clock)):
            life.do(work, kill if kill and index == kill.order % count else None)
        if missing_of:
            after_asking()
    clock.sleep_until(month.end)
    lived.seconds = time.monotonic() - began
    return lived


def _series_of(month: Month, number: int) -> tuple[str, ...]:
    """Return what run *number* takes: comments always, posts and followers in the first of every third day."""
    day = _day(month.runs[number])
    is_first = not number or _day(month.runs[number - 1]) != day
    return (POSTS, COMMENTS, FOLLOWERS) if is_first and _of_days(month, number) % 3 == 0 else (COMMENTS,)


def _probes(month: Month, number: int) -> bool:
    """Tell whether run *number* asks for what is missing: the last of every third day, and of the month."""
    if number + 1 == len(month.runs):
        return True
    return _day(month.runs[number + 1]) != _day(month.runs[number]) and _of_days(month, number) % 3 == 1


def _of_days(month: Month, number: int) -> int:
    """Return which of the days that have runs is that of run *number*."""
    return len({_day(run) for run in month.runs[: number + 1]}) - 1


def _day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(ZONE)).date()


def _works(orders: list[Order], missing_of: Iterable[str], run_id: str, clock: SimulatedClock) -> Iterator[Work]:
    yield from orders
    for account in missing_of:
        yield Probing(AccountId(account), run_id, clock.look())


@dataclass(frozen=True, slots=True)
class _Life:
    settings: Settings
    place: Workplace
    clock: SimulatedClock
    lived: Lived

    def do(self, work: Work, kill: Kill | None) -> None:
        if kill is None or (self._do_and_be_killed(work, kill) and kill.again):
            self._do(work)

    def _do_and_be_killed(self, work: Work, kill: Kill) -> bool:
        begun = self.clock.look()
        killed = do_and_be_killed(self.settings, work, self.clock, kill)
        self._note(work, begun)
        self.lived.killed += killed
        return killed

    def _do(self, work: Work) -> None:
        begun = self.clock.look()
        try:
            sealed = do(self.place, work)
        except MunimentError as error:
            self.lived.failed[type(error).__name__] += 1
            sealed = False
        # Of a snapshot that was begun before, whoever asked has noted when.
        if sealed or isinstance(work, Probing) or work.snapshot not in self.lived.asked:
            self._note(work, begun)

    def _note(self, work: Work, begun: datetime) -> None:
        first, _ = self.lived.asked.get(work.snapshot, (begun, begun))
        self.lived.asked[work.snapshot] = first, self.clock.look()
