"""What `explain` is asked about: a volume, an object, a snapshot or a record, and the volumes that it lies in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from muniment.errors import ConfigurationError, ObjectKeyError, ObjectMissingError
from muniment.evidence.layout import (
    ROWS,
    SnapshotAddress,
    VolumeAddress,
    is_snapshot,
    parse_record_key,
    taken_at_of,
)
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId
from muniment.records.series import row_kind
from muniment.retention.volume_spans import span_of
from muniment.tables.row_lookup import LOOKED_UP, has_row
from muniment.tables.some_columns import copy_columns
from muniment.workflows.history import list_pairs, list_snapshots, list_volumes
from muniment.workflows.volumes import parse_prefix
from muniment.workflows.wiring import Workplace

VOLUME, OBJECT, SNAPSHOT, RECORD = "volume", "object", "snapshot", "record"
_SHORT = 3  # parts of a volume without the words: official-posts/bluesky-city/2026-11
_EXPECTED = (
    "a volume (official-posts/bluesky-city/2026-11), an object's key, a snapshot's id, "
    "or a record (VOLUME#ID, or its URI)"
)


@dataclass(frozen=True, slots=True)
class Target:
    """What was asked about, and where it lies: `volumes` latest first; `key` is the object asked about, if one was."""

    text: str
    kind: str
    volumes: tuple[VolumeAddress, ...]
    key: str | None = None
    under: str | None = None  # the prefix of the snapshot asked about, if one was


def find_target(place: Workplace, text: str) -> Target:
    """Find what *text* names in the agency's vault.

    Raises:
        ConfigurationError: it names nothing that the vault has; the message says what it may be.
        StoreUnavailableError: the store did not answer.
    """
    before, mark, item = text.partition("#")
    address = _read_volume(before)
    if address is not None and mark:
        return Target(text, RECORD, _holding(place, [address], item, text))
    if address is not None:
        return Target(text, VOLUME, (_existing(place, address, text),))
    if is_snapshot(text):
        return _find_snapshot(place, text)
    if text.startswith("records/"):
        return _find_object(place, text)
    if ":" in text:
        return Target(text, RECORD, _holding(place, list(_all_volumes(place)), text, text))
    raise _unknown(text)


def _read_volume(text: str) -> VolumeAddress | None:
    parts = text.strip("/").split("/")
    try:
        if text.startswith("records/"):
            return parse_prefix(text.rstrip("/") + "/")
        if len(parts) == _SHORT:
            return VolumeAddress(SeriesId(parts[0]), AccountId(parts[1]), VolumeId(parts[2]))
    except ObjectKeyError:
        return None
    return None


def _existing(place: Workplace, address: VolumeAddress, text: str) -> VolumeAddress:
    if next(place.vault.list_keys(address.prefix), None) is None:
        raise _unknown(text)
    return address


def _find_object(place: Workplace, key: str) -> Target:
    try:
        address = parse_record_key(key)[0]
    except ObjectKeyError:
        raise _unknown(key) from None
    if next(place.vault.list_keys(key), None) != key:
        raise _unknown(key)
    return Target(key, OBJECT, (address,), key=key)


def _find_snapshot(place: Workplace, name: str) -> Target:
    taken = taken_at_of(SnapshotId(name))
    for address in _all_volumes(place):
        begins, ends = span_of(address.volume, place.agency.zone)
        if begins <= taken < ends:
            snapshot = SnapshotAddress(address, SnapshotId(name))
            if next(place.vault.list_keys(snapshot.prefix), None) is not None:
                return Target(name, SNAPSHOT, (address,), under=snapshot.prefix)
    raise _unknown(name)


def _holding(place: Workplace, volumes: list[VolumeAddress], item: str, text: str) -> tuple[VolumeAddress, ...]:
    """Return which of *volumes* list *item*; a post is in the volume of every month in which it could be seen."""
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = tuple(address for address in volumes if _holds(place, address, item))
    if not found:
        raise _unknown(text)
    return tuple(sorted(found, key=lambda address: (address.volume, address), reverse=True))


def _holds(place: Workplace, address: VolumeAddress, item: str) -> bool:
    return any(_lists(place, snapshot, item) for snapshot in list_snapshots(place.vault, address))


def _lists(place: Workplace, snapshot: SnapshotAddress, item: str) -> bool:
    kind = row_kind(snapshot.volume.series)
    with tempfile.TemporaryDirectory(prefix="explain-", dir=place.settings.scratch) as folder:
        path = Path(folder) / ROWS
        try:
            size, read = place.vault.open_ranges(snapshot.key(ROWS))
        except ObjectMissingError:
            return False  # a snapshot in the making has no rows yet
        copy_columns(read, size, path, LOOKED_UP[kind])
        return has_row(path, kind, item)


def _all_volumes(place: Workplace) -> Iterator[VolumeAddress]:
    for account, series in list_pairs(place.vault):
        yield from list_volumes(place.vault, series, account)


def _unknown(text: str) -> ConfigurationError:
    return ConfigurationError(f"explain: expected {_EXPECTED}, in the vault; found none by {text[:200]!r}")
