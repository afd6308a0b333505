from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from muniment.changes.differences import (
    compare_fields,
    spell,
    tell_appeared,
    tell_changed,
    tell_counters,
    tell_fields,
    tell_reappeared,
    window_since_written,
)
from muniment.records.changes import ChangeKind, FieldChange, Window

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WINDOW = Window(last_seen=NOON, first_missing=NOON + timedelta(hours=1, minutes=1))
ROW = {
    "kind": "reply",
    "author_handle": "ana.example",
    "edited_at": None,
    "language": "en",
    "text": "Is it open?",
    "reply_parent_id": "p1",
    "visibility": "public",
    "links": [],
    "media": [{"media_id": "m1", "url": "https://cdn.example/1?sig=a", "kind": "image", "alt": "A gate"}],
    "versions": [],
}


def kinds(before: dict[str, object], after: dict[str, object]) -> list[tuple[str, list[str]]]:
    return [(kind.value, [field.name for field in fields]) for kind, fields in tell_changed(before, after)]


def test_a_row_that_says_the_same_has_not_changed() -> None:
    assert kinds(ROW, ROW) == []


def test_an_address_that_is_signed_anew_and_a_version_that_the_platform_tells_are_no_change() -> None:
    medium = {"media_id": "m1", "url": "https://cdn.example/1?sig=b", "kind": "image", "alt": "A gate"}

    assert kinds(ROW, ROW | {"media": [medium], "versions": [{"at": NOON, "text": "Is it", "raw": b"{}"}]}) == []


def test_an_item_that_lost_what_it_answers_was_not_edited_by_that() -> None:
    orphan = ROW | {"kind": "post", "reply_parent_id": None}

    assert kinds(ROW, orphan) == []
    assert kinds(ROW, orphan | {"text": "Ha"}) == [("edited", ["kind", "text", "reply_parent_id"])]
    assert kinds(ROW, ROW | {"kind": "post"}) == [("edited", ["kind"])]


def test_an_item_that_has_back_what_it_answers_was_not_edited_by_that() -> None:
    orphan = ROW | {"kind": "post", "reply_parent_id": None}

    assert kinds(orphan, ROW) == []
    assert kinds(orphan, ROW | {"text": "Ha"}) == [("edited", ["kind", "text", "reply_parent_id"])]


def test_what_a_record_names_as_its_parent_is_its_authors_to_change() -> None:
    answer = ROW | {"reply_parent_id": "at://did:plc:a/app.bsky.feed.post/1"}
    post = ROW | {"kind": "post", "reply_parent_id": None}

    assert kinds(answer, post) == [("edited", ["kind", "reply_parent_id"])]
    assert kinds(post, answer) == [("edited", ["kind", "reply_parent_id"])]


def test_an_item_below_a_thread_that_broke_was_not_edited_by_that() -> None:
    whole = ROW | {"reply_root_id": "p0"}
    record = ROW | {"reply_root_id": "at://did:plc:a/app.bsky.feed.post/1"}

    assert kinds(whole, whole | {"reply_root_id": "p1"}) == []
    assert kinds(whole, whole | {"reply_root_id": "p1", "reply_parent_id": "p9"}) == [
        ("edited", ["reply_parent_id", "reply_root_id"])
    ]
    assert kinds(record, record | {"reply_root_id": "at://did:plc:a/app.bsky.feed.post/2"}) == [
        ("edited", ["reply_root_id"])
    ]


@pytest.mark.parametrize(
    ("column", "value", "before", "after"),
    [
        ("text", "Is it closed?", "Is it open?", "Is it closed?"),
        ("text", None, "Is it open?", None),
        ("language", "es", "en", "es"),
        ("reply_parent_id", "p2", "p1", "p2"),
        ("edited_at", NOON, None, "2026-11-21T12:00:00.000000Z"),
        ("links", ["https://a.example", "https://b.example"], None, "https://a.example\nhttps://b.example"),
        ("media", [], "m1: A gate", None),
        ("media", [{"media_id": "m1", "url": "x", "kind": "image", "alt": None}], "m1: A gate", "m1"),
        ("visibility", "unlisted", "public", "unlisted"),
        ("visibility", "restricted", "public", "restricted"),
    ],
)
def test_each_column_that_differs_is_an_edit_with_its_two_values(
    column: str, value: object, before: str | None, after: str | None
) -> None:
    assert list(tell_changed(ROW, ROW | {column: value})) == [
        (ChangeKind.EDITED, (FieldChange(name=column, before=before, after=after),))
    ]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("public", "hidden", "hidden"),
        ("unlisted", "hidden", "hidden"),
        ("withheld", "hidden", "hidden"),
        ("hidden", "public", "unhidden"),
        ("withheld", "public", "unhidden"),
        ("public", "withheld", "taken-down"),
        ("hidden", "withheld", "taken-down"),
    ],
)
def test_an_item_that_goes_out_of_sight_or_comes_back_is_named_so_and_not_as_edited(
    before: str, after: str, kind: str
) -> None:
    assert kinds(ROW | {"visibility": before}, ROW | {"visibility": after}) == [(kind, ["visibility"])]


def test_an_item_edited_and_hidden_at_once_is_both() -> None:
    changed = ROW | {"text": "Ha", "visibility": "hidden"}

    assert kinds(ROW, changed) == [("edited", ["text"]), ("hidden", ["visibility"])]


def test_what_appeared_appeared_and_what_came_back_reappeared() -> None:
    assert [kind for kind, _ in tell_appeared(ROW, WINDOW)] == [ChangeKind.APPEARED]
    assert [kind for kind, _ in tell_reappeared(ROW, ROW)] == [ChangeKind.REAPPEARED]


def test_what_was_hidden_when_it_was_last_listed_is_not_hidden_anew_when_it_comes_back() -> None:
    hidden = ROW | {"visibility": "hidden"}

    assert [kind for kind, _ in tell_reappeared(hidden, hidden)] == [ChangeKind.REAPPEARED]
    assert [kind for kind, _ in tell_reappeared(ROW, hidden)] == [ChangeKind.REAPPEARED, ChangeKind.HIDDEN]


@pytest.mark.parametrize(
    ("written", "since"),
    [
        ("2026-11-21T12:30:00Z", NOON),
        ("2026-11-21T04:00:00.000-07:00", NOON - timedelta(hours=1)),
        ("2026-11-21T11:00:00", NOON),
        ("Sat, 21 Nov 2026 11:00:00 GMT", NOON),
        (None, NOON),
    ],
)
def test_an_item_older_than_the_window_may_have_been_hidden_before_it(written: str | None, since: datetime) -> None:
    found = window_since_written(ROW | {"published_text": written}, WINDOW)

    assert found == Window(last_seen=since, first_missing=WINDOW.first_missing)


def test_what_was_hidden_before_it_was_first_seen_is_hidden_in_the_same_window() -> None:
    told = list(tell_appeared(ROW | {"visibility": "hidden"}, WINDOW))

    assert told == [
        (ChangeKind.APPEARED, ()),
        (ChangeKind.HIDDEN, (FieldChange(name="visibility", before=None, after="hidden"),)),
    ]


def test_an_edit_that_the_platform_dates_into_the_window_is_told_with_the_text_that_nobody_captured() -> None:
    edited = ROW | {
        "edited_at": NOON + timedelta(minutes=5),
        "versions": [{"at": NOON, "text": "Is it opn?", "raw": b"{}"}],
    }

    assert list(tell_appeared(edited, WINDOW))[1] == (
        ChangeKind.EDITED,
        (
            FieldChange(name="edited_at", before=None, after="2026-11-21T12:05:00.000000Z"),
            FieldChange(name="text", before="Is it opn?", after="Is it open?"),
        ),
    )


def test_an_edit_from_before_the_window_is_none_of_it() -> None:
    edited = ROW | {"edited_at": NOON - timedelta(seconds=1)}

    assert [kind for kind, _ in tell_appeared(edited, WINDOW)] == [ChangeKind.APPEARED]


def test_counters_are_told_one_by_one_and_only_those_that_moved() -> None:
    before = {"like_count": 3, "repost_count": 0, "reply_count": None}
    after = {"like_count": 2, "repost_count": 0, "reply_count": 1}

    assert tell_counters(before, after) == (
        FieldChange(name="like_count", before="3", after="2"),
        FieldChange(name="reply_count", before=None, after="1"),
    )


def test_a_whole_row_is_told_without_what_it_does_not_say() -> None:
    assert [field.name for field in tell_fields(ROW)] == [
        "kind",
        "author_handle",
        "language",
        "text",
        "reply_parent_id",
        "visibility",
        "media",
    ]


def test_a_subscribers_status_is_a_column_like_any_other() -> None:
    assert compare_fields({"status": "active", "address": None}, {"status": "gone", "address": None}) == (
        FieldChange(name="status", before="active", after="gone"),
    )


def test_nothing_and_an_empty_text_are_not_the_same() -> None:
    assert (spell(None), spell(""), spell([])) == (None, "", None)
