from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muniment.custody.client import connect
from muniment.custody.vault import Vault
from muniment.errors import AlreadySealedError, ChecksumError
from muniment.records.names import AccountId, AgencyId, SeriesId
from muniment.settings import read_settings
from muniment.workflows.orders import Order, new_order
from muniment.workflows.planning import open_agency
from muniment.workflows.snapshot import despite_rivals
from muniment.workflows.wiring import Workplace

ORDER = new_order(
    AgencyId("claremont"),
    AccountId("website-news"),
    SeriesId("official-posts"),
    run_id="r",
    taken_at=datetime(2026, 11, 21, tzinfo=UTC),
)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    settings = read_settings({"MUNIMENT_HOME": str(tmp_path), "MUNIMENT_SIMULATOR": "http://127.0.0.1:9"})
    vault = Vault(connect("http://127.0.0.1:9", "us-east-1", "a", "s"), "nobody-is-asked")
    return Workplace(settings, open_agency("claremont", settings), vault)


def failing(error: Exception, times: int) -> Callable[[Workplace, Order], int]:
    """A step that fails so many times, and then tells how often it was taken."""
    taken = 0

    def step(_place: Workplace, _order: Order) -> int:
        nonlocal taken
        taken += 1
        if taken <= times:
            raise error
        return taken

    return step


def test_what_somebody_else_sealed_first_is_found_at_the_next_try(place: Workplace) -> None:
    assert despite_rivals(failing(AlreadySealedError("rows"), 1), place, ORDER) == 2


def test_what_is_never_found_is_an_error(place: Workplace) -> None:
    with pytest.raises(AlreadySealedError, match="rows"):
        despite_rivals(failing(AlreadySealedError("rows"), 9), place, ORDER)


def test_another_error_is_not_tried_again(place: Workplace) -> None:
    with pytest.raises(ChecksumError):
        despite_rivals(failing(ChecksumError("rows"), 1), place, ORDER)
