"""Scores what the product said of a month against what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from drills.oracle import Expected
from drills.product import Source, Told
from drills.truth import (
    AUTHOR_GONE,
    BLOCKED,
    DEACTIVATED,
    EDITED,
    FOLLOWER_GONE,
    FOLLOWERS,
    HIDDEN,
    REMOVED,
    TAKEN_DOWN,
    UNBLOCKED,
    UNHIDDEN,
    VANISHED,
    Entry,
    Event,
)
from muniment.records.changes import Change, ChangeKind, Confidence

# By which words the product may tell each kind. Mastodon answers 404 for a deleted account, a closed
# one and a status that it took down itself: nobody outside can tell them apart.
_WORDS = {
    EDITED: {ChangeKind.EDITED},
    HIDDEN: {ChangeKind.HIDDEN},
    UNHIDDEN: {ChangeKind.UNHIDDEN},
    REMOVED: {ChangeKind.REMOVED},
    TAKEN_DOWN: {ChangeKind.TAKEN_DOWN},
    AUTHOR_GONE: {ChangeKind.AUTHOR_GONE},
    DEACTIVATED: {ChangeKind.AUTHOR_DEACTIVATED},
    BLOCKED: {ChangeKind.AUTHOR_BLOCKED},
    FOLLOWER_GONE: {ChangeKind.MISSING},
}
_MASTODON_WORDS = {TAKEN_DOWN: {ChangeKind.REMOVED}, DEACTIVATED: {ChangeKind.AUTHOR_GONE}}
# What may be told besides, and is not asked for: who is blocked is hidden from the thread by that.
_BESIDES = {
    BLOCKED: frozenset({ChangeKind.HIDDEN}),
    UNBLOCKED: frozenset({ChangeKind.UNHIDDEN, ChangeKind.REAPPEARED}),
}
_GONE = frozenset({ChangeKind.REMOVED, ChangeKind.TAKEN_DOWN, ChangeKind.AUTHOR_GONE, ChangeKind.AUTHOR_DEACTIVATED})
_SCORED = frozenset(word for words in _WORDS.values() for word in words)


@dataclass(slots=True)
class Score:
    """Counts by kind, and each fault with the ids that it is about."""

    expected: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    told: int = 0
    windows: int = 0  # of those told: which contain the truth
    faults: list[tuple[str, str, str]] = field(default_factory=list)  # what kind of fault, item id, detail


def score(entries: Iterable[Entry], expected: Sequence[Expected], told: Iterable[Told]) -> Score:
    """Return how *told* fares against *expected*, and against all that happened to *entries*."""
    result, changes = Score(), [one for one in told if _is_scored(one)]
    by_item = _by_item(changes)
    for one in expected:
        result.expected[one.event.kind] += 1
        if any(_tells(found, one.entry, one.event) for found in by_item.get(_key(one.entry), ())):
            result.found[one.event.kind] += 1
        else:
            result.faults.append(("not found", one.entry.item_id, _spell(one.event, one.entry)))
    happened: dict[tuple[str, str], list[tuple[Entry, Event]]] = defaultdict(list)
    for entry in entries:
        happened[_key(entry)] += [(entry, event) for event in entry.events]
    for key, found in by_item.items():
        _judge_told(result, found, happened.get(key, []))
    return result


def words(event: Event, platform: str) -> frozenset[ChangeKind]:
    """Return the kinds by which the product may tell *event*."""
    kinds = event.causes | {event.kind}
    found = {word for kind in kinds for word in _WORDS.get(kind, ())}
    if platform == "mastodon":
        found |= {word for kind in kinds for word in _MASTODON_WORDS.get(kind, ())}
    return frozenset(found)


def _judge_told(result: Score, found: Sequence[Told], happened: Sequence[tuple[Entry, Event]]) -> None:
    taken: set[tuple[str, Source, int]] = set()
    for one in sorted(found, key=lambda one: one.change.window.first_missing):
        change = one.change
        result.told += 1
        meant = [
            (index, event)
            for index, (entry, event) in enumerate(happened)
            if _is_of(change, entry)
            and change.kind in words(event, entry.platform) | _BESIDES.get(event.kind, frozenset())
        ]
        inside = [index for index, event in meant if _holds(change, event)]
        result.windows += bool(inside)
        fresh = [index for index in inside if (change.series, one.source, index) not in taken]
        if fresh:
            taken.add((change.series, one.source, fresh[0]))
        elif not inside or one.source is not Source.EARLIER:  # which are told again as they narrow
            result.faults.append((_name_fault(change, meant, inside), change.item_id, _spell_change(change)))


def _name_fault(change: Change, meant: Sequence[object], inside: Sequence[int]) -> str:
    if inside:
        return "told twice"
    if meant:
        return "window without the truth"
    return "false gone" if change.kind in _GONE and change.confidence is Confidence.CONFIRMED else "false alarm"


def _is_scored(told: Told) -> bool:
    # That an item is not listed proves nothing, and is no alarm; of a follower it is all that can be told.
    if told.change.kind is ChangeKind.MISSING:
        return told.change.series == FOLLOWERS
    return told.change.kind in _SCORED and told.change.confidence is not Confidence.OUTAGE


def _is_of(change: Change, entry: Entry) -> bool:
    # A removal is told of the item, whichever listing it was missing from.
    return change.kind in _GONE or change.kind is ChangeKind.AUTHOR_BLOCKED or change.series == entry.series


def _tells(told: Told, entry: Entry, event: Event) -> bool:
    # What came back, or was taken away once more, is told of as such in the end; what it was before
    # that was concluded then.
    # Nor does it end there for one who was blocked: what he wrote may be removed.
    change, is_last = told.change, event.until is None and len(event.causes) < 2 and event.kind != BLOCKED
    if told.source is Source.EARLIER and is_last:
        return False
    return _is_of(change, entry) and change.kind in words(event, entry.platform) and _holds(change, event)


def _holds(change: Change, event: Event) -> bool:
    return change.window.last_seen <= event.at <= change.window.first_missing


def _key(entry: Entry) -> tuple[str, str]:
    return entry.account, entry.item_id


def _by_item(told: Sequence[Told]) -> Mapping[tuple[str, str], list[Told]]:
    found: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in told:
        found[one.change.account, one.change.item_id].append(one)
    return found


def _spell(event: Event, entry: Entry) -> str:
    others = f" ({', '.join(sorted(event.causes))})" if event.causes & VANISHED else ""
    return f"{entry.account} {entry.series}: {event.kind}{others} at {event.at.isoformat()}"


def _spell_change(change: Change) -> str:
    window = f"{change.window.last_seen.isoformat()} to {change.window.first_missing.isoformat()}"
    return f"{change.account} {change.series}: {change.kind}, {change.confidence}, {window}"
