"""Coverage as it can be told now: for each account and series what was due and made around a span of time.

The view reaches back to the last accepted capture before the span and on to the first one after
it, so that what crosses an edge is seen whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from muniment.changes.coverage import Captured, DueGrid, Slot, Term, lay_out
from muniment.changes.exposure import Day, Exposure, expose
from muniment.changes.gap_register import CAPTURES, order_of, read_attempts
from muniment.changes.gaps import Attempt, Gap, find_missed, find_partial, find_quarantined, trace
from muniment.workflows.coverage.captures import Shelf, read_filed
from muniment.workflows.coverage.events import read_months
from muniment.workflows.coverage.spans import due_grid, list_destroyed, list_terms, local_days
from muniment.workflows.registers import APPROVALS, DISPOSITIONS, read_events
from muniment.workflows.wiring import Workplace

_INSTANT = timedelta(microseconds=1)  # a span's end is none of it
_WEEK = timedelta(days=8)  # within it every timetable ticks: the last slot of a span has its end


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """One account and series, from the last accepted capture before a span (`begins`) to the first after it (`ends`).

    `opened` is when it was first to be captured, None where that lies before `begins` or is not known.
    `captures` are those of whole days.
    """

    term: Term
    shelf: Shelf
    begins: datetime
    ends: datetime
    opened: datetime | None
    captures: tuple[Captured, ...] = ()
    slots: tuple[Slot, ...] = ()

    @property
    def accepted(self) -> list[tuple[datetime, datetime]]:
        """Return when each accepted capture began and ended."""
        return [(one.began_at, one.ended_at) for one in self.captures if one.accepted]

    def is_closed(self, now: datetime) -> bool:
        """Tell whether it is captured no longer at *now*."""
        return self.term.ends is not None and self.term.ends <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Coverage of an agency around [`since`, `until`), as of `now`."""

    since: datetime
    until: datetime
    now: datetime
    grid: DueGrid
    days: tuple[Day, ...]
    pairs: tuple[PairView, ...]
    attempts: tuple[Attempt, ...]

    def slots(self) -> Iterator[Slot]:
        """Yield the slots due in the span."""
        for pair in self.pairs:
            yield from (slot for slot in pair.slots if self.since <= slot.expected_at < self.until)

    def gaps(self) -> tuple[Gap, ...]:
        """Return the gaps that touch the span, open ones included, by account, series and beginning."""
        ran = frozenset(self.grid.number_at(at) for one in self.pairs for at in one.shelf.taken(self.since, self.until))
        found = [gap for pair in self.pairs for gap in self._gaps_of(pair, ran)]
        return tuple(sorted((one for one in found if one.begins < self.until and one.ends > self.since), key=order_of))

    def exposures(self) -> Iterator[Exposure]:
        """Yield the exposure of each account, series and day of the span."""
        for pair in self.pairs:
            one = pair.term
            yield from expose(one.account, one.series, pair.accepted, self.days, opened=pair.opened, until=pair.ends)

    def _gaps_of(self, pair: PairView, ran: frozenset[int]) -> Iterator[Gap]:
        begun = pair.shelf.begun(pair.begins, pair.ends)
        known = trace(pair.term, self.grid, attempts=self.attempts, begun=begun, ran=ran, since=self.since)
        began = {one.snapshot: one.began_at for one in pair.captures}
        closed = pair.is_closed(self.now)
        yield from find_missed(pair.slots, began, known, ends=pair.ends, closed=closed)
        yield from find_quarantined(pair.slots, pair.captures, ends=pair.ends, closed=closed)
        taken = [one.taken_at for one in pair.captures]
        for day in self.days:
            of_day = pair.captures[bisect_left(taken, day.begins) : bisect_left(taken, day.ends)]
            yield from find_partial(of_day, is_over=day.ends <= self.now)


def take_view(
    place: Workplace, since: datetime, until: datetime, *, account: str | None = None, series: str | None = None
) -> View:
    """Read what there is around [*since*, *until*) (aware), of all accounts and series or of those chosen.

    Raises:
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    now, zone = place.clock(), place.agency.zone
    until = min(until, now)
    days = local_days(since, until, zone)
    filed = read_filed(place, min([since, *(day.begins for day in days)]) - _WEEK, now)
    terms = list_terms(place.agency, account=account, series=series)
    gone = list_destroyed(read_events(place.vault, DISPOSITIONS), read_events(place.vault, APPROVALS), zone)
    shelves = (Shelf(place.vault, zone, term, filed) for term in terms)
    bare = [_open(one, gone.get((one.term.account, one.term.series)), since, until, now) for one in shelves]
    known = [pair for pair in bare if pair is not None and pair.begins < pair.ends]
    first = min([since, *(pair.begins for pair in known)])
    last = max([until, *(pair.ends for pair in known)])
    grid = due_grid(place.agency, first, min(now, last + _WEEK) + _INSTANT)
    return View(
        since=since,
        until=until,
        now=now,
        grid=grid,
        days=days,
        pairs=tuple(_lay_out(pair, grid, days) for pair in known),
        attempts=tuple(read_attempts(read_months(place.vault, CAPTURES, first, now))),
    )


def _open(shelf: Shelf, gone: datetime | None, since: datetime, until: datetime, now: datetime) -> PairView | None:
    """Return how far the view of one account and series reaches; None where nothing was ever due of it."""
    last = now if shelf.term.ends is None else min(now, shelf.term.ends)
    before = shelf.last_accepted(since)
    opened = None if before is not None else shelf.term.begins or shelf.first_taken()
    begins = before or opened
    if begins is None:
        return None
    if gone is not None and gone > begins:
        # What was made in a volume that was lawfully destroyed is known from the register of gaps alone.
        begins, opened = gone, None
    ends = min(shelf.next_accepted(until) or last, last)
    return PairView(term=shelf.term, shelf=shelf, begins=begins, ends=ends, opened=opened)


def _lay_out(pair: PairView, grid: DueGrid, days: Sequence[Day]) -> PairView:
    # Of a day's captures all are read, so that what they lack makes the same gap whatever was asked about.
    begins, ends = min([pair.begins, *(day.begins for day in days)]), max([pair.ends, *(day.ends for day in days)])
    captures = pair.shelf.between(begins, ends)
    term = replace(pair.term, begins=pair.term.begins or pair.begins)
    return replace(
        pair, captures=captures, slots=lay_out(term, grid, captures, since=pair.begins, until=pair.ends + _INSTANT)
    )
