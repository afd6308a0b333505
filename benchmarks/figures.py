"""The figures of one benchmark, and the ratios between them. Seconds, megabytes of 10**6 bytes, records a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.processes import Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage in one process: what it took in all, of that its start, and what the servers took meanwhile."""

    name: str
    cost: Cost
    start_cpu_s: float
    work_wall_s: float
    store_cpu_s: float
    platform_cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRun:
    """One snapshot by the real path; *sizes* are the bytes of its objects by name."""

    records: int
    stages: tuple[Stage, ...]
    sizes: Mapping[str, int]

    @property
    def wall_s(self) -> float:
        """Return the seconds from the first process's start to the last one's end."""
        return sum(stage.cost.wall_s for stage in self.stages)

    @property
    def cpu_s(self) -> float:
        """Return the processor seconds of the path's own processes, their start included."""
        return sum(stage.cost.cpu_s for stage in self.stages)

    @property
    def work_wall_s(self) -> float:
        """Return the seconds without the processes' start: imports, and Great Expectations' own."""
        return sum(stage.work_wall_s for stage in self.stages)

    @property
    def work_cpu_s(self) -> float:
        """Return the processor seconds without the processes' start."""
        return sum(stage.cost.cpu_s - stage.start_cpu_s for stage in self.stages)

    @property
    def bytes(self) -> int:
        """Return the bytes of all objects of the snapshot."""
        return sum(self.sizes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """One floor: what it took on one core, and the bytes that it wrote."""

    name: str
    records: int
    wall_s: float
    cpu_s: float
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRun:
    """The peer's load of the same records, by one of its paths."""

    path: str
    records: int
    cost: Cost
    store_cpu_s: float
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Which share of the rate that the floors allow a run reaches: by the clock, by processor seconds."""

    by_clock: float
    by_processor: float


def share_of_floors(run: PathRun, floors: Sequence[Floor]) -> Share:
    """Compare *run*, starts included, with *floors* one after the other, which is the rate that they allow."""
    return Share(
        by_clock=sum(floor.wall_s for floor in floors) / run.wall_s,
        by_processor=sum(floor.cpu_s for floor in floors) / run.cpu_s,
    )


def share_without_start(run: PathRun, floors: Sequence[Floor]) -> Share:
    """Compare as `share_of_floors`, the start of the path's processes left out, as the floors' own start is."""
    return Share(
        by_clock=sum(floor.wall_s for floor in floors) / run.work_wall_s,
        by_processor=sum(floor.cpu_s for floor in floors) / run.work_cpu_s,
    )


def times_as_fast(run: PathRun, peer: PeerRun) -> Share:
    """Return how many times as fast *run* is as *peer* on as many records.

    Raises:
        ValueError: they are not of as many records.
    """
    if run.records != peer.records:
        raise ValueError(f"expected runs of one size, found {run.records} and {peer.records} records")
    return Share(by_clock=peer.cost.wall_s / run.wall_s, by_processor=peer.cost.cpu_s / run.cpu_s)


def middle_run(runs: Sequence[PathRun]) -> PathRun:
    """Return the run whose clock stands in the middle."""
    return sorted(runs, key=lambda run: run.wall_s)[(len(runs) - 1) // 2]


def middle_floor(floors: Sequence[Floor]) -> Floor:
    """Return a floor with the medians of *floors*, which are runs of one floor."""
    first = floors[0]
    return Floor(
        name=first.name,
        records=first.records,
        wall_s=median(floor.wall_s for floor in floors),
        cpu_s=median(floor.cpu_s for floor in floors),
        bytes=first.bytes,
    )


def memory_growth(small: PathRun, large: PathRun) -> dict[str, float]:
    """Return by stage how many megabytes more *large* held at its peak than *small*."""
    before = {stage.name: stage.cost.peak_mb for stage in small.stages}
    return {stage.name: stage.cost.peak_mb - before[stage.name] for stage in large.stages}


def middle_peer(runs: Sequence[PeerRun]) -> PeerRun:
    """Return the run whose clock stands in the middle."""
    return sorted(runs, key=lambda run: run.cost.wall_s)[(len(runs) - 1) // 2]
