"""A sample is drawn as stated, by anyone, and finds what it says at the odds it states."""

from __future__ import annotations

import math
import random
import subprocess
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

import pytest

from muniment.errors import EvidenceError, ObjectMissingError
from muniment.evidence.checks.sample import Sample, describe, draw, odds
from muniment.evidence.locks import ObjectLock
from muniment.evidence.verify import Means, verify
from tests.unit.evidence.vault_folder import SoundVault

KEYS = [f"records/{number}" for number in range(40)]


class MemoryReader:
    keeps_locks = False

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects

    def list_keys(self, prefix: str) -> Iterable[str]:
        return (key for key in sorted(self.objects) if key.startswith(prefix))

    def read_chunks(self, key: str) -> Iterator[bytes]:
        if key not in self.objects:
            raise ObjectMissingError(key)
        yield self.objects[key]

    def lock_of(self, key: str) -> ObjectLock | None:
        return None

    def find_hidden(self, prefix: str) -> Iterable[tuple[str, str]]:
        return ()


@pytest.mark.parametrize(("size", "seed"), [(0, "s"), (-1, "s"), (1, "")])
def test_a_sample_of_nothing_or_by_no_chance_is_refused(size: int, seed: str) -> None:
    with pytest.raises(EvidenceError, match="expected at least 1 object and a seed"):
        Sample(size, seed)


def test_the_same_seed_draws_the_same_objects_in_whatever_order_they_come() -> None:
    assert draw(KEYS, Sample(7, "s")) == draw(KEYS[::-1], Sample(7, "s"))


def test_another_seed_draws_others() -> None:
    assert draw(KEYS, Sample(7, "s")) != draw(KEYS, Sample(7, "t"))


def test_a_shell_with_sha256sum_draws_the_same_sample() -> None:
    script = 'for k in $(seq -f "records/%g" 0 39); do printf "%s\\n%s" s "$k" | sha256sum | sed "s|-|$k|"; done'
    ranked = subprocess.run(["bash", "-c", f"{script} | sort | head -7"], capture_output=True, text=True, check=True)

    assert {line.split()[1] for line in ranked.stdout.splitlines()} == draw(KEYS, Sample(7, "s"))


@pytest.mark.parametrize(("total", "drawn", "faulty"), [(8, 3, 1), (8, 3, 2), (8, 8, 1), (8, 6, 4), (5, 1, 5)])
def test_the_odds_are_those_of_counting_every_sample(total: int, drawn: int, faulty: int) -> None:
    samples = list(combinations(range(total), drawn))
    hits = sum(any(number < faulty for number in sample) for sample in samples)

    assert odds(total, drawn, faulty) == pytest.approx(hits / len(samples))


def test_the_stated_odds_of_a_hundred_in_a_thousand() -> None:
    stated = describe(Sample(100, "s"), 1000)

    assert stated.finds_one_object == pytest.approx(0.1)
    # 1 - C(990, 100) / C(1000, 100)
    assert stated.finds_one_percent == pytest.approx(1 - math.comb(990, 100) / math.comb(1000, 100))


@pytest.mark.parametrize("total", [0, 1, 3])
def test_a_sample_larger_than_the_whole_is_the_whole(total: int) -> None:
    stated = describe(Sample(5, "s"), total)

    assert (stated.drawn, stated.finds_one_object) == (total, 1.0 if total else 0.0)


@pytest.mark.parametrize("trials", [200, pytest.param(1000, marks=pytest.mark.real)])
def test_a_single_altered_object_is_found_at_the_stated_rate(tmp_path: Path, trials: int) -> None:
    vault = SoundVault(tmp_path)
    for number in range(1, 4):
        vault.add_snapshot(number, media=f"picture {number}".encode())
    sound = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()
    }
    sound |= {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("media/*")}
    objects = sorted(key for key in sound if not key.endswith("manifest.json"))
    chance, hits = random.Random(20261122), 0
    for trial in range(trials):
        key = chance.choice(objects)
        body = bytearray(sound[key])
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        report = verify(MemoryReader(sound | {key: bytes(body)}), means=Means(sample=Sample(3, f"draw {trial}")))
        assert {finding.subject for finding in report.findings} <= {key}
        assert report.sampling is not None
        rate = report.sampling.finds_one_object
        hits += bool(report.findings)

    assert rate == pytest.approx(3 / len(objects))
    # 99.9 % of all runs of an honest sampler lie within 3.29 standard deviations.
    assert abs(hits - trials * rate) <= 3.29 * math.sqrt(trials * rate * (1 - rate))
