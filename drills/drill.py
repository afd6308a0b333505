"""One drill: a month lived on a real store, and its outcome."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from drills.city import AGENCY, write_city
from drills.clock import SimulatedClock
from drills.living import Lived, live
from drills.months import Month
from drills.officer import decide_masses
from drills.oracle import Look, expect, list_answered
from drills.passing import Passing, weigh_passing
from drills.product import ACCOUNTS, MUNIMENT, Product
from drills.scores import Score, score
from drills.sealed import Sealed, read_sealed
from drills.servers import open_simulator
from drills.truth import Entry, Refusal, list_entries, list_refusals
from drills.work import open_place
from muniment.embedded.seaweed import SeaweedFS
from muniment.settings import Settings
from muniment.workflows.doctor import examine_store
from muniment.workflows.wiring import Workplace
from platform_simulator.reading import parse_scenario
from platform_simulator.world import World

Fault = tuple[str, str, str]  # what kind of fault, the id of the simulator's or ours that it is about, detail


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What one month came to."""

    seed: int
    expected: dict[str, int]
    found: dict[str, int]
    told: int
    windows: int
    duplicates: int
    passing: Passing
    made: int
    quarantined: int
    failed: dict[str, int]
    killed: int
    seconds: float
    faults: list[Fault] = field(default_factory=list)

    def count(self, *kinds: str) -> int:
        """Return how many of the faults are of *kinds*."""
        return sum(fault[0] in kinds for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Archive:
    """A month that was lived: what is sealed, what the drill itself saw, what truly happened, and who refused when."""

    month: Month
    place: Workplace
    lived: Lived
    sealed: Sealed
    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]


def drill(month: Month, home: Path, store: SeaweedFS, product: Product = MUNIMENT) -> Outcome:
    """Live *month* in the folder *home* on *store*; score what *product* says of it.

    Raises:
        ScenarioError: the scenario has faults.
        ServerError: the simulator did not start.
        MunimentError: the archive could not be read.
    """
    began = time.monotonic()
    with open_archive(month, home, store) as archive:
        outcome = weigh(archive, product)
    outcome.seconds = time.monotonic() - began
    return outcome


@contextmanager
def open_archive(month: Month, home: Path, store: SeaweedFS) -> Iterator[Archive]:
    """Live *month* and lend its archive while the simulator still tells its time; otherwise as `drill`."""
    world = World(parse_scenario(month.scenario, f"seed {month.seed}"), month.start)
    entries = tuple(list_entries(world))
    scenario = home / "scenario.yaml"
    home.mkdir(parents=True, exist_ok=True)
    scenario.write_text(month.scenario, "utf-8")
    with open_simulator(scenario, month.start) as address, closing(SimulatedClock(address)) as clock:
        settings = _settle(month, home, store, address)
        place = open_place(settings, clock)
        lived = live(month, settings, place, clock, after_asking=lambda: decide_masses(place, entries))
        yield Archive(month, place, lived, read_sealed(place, lived), entries, tuple(list_refusals(world)))


def weigh(archive: Archive, product: Product) -> Outcome:
    """Return how what *product* says of *archive* fares against the truth."""
    month, sealed, place = archive.month, archive.sealed, archive.place
    expected = [one for entry in archive.entries for one in expect(entry, *_looks(archive, entry))]
    result: Score = score(archive.entries, expected, product.tell(place, month.start, month.end))
    exposure = list(product.exposure(place, month.start, month.end))
    passing = Passing()
    for account in ACCOUNTS:
        own = [entry for entry in archive.entries if entry.account == account]
        passing.add(weigh_passing(product, account, entries=own, sealed=sealed, exposure=exposure, start=month.start))
    return Outcome(
        seed=month.seed,
        expected=dict(result.expected),
        found=dict(result.found),
        told=result.told,
        windows=result.windows,
        duplicates=sealed.duplicates,
        passing=passing,
        made=sealed.count("accepted"),
        quarantined=sealed.count("quarantined"),
        failed=dict(archive.lived.failed),
        killed=archive.lived.killed,
        seconds=0,
        faults=[*sealed.faults, *result.faults, *passing.faults],
    )


def _settle(month: Month, home: Path, store: SeaweedFS, simulator: str) -> Settings:
    settings = write_city(home, store, simulator)
    own = replace(settings, store=replace(settings.store, bucket_prefix=f"drill-{home.name}-"))
    if not examine_store(AGENCY, own).passed:
        raise RuntimeError(f"seed {month.seed}: expected a store that passes its doctor, found one that fails")
    return own


def _looks(archive: Archive, entry: Entry) -> tuple[list[Look], list[Look]]:
    """Return the captures of the entry's listing, and the runs of probes that could have been told of it."""
    asked = archive.sealed.looks(entry.account, "removed-content")
    return archive.sealed.looks(entry.account, entry.series), list_answered(asked, archive.refusals, entry.platform)
