"""How long an item could have come and gone unseen: from when captures really began and ended.

A capture reads its pages one after the other, and nothing says at which instant it read the
one that would have shown an item: somewhere between its beginning and its end. So an item
that no capture saw lay between two readings, and lived less than from the beginning of one
capture to the end of the next. Every figure here errs to that side.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import accumulate, islice
from typing import NamedTuple

from muniment.records.names import AccountId, SeriesId

_NONE = timedelta(0)
_MICROSECOND = timedelta(microseconds=1)


class Day(NamedTuple):
    """One local day: its date, and its first instant and that of the next day (aware UTC)."""

    date: date
    begins: datetime
    ends: datetime


class Unseen(NamedTuple):
    """A stretch between two captures: from the beginning of one to the end of the next."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The longest time in which an item that lived on `day` could have come and gone unseen; captures begun that day.

    Without a capture on the day, `captures` is 0 and `longest` is from the capture before to the one after.
    """

    account: AccountId
    series: SeriesId
    day: date
    longest: timedelta
    captures: int


def list_unseen(
    captures: Sequence[tuple[datetime, datetime]], *, opened: datetime | None, until: datetime
) -> tuple[Unseen, ...]:
    """Return the stretches between *captures* (beginning, end), before the first of them and after the last.

    The first begins when the account was *opened*, where that is known; the last ends at *until*, as far as is known.
    """
    ordered = sorted(captures)
    begins = [began for began, _ in ordered]
    # A capture that ended before one that began earlier may have read first: the later end counts.
    ends = list(accumulate([*(ended for _, ended in ordered), until], max))
    if opened is None:
        ends = ends[1:]
    else:
        begins = [min([opened, *begins[:1]]), *begins]
    return tuple(Unseen(begin, end) for begin, end in zip(begins, ends, strict=True) if end > begin)


def expose(
    account: AccountId,
    series: SeriesId,
    captures: Sequence[tuple[datetime, datetime]],
    days: Sequence[Day],
    *,
    opened: datetime | None,
    until: datetime,
) -> Iterator[Exposure]:
    """Yield the exposure of each of *days* on which the account was open and something is known of it."""
    unseen = list_unseen(captures, opened=opened, until=until)
    begins, ends = [one.begins for one in unseen], [one.ends for one in unseen]
    began = sorted(began for began, _ in captures)
    for day in days:
        # Both lists are sorted, and stretches overlap: those that touch the day stand together.
        touching = unseen[bisect_right(ends, day.begins) : bisect_left(begins, day.ends)]
        if touching:
            yield Exposure(
                account=account,
                series=series,
                day=day.date,
                longest=max(one.ends - one.begins for one in touching),
                captures=bisect_left(began, day.ends) - bisect_left(began, day.begins),
            )


def missed_share(instants: Sequence[tuple[datetime, datetime]], lifetime: timedelta) -> float:
    """Return a bound on the share of items that live for *lifetime* and could have come and gone unseen.

    *instants* are the beginning and end of each capture. The bound holds for births spread evenly from any
    instant within the first capture to any within the last: the sum over the stretches between captures of
    how much longer each is than *lifetime*, over the time between the first capture and the last. It is 1
    where fewer than two captures bound anything.
    """
    ordered = sorted(instants)
    if len(ordered) < 2:
        return 1.0
    span = ordered[-1][0] - ordered[0][1]
    if span <= _NONE:
        return 1.0
    ends = accumulate((ended for _, ended in ordered), max)
    stretches = (end - begin for (begin, _), end in zip(ordered, islice(ends, 1, None), strict=False))
    unseen = sum((max(_NONE, stretch - lifetime) for stretch in stretches), _NONE)
    share = Fraction(unseen // _MICROSECOND, span // _MICROSECOND)
    # Rounded up: a bound that is too small by the last bit is none.
    return min(1.0, math.nextafter(float(share), math.inf)) if share else 0.0
