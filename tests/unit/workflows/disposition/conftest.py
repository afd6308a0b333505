from __future__ import annotations

from datetime import UTC, datetime

import pytest

from muniment.records.agency import Agency
from muniment.records.names import parse_instant
from muniment.retention.frozen_list import SECOND, VAULT
from tests.unit.workflows.disposition.memory_store import Clock, MemoryShredder, MemoryStore, MemoryVault
from tests.unit.workflows.disposition.stage import Stage, make_agency

PAST = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def adopted() -> Agency:
    return make_agency()


def open_stage(agency: Agency) -> Stage:
    clock = Clock()
    vault, second = MemoryStore("vault-claremont", clock), MemoryStore("second-claremont", clock)

    def pass_time(until: str) -> None:
        clock.at = max(clock.at, parse_instant(until))

    return Stage(
        agency=agency,
        vault=MemoryVault(vault),
        second=MemoryVault(second),
        shredders={VAULT: MemoryShredder(vault), SECOND: MemoryShredder(second)},
        clock=clock,
        pass_time=pass_time,
    )


@pytest.fixture
def stage(adopted: Agency) -> Stage:
    """A city whose clock stands in January 2027."""
    return open_stage(adopted)
