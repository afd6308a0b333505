"""A thing is visible exactly between its times, and ids never change."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from platform_simulator.errors import ScenarioError
from platform_simulator.ids import did, snowflake, tid
from platform_simulator.items import Item
from platform_simulator.reading import parse_scenario, read_scenario
from platform_simulator.times import milliseconds
from platform_simulator.world import World
from tests.unit.platform_simulator.asking import DEMO, SMALL, START

WORLD = World(parse_scenario(SMALL, "s"), START)
DEMO_WORLD = World(read_scenario(DEMO), START)
seconds = st.integers(-300 * 86400, 4 * 3600)


def reply(after: int, deleted: int, hidden: int, unhidden: int) -> World:
    text = SMALL.split("posts:")[0] + (
        "posts:\n- {id: p, at: -10d, text: p, replies: [{by: ana, at: '-10d', text: r, "
        f"after: null, deleted: '+{deleted}s', hidden: '+{hidden}s', unhidden: '+{unhidden}s'}}]}}"
    )
    return World(parse_scenario(text.replace("'-10d'", f"'+{after}s'"), "s"), START)


def items(world: World, second: int, platform: str) -> list[Item]:
    return [
        one for one in world.at(START + timedelta(seconds=second)).items.values() if one.author.platform == platform
    ]


@given(st.lists(st.integers(0, 5000), min_size=4, max_size=4).map(sorted), st.integers(-10, 5010))
def test_a_reply_is_visible_and_hidden_exactly_between_its_times(times: list[int], now: int) -> None:
    at, hidden, unhidden, deleted = times
    world = reply(at, deleted, hidden, unhidden)
    instant = START + timedelta(seconds=now)
    replies = [one for one in items(world, now, "bluesky") if one.parent is not None]
    assert len(replies) == (1 if at <= now < deleted else 0)
    root = next(one for one in world.items if one.key == "b/p")
    assert len(world.at(instant).hidden_in(root)) == (1 if hidden <= now < unhidden else 0)
    assert (world.at(instant).gated_since(root) is not None) == (hidden <= now)


@given(seconds)
@example(-60 * 86400 - 1)
def test_the_demo_shows_what_each_item_says_of_itself(now: int) -> None:
    instant = START + timedelta(seconds=now)
    state = DEMO_WORLD.at(instant)
    for item in DEMO_WORLD.items:
        alive = item.at <= instant and (item.deleted is None or instant < item.deleted)
        there = item.author.closed is None or instant < item.author.closed
        assert (item.native_id in state.items) == (alive and there)


@given(seconds)
def test_followers_are_those_whose_time_it_is(now: int) -> None:
    instant = START + timedelta(seconds=now)
    listed = {one.number for one in DEMO_WORLD.at(instant).follows("bluesky-city")}
    assert listed == {
        one.number
        for one in DEMO_WORLD.follows["bluesky-city"]
        if one.since <= instant and (one.until is None or instant < one.until)
    }


@given(st.timedeltas(timedelta(days=-2000), timedelta(days=2000)), st.integers(1, 10**9))
def test_a_later_id_is_greater(since: timedelta, gap: int) -> None:
    first = START + since
    then = first + timedelta(milliseconds=gap)
    assert tid(first, "a") < tid(then, "b")
    assert len(tid(first, "a")) == 13
    assert snowflake(first, "a") < snowflake(then, "b")
    assert snowflake(first, "a") >> 16 == milliseconds(first)


def test_a_did_has_the_form_that_plc_gives() -> None:
    made = did("s", "city.example")
    assert made == did("s", "city.example") != did("t", "city.example")
    assert len(made) == len("did:plc:") + 24
    assert set(made.removeprefix("did:plc:")) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_the_same_scenario_gives_the_same_ids() -> None:
    again = World(parse_scenario(SMALL, "s"), START)
    assert [item.native_id for item in again.items] == [item.native_id for item in WORLD.items]


def test_the_text_is_the_last_version_before() -> None:
    item = next(one for one in WORLD.items if one.key == "b/one")
    texts = [item.versions[item.version_at(START + timedelta(days=days))].text for days in (-2, -1, 0)]
    assert [text[:11] for text in texts] == ["Hello #Wate", "Hello again", "Hello again"]


def test_a_closed_account_is_counted_but_neither_listed_nor_heard() -> None:
    before, after = (WORLD.at(START + timedelta(hours=hours)) for hours in (2, 3))
    assert len(before.follows("b")) == len(after.follows("b")) == 32
    assert len(before.followers("b")) - len(after.followers("b")) == 1
    assert [item.author.profile(START).name for item in after.items.values()].count("Ben Oak") == 0


def test_a_hidden_reply_stays_public_on_mastodon() -> None:
    assert [item.author.platform for item in WORLD.items if item.hidden] == ["bluesky"]


def test_two_items_of_one_id_are_refused() -> None:
    scenario = parse_scenario(SMALL, "s")
    doubled = scenario.model_copy(update={"posts": [*scenario.posts, scenario.posts[0]]})
    with pytest.raises(ScenarioError, match="expected an id of its own for each item, found one for b/one"):
        World(doubled, START)
