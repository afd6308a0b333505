"""Which captures were due, and which were made: slot by slot, for each account and series.

A slot begins when a capture is due and ends when the next one is. It is made by a snapshot
taken in it, whoever started it; the accepted one counts where there are several.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from muniment.records.names import AccountId, SeriesId, SnapshotId


class SlotOutcome(StrEnum):
    """What became of a capture that was due."""

    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One capture that was due at `expected_at` (aware UTC), and the snapshot that was made, if any."""

    account: AccountId
    series: SeriesId
    expected_at: datetime
    made: SnapshotId | None
    outcome: SlotOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One finished snapshot, as its manifest tells it. `gaps`: purpose, reason and count of what it could not have."""

    account: AccountId
    series: SeriesId
    snapshot: SnapshotId
    key: str  # of the manifest
    taken_at: datetime
    began_at: datetime
    ended_at: datetime
    accepted: bool
    codes: tuple[str, ...]  # of the findings that stopped the seal
    gaps: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """From when to when an account's series is to be captured; `begins` None: from its first capture on."""

    account: AccountId
    series: SeriesId
    begins: datetime | None
    ends: datetime | None  # None: still


@dataclass(frozen=True, slots=True)
class DueGrid:
    """The instants at which captures were due, sorted, up to now: the last slot is not over, so not missed yet.

    Expected captures are the agency's, not an account's: one grid serves every account and series.
    """

    instants: tuple[datetime, ...]

    def between(self, begins: datetime, ends: datetime) -> range:
        """Return the numbers of the slots due in [*begins*, *ends*)."""
        return range(bisect_left(self.instants, begins), bisect_left(self.instants, ends))

    def is_over(self, number: int) -> bool:
        """Tell whether the next capture was due since."""
        return number + 1 < len(self.instants)

    def number_at(self, moment: datetime) -> int:
        """Return the number of the slot that *moment* lies in; -1 before the first."""
        return bisect_right(self.instants, moment) - 1


def lay_out(
    term: Term, grid: DueGrid, captures: Iterable[Captured], *, since: datetime, until: datetime
) -> tuple[Slot, ...]:
    """Return the slots of *term* due in [*since*, *until*) that are over or made, each with what was made in it."""
    made = _by_slot(grid, captures)
    begins = term.begins or min((one.taken_at for one in made.values()), default=None)
    if begins is None:
        return ()
    ends = until if term.ends is None else min(until, term.ends)
    numbers = (at for at in grid.between(max(begins, since), ends) if at in made or grid.is_over(at))
    return tuple(_slot(term, grid.instants[at], made.get(at)) for at in numbers)


def _by_slot(grid: DueGrid, captures: Iterable[Captured]) -> dict[int, Captured]:
    made: dict[int, Captured] = {}
    for one in sorted(captures, key=lambda found: (not found.accepted, found.taken_at, found.snapshot)):
        made.setdefault(grid.number_at(one.taken_at), one)
    return made


def _slot(term: Term, expected_at: datetime, made: Captured | None) -> Slot:
    outcome = SlotOutcome.QUARANTINED if made is not None else SlotOutcome.MISSED
    if made is not None and made.accepted:
        outcome = SlotOutcome.ACCEPTED
    return Slot(
        account=term.account,
        series=term.series,
        expected_at=expected_at,
        made=None if made is None else made.snapshot,
        outcome=outcome,
    )


def count_outcomes(slots: Sequence[Slot]) -> dict[SlotOutcome, int]:
    """Return how many of *slots* had each outcome."""
    return {outcome: sum(1 for slot in slots if slot.outcome is outcome) for outcome in SlotOutcome}
