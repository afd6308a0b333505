"""What changed between two captures of the city, against the simulator's own account of what happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.records.changes import Change, Confidence
from muniment.records.names import AccountId, SeriesId
from muniment.workflows.changes.listing import EVER, list_changes, list_missing, list_pairs
from muniment.workflows.wiring import open_workplace
from tests.end_to_end.city import AGENCY, City, open_city, start_simulator

pytestmark = pytest.mark.real  # a city captured twice

LATER = datetime.max.replace(tzinfo=UTC)
POSTS = ("--account", "bluesky-city", "--series", "official-posts")
# What the simulator says is visible, and of what it says that it was edited, by account and series.
VISIBLE = {
    ("bluesky-city", "official-posts"): ("posts", "own_replies"),
    ("bluesky-city", "public-comments"): ("replies",),
    ("bluesky-city", "subscriber-lists"): ("followers",),
    ("mastodon-city", "official-posts"): ("posts", "own_replies"),
}
CAPTURED = (("--account", "bluesky-city"), ("--account", "mastodon-city", "--series", "official-posts"))
EDITS = {"official-posts": ("post edited", "reply edited"), "public-comments": ("reply edited",)}
PROFILES = {"bluesky-city": "", "mastodon-city": "account/"}  # how the id of a profile's row begins


@dataclass(frozen=True)
class Twice:
    """The city, captured twice, and what the simulator said of itself at each time."""

    city: City
    truths: tuple[dict[str, Any], dict[str, Any]]

    def visible(self, account: str, *names: str) -> tuple[set[str], set[str]]:
        told = [truth["accounts"][account]["visible"] for truth in self.truths]
        before, after = ({one for name in names for one in shown[name]} for shown in told)
        return before, after

    def happened(self, account: str, *kinds: str) -> set[str]:
        """The ids of what happened between the two captures."""
        earlier, events = len(self.truths[0]["events"]), self.truths[1]["events"]
        return {one["id"] for one in events[earlier:] if one["account"] == account and one["what"] in kinds}

    def changes(self, account: str, series: str) -> list[Change]:
        place = open_workplace(AGENCY, self.city.settings)
        return list(list_changes(place, AccountId(account), SeriesId(series), since=EVER, until=LATER))


@pytest.fixture(scope="module")
def twice(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    """The city captured twice, its own clock two hours further on at the second time."""
    simulator = start_simulator()
    try:
        city, truths = open_city(store, tmp_path_factory.mktemp("changes"), simulator), []
        for _ in range(2):
            for words in CAPTURED:
                done = city.run("capture", "--agency", AGENCY, *words)
                assert done.returncode == 0, done.stderr
            truths.append(cast("dict[str, Any]", simulator.truth()))
            city.advance(7200)
        yield Twice(city, (truths[0], truths[1]))
    finally:
        simulator.stop()


@pytest.mark.parametrize(("account", "series"), VISIBLE)
def test_the_changes_are_exactly_what_happened(twice: Twice, account: str, series: str) -> None:
    before, after = twice.visible(account, *VISIBLE[account, series])
    hidden_before, hidden = twice.visible(account, "hidden")
    expected = {(name, "appeared") for name in after - before} | {(name, "missing") for name in before - after}
    expected |= {(name, "edited") for name in twice.happened(account, *EDITS.get(series, ())) & before & after}
    if series == "public-comments":
        expected |= {(name, "hidden") for name in hidden - hidden_before}
    if series == "official-posts":
        expected |= {(PROFILES[account] + name, "edited") for name in twice.happened(account, "profile edited")}

    found = {(change.item_id, change.kind.value) for change in twice.changes(account, series)}

    assert expected
    assert found == expected


def test_what_was_deleted_is_missing_and_nothing_is_concluded_from_it_yet(twice: Twice) -> None:
    before, after = twice.visible("bluesky-city", "posts", "own_replies")
    place = open_workplace(AGENCY, twice.city.settings)

    account, series = AccountId("bluesky-city"), SeriesId("official-posts")
    missing = list_missing(place, list_pairs(place, account, series, since=EVER, until=LATER))

    assert {change.item_id for change in missing} == before - after
    assert {change.confidence for change in missing} == {Confidence.UNCONFIRMED}


def test_the_list_shows_no_text_and_one_item_is_shown_with_its_texts_side_by_side(twice: Twice) -> None:
    (post,) = twice.happened("bluesky-city", "post edited")

    listed = twice.city.run("changes", "list", "--agency", AGENCY, *POSTS, "--kind", "edited", "--json")
    shown = twice.city.run("changes", "show", "--agency", AGENCY, *POSTS, "--item", post)

    assert (listed.returncode, shown.returncode) == (0, 0), listed.stderr + shown.stderr
    told = {one["item"]: one["fields"] for one in json.loads(listed.stdout)}
    assert told[post] == ["text"]
    assert "boil" not in listed.stdout
    (line,) = [line for line in shown.stdout.splitlines() if line.startswith("edited")]
    assert line.index("Precautionary boil notice") < line.index("LIFTED: the boil notice")


def test_a_list_without_a_change_says_where_to_look(twice: Twice) -> None:
    done = twice.city.run("changes", "list", "--agency", AGENCY, "--since", "2020-01-01", "--until", "2020-01-31")

    assert done.returncode == 0
    assert "No change is on record from 2020-01-01 00:00:00 PST to 2020-02-01 00:00:00 PST." in done.stdout
    assert "muniment snapshots list" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("list", "--account", "nobody"), "account: expected one of which there are captures"),
        (("list", "--since", "2026-02-01", "--until", "2026-01-01"), "expected --since before --until"),
        (("show", *POSTS, "--item", "at://nothing"), "expected an item that was listed once"),
        (("list", "--since", "yesterday"), "expected a day or a time as 2026-11-21T14:00"),
    ],
)
def test_a_mistake_is_told_with_what_was_expected(twice: Twice, words: tuple[str, ...], message: str) -> None:
    done = twice.city.run("changes", words[0], "--agency", AGENCY, *words[1:])

    assert done.returncode == 2
    assert message in done.stderr
