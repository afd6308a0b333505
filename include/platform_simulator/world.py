"""What each platform shows at an instant. Pure: a scenario and a start give one world, an instant gives its state."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial

from platform_simulator.actors import Actor, official, person
from platform_simulator.errors import ScenarioError
from platform_simulator.ids import chance
from platform_simulator.items import Cast, Item, build_items
from platform_simulator.people import crowd
from platform_simulator.scenario import Newsletter, Person, Scenario, SocialAccount


@dataclass(frozen=True, slots=True)
class Follow:
    """One stretch of following; `number` is its place among all of the account's, as a platform would count."""

    number: int
    actor: Actor
    account: str
    since: datetime
    until: datetime | None

    def holds(self, instant: datetime) -> bool:
        """Say whether the actor follows at *instant*."""
        return self.since <= instant and (self.until is None or instant < self.until)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One stretch of subscribing to a newsletter."""

    number: int
    name: str
    address: str
    since: datetime
    until: datetime | None

    def holds(self, instant: datetime) -> bool:
        """Say whether the person subscribes at *instant*."""
        return self.since <= instant and (self.until is None or instant < self.until)


class World:
    """Everything that a scenario started at *start* will ever show."""

    def __init__(self, scenario: Scenario, start: datetime) -> None:
        self.scenario = scenario
        self.start = start
        self.accounts: dict[str, Actor] = {key: official(scenario, key, start) for key in scenario.social()}
        self.actors: dict[str, Actor] = {}  # by native id
        self.handles: dict[tuple[str, str], Actor] = {}  # by platform and handle
        self._people: dict[tuple[str, str], Actor] = {}
        for actor in self.accounts.values():
            self._enter(actor)
        self.items: list[Item] = []
        for actor in self.accounts.values():
            self.items += build_items(scenario.posts, Cast(actor, partial(self.find_person, actor.platform), start))
        _check_ids(self.items)
        self.hides: dict[str, list[Item]] = defaultdict(list)  # by the root's key
        for item in self.items:
            if item.hidden is not None:
                self.hides[item.root.key].append(item)
        self.follows = {key: self._follows(key, account) for key, account in scenario.social().items()}
        self.subscriptions = {
            key: _subscriptions(scenario.seed, key, one, start)
            for key, one in scenario.accounts.items()
            if isinstance(one, Newsletter)
        }
        self.at = lru_cache(maxsize=4)(self._at)

    def _at(self, instant: datetime) -> State:
        return State(self, instant)

    def find_person(self, platform: str, who: str, one: Person | None = None) -> Actor:
        """Return the actor that the person *who* is on *platform*; *one* describes a person of a crowd."""
        actor = self._people.get((platform, who))
        if actor is None:
            actor = person(self.scenario, platform, who, one or self.scenario.people[who], self.start)
            self._people[platform, who] = actor
            self._enter(actor)
        return actor

    def _enter(self, actor: Actor) -> None:
        twin = self.actors.get(actor.native_id)
        if twin is not None:
            raise ScenarioError([f"expected an id of its own for each person, found one for {twin.key}, {actor.key}"])
        self.actors[actor.native_id] = actor
        self.handles[actor.platform, actor.handle] = actor

    def _follows(self, key: str, account: SocialAccount) -> list[Follow]:
        stretches = [
            (self.start + one.since, self.find_person(account.platform, one.who), one.until)
            for one in account.followers
        ]
        for who, name in crowd(f"{self.scenario.seed}/{key}", account.crowd):
            part = chance(self.scenario.seed, key, who) / 2**64
            since = account.created * (0.02 + 0.98 * part) if account.created.days < 0 else account.created
            joined = Person(name=name, joined=account.created)
            stretches.append((self.start + since, self.find_person(account.platform, who, joined), None))
        stretches.sort(key=lambda one: (one[0], one[1].key))
        return [
            Follow(number, actor, key, since, None if until is None else self.start + until)
            for number, (since, actor, until) in enumerate(stretches, start=1)
        ]


class State:
    """What *world* shows at *instant*."""

    def __init__(self, world: World, instant: datetime) -> None:
        self.world = world
        self.instant = instant
        self.items: dict[str, Item] = {}  # visible ones, by native id
        self._children: dict[str, list[Item]] = defaultdict(list)
        self._by_author: dict[str, list[Item]] = defaultdict(list)
        self._held: dict[str, list[Item]] = defaultdict(list)
        self._follows: dict[str, list[Follow]] = {
            key: [one for one in reversed(follows) if one.holds(instant)] for key, follows in world.follows.items()
        }
        self._followers: dict[str, list[Follow]] = {
            key: [one for one in follows if one.actor.is_open(instant) and one.actor.native_id not in self.blocked(key)]
            for key, follows in self._follows.items()
        }
        for item in sorted(world.items, key=lambda one: (one.at, one.native_id)):
            if item.is_held(instant):
                self._held[item.author.native_id].append(item)
            if item.is_visible(instant):
                self.items[item.native_id] = item
                self._by_author[item.author.native_id].append(item)
                if item.parent is not None:
                    self._children[item.parent.key].append(item)

    def actor(self, native_id: str) -> Actor | None:
        """Return the open account *native_id* names, or None."""
        actor = self.world.actors.get(native_id)
        return actor if actor is not None and actor.is_open(self.instant) else None

    def actor_by_handle(self, platform: str, handle: str) -> Actor | None:
        """Return the open account with *handle* on *platform*, or None."""
        actor = self.world.handles.get((platform, handle))
        return actor if actor is not None and actor.is_open(self.instant) else None

    def written_by(self, actor: Actor) -> list[Item]:
        """Return the visible posts and replies of *actor*, oldest first."""
        return self._by_author[actor.native_id]

    def held_by(self, actor: Actor) -> list[Item]:
        """Return the posts and replies of *actor* that its own host has, oldest first."""
        return self._held[actor.native_id]

    def replies_to(self, item: Item) -> list[Item]:
        """Return the visible direct replies to *item*, oldest first."""
        return self._children[item.key]

    def follows(self, account: str) -> list[Follow]:
        """Return who follows *account*, newest first, closed accounts included."""
        return self._follows[account]

    def followers(self, account: str) -> list[Follow]:
        """Return who follows *account* and is listed, newest first: not who closed the account, nor who is blocked."""
        return self._followers[account]

    def subscriptions(self, account: str) -> list[Subscription]:
        """Return who subscribes to *account*, oldest first."""
        return [one for one in self.world.subscriptions[account] if one.holds(self.instant)]

    def blocked(self, account: str) -> frozenset[str]:
        """Return the native ids of the actors whom *account* blocks."""
        return frozenset(actor.native_id for actor, _ in self.blocks(account))

    def blocks(self, account: str) -> list[tuple[Actor, datetime]]:
        """Return whom *account* blocks, and since when."""
        world, one = self.world, self.world.scenario.social()[account]
        passed = self.instant - world.start
        holding = [block for block in one.blocks if block.since <= passed and not _is_over(block.until, passed)]
        return [(world.find_person(one.platform, block.who), world.start + block.since) for block in holding]

    def block_times(self, account: str) -> list[datetime]:
        """Return when *account* blocked somebody, or no longer did, until now."""
        blocks = self.world.scenario.social()[account].blocks
        times = [self.world.start + at for block in blocks for at in (block.since, block.until) if at is not None]
        return [at for at in times if at <= self.instant]

    def hidden_in(self, root: Item) -> list[Item]:
        """Return the replies that the account hides in the thread of *root*, oldest first."""
        return [item for item in self.world.hides[root.key] if item.is_hidden(self.instant)]

    def gated_since(self, root: Item) -> datetime | None:
        """Return when a reply in the thread of *root* was first hidden, or None when none has been."""
        times = [item.hidden for item in self.world.hides[root.key] if item.hidden and item.hidden <= self.instant]
        return min(times, default=None)


def _is_over(until: timedelta | None, passed: timedelta) -> bool:
    return until is not None and until <= passed


def _check_ids(items: list[Item]) -> None:
    """Refuse two items of one id, of which every view would show one only."""
    number = Counter(item.native_id for item in items)
    twice = [item.key for item in items if number[item.native_id] > 1]
    if twice:
        raise ScenarioError([f"expected an id of its own for each item, found one for {', '.join(twice)}"])


def _subscriptions(seed: str, key: str, newsletter: Newsletter, start: datetime) -> list[Subscription]:
    found = [(start + one.since, one.name, one.address, one.until) for one in newsletter.subscribers]
    for who, name in crowd(f"{seed}/{key}", newsletter.crowd):
        part = chance(seed, key, who) / 2**64
        found.append((start + newsletter.created * (0.02 + 0.98 * part), name, f"{who}@mail.example", None))
    found.sort(key=lambda one: (one[0], one[2]))
    return [
        Subscription(number, name, address, since, None if until is None else start + until)
        for number, (since, name, address, until) in enumerate(found, start=1)
    ]
