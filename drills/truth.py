"""What happened in a month, and what each listing shows at an instant, told from the simulator's world alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from platform_simulator.actors import Actor
from platform_simulator.items import Item
from platform_simulator.world import Follow, World

POSTS, COMMENTS, FOLLOWERS = "official-posts", "public-comments", "subscriber-lists"
EDITED, HIDDEN, UNHIDDEN = "edited", "hidden", "unhidden"
REMOVED, TAKEN_DOWN, AUTHOR_GONE, DEACTIVATED = "removed", "taken down", "author gone", "author deactivated"
BLOCKED, UNBLOCKED, FOLLOWER_GONE = "author blocked", "author unblocked", "follower gone"
VANISHED = frozenset({REMOVED, TAKEN_DOWN, AUTHOR_GONE, DEACTIVATED})
KINDS = (EDITED, HIDDEN, UNHIDDEN, REMOVED, TAKEN_DOWN, AUTHOR_GONE, DEACTIVATED, BLOCKED, FOLLOWER_GONE)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a listing shows an entry: which of its texts, and whether it says that the account hid it."""

    version: int = 0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an entry. `causes`: everything that took it away, from then `until` it came back.

    It is no `turn` when it was away already: an author gone from whom nothing was left.
    """

    kind: str
    at: datetime
    until: datetime | None = None
    causes: frozenset[str] = frozenset()
    is_turn: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One id of one account's listing: what happened to it, when it may look another way, and how it looks.

    `born` and `died`: from when to when the platform has it at all. `shown` is None where the
    listing lacks it; `unsure` says that what the listing shows is the connector's affair.
    """

    account: str
    series: str
    item_id: str
    platform: str
    born: datetime
    died: datetime | None
    events: tuple[Event, ...]
    turns: tuple[datetime, ...]  # sorted
    shown: Callable[[datetime], Shown | None]
    unsure: Callable[[datetime], bool]

    def shown_before(self, at: datetime) -> Shown | None:
        """Return how the listing shows it right before *at*."""
        return self.shown(at - timedelta(microseconds=1))

    def is_steady(self, begun: datetime, ended: datetime) -> bool:
        """Tell whether it looks the same to whoever asks between *begun* and *ended*."""
        return not any(begun <= turn <= ended for turn in self.turns) and not self.unsure(begun)


_ROUTES = {"bluesky": "app.bsky.", "mastodon": "mastodon."}


@dataclass(frozen=True, slots=True)
class Refusal:
    """From when to when, or from when on, *platform* refuses some answers as to nobody it knows."""

    platform: str
    since: datetime
    until: datetime | None


def list_refusals(world: World) -> Iterator[Refusal]:
    """Yield the stretches in which a platform of *world* does not know the token: who asks then is told nothing."""
    for rule in world.scenario.faults:
        until = None if rule.until is None else world.start + rule.until
        for platform, prefix in _ROUTES.items():
            if rule.kind == "expired-token" and (rule.route == "*" or rule.route.startswith(prefix)):
                yield Refusal(platform, world.start + rule.at, until)


def list_entries(world: World) -> Iterator[Entry]:
    """Yield every entry of every listing of the social accounts of *world*."""
    for item in world.items:
        if item.author is world.accounts[item.account]:
            yield _item_entry(world, item, POSTS)
        if item.parent is not None:
            yield _item_entry(world, item, COMMENTS)
    for account, follows in world.follows.items():
        yield from (_follower_entry(world, account, follow) for follow in follows)
    yield from (_profile_entry(account, actor) for account, actor in world.accounts.items())


def _item_entry(world: World, item: Item, series: str) -> Entry:
    chain = _chain(item) if series == COMMENTS else [item]
    blocks = [stretch for one in chain for stretch in _blocked(world, item.account, one.author)]
    own = _blocked(world, item.account, item.author) if series == COMMENTS else []
    gone = _absences(item)

    def shown(at: datetime) -> Shown | None:
        there = all(one.at <= at and not any(_holds(span, at) for span in _absences(one)) for one in chain)
        return Shown(item.version_at(at), item.is_hidden(at) and series == COMMENTS) if there else None

    events = [Event(EDITED, one.at) for one in item.versions[1:]]
    if series == COMMENTS:
        events += [Event(kind, at) for kind, at in ((HIDDEN, item.hidden), (UNHIDDEN, item.unhidden)) if at is not None]
        # What a blocked person writes is blocked from its first moment on.
        events += [Event(BLOCKED, max(since, item.at), until) for since, until, _ in own]
        events += [Event(UNBLOCKED, until, is_turn=False) for _, until, _ in own if until is not None]
    events += [event for stretch in _merged(gone) for event in _vanishings(gone, stretch)]
    turns = [item.at, *(one.at for one in item.versions[1:]), *(at for at in (item.hidden, item.unhidden) if at)]
    turns += [at for one in chain for since, until, _ in _absences(one) for at in (since, until) if at is not None]
    turns += [at for since, until, _ in blocks for at in (since, until) if at is not None]
    return Entry(
        account=item.account,
        series=series,
        item_id=item.native_id,
        platform=item.author.platform,
        born=item.at,
        died=min((since for since, until, _ in gone if until is None), default=None),
        events=tuple(sorted(events, key=lambda event: event.at)),
        turns=tuple(sorted({*turns, *(one.at for one in chain)})),
        shown=shown,
        unsure=lambda at: any(_holds(span, at) for span in blocks),
    )


def _chain(item: Item) -> list[Item]:
    return [item] if item.parent is None else [item, *_chain(item.parent)]


Span = tuple[datetime, datetime | None, str]


def _holds(span: Span, at: datetime) -> bool:
    since, until, _ = span
    return since <= at and (until is None or at < until)


def _absences(item: Item) -> list[Span]:
    """Return from when to when, and why, the platform does not have *item*."""
    ends = ((item.deleted, REMOVED), (item.taken_down, TAKEN_DOWN))
    return [(at, None, kind) for at, kind in ends if at is not None] + _away(item.author)


def _away(actor: Actor) -> list[Span]:
    found: list[Span] = []
    if actor.closed is not None:
        found.append((actor.closed, actor.reopened, DEACTIVATED))
    return found + [(at, None, AUTHOR_GONE) for at in (actor.deleted, actor.suspended) if at is not None]


def _merged(spans: list[Span]) -> Iterator[Span]:
    """Yield the stretches without, each with the kind of what began it."""
    current: Span | None = None
    for since, until, kind in sorted(spans, key=lambda span: span[0]):
        if current is not None and (current[1] is None or since <= current[1]):
            current = (current[0], None if until is None or current[1] is None else max(until, current[1]), current[2])
            continue
        if current is not None:
            yield current
        current = since, until, kind
    if current is not None:
        yield current


def _vanishings(spans: list[Span], stretch: Span) -> Iterator[Event]:
    begins, ends, _ = stretch
    within = [span for span in spans if begins <= span[0] and (ends is None or span[0] < ends)]
    causes = frozenset(kind for _, _, kind in within)
    for at, _, kind in within:
        yield Event(kind, at, ends, causes, is_turn=at == begins)


def _blocked(world: World, account: str, actor: Actor) -> list[Span]:
    one = world.scenario.social()[account]
    return [
        (world.start + block.since, None if block.until is None else world.start + block.until, BLOCKED)
        for block in one.blocks
        if world.find_person(one.platform, block.who) is actor
    ]


def _follower_entry(world: World, account: str, follow: Follow) -> Entry:
    spans = [*_away(follow.actor), *_blocked(world, account, follow.actor)]
    if follow.until is not None:
        spans.append((follow.until, None, FOLLOWER_GONE))
    merged = list(_merged(spans))
    return Entry(
        account=account,
        series=FOLLOWERS,
        item_id=follow.actor.native_id,
        platform=follow.actor.platform,
        born=follow.since,
        died=min((since for since, until, _ in merged if until is None), default=None),
        events=tuple(Event(FOLLOWER_GONE, since, until) for since, until, _ in merged if since > follow.since),
        turns=tuple(sorted({follow.since, *(at for since, until, _ in merged for at in (since, until) if at)})),
        shown=lambda at: None if at < follow.since or any(_holds(span, at) for span in merged) else Shown(),
        unsure=lambda _: False,
    )


def _profile_entry(account: str, actor: Actor) -> Entry:
    times = [profile.at for profile in actor.profiles]
    return Entry(
        account=account,
        series=POSTS,
        item_id=actor.native_id if actor.platform == "bluesky" else f"account/{actor.native_id}",
        platform=actor.platform,
        born=actor.created,
        died=None,
        events=tuple(Event(EDITED, at) for at in times[1:]),
        turns=tuple(times),
        shown=lambda at: Shown(max(index for index, time in enumerate(times) if time <= at)),
        unsure=lambda _: False,
    )


def is_short_lived(entry: Entry, start: datetime) -> bool:
    """Tell whether *entry* is a comment of the month that was gone within a day."""
    new = entry.series == COMMENTS and entry.born >= start and entry.died is not None
    return new and entry.died is not None and entry.died - entry.born < timedelta(days=1)
