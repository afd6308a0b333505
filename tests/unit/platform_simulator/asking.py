"""Asks a simulator in the same process, without a network."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from platform_simulator.reading import parse_scenario, read_scenario
from platform_simulator.scenario import Scenario
from platform_simulator.server import create_app

START = datetime(2026, 11, 21, 19, tzinfo=UTC)
DEMO = Path(__file__).parents[3] / "include" / "platform_simulator" / "scenarios" / "claremont.yaml"
CITY = "city.claremont.example"
SMALL = """
scenario: 1
name: small
seed: s
media: {sun: {kind: jpg, width: 64, height: 40}, map: {}, lost: {missing: true}}
people:
  ana: {name: Ana Ruiz}
  ben: {name: Ben Oak, home: town.example, closed: +3h}
  troll: {name: Troll}
accounts:
  b:
    platform: bluesky
    handle: city.claremont.example
    name: City
    description: A city.
    created: -900d
    avatar: map
    crowd: 30
    followers: [{who: ana, since: -5d, until: +1h}, {who: ben, since: -4d}, {who: troll, since: -4d}]
    blocks: [{who: troll, since: +2h}]
    profile_edits: [{at: +1h, name: The City}]
  m: {platform: mastodon, handle: cityhall, name: City, description: A city., created: -900d, crowd: 90}
  w:
    platform: website
    feed: news
    title: News
    description: All of it.
    articles: [{id: a, at: -1d, title: T & U, text: <b> & more, deleted: +1h}, {id: b, at: +30m, title: B, text: b}]
  n: {platform: newsletter, file: weekly, name: Weekly, created: -100d, crowd: 5}
posts:
  - id: one
    at: -2d
    text: "Hello #Water https://claremont.example/a?b=1&c=2 🌊"
    media: [{medium: sun, alt: The sun}, {medium: lost, alt: Lost}]
    edits: [{at: -1d, text: Hello again}]
    replies:
      - {by: ana, after: 1h, text: Hi, hidden: -1h, replies: [{by: account, after: 1h, text: "Yes"}]}
      - {by: ben, after: 2h, text: no}
      - {by: troll, after: 3h, text: bah, deleted: +4h}
  - {id: two, at: -1d, text: Two, deleted: +1h}
  - {id: three, at: +1h, text: Three}
"""


class Asked:
    """A simulator of *scenario* from START on, and how to ask it."""

    def __init__(
        self, scenario: Scenario | str = SMALL, *, client: str = "127.0.0.1", base: str = "http://127.0.0.1"
    ) -> None:
        self.scenario = parse_scenario(scenario, "small.yaml") if isinstance(scenario, str) else scenario
        self.app = create_app(self.scenario, START)
        self.client, self.base = client, base

    def ask(self, path: str, *, method: str = "GET", **more: Any) -> httpx.Response:
        async def asking() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, client=(self.client, 50000))
            async with httpx.AsyncClient(transport=transport, base_url=self.base) as client:
                return await client.request(method, path, **more)

        return asyncio.run(asking())

    def read(self, path: str, **query: Any) -> Any:
        answer = self.ask(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def advance(self, seconds: int) -> None:
        assert self.ask("/simulator/clock", method="POST", json={"advance_seconds": seconds}).status_code == 200

    def fault(self, route: str, kind: str, **more: Any) -> None:
        answer = self.ask("/simulator/faults", method="POST", json={"route": route, "kind": kind, **more})
        assert answer.status_code == 200, answer.text

    def truth(self) -> Any:
        return self.read("/simulator/truth")

    def feed(self, **query: Any) -> Any:
        return self.read("/xrpc/app.bsky.feed.getAuthorFeed", actor=CITY, **query)

    def mastodon_id(self) -> str:
        return str(self.read("/api/v1/accounts/lookup", acct="cityhall")["id"])


def demo() -> Asked:
    return Asked(read_scenario(DEMO))
