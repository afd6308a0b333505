from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from tests.contract.keeping import Keeping, open_keeping
from tests.faulty_store.proxy import FaultyStore, serve_faulty_store


@pytest.fixture(scope="session")
def second_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """A second real SeaweedFS: another server, with keys and a disk of its own."""
    found = SeaweedFS(tmp_path_factory.mktemp("second"), memory="150MiB")
    try:
        found.start()
        yield found
    finally:
        found.stop(grace_s=0)


@pytest.fixture(scope="session")
def second_faulty(second_store: SeaweedFS) -> Iterator[tuple[FaultyStore, str]]:
    with serve_faulty_store(second_store.endpoint, second_store.credentials("administrator")) as served:
        yield served


@pytest.fixture
def second_stand_in(second_faulty: tuple[FaultyStore, str]) -> Iterator[FaultyStore]:
    """The second store with faults on request."""
    second_faulty[0].faults.clear()
    yield second_faulty[0]
    second_faulty[0].faults.clear()


@pytest.fixture
def keeping(store: SeaweedFS, second_store: SeaweedFS, tmp_path: Path) -> Keeping:
    """A vault of two snapshots and a second store, nothing copied yet."""
    return open_keeping(tmp_path, store, second_store)


@pytest.fixture
def keeping_on_faulty_second(
    store: SeaweedFS, second_store: SeaweedFS, second_faulty: tuple[FaultyStore, str], tmp_path: Path
) -> Keeping:
    return open_keeping(tmp_path, store, second_store, second_endpoint=second_faulty[1])
