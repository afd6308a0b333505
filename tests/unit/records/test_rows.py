from __future__ import annotations

from datetime import UTC, datetime

import pytest

from muniment.records.rows import ItemKind, ItemRow, MediaRef, SubscriberRow, Visibility, content_sha256

ITEM = ItemRow(
    item_id="1",
    kind=ItemKind.REPLY,
    url="https://social.example/1",
    author_id="a",
    author_handle="ann",
    author_name="Ann",
    published_at=datetime(2026, 11, 1, tzinfo=UTC),
    published_text="2026-11-01T00:00:00Z",
    edited_at=None,
    language="en",
    text="Is the pool open?",
    reply_parent_id="0",
    reply_root_id="0",
    visibility=Visibility.PUBLIC,
    links=["https://a.example"],
    media=[MediaRef("m", "https://cdn.example/m?sig=1", "image", "a pool")],
    versions=[],
    like_count=1,
    repost_count=0,
    reply_count=0,
    quote_count=0,
    page=0,
    raw=b"{}",
)
SUBSCRIBER = SubscriberRow("s", "sam", "Sam", "sam@mail.example", "active", "weekly", None, "2026-01-01", 0, b"{}")


@pytest.mark.parametrize(
    "change",
    [
        {"item_id": "2"},
        {"text": "Is the pool closed?"},
        {"text": None},
        {"text": ""},
        {"language": "es"},
        {"edited_at": datetime(2026, 11, 2, tzinfo=UTC)},
        {"visibility": Visibility.HIDDEN},
        {"reply_parent_id": None},
        {"links": []},
        {"media": []},
        {"media": [MediaRef("m", "https://cdn.example/m?sig=1", "image", None)]},
        {"author_id": "b"},
    ],
)
def test_a_change_of_what_an_item_says_changes_its_hash(change: dict[str, object]) -> None:
    assert content_sha256(ITEM._replace(**change)) != content_sha256(ITEM)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"like_count": 99},
        {"reply_count": None},
        {"author_name": "Ann B."},
        {"author_handle": "annb"},
        {"raw": b'{"x":1}'},
        {"page": 7},
        {"media": [MediaRef("m", "https://cdn.example/m?sig=2", "image", "a pool")]},
    ],
)
def test_counters_names_and_signed_addresses_do_not_change_the_hash(change: dict[str, object]) -> None:
    assert content_sha256(ITEM._replace(**change)) == content_sha256(ITEM)  # type: ignore[arg-type]


def test_an_absent_text_and_an_empty_one_differ() -> None:
    assert content_sha256(ITEM._replace(text=None)) != content_sha256(ITEM._replace(text=""))


def test_text_cannot_move_between_neighbouring_fields() -> None:
    one = ITEM._replace(links=["ab", "c"])
    other = ITEM._replace(links=["a", "bc"])

    assert content_sha256(one) != content_sha256(other)


def test_a_link_cannot_pass_as_a_medium() -> None:
    linked = ITEM._replace(links=["https://a.example", "media", "m", "a pool"], media=[])

    assert content_sha256(linked) != content_sha256(ITEM)


@pytest.mark.parametrize("change", [{"address": "sam@other.example"}, {"status": "cleaned"}, {"list_name": "daily"}])
def test_a_change_of_a_subscription_changes_its_hash(change: dict[str, object]) -> None:
    assert content_sha256(SUBSCRIBER._replace(**change)) != content_sha256(SUBSCRIBER)  # type: ignore[arg-type]
