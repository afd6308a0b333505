"""The events of a register that were entered in some months: a long register is not read whole for a short question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from muniment.custody.vault import Vault
from muniment.evidence.register_event import RegisterEvent
from muniment.workflows.registers import in_order, read_listed_events


def read_months(vault: Vault, register: str, since: datetime, until: datetime) -> tuple[RegisterEvent, ...]:
    """Return the events of *register* entered in the months from that of *since* to that of *until*, by time and id.

    Raises:
        EvidenceError: an object of the register is no event of it; the message has its key.
        StoreUnavailableError: the store did not answer.
    """
    prefixes = [f"registers/{register}/{month}/" for month in _months(since, until)]
    records = chain.from_iterable(map(vault.list_objects, prefixes))
    return in_order(read_listed_events(vault, register, records).values())


def _months(since: datetime, until: datetime) -> Iterator[str]:
    first, last = since.astimezone(UTC), until.astimezone(UTC)
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{number // 12:04}-{number % 12 + 1:02}"
