"""A sample drawn by public randomness: which objects it holds, and what it would have found.

An object's rank is the SHA-256 of the seed, a line feed and its key; the lowest ranks are
drawn. Whoever has the seed and the keys draws the same sample with ``sha256sum`` alone, and
nobody who does not yet know the seed can tell which objects it will spare.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from heapq import nsmallest
from math import ceil, prod

from muniment.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class Sample:
    """How many objects to draw, and the public randomness to draw them by."""

    size: int
    seed: str

    def __post_init__(self) -> None:
        if self.size < 1 or not self.seed:
            raise EvidenceError(f"sample: expected at least 1 object and a seed, found {self.size} and {self.seed!r}")


@dataclass(frozen=True, slots=True)
class Sampling:
    """What was drawn, of how many, and the odds that it had found a fault."""

    seed: str
    drawn: int
    total: int
    finds_one_object: float  # probability that a single faulty object is in the sample
    finds_one_percent: float  # probability of at least one, with a fault in 1 % of the objects, rounded up


def draw(keys: Collection[str], sample: Sample) -> frozenset[str]:
    """Return the keys that *sample* draws out of *keys*."""
    return frozenset(nsmallest(sample.size, keys, key=lambda key: (rank(sample.seed, key), key)))


def rank(seed: str, key: str) -> bytes:
    """Return where *key* stands in the order of *seed*."""
    return sha256(f"{seed}\n{key}".encode(errors="surrogateescape")).digest()


def odds(total: int, drawn: int, faulty: int) -> float:
    """Return the probability that *drawn* of *total* objects hold at least one of *faulty*.

    Drawing without putting back: the hypergeometric distribution's chance of none, from 1.
    """
    if drawn + faulty > total:
        return 1.0 if faulty and drawn else 0.0
    return 1.0 - prod((total - drawn - number) / (total - number) for number in range(faulty))


def describe(sample: Sample, total: int) -> Sampling:
    """Return the stated odds of *sample* over *total* objects."""
    drawn = min(sample.size, total)
    return Sampling(sample.seed, drawn, total, odds(total, drawn, min(total, 1)), odds(total, drawn, ceil(total / 100)))
