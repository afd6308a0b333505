from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from muniment.records.agency import Platform
from muniment.records.page import Page, Purpose
from muniment.records.rows import Declared, ItemKind, ItemRow, MediaRef, PageFault, ParsedPage, Visibility
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.unit.parsing.pages import account_of, items, page_of, parse

CITY = {"did": "did:plc:city", "handle": "city.example", "displayName": "City of Claremont", "labels": []}
ANA = {"did": "did:plc:ana", "handle": "ana.example"}
POLICE = {"did": "did:plc:police", "handle": "police.example"}
CID = "bafkreiaixgr7fuvn74bsz2ywd5ercf4ofvravumynkhchkibsa5yzhauy4"


def uri(key: str, author: dict[str, Any] = CITY) -> str:
    return f"at://{author['did']}/app.bsky.feed.post/{key}"


def post(
    key: str, text: str, author: dict[str, Any] = CITY, *, record: dict[str, Any] | None = None, **view: Any
) -> dict[str, Any]:
    said = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-20T18:00:00.000Z"} | (record or {})
    return {
        "uri": uri(key, author),
        "cid": "c",
        "author": author,
        "record": said,
        "indexedAt": "x",
        "labels": [],
    } | view


def reply_to(root: str, parent: str | None = None) -> dict[str, Any]:
    return {"reply": {"root": {"uri": root, "cid": "c"}, "parent": {"uri": parent or root, "cid": "c"}}}


def node(view: dict[str, Any], *replies: dict[str, Any]) -> dict[str, Any]:
    return {"$type": "app.bsky.feed.defs#threadViewPost", "post": view, "replies": list(replies)}


def written(value: Any, purpose: Purpose, *, subject: str | None = None) -> Page:
    return page_of(json.dumps(value).encode(), purpose, subject=subject)


def feed(*posts: Any) -> ParsedPage:
    items = [each if "post" in each else {"post": each} for each in posts]
    return parse(written({"feed": items, "cursor": "x"}, Purpose.POSTS), Platform.BLUESKY, OFFICIAL_POSTS)


def thread(value: Any, *, subject: str | None = uri("1")) -> ParsedPage:
    return parse(written(value, Purpose.THREAD, subject=subject), Platform.BLUESKY, PUBLIC_COMMENTS)


def only(parsed: ParsedPage) -> ItemRow:
    assert parsed.faults == []
    [row] = parsed.rows
    assert isinstance(row, ItemRow)
    return row


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "feed: expected object, found array"),
        ({}, "feed: object missing required field feed"),
        ({"error": "InvalidRequest", "message": "x"}, "feed: object missing required field feed"),
        ({"feed": {}}, r"feed: expected array, found object - at $.feed"),
    ],
)
def test_a_feed_of_another_shape_is_a_fault(value: Any, message: str) -> None:
    parsed = parse(written(value, Purpose.POSTS), Platform.BLUESKY, OFFICIAL_POSTS)

    assert parsed.rows == []
    assert parsed.faults == [PageFault(7, "G001", message)]


def test_one_broken_post_is_a_fault_and_the_others_are_rows() -> None:
    parsed = feed(post("1", "good"), post("2", "", record={"text": 5}), {"post": None}, post("4", "good"))

    assert list(items(parsed)) == [uri("1"), uri("4")]
    assert [fault.detail for fault in parsed.faults] == [
        "posts page, item 2: post.record: expected str, found int - at $.text",
        "posts page, item 3: post: expected object, found null",
    ]


def test_unknown_fields_and_embeds_are_reported_and_the_row_is_kept() -> None:
    parsed = feed(
        post(
            "1",
            "hi",
            mood="x",
            record={"bridgyOriginalText": "y"},
            embed={"$type": "app.bsky.embed.hologram#view", "beam": 1},
        )
    )

    assert only(parsed).text == "hi"
    assert parsed.unknown_fields == {
        "post.mood",
        "post.record.bridgyOriginalText",
        "post.embed.beam",
        "post.embed (a new type)",
    }


def test_facets_are_links_mentions_and_tags() -> None:
    kind = "app.bsky.richtext.facet"
    facets = [
        {
            "index": {"byteStart": 0, "byteEnd": 1},
            "features": [{"$type": f"{kind}#link", "uri": "https://city.example"}],
        },
        {"index": {"byteStart": 2, "byteEnd": 3}, "features": [{"$type": f"{kind}#mention", "did": "did:plc:ana"}]},
        {"index": {"byteStart": 4, "byteEnd": 5}, "features": [{"$type": f"{kind}#tag", "tag": "snow"}]},
    ]

    row = only(feed(post("1", "x", record={"facets": facets, "tags": ["storm"], "langs": ["en", "es-US"]})))

    assert row.links == ["https://city.example", "did:plc:ana", "#snow", "#storm"]
    assert row.language == "en,es-US"


@pytest.mark.parametrize(
    ("embed", "links", "media"),
    [
        (
            {
                "$type": "app.bsky.embed.images#view",
                "images": [{"thumb": "t", "fullsize": f"https://cdn.example/{CID}@jpeg", "alt": ""}],
            },
            [],
            [MediaRef(CID, f"https://cdn.example/{CID}@jpeg", "image", None)],
        ),
        (
            {"$type": "app.bsky.embed.video#view", "cid": CID, "playlist": "https://v.example/p.m3u8", "alt": "plow"},
            [],
            [MediaRef(CID, "https://v.example/p.m3u8", "video", "plow")],
        ),
        (
            {
                "$type": "app.bsky.embed.external#view",
                "external": {"uri": "https://city.example/z", "title": "Z", "description": ""},
            },
            ["https://city.example/z"],
            [],
        ),
        (
            {
                "$type": "app.bsky.embed.record#view",
                "record": {"$type": "app.bsky.embed.record#viewDetached", "uri": uri("9"), "detached": True},
            },
            [uri("9")],
            [],
        ),
        (
            {
                "$type": "app.bsky.embed.recordWithMedia#view",
                "record": {
                    "record": {"$type": "app.bsky.embed.record#viewRecord", "uri": uri("9"), "value": {"text": "q"}}
                },
                "media": {
                    "$type": "app.bsky.embed.external#view",
                    "external": {
                        "uri": "https://city.example/z",
                        "title": "Z",
                        "thumb": "https://cdn.example/card.png?s=1",
                    },
                },
            },
            ["https://city.example/z", uri("9")],
            [MediaRef("https://cdn.example/card.png", "https://cdn.example/card.png?s=1", "card", "Z")],
        ),
    ],
)
def test_every_sort_of_embed_is_told(embed: dict[str, Any], links: list[str], media: list[MediaRef]) -> None:
    parsed = feed(post("1", "x", embed=embed))

    assert (only(parsed).links, only(parsed).media, parsed.unknown_fields) == (links, media, frozenset())


def test_a_repost_has_the_repost_records_id_or_one_that_says_it_is_made_up() -> None:
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": CITY, "indexedAt": "2026-11-20T19:00:00.000Z"}
    told = reason | {"uri": "at://did:plc:city/app.bsky.feed.repost/3k", "cid": "c"}
    original = post("9", "Road closed.", POLICE)

    first, second = feed({"post": original, "reason": told}, {"post": original, "reason": reason}).rows

    assert isinstance(first, ItemRow)
    assert (first.item_id, first.kind, first.author_id) == (told["uri"], ItemKind.REPOST, "did:plc:city")
    assert (first.text, first.links) == ("Road closed.", [uri("9", POLICE)])
    assert first.published_at == datetime(2026, 11, 20, 19, tzinfo=UTC)
    assert isinstance(second, ItemRow)
    assert second.item_id == f"repost:did:plc:city:{uri('9', POLICE)}"
    assert json.loads(first.raw)["reason"] == told


def test_a_pinned_post_is_an_ordinary_post() -> None:
    row = only(feed({"post": post("1", "pinned"), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}}))

    assert (row.item_id, row.kind) == (uri("1"), ItemKind.POST)


@pytest.mark.parametrize(
    ("labels", "visibility"),
    [
        ([{"src": "did:plc:mod", "val": "!hide"}], Visibility.WITHHELD),
        ([{"src": "did:plc:mod", "val": "!takedown"}], Visibility.WITHHELD),
        (
            [{"src": "did:plc:mod", "val": "!hide"}, {"src": "did:plc:mod", "val": "!hide", "neg": True}],
            Visibility.PUBLIC,
        ),
        (
            [{"src": "did:plc:mod", "val": "!hide"}, {"src": "did:plc:other", "val": "!hide", "neg": True}],
            Visibility.WITHHELD,
        ),
        ([{"src": "did:plc:mod", "val": "spam"}], Visibility.PUBLIC),
        ([], Visibility.PUBLIC),
    ],
)
def test_only_a_label_that_withholds_makes_a_post_withheld(
    labels: list[dict[str, Any]], visibility: Visibility
) -> None:
    assert only(feed(post("1", "x", labels=labels))).visibility is visibility
    assert only(feed(post("1", "x", CITY | {"labels": labels}))).visibility is visibility


def test_an_address_to_click_is_made_from_the_registers_own_and_from_nothing_else() -> None:
    page = written({"feed": [{"post": post("1", "x")}]}, Purpose.POSTS)
    elsewhere = account_of(Platform.BLUESKY, address="https://social.city.example")

    assert only(parse(page, Platform.BLUESKY, OFFICIAL_POSTS)).url == "https://bsky.app/profile/did:plc:city/post/1"
    assert only(parse(page, Platform.BLUESKY, OFFICIAL_POSTS, account=elsewhere)).url is None


def test_every_nested_reply_is_a_row_and_what_is_not_shown_is_counted_without_names() -> None:
    root, first = uri("1"), uri("2", ANA)
    blocked = {
        "$type": "app.bsky.feed.defs#blockedPost",
        "uri": uri("5", ANA),
        "blocked": True,
        "author": {"did": "did:plc:x"},
    }
    missing = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri("6", ANA), "notFound": True}
    second = node(post("3", "yes", record=reply_to(root, first)), missing)
    tree = node(
        post("1", "Snow", replyCount=4),
        node(post("2", "where?", ANA, record=reply_to(root)), second, blocked),
        blocked,
        node(post("4", "ok", ANA, record=reply_to(root))),
    )

    parsed = thread({"thread": tree})

    assert [(row.item_id, row.reply_parent_id, row.reply_root_id) for row in items(parsed).values()] == [
        (first, root, root),
        (uri("3"), first, root),
        (uri("4", ANA), root, root),
    ]
    assert parsed.declared == [Declared("replies", 4, 7, root)]
    detail = "thread page: expected every post of the thread, found 2 blocked, 1 not found"
    assert parsed.faults == [PageFault(7, "G004", detail)]


@pytest.mark.parametrize("where", ["thread", "root"])
def test_a_reply_that_the_thread_gate_hides_is_hidden(where: str) -> None:
    gate = {"uri": "at://g", "cid": "c", "record": {"post": uri("1"), "hiddenReplies": [uri("2", ANA)]}, "lists": []}
    root = post("1", "Snow", **({"threadgate": gate} if where == "root" else {}))
    tree = node(
        root,
        node(post("2", "rude", ANA, record=reply_to(uri("1")))),
        node(post("3", "kind", ANA, record=reply_to(uri("1")))),
    )

    found = items(thread({"thread": tree} | ({"threadgate": gate} if where == "thread" else {})))

    assert [row.visibility for row in found.values()] == [Visibility.HIDDEN, Visibility.PUBLIC]


@pytest.mark.parametrize(
    ("top", "detail"),
    [
        ({"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri("1"), "notFound": True}, "1 not found"),
        (
            {"$type": "app.bsky.feed.defs#blockedPost", "uri": uri("1"), "blocked": True, "author": {"did": "x"}},
            "1 blocked",
        ),
    ],
)
def test_a_thread_whose_root_is_not_shown_is_no_empty_thread(top: dict[str, Any], detail: str) -> None:
    parsed = thread({"thread": top})

    assert parsed.rows == []
    expected = f"thread page: expected every post of the thread, found {detail}"
    assert parsed.faults == [PageFault(7, "G004", expected)]


def test_the_thread_of_another_post_is_a_fault() -> None:
    parsed = thread({"thread": node(post("8", "other"))})

    assert [fault.detail for fault in parsed.faults] == [
        "thread page: expected the thread of its subject, found another post's"
    ]


def test_a_thread_nested_without_end_is_a_fault_and_no_crash() -> None:
    deep = b'{"thread":' + b'{"post":{},"replies":[' * 5000

    parsed = parse(page_of(deep, Purpose.THREAD), Platform.BLUESKY, PUBLIC_COMMENTS)

    assert [fault.code for fault in parsed.faults] == ["G001"]


def test_hidden_replies_come_by_the_second_view_or_by_name() -> None:
    rude, low, asked = (post(key, "x", ANA, record=reply_to(uri("1"))) for key in ("2", "3", "4"))
    value = {
        "thread": [
            {
                "uri": rude["uri"],
                "depth": 1,
                "value": {"$type": "app.bsky.unspecced.defs#threadItemPost", "post": rude, "hiddenByThreadgate": True},
            },
            {"uri": low["uri"], "depth": 1, "value": {"post": low, "hiddenByThreadgate": False}},
        ]
    }

    seen = items(parse(written(value, Purpose.HIDDEN_REPLIES), Platform.BLUESKY, PUBLIC_COMMENTS))
    named = items(parse(written({"posts": [asked]}, Purpose.HIDDEN_REPLIES), Platform.BLUESKY, PUBLIC_COMMENTS))

    assert [row.visibility for row in seen.values()] == [Visibility.HIDDEN, Visibility.PUBLIC]
    assert [(row.item_id, row.visibility) for row in named.values()] == [(uri("4", ANA), Visibility.HIDDEN)]


def test_the_feed_holds_no_comments() -> None:
    page = written({"feed": [{"post": post("1", "Snow", mood=1)}]}, Purpose.POSTS)

    assert parse(page, Platform.BLUESKY, PUBLIC_COMMENTS) == ParsedPage([], [], frozenset({"post.mood"}), [])


def test_a_follower_without_did_is_a_fault_that_names_nobody() -> None:
    page = written({"subject": CITY, "followers": [ANA, {"handle": "ben.example"}]}, Purpose.SUBSCRIBERS)

    parsed = parse(page, Platform.BLUESKY, SUBSCRIBER_LISTS)

    assert len(parsed.rows) == 1
    assert [fault.detail for fault in parsed.faults] == [
        "subscribers page, item 2: follower: object missing required field did"
    ]
