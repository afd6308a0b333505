from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import platform_simulator
from platform_simulator.reading import read_scenario
from platform_simulator.world import World


def test_everybody_of_the_demonstration_city_has_an_id_of_their_own() -> None:
    scenario = read_scenario(Path(platform_simulator.__file__).parent / "scenarios" / "claremont.yaml")

    world = World(scenario, datetime(2026, 11, 1, tzinfo=UTC))

    followers = [follow.actor.native_id for follow in world.follows["mastodon-city"]]
    assert len(followers) > 100
    assert len(followers) == len(set(followers))
