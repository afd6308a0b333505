from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from muniment.records.agency import Platform
from muniment.records.page import Page, Purpose
from muniment.records.rows import (
    Declared,
    ItemKind,
    ItemRow,
    MediaRef,
    ParsedPage,
    SubscriberRow,
    Visibility,
    content_sha256,
)
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.unit.parsing.pages import items, page_of, parse

REPLIES = Path(__file__).parents[2] / "replies" / "mastodon"


def reply(name: str, purpose: Purpose, *, subject: str | None = None) -> Page:
    return page_of((REPLIES / f"{name}.json").read_bytes(), purpose, subject=subject)


def written(value: Any, purpose: Purpose, *, subject: str | None = None) -> Page:
    return page_of(json.dumps(value).encode(), purpose, subject=subject)


def statuses() -> list[dict[str, Any]]:
    value: list[dict[str, Any]] = json.loads((REPLIES / "statuses.json").read_bytes())
    return value


def official(page: Page, *history: Page) -> ParsedPage:
    return parse(page, Platform.MASTODON, OFFICIAL_POSTS, history=history)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": None}, r"item 1: status: expected str, found null - at \$.id"),
        ({"id": 17}, r"item 1: status: expected str, found int - at \$.id"),
        ({"account": {"id": "1"}}, r"object missing required field acct - at \$.account"),
        ({"favourites_count": "many"}, r"expected int \| null, found str - at \$.favourites_count"),
        ({"new_field": 1, "content": ["x"]}, r"expected str, found array - at \$.content"),
    ],
)
def test_a_status_of_another_shape_is_a_fault_and_the_others_are_rows(change: dict[str, Any], message: str) -> None:
    first, second, *_ = statuses()

    parsed = official(written([first | change, second], Purpose.POSTS))

    assert [row.item_id for row in parsed.rows if isinstance(row, ItemRow)] == ["1007"]
    [fault] = parsed.faults
    assert (fault.page, fault.code) == (7, "G001")
    assert re.search(message, fault.detail), fault.detail
    assert parsed.unknown_fields == frozenset()


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'[{"id":"1"', b'{"error":"This API requires authentication"}', b'["x"]']
)
def test_an_unreadable_page_is_a_fault_without_rows(body: bytes) -> None:
    parsed = official(page_of(body, Purpose.POSTS))

    assert parsed.rows == []
    assert [fault.code for fault in parsed.faults] == ["G001"]


def test_a_page_of_another_status_or_purpose_is_a_fault() -> None:
    refused = page_of(b"[]", Purpose.POSTS, status=503)
    other = page_of(b"[]", Purpose.REPOSITORY)

    assert [fault.detail for fault in official(refused).faults] == ["posts page: expected status 200, found 503"]
    assert "expected pages of account, history, posts, found one of repository" in official(other).faults[0].detail


def test_unknown_fields_are_reported_by_path_and_the_row_is_kept() -> None:
    drifted = statuses()
    drifted[0]["mood"] = {"deep": 1}
    drifted[0]["account"]["badge"] = "gold"
    drifted[6]["media_attachments"][0]["ai_generated"] = False
    drifted[0]["reblog"]["account"]["ana@elsewhere.example"] = 1

    parsed = official(written(drifted, Purpose.POSTS))

    assert parsed.unknown_fields == {
        "status.mood",
        "status.account.badge",
        "status.media_attachments.ai_generated",
        "status.reblog.account.?",
    }
    assert parsed.faults == []
    assert [content_sha256(row) for row in parsed.rows] == [
        content_sha256(row) for row in official(reply("statuses", Purpose.POSTS)).rows
    ]
    assert b"mood" in parsed.rows[0].raw


def test_a_visibility_nobody_knows_is_reported_and_shown_to_nobody() -> None:
    parsed = official(written([statuses()[-1] | {"visibility": "neighbours"}], Purpose.POSTS))

    assert parsed.unknown_fields == {"status.visibility (a new value)"}
    assert items(parsed)["1001"].visibility is Visibility.RESTRICTED


def test_a_post_says_all_that_it_shows() -> None:
    body = (REPLIES / "statuses.json").read_bytes()

    row = items(official(page_of(body, Purpose.POSTS)))["1001"]

    assert json.loads(row.raw) == statuses()[-1]
    assert row.raw in body
    assert row._replace(raw=b"") == ItemRow(
        item_id="1001",
        kind=ItemKind.POST,
        url="https://social.example/@cityhall/1001",
        author_id="100",
        author_handle="cityhall",
        author_name="City of Claremont",
        published_at=datetime(2026, 11, 20, 18, tzinfo=UTC),
        published_text="2026-11-20T18:00:00.000Z",
        edited_at=None,
        language="en",
        text="Snow emergency at 8 pm.\nMove cars. #snow city.example/snow",
        reply_parent_id=None,
        reply_root_id=None,
        visibility=Visibility.PUBLIC,
        links=["https://social.example/tags/snow", "https://city.example/snow"],
        media=[],
        versions=[],
        like_count=9,
        repost_count=4,
        reply_count=2,
        quote_count=1,
        page=7,
        raw=b"",
    )


def test_each_sort_of_status_is_told_apart() -> None:
    rows = items(official(reply("statuses", Purpose.POSTS)))

    assert {row.item_id: (row.kind, row.visibility) for row in rows.values()} == {
        "1008": (ItemKind.REPOST, Visibility.PUBLIC),
        "1007": (ItemKind.POST, Visibility.PUBLIC),
        "1006": (ItemKind.POST, Visibility.RESTRICTED),
        "1005": (ItemKind.REPLY, Visibility.PUBLIC),
        "1004": (ItemKind.POST, Visibility.UNLISTED),
        "1003": (ItemKind.POST, Visibility.PUBLIC),
        "1002": (ItemKind.POST, Visibility.PUBLIC),
        "1001": (ItemKind.POST, Visibility.PUBLIC),
    }
    assert rows["1005"].reply_parent_id == "2001"
    assert rows["1004"].text == "Which park first?\n\n- North\n- South"
    assert rows["1002"].text == "Storm damage\n\nPictures of the storm"
    assert rows["1007"].links == ["https://social.example/@police/5001"]


def test_a_repost_is_by_who_reposts_and_says_what_was_reposted() -> None:
    row = items(official(reply("statuses", Purpose.POSTS)))["1008"]

    assert (row.author_id, row.text, row.language) == ("100", "Road closed.", "es")
    assert row.links == ["https://social.example/@police/5001"]
    assert [medium.media_id for medium in row.media] == ["901"]
    assert row.published_text == "2026-11-20T18:07:00.000Z"
    assert row.url == "https://social.example/users/cityhall/statuses/1008/activity"


def test_media_that_have_no_address_yet_are_listed_all_the_same() -> None:
    row = items(official(reply("statuses", Purpose.POSTS)))["1002"]

    assert row.media == [
        MediaRef("901", "https://social.example/media/901.png", "image", "Map of the wards"),
        MediaRef("902", "https://social.example/media/902.mp4", "video", None),
        MediaRef("903", "", "file", None),
    ]


def test_an_edited_status_carries_its_earlier_versions_and_not_the_present_one() -> None:
    history = reply("history", Purpose.HISTORY, subject="1003")

    row = items(official(reply("statuses", Purpose.POSTS), history))["1003"]

    assert row.edited_at == datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    assert [(version.at, version.text) for version in row.versions] == [
        (datetime(2026, 11, 20, 18, 0, tzinfo=UTC), "Budget hearing at 6 pm."),
        (datetime(2026, 11, 20, 18, 5, tzinfo=UTC), "Budget hearing at 6.30 pm.\n\n- Will come"),
    ]
    assert json.loads(row.versions[0].raw)["content"] == "<p>Budget hearing at 6 pm.</p>"


@pytest.mark.parametrize("body", [b"<html>", b'[{"created_at":1}]', b"[", b'{"error":"gone"}'])
def test_a_broken_history_is_one_fault_of_its_own_page_and_the_status_is_kept(body: bytes) -> None:
    history = page_of(body, Purpose.HISTORY, subject="1003")

    parsed = official(reply("statuses", Purpose.POSTS), history)

    assert (items(parsed)["1003"].versions, parsed.faults) == ([], [])
    assert [fault.code for fault in official(history).faults] == ["G001"]


def test_a_history_page_has_no_rows_of_its_own_and_tells_of_unknown_fields() -> None:
    versions = json.loads((REPLIES / "history.json").read_bytes())
    versions[0]["reason"] = "typo"

    parsed = official(written(versions, Purpose.HISTORY, subject="1003"))

    assert parsed == ParsedPage([], [], frozenset({"edit.reason"}), [])


def test_every_reply_of_a_context_is_a_row_under_its_root() -> None:
    page = reply("context", Purpose.THREAD, subject="1001")

    parsed = parse(page, Platform.MASTODON, PUBLIC_COMMENTS)

    rows = [row for row in parsed.rows if isinstance(row, ItemRow)]
    assert [(row.item_id, row.kind, row.reply_parent_id, row.reply_root_id) for row in rows] == [
        ("2001", ItemKind.REPLY, "1001", "1001"),
        ("1005", ItemKind.REPLY, "2001", "1001"),
        ("2002", ItemKind.REPLY, "1005", "1001"),
        ("2003", ItemKind.REPLY, "1001", "1001"),
    ]
    assert rows[0].author_handle == "ana@elsewhere.example"
    assert (rows[0].text, rows[2].text) == ("@cityhall Maple St too?", "Thanks & stay safe")
    assert parsed.faults == []


def test_a_reply_seen_in_two_contexts_says_the_same_in_both() -> None:
    whole = parse(reply("context", Purpose.THREAD, subject="1001"), Platform.MASTODON, PUBLIC_COMMENTS)
    part = parse(reply("context-of-a-reply", Purpose.THREAD, subject="1005"), Platform.MASTODON, PUBLIC_COMMENTS)

    assert list(items(part)) == ["2002"]
    assert content_sha256(items(part)["2002"]) == content_sha256(items(whole)["2002"])


def test_a_context_cut_in_half_is_a_fault_that_says_where() -> None:
    body = (REPLIES / "context.json").read_bytes()[:3000]

    parsed = parse(page_of(body, Purpose.THREAD, subject="1001"), Platform.MASTODON, PUBLIC_COMMENTS)

    assert parsed.rows == []
    assert parsed.faults[0].detail == "thread page: expected whole JSON, found it cut off after 3000 bytes"


def test_statuses_state_how_many_replies_each_has_and_are_no_comments() -> None:
    parsed = parse(reply("statuses", Purpose.POSTS), Platform.MASTODON, PUBLIC_COMMENTS)

    assert parsed.rows == []
    assert Declared("replies", 2, 7, "1001") in parsed.declared
    assert "1008" not in {each.subject for each in parsed.declared}


def test_the_profile_says_what_its_page_shows_and_how_many_posts_there_are() -> None:
    parsed = official(reply("account", Purpose.ACCOUNT))

    [row] = parsed.rows
    assert isinstance(row, ItemRow)
    assert (row.item_id, row.kind, row.author_id) == ("account/100", ItemKind.PROFILE, "100")
    assert row.text == (
        "City of Claremont\n\nOfficial. Comments are public records: terms\n\nPhone: 311\n\nWeb: city.example"
    )
    assert row.links == ["https://city.example/social", "https://city.example"]
    assert row.media == [
        MediaRef(
            "https://social.example/avatars/100/seal.png",
            "https://social.example/avatars/100/seal.png?1700000000",
            "image",
            "City seal",
        ),
        MediaRef(
            "https://social.example/headers/100/hall.png", "https://social.example/headers/100/hall.png", "image", None
        ),
    ]
    assert parsed.declared == [Declared("statuses", 8, 7)]


def test_followers_are_subscribers_without_addresses() -> None:
    parsed = parse(reply("followers", Purpose.SUBSCRIBERS), Platform.MASTODON, SUBSCRIBER_LISTS)
    account = parse(reply("account", Purpose.ACCOUNT), Platform.MASTODON, SUBSCRIBER_LISTS)

    rows = [row for row in parsed.rows if isinstance(row, SubscriberRow)]
    assert [(row.subscriber_id, row.handle, row.status, row.address) for row in rows] == [
        ("201", "ana@elsewhere.example", None, None),
        ("202", "ben", None, None),
        ("203", "cyn", "limited", None),
        ("204", "dee", "suspended", None),
    ]
    assert json.loads(rows[1].raw)["username"] == "ben"
    assert (account.rows, account.declared) == ([], [Declared("followers", 4, 7)])


def test_a_comment_series_reads_the_account_for_its_faults_alone() -> None:
    parsed = parse(reply("account", Purpose.ACCOUNT), Platform.MASTODON, PUBLIC_COMMENTS)

    assert parsed == ParsedPage([], [], frozenset(), [])
