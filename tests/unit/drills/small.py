"""A small world of which everything is known by hand, and captures at chosen hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from drills.oracle import Look
from drills.truth import Entry, list_entries
from platform_simulator.reading import parse_scenario
from platform_simulator.world import World

START = datetime(2025, 3, 1, tzinfo=UTC)
_SCENARIO = """
scenario: 1
name: small
seed: s
people:
  ana: {name: Ana}
  ben: {name: Ben, closed: +40h, reopened: +80h}
  cai: {name: Cai, deleted: +40h}
  dov: {name: Dov}
accounts:
  bluesky-city:
    platform: bluesky
    handle: city.drill.example
    name: City
    description: A city.
    created: -900d
    followers: [{who: ana, since: -5d, until: +10h}, {who: ben, since: -5d}]
    blocks: [{who: dov, since: +30h}]
posts:
  - id: one
    at: -2d
    text: One
    edits: [{at: +10h, text: Two}]
    replies:
      - {by: ana, after: 1h, text: hidden, hidden: +10h, unhidden: +20h}
      - {by: ana, after: 2h, text: deleted, deleted: +10h}
      - {by: ben, after: 3h, text: closed}
      - {by: cai, after: 4h, text: gone}
      - {by: dov, after: 5h, text: blocked}
      - {by: ana, after: 6h, text: taken, taken_down: +10h}
      - by: ana
        after: 7h
        text: parent
        deleted: +10h
        replies: [{by: ana, after: 1h, text: child}]
      - {by: ana, at: +12h, text: short, deleted: +13h}
"""


FAULTS = """
faults:
  - {kind: expired-token, route: "app.bsky.*", at: 11h, until: 14h, times: null}
  - {kind: expired-token, route: "*", at: 30h}
  - {kind: server-error, route: "*", at: 1h, until: 2h}
"""


def world(more: str = "") -> World:
    """Return the small world, with *more* of a scenario."""
    return World(parse_scenario(_SCENARIO + more, "small"), START)


def entries() -> dict[str, Entry]:
    """Return the entries by their text, followers by ``follower <name>``, the profile by ``profile``."""
    small = world()
    texts = {item.native_id: item.versions[0].text for item in small.items}
    people = {actor.native_id: actor.key.partition(":")[2] for actor in small.actors.values()}
    found = {}
    for entry in list_entries(small):
        name = texts.get(entry.item_id) or f"follower {people[entry.item_id]}"
        found["profile" if name == "follower bluesky-city" else name] = entry
    return found


def hour(number: float) -> datetime:
    """Return the instant *number* hours from the start."""
    return START + timedelta(hours=number)


def look(number: float, *, lasts: float = 0.1, is_whole: bool = True) -> Look:
    """Return a capture that began *number* hours from the start."""
    return Look(hour(number), hour(number + lasts), is_whole=is_whole)
