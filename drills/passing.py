"""What came and went within hours: the share of it that no capture saw, beside the share that the product states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

from drills.city import ZONE
from drills.product import Product
from drills.sealed import Sealed
from drills.truth import COMMENTS, Entry, is_short_lived
from muniment.changes.exposure import Exposure

# Births fall by chance. A sound product exceeds its bound by so many standard deviations once in a
# billion drills; what is told of each item by itself (`lived longer`) leaves nothing to chance.
DEVIATIONS = 6


@dataclass(slots=True)
class Passing:
    """How many there were, how many were missed, and of how many at most the product said so."""

    items: int = 0
    missed: int = 0
    stated: float = 0  # the sum of the stated shares
    variance: float = 0
    longest_missed: timedelta = timedelta(0)
    faults: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, other: Passing) -> None:
        """Take *other* in."""
        self.items, self.missed = self.items + other.items, self.missed + other.missed
        self.stated, self.variance = self.stated + other.stated, self.variance + other.variance
        self.longest_missed = max(self.longest_missed, other.longest_missed)
        self.faults += other.faults

    @property
    def is_within(self) -> bool:
        """Tell whether no more were missed than was stated, but for what chance may do."""
        return self.missed <= self.stated + DEVIATIONS * sqrt(self.variance)


def weigh_passing(
    product: Product,
    account: str,
    *,
    entries: Iterable[Entry],
    sealed: Sealed,
    exposure: Sequence[Exposure],
    start: datetime,
) -> Passing:
    """Return how the short-lived comments of *account* fared."""
    result = Passing()
    instants = [(look.begun, look.ended) for look in sealed.looks(account, COMMENTS)]
    if len(instants) < 2:
        return result
    longest = {one.day: one.longest for one in exposure if (one.account, one.series) == (account, COMMENTS)}
    for entry in entries:
        # The stated bound is for births between the first capture and the last.
        if is_short_lived(entry, start) and instants[0][1] <= entry.born <= instants[-1][0]:
            share = product.share(instants, _lifetime(entry))
            result.items += 1
            result.stated += share
            result.variance += share * (1 - share)
            if entry.item_id not in sealed.seen[account, COMMENTS]:
                _weigh_missed(entry, longest, result)
    if not result.is_within:
        detail = f"{result.missed} of {result.items} missed, at most {result.stated:.1f} stated"
        result.faults.append(("missed more than stated", account, detail))
    return result


def _lifetime(entry: Entry) -> timedelta:
    return timedelta.max if entry.died is None else entry.died - entry.born


def _weigh_missed(entry: Entry, longest: Mapping[date, timedelta], result: Passing) -> None:
    lifetime = _lifetime(entry)
    result.missed += 1
    result.longest_missed = max(result.longest_missed, lifetime)
    days = {moment.astimezone(ZoneInfo(ZONE)).date() for moment in (entry.born, entry.born + lifetime)}
    stated = max((longest[day] for day in days if day in longest), default=timedelta(0))
    if lifetime >= stated:
        detail = f"{entry.account}: lived {lifetime} from {entry.born.isoformat()}, exposure stated as {stated}"
        result.faults.append(("lived longer than stated, and missed", entry.item_id, detail))
