"""What the checks of the clauses are told of captures: how many were due, and which were missed without a word."""

from __future__ import annotations

from pathlib import Path

from muniment.policy.scene import CoverageFact
from muniment.workflows.coverage.check import check_place
from muniment.workflows.policy.captures import count_captures
from tests.unit.workflows.test_coverage import CITY, HOUR, MIDNIGHT, POSTS, City, open_city

HOURS = 96


def count(city: City) -> CoverageFact:
    counted = {fact.account: fact for fact in count_captures(city.place, MIDNIGHT, MIDNIGHT + HOURS * HOUR)}
    assert {fact.series for fact in counted.values()} == {POSTS}
    return counted[CITY]


def test_what_was_missed_days_ago_and_never_entered_is_counted_apart(tmp_path: Path) -> None:
    city = open_city(tmp_path)
    city.capture_all(range(HOURS), but={5, 6, HOURS - 10})
    city.wait_until(HOURS)

    found = count(city)

    assert (found.missed, found.unsealed) == (3, 2)  # the youngest may still be finished
    assert found.due == found.accepted + found.missed


def test_what_the_night_has_entered_as_a_gap_is_told(tmp_path: Path) -> None:
    city = open_city(tmp_path)
    city.capture_all(range(HOURS), but={5, 6})
    city.wait_until(HOURS)
    check_place(city.place)

    found = count(city)

    assert (found.missed, found.unsealed) == (2, 0)


def test_a_quarantined_capture_is_made_and_not_accepted(tmp_path: Path) -> None:
    city = open_city(tmp_path)
    city.capture_all(range(HOURS), but={7})
    city.capture(7, codes=("G001",))
    city.wait_until(HOURS)

    found = count(city)

    assert (found.missed, found.quarantined, found.unsealed) == (0, 1, 0)
