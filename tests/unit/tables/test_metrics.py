from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muniment.errors import ParseError
from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.records.rows import Declared, ItemKind, PageFault, ParsedPage, Row
from muniment.records.series import RowKind
from muniment.tables.metrics import FUTURE_TOLERANCE, Circumstances, Metrics, measure
from muniment.tables.sealed_rows import seal_rows
from tests.unit.tables.samples import NOON, Volume, gap, item, page, parsed, stage, subscriber, write_pages

SOUND = Circumstances(
    captured_until=NOON,
    account_opened_at=datetime(2020, 1, 1, tzinfo=UTC),
    previous_total=2,
    official_authors=frozenset({"did:plc:city"}),
)
POSTS = parsed([item("a"), item("b")])
PEOPLE = parsed([subscriber("ann"), subscriber("ben")])


def measured(
    tmp_path: Path,
    *pages: ParsedPage,
    kind: RowKind = RowKind.ITEMS,
    exchanges: Sequence[Page | Gap] = (page(),),
    against: Circumstances = SOUND,
) -> Metrics:
    seal_rows(stage(tmp_path / "staging", *pages, kind=kind), tmp_path / "rows", kind=kind, basis=None)
    return measure(tmp_path / "rows", write_pages(tmp_path / "pages", *exchanges), kind=kind, against=against)


def beyond(found: Metrics, sound: Metrics) -> Metrics:
    """Return what differs from a sound snapshot, row counts left out."""
    return {
        name: number
        for name, number in found.items()
        if number != sound[name] and name not in {"total", "listed", "rows_new"}
    }


def test_sound_items_measure_nought(tmp_path: Path) -> None:
    assert measured(tmp_path, POSTS) == {
        "rows_new": 2,
        "rows_changed": 0,
        "rows_unchanged": 0,
        "rows_gone": 0,
        "total": 2,
        "previous_total": 2,
        "duplicates_dropped": 0,
        "contradicting_duplicates": 0,
        "missing_ids": 0,
        "missing_times": 0,
        "missing_authors": 0,
        "future_items": 0,
        "items_before_account": 0,
        "foreign_authors": 0,
        "missing_parents": 0,
        "declared_missing": None,
        "unknown_fields": 0,
        "unreadable_pages": 0,
        "irregular_pages": 0,
        "repeated_pages": 0,
        "unverified_repositories": 0,
        "gaps": 0,
        "unlisted": 0,
        "listed": 2,
    }


@pytest.fixture(scope="module")
def sound_items(tmp_path_factory: pytest.TempPathFactory) -> Metrics:
    return measured(tmp_path_factory.mktemp("sound"), POSTS)


@pytest.fixture(scope="module")
def sound_subscribers(tmp_path_factory: pytest.TempPathFactory) -> Metrics:
    return measured(tmp_path_factory.mktemp("sound"), PEOPLE, kind=RowKind.SUBSCRIBERS)


FAULTS = [
    (parsed([item("")]), {"missing_ids": 1}),
    (parsed([item("a"), item("a")]), {"duplicates_dropped": 2}),
    (parsed([item("c"), item("c", "other"), item("c", "third")]), {"contradicting_duplicates": 1}),
    (parsed([item("c", published_at=None)]), {"missing_times": 1}),
    (parsed([item("c", author_id=None), item("d", author_id="")]), {"missing_authors": 2}),
    (parsed([item("c", published_at=NOON + FUTURE_TOLERANCE + timedelta(seconds=1))]), {"future_items": 1}),
    (parsed([item("c", edited_at=NOON + timedelta(days=1))]), {"future_items": 1}),
    (parsed([item("c", published_at=datetime(2019, 12, 31, tzinfo=UTC))]), {"items_before_account": 1}),
    (parsed([item("c", author_id="did:plc:somebody")]), {"foreign_authors": 1}),
    (parsed([item("c", kind=ItemKind.REPLY, reply_parent_id="nowhere")]), {"missing_parents": 1}),
    (parsed(declared=[Declared("posts", 5, 0)]), {"declared_missing": 3}),
    (parsed(declared=[Declared("replies", 5, 0, "a")]), {"declared_missing": 5}),
    (parsed(declared=[Declared("posts", 1, 0)]), {"declared_missing": 0}),
    (parsed(unknown=["post.new", "post.newer"]), {"unknown_fields": 2}),
    (parsed(faults=[PageFault(0, "G001", "")] * 2), {"unreadable_pages": 2}),
    (parsed(faults=[PageFault(0, "G004", "")]), {"gaps": 1}),
    (parsed(faults=[PageFault(0, "G005", "")]), {"unverified_repositories": 1}),
    (parsed(faults=[PageFault(0, "G006", "")]), {"irregular_pages": 1}),
    (parsed(faults=[PageFault(0, "V001", "")]), {"unreadable_pages": 1}),
    (parsed(faults=[PageFault(0, "S003", "")]), {"unreadable_pages": 1}),
]


@pytest.mark.parametrize(("fault", "numbers"), FAULTS)
def test_each_number_counts_its_own_fault_and_only_that(
    tmp_path: Path, sound_items: Metrics, fault: ParsedPage, numbers: Metrics
) -> None:
    assert beyond(measured(tmp_path, POSTS, fault), sound_items) == numbers


@pytest.mark.parametrize(
    "row",
    [
        item("c", published_at=NOON + FUTURE_TOLERANCE),
        item("c", kind=ItemKind.PROFILE, published_at=None),
        item("c", kind=ItemKind.REPOST, author_id="did:plc:somebody"),
        item("c", kind=ItemKind.REPLY, reply_parent_id="a"),
        item("c", kind=ItemKind.REPLY, reply_parent_id="asked"),
    ],
)
def test_what_is_no_fault_is_not_counted(tmp_path: Path, sound_items: Metrics, row: Row) -> None:
    asked = [page(), page(1, purpose=Purpose.THREAD, subject="asked")]

    assert beyond(measured(tmp_path, POSTS, parsed([row]), exchanges=asked), sound_items) == {}


def test_a_parent_known_from_elsewhere_is_not_missing(tmp_path: Path) -> None:
    known = Circumstances(captured_until=NOON, known_ids=frozenset({"root"}))

    assert measured(tmp_path, parsed([item("a", reply_parent_id="root")]), against=known)["missing_parents"] == 0


def test_a_post_that_could_not_be_asked_for_is_no_known_parent(tmp_path: Path) -> None:
    numbers = measured(
        tmp_path, parsed([item("a", reply_parent_id="root")]), exchanges=[gap(purpose="thread", subject="root")]
    )

    assert (numbers["missing_parents"], numbers["gaps"]) == (1, 1)


def test_what_cannot_be_asked_is_none(tmp_path: Path) -> None:
    numbers = measured(tmp_path, POSTS, against=Circumstances(captured_until=NOON))

    assert {name for name, number in numbers.items() if number is None} == {
        "previous_total",
        "items_before_account",
        "foreign_authors",
        "declared_missing",
    }


PROFILE = item("did:plc:city", kind=ItemKind.PROFILE, published_at=None)


def test_the_account_itself_is_no_item_that_it_lists_not_even_unchanged(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.capture("one", PROFILE, item("a"))
    volume.capture("two", PROFILE)
    against = Circumstances(captured_until=NOON, previous_total=2, profile_id="did:plc:city")

    numbers = measure(volume.files["two"], write_pages(tmp_path / "pages"), kind=RowKind.ITEMS, against=against)

    assert (numbers["total"], numbers["listed"]) == (1, 0)
    assert measured(tmp_path, parsed([PROFILE, item("a")]))["listed"] == 1


UNLISTED = [
    ([], 1),
    ([gap(purpose="account", reason=GapReason.UNREADABLE)], 1),
    ([page(purpose=Purpose.ACCOUNT), page(1, purpose=Purpose.DID_DOCUMENT)], 1),
    ([page(), gap(purpose="posts", subject=None, reason=GapReason.UNREADABLE)], 1),
    ([page(purpose=Purpose.SUBSCRIBERS), gap(purpose="subscribers", subject=None, reason=GapReason.UNREADABLE)], 1),
    ([page(), gap(purpose="thread", subject="post"), gap()], 0),
    ([page(purpose=Purpose.SUBSCRIBERS), gap(purpose="subscribers", subject="somebody")], 0),
    ([page(purpose=Purpose.FEED)], 0),
    ([page()], 0),
]


@pytest.mark.parametrize(("exchanges", "number"), UNLISTED)
def test_a_listing_not_seen_to_its_end_is_counted(tmp_path: Path, exchanges: list[Page | Gap], number: int) -> None:
    assert measured(tmp_path, POSTS, exchanges=exchanges)["unlisted"] == number


REPEATED = [
    ([page(0, b"[1]", url="https://x/p?limit=9"), page(1, b"[1]", url="https://x/p?limit=9&cursor=b")], 1),
    ([page(0, b"[1]", url="https://x/p?max_id=3&limit=9"), page(1, b"[1]", url="https://x/p?max_id=2&limit=9")], 1),
    ([page(n, b"[1]", url=f"https://x/p?cursor={n}") for n in range(4)], 3),
    ([page(0, b"[1]"), page(1, b"[2]")], 0),
    ([page(0, b"[]", url="https://x/p?filter=a"), page(1, b"[]", url="https://x/p?filter=b")], 0),
    ([page(0, b"[]", subject="a"), page(1, b"[]", subject="b")], 0),
    ([page(0, b"{}", purpose=Purpose.ACCOUNT), page(1, b"{}", purpose=Purpose.ACCOUNT)], 0),
    ([gap(), gap()], 0),
]


@pytest.mark.parametrize(("exchanges", "number"), REPEATED)
def test_a_page_that_came_again_is_counted(tmp_path: Path, exchanges: list[Page], number: int) -> None:
    assert measured(tmp_path, POSTS, exchanges=exchanges)["repeated_pages"] == number


def test_sound_subscribers_measure_nought(tmp_path: Path) -> None:
    assert measured(tmp_path, PEOPLE, kind=RowKind.SUBSCRIBERS) == {
        "rows_new": 2,
        "rows_changed": 0,
        "rows_unchanged": 0,
        "rows_gone": 0,
        "total": 2,
        "previous_total": 2,
        "duplicates_dropped": 0,
        "contradicting_duplicates": 0,
        "missing_ids": 0,
        "declared_difference": None,
        "malformed_rows": 0,
        "malformed_addresses": 0,
        "unknown_fields": 0,
        "unreadable_pages": 0,
        "irregular_pages": 0,
        "repeated_pages": 0,
        "gaps": 0,
        "unlisted": 0,
        "listed": 2,
    }


@pytest.mark.parametrize(
    ("fault", "numbers"),
    [
        (parsed([subscriber("")]), {"missing_ids": 1, "malformed_addresses": 1}),
        (parsed([subscriber("ann")]), {"duplicates_dropped": 1}),
        (parsed([subscriber("ann", status="left")]), {"contradicting_duplicates": 1}),
        (parsed(declared=[Declared("followers", 5, 0)]), {"declared_difference": 3}),
        (parsed(declared=[Declared("subscribers", 1, 0)]), {"declared_difference": 1}),
        (parsed(faults=[PageFault(0, "S003", "")]), {"malformed_rows": 1}),
        (parsed(faults=[PageFault(0, "S001", "")]), {"missing_ids": 1}),
    ],
)
def test_each_number_of_subscribers_counts_its_own_fault(
    tmp_path: Path, sound_subscribers: Metrics, fault: ParsedPage, numbers: Metrics
) -> None:
    found = measured(tmp_path, PEOPLE, fault, kind=RowKind.SUBSCRIBERS)

    assert beyond(found, sound_subscribers) == numbers


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("ann@people.example", 0),
        ("ann+news@mail.people.example", 0),
        ("größe@people.example", 0),
        (None, 0),
        ("", 1),
        ("ann", 1),
        ("ann@people", 1),
        ("ann@people.example.", 1),
        ("ann smith@people.example", 1),
        ("ann@ben@people.example", 1),
        ("a" * 250 + "@p.example", 1),
    ],
)
def test_an_address_has_the_form_of_an_address(tmp_path: Path, address: str | None, number: int) -> None:
    people = parsed([subscriber("ann", address=address)])

    assert measured(tmp_path, people, kind=RowKind.SUBSCRIBERS)["malformed_addresses"] == number


def test_unchanged_rows_are_parents_and_were_judged_when_they_came(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    undated = item("a", published_at=None)
    reply = item("r", kind=ItemKind.REPLY, reply_parent_id="a")
    orphan = item("o", kind=ItemKind.REPLY, reply_parent_id="g")
    volume.capture("one", undated, item("g"))
    volume.capture("two", undated, reply, orphan)

    numbers = measure(volume.files["two"], write_pages(tmp_path / "pages"), kind=RowKind.ITEMS, against=SOUND)

    assert (numbers["rows_new"], numbers["rows_unchanged"], numbers["rows_gone"], numbers["total"]) == (2, 1, 1, 3)
    assert numbers["missing_times"] == 0
    assert numbers["missing_parents"] == 1


def test_gaps_of_media_are_added(tmp_path: Path) -> None:
    measured(tmp_path, POSTS, exchanges=[gap()])

    numbers = measure(tmp_path / "rows", tmp_path / "pages", kind=RowKind.ITEMS, against=SOUND, gaps=2)
    assert numbers["gaps"] == 3


def test_rows_without_notes_are_refused(tmp_path: Path) -> None:
    staging = stage(tmp_path / "staging", POSTS)

    with pytest.raises(ParseError, match=r"expected metadata muniment\.parse, found none"):
        measure(staging, write_pages(tmp_path / "pages"), kind=RowKind.ITEMS, against=SOUND)
