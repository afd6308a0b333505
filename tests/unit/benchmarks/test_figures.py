from __future__ import annotations

import pytest

from benchmarks.figures import (
    Floor,
    PathRun,
    PeerRun,
    Stage,
    memory_growth,
    middle_floor,
    middle_run,
    share_of_floors,
    share_without_start,
    times_as_fast,
)
from benchmarks.processes import Cost

FLOORS = [
    Floor(name="bytes", records=1000, wall_s=3, cpu_s=2, bytes=1),
    Floor(name="table", records=1000, wall_s=2, cpu_s=2, bytes=1),
]


def a_run(wall_s: float, cpu_s: float, *, records: int = 1000, peak_mb: float = 100) -> PathRun:
    """One stage that starts for a second of processor and works for half of its clock."""
    cost = Cost(wall_s, cpu_s, peak_mb)
    stage = Stage(name="parse", cost=cost, start_cpu_s=1, work_wall_s=wall_s / 2, store_cpu_s=9, platform_cpu_s=9)
    return PathRun(records=records, stages=(stage,), sizes={"rows.parquet": 10, "manifest.json": 1})


def test_the_floors_allow_the_rate_of_both_one_after_the_other() -> None:
    share = share_of_floors(a_run(10, 8), FLOORS)

    assert (share.by_clock, share.by_processor) == (0.5, 0.5)


def test_without_the_start_only_the_work_counts() -> None:
    share = share_without_start(a_run(10, 9), FLOORS)

    assert (share.by_clock, share.by_processor) == (1.0, 0.5)


def test_a_peer_on_other_records_is_no_comparison() -> None:
    other = PeerRun(path="ordinary", records=500, cost=Cost(50, 40, 1), store_cpu_s=0, bytes=0)

    with pytest.raises(ValueError, match="one size, found 1000 and 500"):
        times_as_fast(a_run(10, 8), other)


def test_a_peer_that_takes_five_times_as_long_is_beaten_five_times() -> None:
    peer = PeerRun(path="ordinary", records=1000, cost=Cost(50, 16, 1), store_cpu_s=0, bytes=0)

    share = times_as_fast(a_run(10, 8), peer)

    assert (share.by_clock, share.by_processor) == (5, 2)


def test_the_middle_of_runs_is_neither_the_best_nor_the_worst() -> None:
    runs = [a_run(wall, 1) for wall in (9, 3, 5)]
    floors = [Floor(name="bytes", records=1, wall_s=wall, cpu_s=1, bytes=1) for wall in (9, 3, 5)]

    assert middle_run(runs).wall_s == 5
    assert middle_floor(floors).wall_s == 5


def test_memory_that_grows_with_the_records_is_told_by_stage() -> None:
    assert memory_growth(a_run(1, 1, peak_mb=100), a_run(9, 9, peak_mb=130)) == {"parse": 30}


def test_a_snapshot_weighs_what_all_its_objects_weigh() -> None:
    assert a_run(1, 1).bytes == 11
