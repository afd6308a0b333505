"""Every field that the simulator answers with is one that the real platform was recorded with."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.unit.platform_simulator.asking import CITY, Asked, demo

REPLIES = Path(__file__).parents[2] / "replies"
Shape = dict[str, set[str]]
# What the demo shows and the recorded run happened not to hold, each with where it is documented.
UNRECORDED = {
    ("features", "uri"),  # https://docs.bsky.app/docs/advanced-guides/post-richtext
    ("followers", "createdAt"),  # app.bsky.actor.defs#profileView
    ("followers", "description"),
    ("followers", "displayName"),
    ("followers", "indexedAt"),
}
# The fields of a Mastodon 4.7.3 that answered without a token, as recorded in the cassettes of Mastodon.py 2.3.3:
# test_media_post_multiple, test_status_edit, test_status_card, test_fetch_remaining, test_conversations.
ACCOUNT = {
    "id",
    "username",
    "acct",
    "display_name",
    "locked",
    "bot",
    "discoverable",
    "indexable",
    "group",
    "created_at",
    "note",
    "url",
    "uri",
    "avatar",
    "avatar_static",
    "avatar_description",
    "header",
    "header_static",
    "header_description",
    "followers_count",
    "following_count",
    "statuses_count",
    "last_status_at",
    "hide_collections",
    "show_media",
    "show_media_replies",
    "show_featured",
    "noindex",
    "feature_approval",
    "emojis",
    "roles",
    "fields",
}
MASTODON: Shape = {
    "account": ACCOUNT,
    "descendants": {
        "id",
        "created_at",
        "in_reply_to_id",
        "in_reply_to_account_id",
        "sensitive",
        "spoiler_text",
        "visibility",
        "language",
        "uri",
        "url",
        "replies_count",
        "reblogs_count",
        "favourites_count",
        "quotes_count",
        "edited_at",
        "content",
        "reblog",
        "application",
        "account",
        "media_attachments",
        "mentions",
        "tags",
        "emojis",
        "tagged_collections",
        "quote",
        "card",
        "poll",
        "quote_approval",
    },
    "history": {"content", "spoiler_text", "sensitive", "created_at", "account", "media_attachments", "emojis"},
    "media_attachments": {
        "id",
        "type",
        "url",
        "preview_url",
        "remote_url",
        "preview_remote_url",
        "text_url",
        "meta",
        "description",
        "blurhash",
    },
    "meta": {"original", "small", "focus"},
    "original": {"width", "height", "size", "aspect"},
    "small": {"width", "height", "size", "aspect"},
    "mentions": {"id", "username", "url", "acct"},
    "tags": {"name", "url"},
    "card": {
        "url",
        "title",
        "description",
        "language",
        "type",
        "author_name",
        "author_url",
        "provider_name",
        "provider_url",
        "html",
        "width",
        "height",
        "image",
        "image_description",
        "embed_url",
        "blurhash",
        "published_at",
        "missing_attribution",
        "authors",
    },
    "quote_approval": {"automatic", "manual", "current_user"},
    "feature_approval": {"automatic", "manual", "current_user"},
    "answer": {"ancestors", "descendants"},
}
MASTODON |= {"statuses": MASTODON["descendants"], "ancestors": MASTODON["descendants"], "followers": ACCOUNT}


def learn(shape: Shape, value: Any, name: str) -> Shape:
    """Add to *shape* the fields of each object in *value*, by the name that the object goes by."""
    name = "post" if name in ("posts", "root", "parent") else name  # a post looks alike wherever it is shown
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            shape[name] |= one.keys()
            for key, inner in one.items():
                learn(shape, inner, key)
    return shape


def recorded(part: str) -> list[Any]:
    found = []
    for name in ("before", "after"):
        with (REPLIES / "bluesky-city-of-x" / f"{name}.warc.gz").open("rb") as file:
            for record in ArchiveIterator(file):
                target = record.rec_headers.get_header("WARC-Target-URI") or ""
                if record.rec_type == "response" and part in target:
                    found.append(json.loads(record.content_stream().read()))
    assert found, part
    return found


def unrecorded(ours: Any, known: Shape, name: str = "answer") -> set[tuple[str, str]]:
    shown = learn(defaultdict(set), ours, name)
    assert shown[name]
    return {(one, field) for one, fields in shown.items() for field in fields - known.get(one, set())}


def asked_of(method: str, asked: Asked) -> list[Any]:
    did = asked.read("/xrpc/com.atproto.identity.resolveHandle", handle=CITY)["did"]
    posts = [one["post"]["uri"] for one in asked.feed(limit=100)["feed"] if "reply" not in one]
    queries: dict[str, list[dict[str, Any]]] = {
        "app.bsky.feed.getPostThread": [{"uri": uri} for uri in posts],
        "app.bsky.unspecced.getPostThreadOtherV2": [{"anchor": uri} for uri in posts],
        "app.bsky.feed.getPosts": [{"uris": posts[:25]}],
        "com.atproto.repo.listRecords": [{"repo": did, "collection": "app.bsky.graph.block"}],
        "app.bsky.graph.getRelationships": [{"actor": did, "others": did}],
    }
    asking = queries.get(method, [{"actor": CITY, "limit": 100}])
    return [asked.read(f"/xrpc/{method}", **query) for query in asking]


@pytest.mark.parametrize(
    "method",
    [
        "app.bsky.actor.getProfile",
        "app.bsky.feed.getAuthorFeed",
        "app.bsky.feed.getPostThread",
        "app.bsky.feed.getPosts",
        "app.bsky.unspecced.getPostThreadOtherV2",
        "app.bsky.graph.getFollowers",
        "app.bsky.graph.getRelationships",
        "com.atproto.repo.listRecords",
    ],
)
def test_bluesky_answers_in_the_recorded_shape(method: str) -> None:
    known = learn(defaultdict(set), recorded(f"/xrpc/{method}?") + recorded("/xrpc/app.bsky.feed.get"), "answer")
    assert unrecorded(asked_of(method, demo()), known) <= UNRECORDED


def test_an_unknown_field_would_be_told() -> None:
    asked = demo()
    asked.fault("app.bsky.actor.getProfile", "unknown-field")
    known = learn(defaultdict(set), recorded("app.bsky.actor.getProfile"), "answer")
    assert ("answer", "simulatedNovelty") in unrecorded(asked_of("app.bsky.actor.getProfile", asked), known)


def test_a_did_document_has_the_fields_of_a_recorded_one() -> None:
    asked = Asked()
    did = asked.read("/xrpc/com.atproto.identity.resolveHandle", handle=CITY)["did"]
    ours = learn(defaultdict(set), asked.read(f"/{did}"), "answer")
    assert ours == learn(defaultdict(set), recorded(":2582/did:"), "answer")


def test_mastodon_answers_in_the_recorded_shape() -> None:
    asked = demo()
    number = asked.mastodon_id()
    statuses = asked.read(f"/api/v1/accounts/{number}/statuses", limit=40)
    assert unrecorded(statuses, MASTODON, "statuses") == set()
    assert unrecorded(asked.read(f"/api/v1/accounts/{number}"), MASTODON, "account") == set()
    assert unrecorded(asked.read(f"/api/v1/accounts/{number}/followers"), MASTODON, "followers") == set()
    for status in statuses:
        path = f"/api/v1/statuses/{status['id']}"
        assert unrecorded(asked.read(f"{path}/history"), MASTODON, "history") == set()
        assert unrecorded(asked.read(f"{path}/context"), MASTODON) == set()
