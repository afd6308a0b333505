"""What the benchmark of retention found: the time per object at each size, and how it grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

HEADERS = ("what", "objects", "volumes", "seconds", "microseconds an object", "CPU microseconds an object")
RATIO_HEADERS = ("time per object, the largest size against the smallest", "by the clock", "by CPU seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One act over one size. `cpu_s` are this process's own processor seconds; servers' are not in it."""

    what: str
    objects: int
    volumes: int
    wall_s: float
    cpu_s: float

    @property
    def wall_us(self) -> float:
        """Return the microseconds by the clock for each object."""
        return self.wall_s / self.objects * 1e6

    @property
    def cpu_us(self) -> float:
        """Return the microseconds of processor for each object."""
        return self.cpu_s / self.objects * 1e6


def rows_of(timings: Sequence[Timing]) -> Iterator[tuple[str, ...]]:
    """Yield the table's rows."""
    for one in timings:
        counted = (f"{one.objects:,}", f"{one.volumes:,}")
        yield (one.what, *counted, f"{one.wall_s:.2f}", f"{one.wall_us:.1f}", f"{one.cpu_us:.1f}")


def ratios_of(timings: Sequence[Timing]) -> Iterator[tuple[str, str, str]]:
    """Yield for each act the time per object at its largest size over that at its smallest: 1.0 is flat.

    An act that was timed at one size only has no ratio.
    """
    for what, group in groupby(sorted(timings, key=lambda one: (one.what, one.objects)), key=lambda one: one.what):
        sizes = list(group)
        small, large = sizes[0], sizes[-1]
        if small.objects == large.objects:
            continue
        label = f"{what}: {large.objects:,} against {small.objects:,}"
        yield label, f"x{large.wall_us / small.wall_us:.2f}", f"x{large.cpu_us / small.cpu_us:.2f}"
