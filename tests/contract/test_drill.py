"""A drill finds a sound product sound, and a broken one broken: a month, and a short one scored five times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from drills.clock import SimulatedClock
from drills.drill import Archive, drill, open_archive, weigh
from drills.months import plan_month
from drills.product import MUNIMENT, Source, Told
from drills.servers import open_simulator
from muniment.changes.exposure import Exposure
from muniment.embedded.seaweed import SeaweedFS
from muniment.records.changes import ChangeKind, Confidence, Window
from muniment.workflows.wiring import Workplace

HOUR = timedelta(hours=1)


def test_the_clock_moves_when_it_is_read_and_when_somebody_sleeps(tmp_path: Path) -> None:
    month = plan_month(1)
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(month.scenario, "utf-8")
    with open_simulator(scenario, month.start) as address:
        clock, other = SimulatedClock(address), SimulatedClock(address)
        assert [clock() - month.start for _ in range(4)] == [timedelta(seconds=s) for s in (0, 1, 1, 2)]
        clock.sleep(10.2)
        clock.sleep_until(month.start + HOUR)
        clock.sleep_until(month.start)
        assert other.look() == clock.look() == month.start + HOUR
        clock.close()
        other.close()


@pytest.mark.real
def test_a_month_is_sound(store: SeaweedFS, tmp_path: Path) -> None:
    outcome = drill(plan_month(1), tmp_path / "sound", store)
    assert outcome.faults == []
    assert sum(outcome.expected.values()) == sum(outcome.found.values()) > 50
    assert outcome.killed > 0
    assert outcome.passing.missed > 0


@pytest.fixture(scope="module")
def archive(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """A month that ends after two weeks."""
    month = plan_month(3)
    short = replace(month, runs=month.runs[:16])
    with open_archive(short, tmp_path_factory.mktemp("drill") / "broken", store) as found:
        yield found


def told(place: Workplace, since: datetime, until: datetime) -> list[Told]:
    return list(MUNIMENT.tell(place, since, until))


def drop_every_tenth_removal(place: Workplace, since: datetime, until: datetime) -> Iterable[Told]:
    removals = 0
    for one in told(place, since, until):
        removals += one.source is Source.REMOVAL
        if one.source is not Source.REMOVAL or removals % 10 != 1:
            yield one


def shift_windows(place: Workplace, since: datetime, until: datetime) -> Iterable[Told]:
    for one in told(place, since, until):
        window = Window(
            last_seen=one.change.window.last_seen + 24 * HOUR, first_missing=one.change.window.first_missing
        )
        yield replace(one, change=replace(one.change, window=window))


def take_missing_for_gone(place: Workplace, since: datetime, until: datetime) -> Iterable[Told]:
    for one in told(place, since, until):
        yield one
        if one.source is Source.LISTING and one.change.kind is ChangeKind.EDITED:
            gone = replace(one.change, kind=ChangeKind.REMOVED, confidence=Confidence.CONFIRMED)
            yield Told(gone, Source.REMOVAL)


def tell_twice(place: Workplace, since: datetime, until: datetime) -> Iterable[Told]:
    return [*told(place, since, until), *told(place, since, until)]


def understate(place: Workplace, since: datetime, until: datetime) -> Iterable[Exposure]:
    return [replace(one, longest=HOUR / 4) for one in MUNIMENT.exposure(place, since, until)]


@pytest.mark.real
@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ({"tell": drop_every_tenth_removal}, "not found"),
        ({"tell": shift_windows}, "window without the truth"),
        ({"tell": take_missing_for_gone}, "false gone"),
        ({"tell": tell_twice}, "told twice"),
        ({"exposure": understate}, "lived longer than stated, and missed"),
        ({"unseen": lambda _instants: ()}, "missed where nothing was stated"),
    ],
    ids=["drops", "shifts", "jumps to conclusions", "repeats", "understates", "promises"],
)
def test_a_broken_product_fails(archive: Archive, broken: dict[str, object], fault: str) -> None:
    assert weigh(archive, MUNIMENT).faults == []
    assert fault in {one[0] for one in weigh(archive, replace(MUNIMENT, **broken)).faults}
