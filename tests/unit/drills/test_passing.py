"""What came and went unseen is held against the exposure of its days and the stated share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from drills.passing import Passing, weigh_passing
from drills.product import MUNIMENT
from drills.sealed import Sealed
from drills.truth import COMMENTS, Entry, Shown
from muniment.changes.exposure import Exposure, Unseen
from muniment.records.names import AccountId, SeriesId
from tests.unit.drills.small import START, hour, look

ACCOUNT = "bluesky-city"


class _Captured(Sealed):
    def looks(self, account: str, series: str) -> list[object]:  # type: ignore[override]
        return [look(at) for at in range(0, 240, 8)]


def entry(born: float, lived: float) -> Entry:
    return Entry(
        account=ACCOUNT,
        series=COMMENTS,
        item_id=f"born {born}",
        platform="bluesky",
        born=hour(born),
        died=hour(born + lived),
        events=(),
        turns=(),
        shown=lambda _: Shown(),
        unsure=lambda _: False,
    )


def exposure(longest: timedelta) -> list[Exposure]:
    days = [date(2025, 2, 28) + timedelta(days=number) for number in range(12)]
    return [
        Exposure(account=AccountId(ACCOUNT), series=SeriesId(COMMENTS), day=day, longest=longest, captures=3)
        for day in days
    ]


def weighed(
    entries: list[Entry],
    *,
    seen: set[str] | None = None,
    longest: timedelta = timedelta(hours=8, minutes=6),
    unseen: Callable[[list[tuple[datetime, datetime]]], Sequence[Unseen]] = MUNIMENT.unseen,
) -> Passing:
    product = replace(MUNIMENT, unseen=unseen)
    sealed = _Captured()
    sealed.seen[ACCOUNT, COMMENTS] = seen or set()
    return weigh_passing(product, ACCOUNT, entries=entries, sealed=sealed, exposure=exposure(longest), start=START)


def test_an_item_shorter_than_the_exposure_may_be_missed() -> None:
    found = weighed([entry(9, 2)])
    assert (found.items, found.missed, found.faults) == (1, 1, [])
    assert found.longest_missed == timedelta(hours=2)


def test_an_item_missed_that_lived_as_long_as_the_exposure_is_a_fault_with_its_id() -> None:
    (fault,) = weighed([entry(9, 2)], longest=timedelta(hours=2)).faults
    assert fault[:2] == ("lived longer than stated, and missed", "born 9")


def test_what_a_capture_lists_is_not_missed() -> None:
    assert weighed([entry(9, 2)], seen={"born 9"}, longest=timedelta(0)).missed == 0


def test_an_item_missed_where_nothing_was_stated_is_a_fault_whatever_chance_may_do() -> None:
    births = [entry(1 + number, 0.5) for number in range(5)]
    stated = [Unseen(hour(0.5), hour(3.5))]
    found = weighed(births, unseen=lambda _: stated)
    assert (found.missed, found.stated) == (5, 3)
    assert [fault[:2] for fault in found.faults] == [
        ("missed where nothing was stated", "born 4"),
        ("missed where nothing was stated", "born 5"),
    ]


def test_no_more_are_missed_than_stated_and_the_bound_for_even_births_stands_beside() -> None:
    # Captures of six minutes each eight hours: for two hours of life, births within 6.1 of 8 are stated.
    found = weighed([entry(8.05 + number / 4, 2) for number in range(32)])
    assert found.stated == 25
    assert found.bound == pytest.approx(32 * 6.1 / 8, rel=0.01)


def test_births_before_the_first_capture_and_after_the_last_are_not_counted() -> None:
    assert weighed([entry(0.05, 2), entry(239, 2)]).items == 0
