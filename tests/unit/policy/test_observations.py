"""Which entry of the ledger explains which change: the same account and item, the fitting deed, the right time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.policy.moderation.cases import Deed
from muniment.policy.moderation.observations import TOLERANCE, explains, list_ours, same_item
from muniment.records.changes import ChangeKind, Window
from tests.unit.policy.ledgers import AGO, action, change
from tests.unit.policy.scenes import claremont

minutes = st.integers(-10_000, 10_000).map(lambda number: timedelta(minutes=number))


@given(minutes, minutes, minutes)
def test_an_action_explains_a_change_exactly_within_its_window_and_the_tolerance(
    begins: timedelta, length: timedelta, done: timedelta
) -> None:
    window = Window(last_seen=AGO + begins, first_missing=AGO + begins + abs(length))
    lies_within = window.last_seen - TOLERANCE <= AGO + done <= window.first_missing + TOLERANCE

    assert explains(action(AGO + done), change(window=window)) is lies_within


@given(st.permutations(range(6)))
def test_which_change_is_told_first_makes_no_difference(order: list[int]) -> None:
    def seen(hours: int, length: int, kind: ChangeKind = ChangeKind.HIDDEN) -> object:
        begins = AGO + timedelta(hours=hours)
        return change(kind, window=Window(last_seen=begins, first_missing=begins + timedelta(hours=length)))

    changes = [
        seen(0, 2),
        seen(1, 8),
        seen(0, 9, ChangeKind.AUTHOR_BLOCKED),
        seen(20, 1),
        seen(19, 5),
        seen(40, 1),
    ]

    found = list_ours([changes[number] for number in order], claremont())  # type: ignore[misc]

    assert [(one.kind, one.window.last_seen - AGO) for one in found] == [
        (ChangeKind.AUTHOR_BLOCKED, timedelta(0)),
        (ChangeKind.HIDDEN, timedelta(hours=20)),
        (ChangeKind.HIDDEN, timedelta(hours=40)),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("at://did:plc:a/app.bsky.feed.post/3kabcdefgh234", "https://bsky.example/profile/a/post/3kabcdefgh234", True),
        ("at://did:plc:a/app.bsky.feed.post/3kabcdefgh234", "3kabcdefgh234", True),
        ("109876543210987654", "https://social.example/@ana/109876543210987654", True),
        ("109876543210987654", "https://social.example/@ana/109876543210987654/?page=2", True),
        ("109876543210987654", "109876543210987655", False),
        ("https://a.example/post", "https://b.example/post", False),
        ("https://a.example/", "https://b.example/", False),
        ("x", "x", True),
    ],
)
def test_an_item_is_the_same_by_its_id_or_by_an_address_that_ends_in_it(one: str, other: str, same: bool) -> None:
    assert same_item(one, other) is same
    assert same_item(other, one) is same


@pytest.mark.parametrize("deed", [Deed.BLOCKED, Deed.HIDDEN])
def test_a_reply_that_is_gone_is_neither_hidden_nor_blocked(deed: Deed) -> None:
    assert not explains(action(deed=deed), change(ChangeKind.REMOVED))
