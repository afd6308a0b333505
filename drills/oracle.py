"""What captures at known instants could have seen of what happened. Knows nothing of how the product compares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from drills.truth import BLOCKED, EDITED, FOLLOWER_GONE, HIDDEN, UNHIDDEN, VANISHED, Entry, Event, Refusal, Shown


@dataclass(frozen=True, slots=True)
class Look:
    """One accepted capture of an account's series: between which instants it asked, and whether nothing was a gap."""

    begun: datetime
    ended: datetime
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """Something that happened and could have been seen; `entry` has its id."""

    entry: Entry
    event: Event


def expect(entry: Entry, looks: Sequence[Look], probes: Sequence[Look]) -> list[Expected]:
    """Return those of the entry's events that *looks* at its listing and *probes* for the item could have seen."""
    sights = [
        (look, entry.shown(look.begun)) for look in looks if look.is_whole and entry.is_steady(look.begun, look.ended)
    ]
    return [
        Expected(entry, event)
        for event in entry.events
        if event.is_turn and not _is_veiled(entry, event, looks) and _could_be_seen(entry, event, sights, probes)
    ]


def list_answered(probes: Iterable[Look], refusals: Iterable[Refusal], platform: str) -> list[Look]:
    """Return those of *probes* of *platform* in which it refused nobody."""
    own = [one for one in refusals if one.platform == platform]
    return [look for look in probes if not any(_meets(one, look) for one in own)]


def _meets(refusal: Refusal, look: Look) -> bool:
    return refusal.since <= look.ended and (refusal.until is None or look.begun < refusal.until)


def _could_be_seen(
    entry: Entry, event: Event, sights: Sequence[tuple[Look, Shown | None]], probes: Sequence[Look]
) -> bool:
    before = [shown for look, shown in sights if look.ended < event.at]
    after = [(look, shown) for look, shown in sights if look.begun >= event.at]
    if event.kind in (EDITED, HIDDEN, UNHIDDEN):
        return _was_seen_to_turn(entry, event, before, [shown for _, shown in after])
    asked = [look for look in probes if look.is_whole and (event.until is None or look.ended < event.until)]
    if event.kind == BLOCKED:
        asked = [look for look in asked if look.begun > event.at and not _is_away(entry, look)]
        # Of a reply that was hidden already nothing turns for a reader.
        was_open = any(shown is not None and not shown.hidden for shown in before[-1:])
        return was_open and bool(asked)
    if not before or before[-1] is None or not after or after[0][1] is not None:
        return False
    if event.kind == FOLLOWER_GONE:
        return True
    # Absence from a listing proves nothing: the item itself must have been asked for, while it was away.
    return event.kind in VANISHED and any(look.begun >= after[0][0].ended for look in asked)


def _is_veiled(entry: Entry, event: Event, looks: Sequence[Look]) -> bool:
    """Tell whether a reply was hidden or shown again while a block hid it anyway from the captures on either side."""
    if event.kind not in (HIDDEN, UNHIDDEN):
        return False
    before = [look for look in looks if look.is_whole and look.ended < event.at][-1:]
    after = [look for look in looks if look.is_whole and look.begun >= event.at][:1]
    return any(entry.unsure(look.begun) for look in [*before, *after])


def _was_seen_to_turn(
    entry: Entry, event: Event, before: Sequence[Shown | None], after: Sequence[Shown | None]
) -> bool:
    old = entry.shown_before(event.at)
    new = entry.shown(event.at)
    return old is not None and new is not None and old in before and new in after


def _is_away(entry: Entry, look: Look) -> bool:
    spans = [(event.at, event.until) for event in entry.events if event.kind in VANISHED]
    return any(since <= look.ended and (until is None or look.begun < until) for since, until in spans)
