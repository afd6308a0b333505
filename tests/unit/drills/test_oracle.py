"""What could have been seen: by a capture before and one after, whole ones, and by asking for what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drills.oracle import expect, list_answered
from drills.truth import (
    AUTHOR_GONE,
    BLOCKED,
    DEACTIVATED,
    EDITED,
    FOLLOWER_GONE,
    HIDDEN,
    REMOVED,
    TAKEN_DOWN,
    UNHIDDEN,
    is_short_lived,
    list_refusals,
)
from tests.unit.drills.small import FAULTS, START, entries, hour, look, world


def kinds(name: str, looks: list[float], probes: list[float] | None = None) -> list[str]:
    seen = expect(entries()[name], [look(at) for at in looks], [look(at) for at in probes or []])
    return [one.event.kind for one in seen]


@pytest.mark.parametrize(
    ("name", "looks", "expected"),
    [
        ("One", [1, 12], [EDITED]),
        ("One", [1], []),
        ("One", [12, 14], []),
        ("hidden", [1, 12], [HIDDEN]),
        ("hidden", [1, 12, 22], [HIDDEN, UNHIDDEN]),
        ("hidden", [1, 22], []),
        ("hidden", [12, 22], [UNHIDDEN]),
        ("follower ana", [1, 12], [FOLLOWER_GONE]),
        ("follower ana", [12], []),
    ],
)
def test_a_turn_could_be_seen_with_a_capture_on_either_side(name: str, looks: list[float], expected: list[str]) -> None:
    assert kinds(name, looks) == expected


@pytest.mark.parametrize(
    ("name", "looks", "probes", "expected"),
    [
        ("deleted", [1, 12], [13], [REMOVED]),
        ("deleted", [1, 12], [], []),
        ("deleted", [1, 12], [9], []),
        ("deleted", [1], [13], []),
        ("deleted", [12], [13], []),
        ("taken", [1, 12], [13], [TAKEN_DOWN]),
        ("gone", [1, 42], [43], [AUTHOR_GONE]),
        ("closed", [1, 42], [43], [DEACTIVATED]),
        ("closed", [1, 42], [90], []),
        ("closed", [1, 90], [91], []),
        ("blocked", [1], [31], [BLOCKED]),
        ("blocked", [1], [29], []),
    ],
)
def test_what_vanished_could_be_seen_when_it_was_asked_for_too(
    name: str, looks: list[float], probes: list[float], expected: list[str]
) -> None:
    assert kinds(name, looks, probes) == expected


def test_a_run_of_probes_whose_token_had_expired_was_told_nothing() -> None:
    refusals = list(list_refusals(world(FAULTS)))
    probes = [look(1), look(10.95), look(12), look(14), look(31)]

    assert list_answered(probes, refusals, "bluesky") == [look(1), look(14)]
    assert list_answered(probes, refusals, "mastodon") == [look(1), look(10.95), look(12), look(14)]
    assert list_answered(probes, list_refusals(world()), "bluesky") == probes


def test_a_reply_whose_parent_is_deleted_is_not_gone_itself() -> None:
    child = entries()["child"]
    assert child.shown(hour(9)) is not None
    assert child.shown(hour(11)) is None
    assert kinds("child", [1, 12], [13]) == []


def test_a_capture_that_was_reading_when_it_happened_counts_for_neither_side() -> None:
    reply = entries()["hidden"]
    assert [one.event.kind for one in expect(reply, [look(9.95), look(12)], [])] == []
    assert [one.event.kind for one in expect(reply, [look(1), look(9.95), look(12)], [])] == [HIDDEN]


def test_a_reply_that_is_hidden_while_a_block_hides_it_anyway_is_not_seen_to_turn() -> None:
    # The listing shows it out of sight from the block on: nothing turns there when the account hides it too.
    veiled = replace(entries()["hidden"], unsure=lambda at: hour(7) <= at < hour(9.5))
    assert expect(veiled, [look(1), look(8), look(12)], []) == []
    assert [one.event.kind for one in expect(veiled, [look(1), look(8), look(9.6), look(12)], [])] == [HIDDEN]
    veiled = replace(entries()["hidden"], unsure=lambda at: at >= hour(19))
    assert [one.event.kind for one in expect(veiled, [look(1), look(12), look(22)], [])] == [HIDDEN]


def test_a_capture_with_gaps_shows_nothing_for_certain() -> None:
    reply = entries()["hidden"]
    assert expect(reply, [look(1, is_whole=False), look(12)], []) == []
    assert expect(reply, [look(1), look(12, is_whole=False)], []) == []


def test_what_was_soon_gone_is_told_apart_from_what_stayed() -> None:
    assert [name for name, one in entries().items() if is_short_lived(one, START)] == ["short"]
