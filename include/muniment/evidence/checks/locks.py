"""Locks as the store keeps them, against the dates of the manifests."""

from __future__ import annotations

from collections.abc import Iterator

from muniment.errors import ObjectMissingError
from muniment.evidence.checks.contents import THROWAWAYS
from muniment.evidence.findings import Finding
from muniment.evidence.layout import LOG_HEAD
from muniment.evidence.readers import ObjectReader
from muniment.records.names import parse_instant

MODE = "COMPLIANCE"


def check_lock(reader: ObjectReader, key: str, until: str) -> Iterator[Finding]:
    """Find that *key* is locked shorter than *until* (an instant as manifests spell it), weakly, or not at all."""
    try:
        lock = reader.lock_of(key)
    except ObjectMissingError:
        return  # a missing object has its own finding
    if lock is None:
        yield Finding("V004", key, f"expected a lock until {until}, found none")
    elif lock.until < parse_instant(until) or lock.mode != MODE:
        found = f"{lock.mode} until {lock.until.isoformat()}"
        yield Finding("V004", key, f"expected {MODE} until {until}, found {found}")


def check_hidden(reader: ObjectReader, prefix: str) -> Iterator[Finding]:
    """Find the keys under *prefix* of which an ordinary reader gets other bytes or none."""
    for key, what in reader.find_hidden(prefix):
        # The log's head is a copy, written anew each time; throwaways of the doctor are meant to be hidden.
        if key != LOG_HEAD and not key.startswith(THROWAWAYS):
            yield Finding("V008", key, what)
