"""The date of a lock is the sum of the manifest's own parts; every other date is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.evidence.checks.retention_sum import add_period, begins_day, check_retention_sum, cutoff_day
from muniment.evidence.manifest import Manifest
from muniment.records.names import VolumeId
from muniment.retention import periods
from muniment.retention.periods import find_first_instant
from tests.unit.evidence.vault_folder import SoundVault

CITY = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return SoundVault(tmp_path).add_snapshot(1)


def details(manifest: Manifest) -> list[str]:
    found = list(check_retention_sum(manifest, ZoneInfo(manifest.zone)))
    assert {finding.code for finding in found} <= {"V010"}
    return [finding.detail for finding in found]


def test_the_sum_of_a_sound_manifest_holds(manifest: Manifest) -> None:
    assert details(manifest) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"locked_until": "2027-12-01T08:00:00.000000Z"}, "lock until: expected the first instant of 2028-12-01"),
        ({"locked_until": "2028-12-01T07:59:59.999999Z"}, "lock until: expected the first instant of 2028-12-01"),
        ({"locked_until": "2028-12-01T08:00:00.000001Z"}, "lock until: expected the first instant of 2028-12-01"),
        ({"locked_until": "2028-12-01T00:00:00.000000Z"}, "in America/Los_Angeles"),
        ({"period": "P1Y"}, "lock until: expected the first instant of 2027-12-01"),
        ({"cutoff_at": "2026-11-01T07:00:00.000000Z"}, "cutoff: expected the first instant of 2026-12-01"),
        ({"lock_mode": "GOVERNANCE"}, "expected lock mode COMPLIANCE"),
        ({"period": "two years"}, "expected a sum that can be made"),
        ({"period": "P9999Y"}, "expected a sum that can be made"),
    ],
)
def test_a_part_of_the_sum_that_was_changed_is_found(
    manifest: Manifest, changes: dict[str, str], expected: str
) -> None:
    (found,) = details(replace(manifest, retention=replace(manifest.retention, **changes)))  # type: ignore[arg-type]

    assert expected in found


def test_a_snapshot_of_another_month_is_found(manifest: Manifest) -> None:
    # 02:00 UTC on 1 December is still November in Los Angeles; 09:00 is not.
    assert details(replace(manifest, snapshot=type(manifest.snapshot)("20261201T020000.000000Z-0123abcd"))) == []
    (found,) = details(replace(manifest, snapshot=type(manifest.snapshot)("20261201T090000.000000Z-0123abcd")))

    assert "expected a snapshot of 2026-11, found one of 2026-12-01" in found


@pytest.mark.parametrize(
    ("volume", "day"), [("2026-11", date(2026, 12, 1)), ("2026-12", date(2027, 1, 1)), ("2026", date(2027, 1, 1))]
)
def test_a_volumes_cutoff_is_the_day_after_it(volume: str, day: date) -> None:
    assert cutoff_day(VolumeId(volume)) == day


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(0, 100),
    st.integers(0, 30),
    st.integers(0, 60),
    st.integers(1, 400),
)
def test_both_ways_of_adding_a_period_agree(start: date, years: int, months: int, weeks: int, days: int) -> None:
    period = f"P{years}Y{months}M{weeks}W{days}D"

    assert add_period(start, period) == periods.add_period(start, periods.parse_period(period))


ZONES = ["America/Los_Angeles", "Europe/London", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "UTC"]


@given(st.dates(date(1990, 1, 1), date(2037, 1, 1)), st.sampled_from(ZONES))
def test_the_instant_that_the_schedule_computes_begins_its_day_and_no_other_does(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    first = find_first_instant(day, zone)

    assert begins_day(first, day, zone)
    assert not begins_day(first - timedelta(microseconds=1), day, zone)
    assert not begins_day(first + timedelta(microseconds=1), day, zone)


def test_a_midnight_that_comes_twice_begins_the_day_the_second_time() -> None:
    # Sao Paulo put its clocks back from midnight to 23:00 on 18 February 2018.
    zone, day = ZoneInfo("America/Sao_Paulo"), date(2018, 2, 18)
    second = datetime.fromisoformat("2018-02-18T03:00:00+00:00")

    assert begins_day(second, day, zone)
    assert not begins_day(second - timedelta(hours=1), day, zone)


def minute(manifest: Manifest, **changes: str | None) -> Manifest:
    """The manifest of an exercise: taken at 12:00:01 UTC, kept for ninety seconds from the end of that minute."""
    kept = replace(
        manifest.retention,
        cutoff_at="2026-11-21T12:01:00.000000Z",
        locked_until="2026-11-21T12:02:30.000000Z",
        period="PT90S",
    )
    volume = VolumeId("2026-11-21T1200Z")
    return replace(manifest, volume=volume, retention=replace(kept, **changes))  # type: ignore[arg-type]


def test_the_sum_of_an_exercise_holds_to_the_second(manifest: Manifest) -> None:
    assert details(minute(manifest)) == []
    assert details(minute(manifest, period="P1D", locked_until="2026-11-22T12:01:00.000000Z")) == []
    assert details(minute(manifest, floor="PT120S", locked_until="2026-11-21T12:03:00.000000Z")) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"locked_until": "2026-11-21T12:02:29.000000Z"}, "lock until: expected 2026-11-21T12:02:30+00:00"),
        ({"cutoff_at": "2026-11-21T12:00:00.000000Z"}, "cutoff: expected 2026-11-21T12:01:00+00:00"),
        ({"floor": "PT120S"}, "lock until: expected 2026-11-21T12:03:00+00:00"),
        ({"period": "PT1H"}, "expected a sum that can be made"),
    ],
)
def test_a_changed_part_of_an_exercise_is_found(manifest: Manifest, changes: dict[str, str], expected: str) -> None:
    (found,) = details(minute(manifest, **changes))
    assert expected in found


def test_a_snapshot_of_another_minute_is_found(manifest: Manifest) -> None:
    moved = replace(minute(manifest), snapshot=type(manifest.snapshot)("20261121T120100.000000Z-0123abcd"))
    (found,) = details(moved)
    assert "expected a snapshot of 2026-11-21T1200Z" in found


def test_seconds_count_only_in_a_volume_of_a_minute(manifest: Manifest) -> None:
    (found,) = details(replace(manifest, retention=replace(manifest.retention, period="PT90S")))
    assert "expected a sum that can be made" in found


def test_what_is_kept_for_ever_is_sealed_for_ten_years(manifest: Manifest) -> None:
    for_ever = replace(manifest.retention, period="permanent", locked_until="2036-12-01T08:00:00.000000Z")
    assert details(replace(manifest, retention=for_ever)) == []
    (found,) = details(replace(manifest, retention=replace(manifest.retention, period="permanent")))
    assert "lock until: expected the first instant of 2036-12-01" in found


def test_a_floor_longer_than_the_period_is_in_the_sum(manifest: Manifest) -> None:
    floored = replace(manifest.retention, period="P1Y", floor="P2Y")
    assert details(replace(manifest, retention=floored)) == []
    (found,) = details(replace(manifest, retention=replace(floored, floor="P3Y")))
    assert "lock until: expected the first instant of 2029-12-01" in found
