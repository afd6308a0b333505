"""What the benchmark of changes found: seconds and memory of each comparison, and their ratio to a bare anti-join."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

BARE = "bare DuckDB anti-join over ids and hashes"
MARK = 3.0  # times the bare anti-join, at most
CAP_MB = 1024
HEADERS = ("what", "items", "wall s", "CPU s", "peak MB", "found")
RATIO_HEADERS = ("times the bare anti-join", "by the clock", "by CPU seconds", "mark", "peak MB", "cap MB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One comparison of two snapshots. `peak_mb` is of the whole process; the seconds leave its start out."""

    what: str
    items: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    found: dict[str, int]


def middle_of(runs: Sequence[Comparison]) -> Comparison:
    """Return the run of the middle CPU time; the lower of two."""
    return sorted(runs, key=lambda run: run.cpu_s)[(len(runs) - 1) // 2]


def rows_of(runs: Sequence[Comparison]) -> Iterator[tuple[str, ...]]:
    """Yield the table's rows."""
    for run in runs:
        found = ", ".join(f"{count:,} {state}" for state, count in run.found.items())
        yield (run.what, f"{run.items:,}", f"{run.wall_s:.2f}", f"{run.cpu_s:.2f}", f"{run.peak_mb:.0f}", found)


def ratios_of(runs: Sequence[Comparison]) -> Iterator[tuple[str, ...]]:
    """Yield for each comparison of ours how many times the bare anti-join of the same size it takes."""
    bare = {run.items: run for run in runs if run.what == BARE}
    for run in runs:
        if run.what != BARE:
            wall, cpu = run.wall_s / bare[run.items].wall_s, run.cpu_s / bare[run.items].cpu_s
            peak = (f"{run.peak_mb:.0f}", f"{CAP_MB}")
            yield (f"{run.what}, {run.items:,} items", f"{wall:.2f}", f"{cpu:.2f}", f"{MARK:.0f}", *peak)
