"""The product's own connectors and parsers find in the demo city what the simulator knows to be there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from muniment.capture.platforms import CONNECTORS, Source
from muniment.capture.polite_client import PoliteClient
from muniment.parsing.context import ParseContext
from muniment.parsing.platforms import PARSERS
from muniment.records.agency import Account, Platform
from muniment.records.names import SeriesId
from muniment.records.page import Gap, Page, Purpose
from muniment.records.rows import ItemRow, ParsedPage, Visibility
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.unit.capture.doubles import account

INCLUDE = Path(__file__).parents[2] / "include"
HANDLES = {
    Platform.BLUESKY: ("bluesky-city", "city.claremont.example"),
    Platform.MASTODON: ("mastodon-city", "cityhall"),
    Platform.WEBSITE: ("website-news", "/news.rss"),
    Platform.NEWSLETTER: ("newsletter-weekly", "weekly"),
}
SOCIAL = (Platform.BLUESKY, Platform.MASTODON)


@dataclass(frozen=True)
class City:
    """The running demo city."""

    base: str
    drop: Path

    def truth(self) -> Any:
        return httpx.get(f"{self.base}/simulator/truth").json()

    def visible(self, platform: Platform) -> dict[str, list[str]]:
        return self.truth()["accounts"][HANDLES[platform][0]]["visible"]

    def capture(self, platform: Platform, series: SeriesId) -> tuple[list[Page], list[Gap]]:
        client = PoliteClient(agent="Muniment/0", clock=lambda: datetime.now(UTC))
        source = Source(account=self.account(platform), drop=self.drop, invented_people=True)
        with closing(client):
            found = list(CONNECTORS[platform, series].capture(source, client))
        return [one for one in found if isinstance(one, Page)], [one for one in found if isinstance(one, Gap)]

    def account(self, platform: Platform) -> Account:
        return account(platform, handle=HANDLES[platform][1], api=self.base, directory=self.base)

    def parse(self, platform: Platform, series: SeriesId) -> list[ParsedPage]:
        pages, _ = self.capture(platform, series)
        history = {page.subject: page for page in pages if page.purpose is Purpose.HISTORY and page.subject}
        context = ParseContext(
            account=self.account(platform),
            series=series,
            reference={page.purpose: page for page in pages},
            history=history,
        )
        return [PARSERS[platform, series](page, context) for page in pages]

    def items(self, platform: Platform, series: SeriesId) -> dict[str, ItemRow]:
        rows = [row for parsed in self.parse(platform, series) for row in parsed.rows]
        return {row.item_id: row for row in rows if isinstance(row, ItemRow)}


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    command = [sys.executable, "-m", "platform_simulator", "--port", "0"]
    process = subprocess.Popen(command, cwd=INCLUDE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield City(json.loads(process.stdout.readline())["simulator"], tmp_path)
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize("platform", SOCIAL)
def test_two_captures_find_what_the_city_showed_at_each(city: City, platform: Platform) -> None:
    for _ in range(2):
        told = city.visible(platform)
        posts = city.items(platform, OFFICIAL_POSTS)
        assert set(told["posts"] + told["own_replies"]) <= posts.keys()
        replies = {key for key, row in city.items(platform, PUBLIC_COMMENTS).items() if row.kind == "reply"}
        assert set(told["replies"]) <= replies
        assert replies <= set(told["replies"] + told["own_replies"])
        httpx.post(f"{city.base}/simulator/clock", json={"advance_seconds": 7200}).raise_for_status()


@pytest.mark.parametrize("platform", SOCIAL)
def test_every_follower_is_found_once(city: City, platform: Platform) -> None:
    found = [row.subscriber_id for parsed in city.parse(platform, SUBSCRIBER_LISTS) for row in parsed.rows]
    assert sorted(found) == sorted(city.visible(platform)["followers"])


def test_what_the_thread_gate_hides_is_found_as_hidden(city: City) -> None:
    rows = city.items(Platform.BLUESKY, PUBLIC_COMMENTS)
    hidden = {key for key, row in rows.items() if row.visibility is Visibility.HIDDEN}
    assert hidden == set(city.visible(Platform.BLUESKY)["hidden"]) != set()


def test_the_earlier_versions_of_an_edited_post_are_found(city: City) -> None:
    rows = city.items(Platform.MASTODON, OFFICIAL_POSTS)
    assert {key for key, row in rows.items() if row.edited_at} == set(city.visible(Platform.MASTODON)["edited"])
    (versions,) = [row.versions for row in rows.values() if row.edited_at]
    assert any("5 to 0" in (version.text or "") for version in versions)


@pytest.mark.parametrize("platform", [*SOCIAL, Platform.WEBSITE])
def test_nothing_of_the_demo_is_a_gap_a_fault_or_unknown(city: City, platform: Platform) -> None:
    for key in (pair for pair in CONNECTORS if pair[0] is platform):
        _, gaps = city.capture(*key)
        assert gaps == []
        for parsed in city.parse(*key):
            assert parsed.faults == []
            assert parsed.unknown_fields == frozenset()


@pytest.mark.parametrize("platform", SOCIAL)
def test_an_unchanged_city_answers_with_the_same_bytes(city: City, platform: Platform) -> None:
    first, second = ([page.body for page in city.capture(platform, OFFICIAL_POSTS)[0]] for _ in range(2))
    assert first == second


def test_the_news_is_found(city: City) -> None:
    rows = city.items(Platform.WEBSITE, OFFICIAL_POSTS)
    assert {key.rsplit("/", 1)[1] for key in rows} == set(city.visible(Platform.WEBSITE)["in_feed"])


def test_the_list_of_subscribers_is_found(city: City) -> None:
    (city.drop / "weekly.csv").write_bytes(httpx.get(f"{city.base}/newsletter/weekly.csv").content)
    pages, gaps = city.capture(Platform.NEWSLETTER, SUBSCRIBER_LISTS)
    assert (len(pages), gaps) == (1, [])
