"""The recorded City of X: what is parsed equals, item by item, what was made."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from muniment.parsing.repository import repository_post_ids
from muniment.records.agency import Platform
from muniment.records.page import Page, Purpose
from muniment.records.rows import Declared, ItemKind, ItemRow, ParsedPage, SubscriberRow, Visibility
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.unit.parsing.pages import parse, recorded_pages

CITY = Path(__file__).parents[2] / "replies" / "bluesky-city-of-x"
# `before` and `after` are the two acts; what the second act did is in the seed's own words below.
ACTS = ["before", "after"]


@cache
def made(act: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((CITY / f"made-{act}.json").read_bytes())
    return value


@cache
def pages(act: str) -> tuple[Page, ...]:
    return tuple(recorded_pages(CITY / f"{act}.warc.gz", made(act)["accounts"]["cityofx"]["did"]))


@cache
def parsed(act: str, series: Any, purposes: frozenset[Purpose]) -> tuple[ParsedPage, ...]:
    recorded = pages(act)
    reference = [page for page in recorded if page.purpose is Purpose.DID_DOCUMENT][:1]
    wanted = [page for page in recorded if page.purpose in purposes]
    return tuple(parse(page, Platform.BLUESKY, series, reference=reference) for page in wanted)


def rows(act: str, series: Any, *purposes: Purpose) -> dict[str, ItemRow]:
    found: dict[str, ItemRow] = {}
    for page in parsed(act, series, frozenset(purposes)):
        assert page.faults == []
        assert page.unknown_fields == frozenset()
        found |= {row.item_id: row for row in page.rows if isinstance(row, ItemRow)}
    return found


def by_city(act: str) -> dict[str, str]:
    did = made(act)["accounts"]["cityofx"]["did"]
    items = made(act)["posts"] | {"city_answer": made(act)["replies"]["city_answer"]}
    gone = {"deleted"} if act == "after" else set()
    return {
        name: item["uri"] for name, item in items.items() if item["uri"].startswith(f"at://{did}/") and name not in gone
    }


@pytest.mark.parametrize("act", ACTS)
def test_the_posts_are_those_that_were_made(act: str) -> None:
    found = rows(act, OFFICIAL_POSTS, Purpose.POSTS)

    assert found.keys() == set(by_city(act).values())
    assert {row.author_id for row in found.values()} == {made(act)["accounts"]["cityofx"]["did"]}


@pytest.mark.parametrize("act", ACTS)
def test_the_signed_repository_verifies_and_has_the_same_posts(act: str) -> None:
    [page] = [page for page in pages(act) if page.purpose is Purpose.REPOSITORY]
    [found] = parsed(act, OFFICIAL_POSTS, frozenset({Purpose.REPOSITORY}))

    assert found.faults == []
    assert found.declared == [Declared("repository posts", len(by_city(act)), page.sequence)]
    assert repository_post_ids(page) == set(by_city(act).values())


def test_each_post_says_what_was_written() -> None:
    found, uri = rows("before", OFFICIAL_POSTS, Purpose.POSTS), by_city("before")

    assert [found[uri[f"daily{k:02d}"]].text for k in range(60)] == [
        f"Daily notice no. {k}: street sweeping in ward {k % 8 + 1}." for k in range(60)
    ]
    snow = found[uri["snow"]]
    assert snow.text == "Snow emergency declared from 8 pm tonight. Move cars off odd-numbered sides. #SnowX"
    assert (snow.links, snow.language, snow.kind, snow.visibility) == (
        ["#SnowX"],
        "en",
        ItemKind.POST,
        Visibility.PUBLIC,
    )
    assert (snow.like_count, snow.repost_count, snow.quote_count) == (30, 5, 1)


def test_pictures_are_told_with_alternative_text_and_the_cid_of_their_bytes() -> None:
    found, uri = rows("before", OFFICIAL_POSTS, Purpose.POSTS), by_city("before")

    first, second = found[uri["budget"]].media
    assert (first.kind, first.alt) == ("image", "Poster: budget hearing, Tuesday 6 pm, Council Chamber")
    assert (second.kind, second.alt) == ("image", "Ward map")
    record = json.loads(found[uri["budget"]].raw)["record"]
    assert [first.media_id, second.media_id] == [each["image"]["ref"]["$link"] for each in record["embed"]["images"]]
    assert "/img/feed_fullsize/" in first.url


def test_a_link_card_is_a_link_and_a_picture() -> None:
    row = rows("before", OFFICIAL_POSTS, Purpose.POSTS)[by_city("before")["link"]]

    assert row.links == ["https://cityofx.gov/zoning"]
    assert [(medium.kind, medium.alt) for medium in row.media] == [("card", "Draft zoning plan")]


def test_a_thread_of_the_citys_own_posts_keeps_parent_and_root() -> None:
    found, uri = rows("before", OFFICIAL_POSTS, Purpose.POSTS), by_city("before")

    chain = [found[uri[name]] for name in ("thread1", "thread2", "thread3")]
    assert [(row.kind, row.reply_parent_id, row.reply_root_id) for row in chain] == [
        (ItemKind.POST, None, None),
        (ItemKind.REPLY, uri["thread1"], uri["thread1"]),
        (ItemKind.REPLY, uri["thread2"], uri["thread1"]),
    ]


def test_after_the_second_act_the_edit_the_deletion_and_the_new_profile_show() -> None:
    before, after = rows("before", OFFICIAL_POSTS, Purpose.POSTS), rows("after", OFFICIAL_POSTS, Purpose.POSTS)
    edited = made("after")["posts"]["edited"]["uri"]

    assert before.keys() - after.keys() == {made("after")["posts"]["deleted"]["uri"]}
    assert {uri for uri in after if before[uri].text != after[uri].text} == {edited}
    assert before[edited].text == "Polls open 7 am to 8 pm on Nov 3."
    assert after[edited].text == "CORRECTION: Polls open 6 am to 8 pm on Nov 3."
    [old], [new] = (rows(act, OFFICIAL_POSTS, Purpose.ACCOUNT).values() for act in ACTS)
    assert old.text == (
        "City of X\n\nOfficial account of the City of X. Comments are public records. Terms: https://cityofx.gov/social"
    )
    assert new.text == "City of X\n\nOfficial account of the City of X. New comment policy of 2026."
    assert [medium.kind for medium in new.media] == ["image", "image"]


# Who can be seen in the second act: its own deletions, a deleted and a deactivated account, a takedown.
NOT_SHOWN = {"before": set(), "after": {"author_deleted", "goneuser", "dropout"}}


@pytest.mark.parametrize("act", ACTS)
def test_the_replies_are_those_that_were_made_hidden_and_blocked_ones_too(act: str) -> None:
    found = rows(act, PUBLIC_COMMENTS, Purpose.THREAD, Purpose.HIDDEN_REPLIES)
    replies = {name: item["uri"] for name, item in made(act)["replies"].items() if name not in NOT_SHOWN[act]}
    own = {made(act)["posts"][name]["uri"] for name in ("thread2", "thread3")}

    crowd = {row.item_id for row in found.values() if (row.text or "").startswith("Comment by resident")}
    assert found.keys() - crowd - own == set(replies.values())
    assert sorted(found[uri].text or "" for uri in crowd) == [f"Comment by resident{k:03d}" for k in range(20)]
    assert {found[uri].reply_root_id for uri in crowd} == {made(act)["posts"]["budget"]["uri"]}
    assert {found[uri].reply_root_id for uri in replies.values()} == {made(act)["posts"]["snow"]["uri"]}
    hidden = {row.item_id for row in found.values() if row.visibility is Visibility.HIDDEN}
    assert hidden == {replies["troll_hidden"], replies["blocked_author"]}


def test_nested_replies_keep_their_parents() -> None:
    found = rows("before", PUBLIC_COMMENTS, Purpose.THREAD)
    uri = {name: item["uri"] for name, item in made("before")["replies"].items()}

    assert found[uri["city_answer"]].reply_parent_id == uri["alice"]
    assert found[uri["bob"]].reply_parent_id == uri["city_answer"]
    assert found[uri["bob"]].text == "The city never plows ward 6!"


@pytest.mark.parametrize("act", ACTS)
def test_the_followers_are_those_that_follow(act: str) -> None:
    accounts, follows = made(act)["accounts"], made(act)["follows"]
    left = {"blocked"} | ({"goneuser", "dropout", "resident000"} if act == "after" else set())

    found = [row for page in parsed(act, SUBSCRIBER_LISTS, frozenset({Purpose.SUBSCRIBERS})) for row in page.rows]

    assert {(row.subscriber_id, row.handle) for row in found if isinstance(row, SubscriberRow)} == {
        (accounts[name]["did"], accounts[name]["handle"]) for name in follows if name not in left
    }


def test_the_profile_states_its_posts_and_followers() -> None:
    [posts] = parsed("before", OFFICIAL_POSTS, frozenset({Purpose.ACCOUNT}))[:1]
    [followers] = parsed("before", SUBSCRIBER_LISTS, frozenset({Purpose.ACCOUNT}))[:1]

    assert [(each.what, each.number) for each in posts.declared] == [("posts", len(by_city("before")))]
    assert [(each.what, each.number) for each in followers.declared] == [("followers", len(made("before")["follows"]))]
