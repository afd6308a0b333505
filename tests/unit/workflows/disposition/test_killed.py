"""Killed at every write and every delete of a destruction: it goes on, and ends as one that was not killed."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy

import pytest

from muniment.evidence.destruction_certificate import parse_certificate
from muniment.records.agency import Agency
from tests.unit.workflows.disposition.conftest import PAST, open_stage
from tests.unit.workflows.disposition.memory_store import Killed
from tests.unit.workflows.disposition.stage import Stage, volume

GONE, OTHER = volume("2022-03"), volume("2022-04")
OF_A_SNAPSHOT = 4 * 2  # pages, rows, a medium and the manifest, in both copies


@pytest.fixture(scope="module", params=[2, pytest.param(25, marks=pytest.mark.real)])  # two hundred take a minute
def ready(adopted: Agency, request: pytest.FixtureRequest) -> tuple[Stage, str]:
    """A disposition whose days of grace are over, in several batches, beside a volume that stays."""
    stage = open_stage(adopted)
    stage.most = request.param * OF_A_SNAPSHOT // 3
    stage.seal_volume(GONE, PAST, snapshots=request.param)
    stage.seal_volume(OTHER, PAST)
    disposition = stage.ready(GONE)
    for shredder in stage.shredders.values():
        shredder.store.acts.clear()
    return stage, disposition


def die_at(stage: Stage, *numbers: int) -> None:
    """Have the process die at the acts with these *numbers*, of both stores together and counted from 1."""
    seen = 0

    def act(_what: str) -> None:
        nonlocal seen
        seen += 1
        if seen in numbers:
            raise Killed

    for shredder in stage.shredders.values():
        shredder.store.act = act


def count_acts(ready: tuple[Stage, str]) -> int:
    stage, disposition = deepcopy(ready[0]), ready[1]
    stage.destroy(disposition)
    return sum(len(shredder.store.acts) for shredder in stage.shredders.values())


def check_ended_well(stage: Stage, disposition: str, untouched: list[tuple[str, str, str]]) -> None:
    listed = stage.read(disposition).versions
    done = stage.destroy(disposition)
    assert stage.versions(GONE) == []
    assert stage.versions(OTHER) == untouched
    assert (done["outcome"], done["anomalies"]) == ("whole", 0)
    assert len(list(stage.vault.list_keys("registers/certificates/"))) == 1
    assert len(list(stage.vault.list_keys("registers/tombstones/"))) == 1
    certificate = parse_certificate(stage.vault.read(done["certificate"]))
    assert (certificate.versions, certificate.failures, certificate.stops) == (listed, (), ())
    found = stage.read(disposition)
    assert Counter(batch.number for batch in found.batches) == Counter(range(1, len(found.batches) + 1))
    assert all(batch.ended_at for batch in found.batches)


def test_not_killed_everything_goes_in_several_batches(ready: tuple[Stage, str]) -> None:
    stage, disposition = deepcopy(ready[0]), ready[1]
    listed = len(stage.versions(GONE))

    check_ended_well(stage, disposition, stage.versions(OTHER))

    assert len(stage.read(disposition).batches) >= 4
    assert sum(batch.deleted for batch in stage.read(disposition).batches) == listed


def test_killed_at_every_single_write_and_delete_it_ends_the_same(ready: tuple[Stage, str]) -> None:
    acts, untouched = count_acts(ready), ready[0].versions(OTHER)
    assert acts > 2 * len(ready[0].versions(GONE))

    for number in range(1, acts + 1):
        stage, disposition = deepcopy(ready[0]), ready[1]
        die_at(stage, number)
        with pytest.raises(Killed):
            stage.destroy(disposition)
        die_at(stage)
        check_ended_well(stage, disposition, untouched)


@pytest.mark.parametrize("life", [1, 2, 3, 7])
def test_killed_again_and_again_it_still_ends_the_same(ready: tuple[Stage, str], life: int) -> None:
    stage, disposition = deepcopy(ready[0]), ready[1]
    untouched, listed, deaths = stage.versions(OTHER), len(stage.versions(GONE)), 0
    while True:
        die_at(stage, 2 * life)  # an act is told of before and after: it dies with the last one done
        try:
            stage.destroy(disposition)
            break
        except Killed:
            deaths += 1

    assert deaths >= listed // life
    die_at(stage)
    check_ended_well(stage, disposition, untouched)
