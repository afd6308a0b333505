"""What came and went unseen is held against the exposure of its days and the stated share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from drills.passing import Passing, weigh_passing
from drills.product import MUNIMENT, Product
from drills.sealed import Sealed
from drills.truth import COMMENTS, Entry, Shown
from muniment.changes.exposure import Exposure
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
    share: Callable[[list[tuple[datetime, datetime]], timedelta], float] = MUNIMENT.share,
) -> Passing:
    product = Product(tell=MUNIMENT.tell, exposure=MUNIMENT.exposure, share=share)
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


def test_more_missed_than_stated_is_a_fault_beyond_what_chance_may_do() -> None:
    births = [entry(1 + number, 0.5) for number in range(100)]
    assert [fault[0] for fault in weighed(births, share=lambda *_: 0.5).faults] == ["missed more than stated"]
    assert weighed(births, share=lambda *_: 0.98).faults == []


def test_births_before_the_first_capture_and_after_the_last_are_not_counted() -> None:
    assert weighed([entry(0.05, 2), entry(239, 2)]).items == 0
