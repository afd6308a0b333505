"""One running simulation: what every route reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from platform_simulator.bluesky_records import Records
from platform_simulator.clock import Clock
from platform_simulator.faults import Faults
from platform_simulator.scenario import Scenario
from platform_simulator.world import State, World


@dataclass(slots=True)
class Simulator:
    """A scenario with its world, its clock and the faults that are switched on."""

    scenario: Scenario
    world: World
    records: Records
    clock: Clock
    faults: Faults
    repositories: dict[tuple[str, str], bytes] = field(default_factory=dict)  # CARs by DID and revision

    def state(self) -> State:
        """Return what the platforms show now."""
        return self.world.at(self.clock.now())


Handler = Callable[[Simulator, Request], Response]
Routes = Mapping[str, tuple[str, Handler]]  # path: the name that faults know it by, and what answers


def build_simulator(scenario: Scenario, start: datetime, *, ticks: bool = False) -> Simulator:
    """Build the simulation of *scenario* with its clock at *start*."""
    world = World(scenario, start)
    return Simulator(scenario, world, Records(world), Clock(start, ticks=ticks), Faults(scenario.faults, start))


def base_address(request: Request) -> str:
    """Return the address that the client used, without a slash at its end."""
    return str(request.base_url).rstrip("/")
