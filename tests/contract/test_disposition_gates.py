"""Each closed gate on two real stores: it stops before anything is deleted, in either copy, and says which it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.layout import VolumeAddress
from tests.contract.disposing import LOCKED, Disposing, open_disposing
from tests.unit.workflows.disposition.gate_cases import CASES, codes_of
from tests.unit.workflows.disposition.stage import ACCOUNTS, STEPS, volume

# One for each gate that the product promises; the others are held in memory, and here by `make test-all`.
PROMISED = (
    *(f"the approval of the {step} is missing" for step in STEPS),
    "the schedule was not adopted",
    "the records are under the floor",
    "an open litigation placed in the days of grace",
    "an open records-request when it is proposed",
    "an exclusion was not answered",
    "something was added to the volume",
    "somebody answered who holds no office",
    "the city-council did not answer in time",
    "the second copy does not answer at the last check",
    "no response was recorded",
    "an object of the second is held on the store",
)
PLACES = {
    name: volume(f"{2010 + number // 12}-{number % 12 + 1:02}", ACCOUNTS[number % 2])
    for number, name in enumerate(CASES)
}


def prepare(
    tmp_path_factory: pytest.TempPathFactory, stores: tuple[SeaweedFS, SeaweedFS], names: Sequence[str]
) -> Disposing:
    disposing = open_disposing(tmp_path_factory.mktemp("gates"), *stores)
    locked = LOCKED * (1 + len(names) // 20)
    disposing.seal_volumes([PLACES[name] for name in names], locked=locked, snapshots=1, media=0)
    return disposing


@pytest.fixture(scope="module")
def promised(store: SeaweedFS, second_store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Disposing:
    """A volume for each promised case, due, its locks ended."""
    return prepare(tmp_path_factory, (store, second_store), PROMISED)


@pytest.fixture(scope="module")
def others(store: SeaweedFS, second_store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Disposing:
    return prepare(tmp_path_factory, (store, second_store), [name for name in CASES if name not in PROMISED])


@pytest.mark.parametrize("name", PROMISED)
def test_a_missing_gate_deletes_nothing_in_either_copy(promised: Disposing, name: str) -> None:
    check(promised, name, PLACES[name])


@pytest.mark.real
@pytest.mark.parametrize("name", [name for name in CASES if name not in PROMISED])
def test_every_other_closed_gate_deletes_nothing_either(others: Disposing, name: str) -> None:
    check(others, name, PLACES[name])


def check(disposing: Disposing, name: str, address: VolumeAddress) -> None:
    code, case = CASES[name]
    stage = replace(disposing.stage, run=name)
    sealed = set(stage.versions(address))
    assert len(sealed) == 6  # pages, rows and the manifest, in both copies

    found = codes_of(stage, address, case)

    assert code in found
    assert sealed <= set(disposing.stage.versions(address))
