from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from tests.end_to_end.city import City, Simulator, open_city, start_simulator


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """One simulated city for the tests of a module; only those that let time pass need their own."""
    found = start_simulator()
    yield found
    found.stop()


@pytest.fixture
def city(store: SeaweedFS, tmp_path: Path, simulator: Simulator) -> City:
    """A fresh installation."""
    return open_city(store, tmp_path, simulator)
