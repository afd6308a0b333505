from __future__ import annotations

from datetime import UTC, datetime, timedelta

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

    stores = {VAULT: vault, SECOND: second}

    def dead() -> tuple[MemoryVault, MemoryShredder]:
        store = MemoryStore("second-claremont", clock, down=True)
        return MemoryVault(store), MemoryShredder(store)

    def put(copy: str, key: str, body: bytes) -> None:
        stores[copy].put(key, body, PAST)

    def lock(copy: str, key: str) -> None:
        stores[copy].objects[key][0].locked_until = clock() + timedelta(days=4000)

    def hold(copy: str, key: str) -> None:
        stores[copy].objects[key][0].held = True

    stage = Stage(
        dead=dead,
        put=put,
        lock=lock,
        hold=hold,
        agency=agency,
        vault=MemoryVault(vault),
        second=MemoryVault(second),
        shredders={VAULT: MemoryShredder(vault), SECOND: MemoryShredder(second)},
        clock=clock,
        pass_time=pass_time,
    )
    stage.adopt()
    return stage


@pytest.fixture
def stage(adopted: Agency) -> Stage:
    """A city whose clock stands in January 2027."""
    return open_stage(adopted)
