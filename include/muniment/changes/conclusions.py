"""What was seen in listings and what was answered, folded into one conclusion about one item.

A listing that leaves an item out proves nothing: the platform may cut, shift or fail. So an item vanished
no sooner than somebody last saw it, and no later than the first answer that says so; it is confirmed by a
second answer a stated time later, and very many at once are an outage until a person says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from muniment.records.changes import ChangeKind, Confidence, ItemState, Probe, Window

MASS_SHARE = 0.2  # of an account's items: a lost token or a failing view does that, people rarely do
MASS_ITEMS = 10  # below this, a share says nothing
APART = timedelta(days=1)  # between the two answers that confirm

_THERE = MappingProxyType(
    {
        ItemState.PRESENT: ChangeKind.REAPPEARED,
        ItemState.HIDDEN: ChangeKind.HIDDEN,
        ItemState.AUTHOR_BLOCKED: ChangeKind.AUTHOR_BLOCKED,
    }
)
_MISSING = MappingProxyType(
    {
        ItemState.GONE: ChangeKind.REMOVED,
        ItemState.TAKEN_DOWN: ChangeKind.TAKEN_DOWN,
        ItemState.AUTHOR_GONE: ChangeKind.AUTHOR_GONE,
        ItemState.AUTHOR_DEACTIVATED: ChangeKind.AUTHOR_DEACTIVATED,
    }
)
VANISHED = frozenset(_MISSING.values())
# While its author is away nobody can tell what became of an item.
_VEILS = frozenset({ItemState.AUTHOR_GONE, ItemState.AUTHOR_DEACTIVATED})
_VEILED = frozenset({ItemState.GONE, ItemState.TAKEN_DOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What listings showed of an item. Times are aware UTC.

    `last_seen` is when the capture began that last listed it, `unlisted` when the first ended that did not;
    both None of an item that no listing ever had. `opened` is when the capture began that last showed it
    openly, where that is not the last that listed it. `shown` is what the listings themselves say happened,
    where they say it: hidden, unhidden, left out of its thread.
    """

    last_seen: datetime | None
    unlisted: datetime | None
    is_listed: bool
    shown: ChangeKind | None = None
    window: Window | None = None  # of what is shown
    opened: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What is concluded. `since` is the first of the answers it rests on; None where it rests on listings alone."""

    kind: ChangeKind
    state: ItemState
    confidence: Confidence
    window: Window
    since: Probe | None = None


def conclude(sighting: Sighting, probes: Iterable[Probe], *, asked_at: datetime, apart: timedelta) -> Conclusion:
    """Conclude from *sighting* and *probes* of one item; *asked_at* stands in where no time is known.

    An answer that refuses or says nothing is no evidence either way, nor is one from before it was
    last listed when it is listed no longer.
    """
    ordered = sorted(probes, key=lambda probe: probe.at)
    state = ordered[-1].state if ordered else ItemState.UNKNOWN
    telling = [probe for probe in ordered if _is_telling(probe, sighting)]
    if not sighting.is_listed and sighting.last_seen is not None and sighting.shown is None:
        telling = telling if any(probe.at > sighting.last_seen for probe in telling) else []
    there = [probe.asked_at for probe in telling if probe.state in _THERE]
    seen = max((at for at in (sighting.last_seen, *there) if at is not None), default=None)
    after = [probe for probe in telling if probe.state in _MISSING and (seen is None or probe.at > seen)]
    if after and not (telling and telling[-1].state in _THERE):
        return _conclude_missing(after, seen, apart)
    return _conclude_there(sighting, telling, state, asked_at)


def _is_telling(probe: Probe, sighting: Sighting) -> bool:
    # While it was asked for, a capture began that listed it: which of the two was answered first nobody knows.
    if probe.state in _MISSING and sighting.last_seen is not None and probe.asked_at <= sighting.last_seen < probe.at:
        return False
    return probe.state in _MISSING or probe.state in _THERE


def _conclude_missing(after: Sequence[Probe], seen: datetime | None, apart: timedelta) -> Conclusion:
    first, before = after[0], seen if seen is not None else after[0].asked_at
    last = first
    for probe in after[1:]:
        # A record that is gone stays gone, whatever becomes of its author's account.
        if probe.state is not first.state and first.state is not ItemState.GONE:
            is_veiled = first.state in _VEILS and probe.state in _VEILED
            first, before = probe, before if is_veiled else last.asked_at
        last = probe
    confirmed = last.asked_at - first.at >= apart
    return Conclusion(
        kind=_MISSING[first.state],
        state=first.state,
        confidence=Confidence.CONFIRMED if confirmed else Confidence.UNCONFIRMED,
        window=Window(last_seen=before, first_missing=first.at),
        since=first,
    )


def _conclude_there(sighting: Sighting, telling: Sequence[Probe], state: ItemState, asked_at: datetime) -> Conclusion:
    last = telling[-1] if telling else None
    if sighting.shown is not None and sighting.window is not None:
        kind, window = sighting.shown, sighting.window
        if last is not None and state is ItemState.AUTHOR_BLOCKED:
            # What the listing showed as hidden the account may have hidden itself, and blocked its author later.
            kind, window = ChangeKind.AUTHOR_BLOCKED, replace(window, first_missing=max(window.first_missing, last.at))
        return Conclusion(kind=kind, state=state, confidence=Confidence.SEEN, window=window, since=last)
    lost = [probe for probe in telling if probe.state in _MISSING]
    if lost and not _is_missing_anew(sighting, telling[-1], state):
        # It was gone and is there again, by an answer or by a listing.
        again = min(
            [probe.at for probe in telling if probe.state in _THERE and probe.at > lost[-1].at]
            + ([sighting.last_seen] if sighting.last_seen and sighting.last_seen > lost[-1].asked_at else []),
            default=asked_at,
        )
        window = Window(last_seen=lost[-1].asked_at, first_missing=max(again, lost[-1].at))
        kind = _THERE.get(state, ChangeKind.REAPPEARED)
        return Conclusion(kind=kind, state=state, confidence=Confidence.SEEN, window=window, since=last)
    if last is not None and last.state is ItemState.AUTHOR_BLOCKED:
        return _conclude_blocked(sighting, telling)
    present = [probe.asked_at for probe in telling if probe.state is ItemState.PRESENT]
    began = max((at for at in (sighting.last_seen, *present) if at is not None), default=asked_at)
    window = Window(last_seen=began, first_missing=max(sighting.unlisted or asked_at, began))
    return Conclusion(
        kind=ChangeKind.MISSING, state=state, confidence=Confidence.UNCONFIRMED, window=window, since=last
    )


def _is_missing_anew(sighting: Sighting, last: Probe, state: ItemState) -> bool:
    """Tell whether it was there again, is listed no longer since then, and nobody said what became of it."""
    is_silent = state not in _MISSING and state not in _THERE
    return is_silent and not sighting.is_listed and sighting.unlisted is not None and sighting.unlisted > last.at


def _conclude_blocked(sighting: Sighting, telling: Sequence[Probe]) -> Conclusion:
    # A listing goes on naming what a blocked person wrote: only one that showed it openly says not blocked.
    opened = sighting.opened if sighting.opened is not None else sighting.last_seen
    present = [probe.asked_at for probe in telling if probe.state is ItemState.PRESENT]
    seen = max((at for at in (opened, *present) if at is not None), default=None)
    first = next(
        probe for probe in telling if probe.state is ItemState.AUTHOR_BLOCKED
        and (seen is None or probe.at > seen or probe is telling[-1])
    )  # fmt: skip
    seen = first.asked_at if seen is None else seen
    return Conclusion(
        kind=ChangeKind.AUTHOR_BLOCKED,
        state=ItemState.AUTHOR_BLOCKED,
        confidence=Confidence.SEEN,
        window=Window(last_seen=min(seen, first.at), first_missing=first.at),
        since=first,
    )


def is_mass(vanished: int, listed: int) -> bool:
    """Tell whether *vanished* items at once are very many beside the *listed* that are still there."""
    return vanished >= MASS_ITEMS and vanished > MASS_SHARE * (vanished + listed)


def is_due(probes: Sequence[Probe], *, now: datetime, apart: timedelta) -> bool:
    """Tell whether an item is to be asked for again: never told anything, or not for so long as *apart*."""
    told = [probe.at for probe in probes if probe.state in _MISSING or probe.state in _THERE]
    return not told or now - max(told) >= apart
