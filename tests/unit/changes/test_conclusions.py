"""Whatever is captured, asked and true in whatever order: windows contain the moment, and what is there is not gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.changes.conclusions import APART, VANISHED, Sighting, conclude, is_due, is_mass
from muniment.records.changes import ChangeKind, Confidence, ItemState, Probe, Window
from muniment.records.names import SnapshotId

START = datetime(2026, 11, 1, tzinfo=UTC)
GONE, PRESENT, UNKNOWN = ItemState.GONE, ItemState.PRESENT, ItemState.UNKNOWN
AWAY, LEFT = ItemState.AUTHOR_DEACTIVATED, ItemState.AUTHOR_GONE


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def probe(hours: float, state: ItemState, *, lasted: float = 0.1) -> Probe:
    return Probe(asked_at=at(hours), at=at(hours + lasted), state=state, snapshot=SnapshotId(f"run-{hours}"), page=0)


def seen(hours: float, unlisted: float | None = None, *, listed: bool = False) -> Sighting:
    return Sighting(last_seen=at(hours), unlisted=at(unlisted) if unlisted is not None else None, is_listed=listed)


def told(sighting: Sighting, *probes: Probe) -> tuple[ChangeKind, Confidence]:
    found = conclude(sighting, probes, asked_at=at(999), apart=APART)
    return found.kind, found.confidence


MISSING = (ChangeKind.MISSING, Confidence.UNCONFIRMED)


def test_absence_from_a_listing_alone_proves_nothing() -> None:
    assert told(seen(0, 1)) == MISSING
    assert told(seen(0, 1), probe(2, UNKNOWN), probe(40, UNKNOWN)) == MISSING
    assert told(seen(0, 1), probe(2, ItemState.FORBIDDEN)) == MISSING
    assert told(seen(0, 1), probe(2, PRESENT)) == MISSING


def test_one_answer_confirms_nothing_nor_do_two_within_a_day() -> None:
    assert told(seen(0, 1), probe(2, GONE)) == (ChangeKind.REMOVED, Confidence.UNCONFIRMED)
    assert told(seen(0, 1), probe(2, GONE), probe(26.05, GONE)) == (ChangeKind.REMOVED, Confidence.UNCONFIRMED)


def test_two_answers_a_day_apart_confirm() -> None:
    assert told(seen(0, 1), probe(2, GONE), probe(26.1, GONE)) == (ChangeKind.REMOVED, Confidence.CONFIRMED)


def test_an_answer_that_it_is_there_takes_back_the_one_before() -> None:
    found = conclude(seen(0, 1), [probe(2, GONE), probe(26.2, PRESENT)], asked_at=at(30), apart=APART)
    assert (found.kind, found.state) == (ChangeKind.REAPPEARED, PRESENT)
    assert found.window == Window(last_seen=at(2), first_missing=at(26.3))


def test_gone_then_there_then_gone_is_not_confirmed_by_the_first() -> None:
    probes = [probe(2, GONE), probe(30, PRESENT), probe(60, GONE)]
    found = conclude(seen(0, 1), probes, asked_at=at(61), apart=APART)
    assert (found.kind, found.confidence) == (ChangeKind.REMOVED, Confidence.UNCONFIRMED)
    assert found.window == Window(last_seen=at(30), first_missing=at(60.1))


def test_what_is_gone_stays_gone_when_its_author_leaves() -> None:
    assert told(seen(0, 1), probe(2, GONE), probe(27, LEFT)) == (ChangeKind.REMOVED, Confidence.CONFIRMED)


def test_an_author_who_was_away_and_then_left_left_in_between() -> None:
    found = conclude(seen(0, 1), [probe(2, AWAY), probe(27, LEFT)], asked_at=at(28), apart=APART)
    assert (found.kind, found.confidence) == (ChangeKind.AUTHOR_GONE, Confidence.UNCONFIRMED)
    assert found.window == Window(last_seen=at(2), first_missing=at(27.1))


@pytest.mark.parametrize("state", [GONE, ItemState.TAKEN_DOWN])
def test_what_went_while_its_author_was_away_may_have_gone_at_any_moment_since(state: ItemState) -> None:
    found = conclude(seen(0, 1), [probe(2, AWAY), probe(30, state)], asked_at=at(31), apart=APART)
    assert found.window == Window(last_seen=at(0), first_missing=at(30.1))


def test_what_came_back_and_is_missing_again_is_missing_when_nobody_answers() -> None:
    answers = [probe(2, LEFT), probe(26, PRESENT), probe(60, ItemState.FORBIDDEN)]
    assert told(seen(50, 55), *answers) == MISSING
    assert told(seen(50, 55), *answers, probe(80, GONE)) == (ChangeKind.REMOVED, Confidence.UNCONFIRMED)


def test_a_window_begins_where_somebody_last_saw_it() -> None:
    found = conclude(seen(0, 1), [probe(2, PRESENT), probe(26, GONE)], asked_at=at(28), apart=APART)
    assert found.window == Window(last_seen=at(2), first_missing=at(26.1))


def test_what_was_never_seen_has_a_window_of_the_answer_alone() -> None:
    never = Sighting(last_seen=None, unlisted=None, is_listed=False)
    found = conclude(never, [probe(2, GONE)], asked_at=at(3), apart=APART)
    assert (found.kind, found.window) == (ChangeKind.REMOVED, Window(last_seen=at(2), first_missing=at(2.1)))


def test_what_listings_show_keeps_the_window_of_the_listings() -> None:
    window = Window(last_seen=at(1), first_missing=at(2))
    shown = Sighting(last_seen=at(3), unlisted=None, is_listed=True, shown=ChangeKind.HIDDEN, window=window)
    found = conclude(shown, [probe(4, ItemState.HIDDEN)], asked_at=at(5), apart=APART)
    assert (found.kind, found.confidence, found.window) == (ChangeKind.HIDDEN, Confidence.SEEN, window)
    blocked = conclude(shown, [probe(4, ItemState.AUTHOR_BLOCKED)], asked_at=at(5), apart=APART)
    # Hidden before it was blocked, perhaps: the block came at some moment before the answer.
    assert (blocked.kind, blocked.window) == (ChangeKind.AUTHOR_BLOCKED, Window(last_seen=at(1), first_missing=at(4.1)))
    removed = conclude(shown, [probe(4, GONE)], asked_at=at(5), apart=APART)
    assert (removed.kind, removed.window) == (ChangeKind.REMOVED, Window(last_seen=at(3), first_missing=at(4.1)))


def test_what_came_back_and_is_missing_again_without_an_answer_is_missing_and_stays_to_be_asked_for() -> None:
    answers = [probe(2, AWAY), probe(10, PRESENT), probe(40, UNKNOWN)]
    found = conclude(seen(9, 30), answers, asked_at=at(41), apart=APART)
    assert (found.kind, found.confidence) == MISSING
    assert found.window == Window(last_seen=at(10), first_missing=at(30))
    found = conclude(seen(9, 30), [*answers, probe(50, GONE)], asked_at=at(51), apart=APART)
    assert (found.kind, found.window) == (ChangeKind.REMOVED, Window(last_seen=at(10), first_missing=at(50.1)))


BLOCKED = ItemState.AUTHOR_BLOCKED


@pytest.mark.parametrize(
    ("opened", "answers", "window"),
    [
        # The listing at 5 still names it, out of sight: blocked since some moment after 1, and told so at 2.
        (1, [(2, BLOCKED), (6, BLOCKED)], (1, 2.1)),
        # Nobody asked before the listing lost it too.
        (1, [(6, BLOCKED)], (1, 6.1)),
        (1, [(1.5, PRESENT), (6, BLOCKED)], (1.5, 6.1)),
        # Blocked, let in again, blocked again.
        (1, [(2, BLOCKED), (3, PRESENT), (6, BLOCKED)], (3, 6.1)),
        (4, [(2, BLOCKED), (6, BLOCKED)], (4, 6.1)),
        # No listing but the last is known, and it showed it openly.
        (None, [(6, BLOCKED)], (5, 6.1)),
    ],
)
def test_an_author_is_blocked_no_sooner_than_what_he_wrote_was_last_openly_there(
    opened: float | None, answers: list[tuple[float, ItemState]], window: tuple[float, float]
) -> None:
    sighting = replace(seen(5, 5.5), opened=None if opened is None else at(opened))
    found = conclude(sighting, [probe(*answer) for answer in answers], asked_at=at(7), apart=APART)
    assert (found.kind, found.confidence) == (ChangeKind.AUTHOR_BLOCKED, Confidence.SEEN)
    assert found.window == Window(last_seen=at(window[0]), first_missing=at(window[1]))


@pytest.mark.parametrize(
    ("vanished", "listed", "mass"),
    [(9, 0, False), (10, 100, False), (10, 40, False), (10, 39, True), (10, 0, True), (400, 1000, True)],
)
def test_very_many_at_once_are_more_than_a_fifth_and_ten(vanished: int, listed: int, mass: bool) -> None:
    assert is_mass(vanished, listed) is mass


def test_what_was_told_is_asked_for_again_a_day_later_and_what_was_not_at_once() -> None:
    assert is_due([], now=at(1), apart=APART)
    assert is_due([probe(1, UNKNOWN)], now=at(2), apart=APART)
    assert not is_due([probe(1, GONE)], now=at(25), apart=APART)
    assert is_due([probe(1, GONE)], now=at(25.1), apart=APART)


class Life:
    """The truth of an item: a list of the moments at which it goes and comes back, by turns."""

    def __init__(self, turns: list[float]) -> None:
        self.turns = sorted(turns)

    def is_there(self, hours: float) -> bool:
        return sum(turn <= hours for turn in self.turns) % 2 == 0

    def went(self) -> list[float]:
        return self.turns[::2]

    def came(self) -> list[float]:
        return self.turns[1::2]


HOURS = st.floats(0, 240, allow_nan=False).map(lambda hours: round(hours, 2))


@settings(max_examples=300)
@given(
    turns=st.lists(HOURS, max_size=4, unique=True),
    captures=st.lists(HOURS, max_size=8, unique=True),
    lies=st.sets(st.integers(0, 7)),
    asked=st.lists(st.tuples(HOURS, st.booleans(), st.floats(0, 1)), max_size=8, unique_by=lambda one: one[0]),
)
def test_a_window_contains_the_moment_whatever_the_order(
    turns: list[float], captures: list[float], lies: set[int], asked: list[tuple[float, bool, float]]
) -> None:
    life = Life(turns)
    # Each capture takes six minutes and looks in the middle; one that lies leaves out what is there.
    looks = [(start, number in lies) for number, start in enumerate(sorted(captures))]
    listed = [start for start, lied in looks if life.is_there(start + 0.05) and not lied]
    # A run asks for what sealed listings lack: it does not begin while one of them is being read.
    asked = [one for one in asked if not any(start <= one[0] <= start + 0.1 for start in captures)]
    probes = []
    for start, answered, share in asked:
        state = (PRESENT if life.is_there(start + 0.1 * share) else GONE) if answered else UNKNOWN
        probes.append(probe(start, state))
    sighting = Sighting(last_seen=at(max(listed)) if listed else None, unlisted=None, is_listed=False)
    found = conclude(sighting, probes, asked_at=at(300), apart=APART)
    if found.kind in VANISHED:
        assert not life.is_there(_last_told(asked))
        inside = [turn for turn in life.went() if found.window.last_seen <= at(turn) <= found.window.first_missing]
        assert inside or sighting.last_seen is None
    if found.kind is ChangeKind.REAPPEARED:
        assert [turn for turn in life.came() if found.window.last_seen <= at(turn) <= found.window.first_missing]


def _last_told(asked: list[tuple[float, bool, float]]) -> float:
    """The moment of the last answer that said anything."""
    start, _, share = max(one for one in asked if one[1])
    return start + 0.1 * share
