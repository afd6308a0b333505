"""The events of a register that were entered in some months: a long register is not read whole for a short question."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from muniment.custody.vault import Vault
from muniment.evidence.register_event import RegisterEvent
from muniment.workflows.registers import read_event

_AT_ONCE = 8


def read_months(vault: Vault, register: str, since: datetime, until: datetime) -> tuple[RegisterEvent, ...]:
    """Return the events of *register* entered in the months from that of *since* to that of *until*, by time and id.

    Raises:
        EvidenceError: an object of the register is no event of it; the message has its key.
        StoreUnavailableError: the store did not answer.
    """
    keys = [key for month in _months(since, until) for key in vault.list_keys(f"registers/{register}/{month}/")]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        events = list(pool.map(lambda key: read_event(vault, register, key), keys))
    return tuple(sorted(events, key=lambda event: (event.at, event.id)))


def _months(since: datetime, until: datetime) -> Iterator[str]:
    first, last = since.astimezone(UTC), until.astimezone(UTC)
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{number // 12:04}-{number % 12 + 1:02}"
