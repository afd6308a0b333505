"""Bring the hold bits of one copy to what they should be, a few objects side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from muniment.custody.holds import HoldKeeper
from muniment.custody.versions import StoredVersion
from muniment.errors import CustodyError, HoldError, ObjectMissingError, StoreUnavailableError

RECORDS = "records/"
_AT_ONCE = 8
_CHUNK = 256  # versions in memory at once

Progress = Callable[[int], None]  # is told how many more objects were looked at


@dataclass(frozen=True, slots=True)
class Bit:
    """The bit of one version as it was found, and what the store said where it is not what was wanted."""

    key: str
    stored_at: datetime
    was: bool
    refused: str | None = None


def sweep(keeper: HoldKeeper, prefix: str, wanted: bool | None, *, progress: Progress) -> Iterator[Bit]:
    """Yield the bit of every version under *prefix*, brought to *wanted*, or as it is where that is None.

    Raises:
        HoldError: *prefix* is not of records.
        StoreUnavailableError: the store did not answer.
    """
    if not prefix.startswith(RECORDS):
        raise HoldError(f"hold: expected a prefix of records, found {prefix!r}")
    return _bring_all(keeper, keeper.list_versions(prefix), wanted, progress)


def hold_keys(keeper: HoldKeeper, keys: Iterable[str], *, progress: Progress) -> Iterator[Bit]:
    """Hold every version of each of *keys*, and yield its bit.

    Raises:
        HoldError: a key is not of records.
        StoreUnavailableError: the store did not answer.
    """
    for key in keys:
        if not key.startswith(RECORDS):
            raise HoldError(f"hold: expected a key of records, found {key!r}")
    versions = (version for key in keys for version in keeper.list_versions(key) if version.key == key)
    return _bring_all(keeper, versions, True, progress)


def _bring_all(
    keeper: HoldKeeper, versions: Iterator[StoredVersion], wanted: bool | None, progress: Progress
) -> Iterator[Bit]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while chunk := list(islice(versions, _CHUNK)):
            yield from (bit for bit in pool.map(partial(_bring, keeper, wanted), chunk) if bit is not None)
            progress(len(chunk))


def _bring(keeper: HoldKeeper, wanted: bool | None, version: StoredVersion) -> Bit | None:
    was = False
    try:
        was = keeper.hold_of(version.name)
        if wanted is not None and was is not wanted:
            keeper.set_hold(version.name, wanted)
    except ObjectMissingError:
        return None  # destroyed since it was listed: there is nothing left to hold
    except StoreUnavailableError:
        raise
    except CustodyError as error:
        return Bit(version.key, version.stored_at, was, str(error))
    return Bit(version.key, version.stored_at, was)
