"""Any seed gives a month that the simulator plays, always the same, with troubles where captures are."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.months import DAYS, plan_month
from drills.truth import KINDS, list_entries
from platform_simulator.reading import parse_scenario
from platform_simulator.world import World


@settings(max_examples=15)
@given(st.integers())
def test_any_seed_gives_a_month_that_the_simulator_accepts(seed: int) -> None:
    month = plan_month(seed)
    scenario = parse_scenario(month.scenario, "drill")
    World(scenario, month.start)
    assert all(month.start < run < month.start + timedelta(days=DAYS) for run in month.runs)
    assert list(month.runs) == sorted(set(month.runs))
    assert month.end < datetime.now(UTC)


@settings(max_examples=5)
@given(st.integers())
def test_a_seed_always_gives_the_same_month(seed: int) -> None:
    assert plan_month(seed) == plan_month(seed)


def test_seeds_give_different_months() -> None:
    assert len({plan_month(seed).scenario for seed in range(8)}) == 8


def test_a_few_months_together_have_every_kind_of_event_and_of_trouble() -> None:
    happened: set[str] = set()
    troubles: set[str] = set()
    for seed in range(3):
        month = plan_month(seed)
        scenario = parse_scenario(month.scenario, "drill")
        entries = list_entries(World(scenario, month.start))
        happened |= {event.kind for one in entries for event in one.events if month.start < event.at < month.end}
        troubles |= {rule.kind for rule in scenario.faults}
    assert set(KINDS) <= happened
    assert {"expired-token", "rate-limit", "server-error", "truncated", "unknown-field", "expired-cursor"} <= troubles


def test_a_trouble_begins_within_ten_minutes_before_a_run() -> None:
    month = plan_month(4)
    runs = [run - month.start for run in month.runs]
    for rule in parse_scenario(month.scenario, "drill").faults:
        assert any(timedelta(0) <= run - rule.at <= timedelta(minutes=10) for run in runs)


def test_some_months_cross_the_end_of_a_volume_and_some_the_change_of_clocks() -> None:
    months = [plan_month(seed) for seed in range(40)]
    assert any(month.start.month != month.end.month for month in months)
    assert any(month.start < datetime(2024, 3, 10, 10, tzinfo=UTC) < month.end for month in months)


def test_somebody_elses_scenario_is_lived_with_the_captures_of_the_seed() -> None:
    start = datetime(2025, 3, 1, tzinfo=UTC)
    month = plan_month(1, scenario='{"scenario": 1}', start=start)
    assert (month.scenario, month.start) == ('{"scenario": 1}', start)
    assert month.runs[0] > start


@pytest.mark.parametrize("platform", ["bluesky-city", "mastodon-city"])
def test_births_of_what_is_soon_gone_are_spread_over_the_month(platform: str) -> None:
    month = plan_month(2)
    posts = json.loads(month.scenario)["posts"]
    passing = [reply for post in posts for reply in post["replies"] if "In passing" in reply["text"]]
    births = sorted(int(reply["at"].removesuffix("s")) for reply in passing)
    assert platform in json.loads(month.scenario)["accounts"]
    for week in range(4):
        assert sum(week * 604_800 <= birth < (week + 1) * 604_800 for birth in births) >= 5
