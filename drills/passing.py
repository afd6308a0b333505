"""What came and went within hours: how much of it no capture saw, beside of how much the product states that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from drills.city import ZONE
from drills.product import Product
from drills.sealed import Sealed
from drills.truth import COMMENTS, Entry, is_short_lived
from muniment.changes.exposure import Exposure


@dataclass(slots=True)
class Passing:
    """How many there were, how many were missed, and of how many the product states that they could be.

    `stated` are those born where something of their lifetime could have come and gone unseen; `bound` is
    the sum of the shares stated for births spread evenly, which those of one month are not.
    """

    items: int = 0
    missed: int = 0
    stated: int = 0
    bound: float = 0
    longest_missed: timedelta = timedelta(0)
    faults: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, other: Passing) -> None:
        """Take *other* in."""
        self.items, self.missed = self.items + other.items, self.missed + other.missed
        self.stated, self.bound = self.stated + other.stated, self.bound + other.bound
        self.longest_missed = max(self.longest_missed, other.longest_missed)
        self.faults += other.faults


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
    unseen = product.unseen(instants)
    for entry in entries:
        # The stated bound is for births between the first capture and the last.
        if is_short_lived(entry, start) and instants[0][1] <= entry.born <= instants[-1][0]:
            is_stated = any(one.begins <= entry.born <= one.ends - _lifetime(entry) for one in unseen)
            result.items += 1
            result.stated += is_stated
            result.bound += product.share(instants, _lifetime(entry))
            if entry.item_id not in sealed.seen[account, COMMENTS]:
                _weigh_missed(entry, longest, result)
                if not is_stated:
                    detail = f"{account}: lived {_lifetime(entry)} from {entry.born.isoformat()}"
                    result.faults.append(("missed where nothing was stated", entry.item_id, detail))
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
