"""Find the volumes that a narrowed matter is about, by reading rows. What is found is sealed, so that the fold is pure.

The columns that are searched are read, one rows file at a time. What cannot be searched counts as
found: better held for nothing than destroyed.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from muniment.custody.versions import StoredVersion
from muniment.errors import ObjectKeyError, ObjectMissingError, ParseError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.evidence.layout import PAGES, ROWS, SnapshotAddress, VolumeAddress, parse_record_key, taken_at_of
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.names import SnapshotId, format_instant
from muniment.records.series import row_kind
from muniment.retention.holds import SCOPED, Matter, may_cover
from muniment.tables.row_search import SEARCHED, count_matches
from muniment.tables.some_columns import copy_columns
from muniment.workflows.holds.bits import Progress
from muniment.workflows.holds.room import HoldRoom
from muniment.workflows.wiring import now

UNFINISHED = timedelta(days=1)  # pages without rows for longer than this cannot be searched for now
_SLACK = timedelta(hours=1)  # between the store's clock and ours


@dataclass(slots=True)
class _Search:
    volumes: set[str] = field(default_factory=set)
    unsearched: set[str] = field(default_factory=set)
    rows: int = 0
    snapshots: int = 0


def scope_matter(room: HoldRoom, matter: Matter, *, by: str, progress: Progress) -> list[Finding]:
    """Search what *matter* is about and was not searched yet, and seal what was found.

    Nothing is sealed where nothing was there to search. What could not be searched is returned.

    Raises:
        CustodyError: the vault did not answer, or did not keep the event.
    """
    if not matter.scope.is_narrowed or not matter.is_open:
        return []
    began, search = now(), _Search()
    for address in room.volumes():
        if may_cover(matter.coverage, address, zone=room.zone) and address.prefix not in (matter.found or ()):
            _search_volume(room, matter, address, search, progress)
    if matter.found is None or search.snapshots or search.unsearched:
        _seal(room, matter, search, until=format_instant(began), by=by)
    return [
        Finding("R016", prefix, f"matter {matter.id}: expected rows to search, found none that can be read")
        for prefix in sorted(search.unsearched)
    ]


def find_in_snapshot(room: HoldRoom, matter: Matter, address: SnapshotAddress, *, by: str) -> bool:
    """Search the rows of one new snapshot; seal its volume as found, and return whether it was.

    Raises:
        CustodyError: the vault did not answer, or did not keep the event.
    """
    search = _Search()
    _search_rows(room, matter, address, search)
    if search.volumes:
        _seal(room, matter, search, until=None, by=by)
    return bool(search.volumes)


def _search_volume(room: HoldRoom, matter: Matter, address: VolumeAddress, search: _Search, progress: Progress) -> None:
    coverage = matter.coverage
    since = None if coverage.searched_until is None else coverage.searched_until - _SLACK
    for snapshot, objects in _list_snapshots(room, address):
        if not matter.scope.future and taken_at_of(snapshot.snapshot) > coverage.as_of:
            continue
        if ROWS in objects:
            if since is None or objects[ROWS] > since:
                _search_rows(room, matter, snapshot, search)
                progress(1)
        elif PAGES in objects and objects[PAGES] < now() - UNFINISHED:
            _leave(search, address)


def _list_snapshots(room: HoldRoom, address: VolumeAddress) -> Iterator[tuple[SnapshotAddress, dict[str, datetime]]]:
    objects: dict[SnapshotId, dict[str, datetime]] = defaultdict(dict)
    for record in room.place.vault.list_objects(f"{address.prefix}snapshot="):
        if (named := _named(record)) is not None:
            objects[named[0]][named[1]] = record.stored_at
    return ((SnapshotAddress(address, snapshot), objects[snapshot]) for snapshot in sorted(objects))


def _named(record: StoredVersion) -> tuple[SnapshotId, str] | None:
    try:
        _, snapshot, name = parse_record_key(record.key)
    except ObjectKeyError:
        return None  # a stray, which `check_store` finds
    return None if snapshot is None else (snapshot, name)


def _search_rows(room: HoldRoom, matter: Matter, address: SnapshotAddress, search: _Search) -> None:
    kind, scope, vault = row_kind(address.volume.series), matter.scope, room.place.vault
    scratch = room.place.settings.scratch
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    search.snapshots += 1
    try:
        with tempfile.TemporaryDirectory(prefix="search-", dir=scratch) as folder:
            rows = Path(folder) / ROWS
            size, read = vault.open_ranges(address.key(ROWS))
            copy_columns(read, size, rows, SEARCHED[kind])
            found = count_matches(rows, kind, persons=scope.persons, search=scope.search)
    except (ParseError, ObjectMissingError):
        _leave(search, address.volume)
        return
    search.rows += found
    if found:
        search.volumes.add(address.volume.prefix)


def _leave(search: _Search, address: VolumeAddress) -> None:
    search.unsearched.add(address.prefix)
    search.volumes.add(address.prefix)


def _seal(room: HoldRoom, matter: Matter, search: _Search, *, until: str | None, by: str) -> None:
    facts: dict[str, JsonValue] = {
        "of": matter.coverage.event,
        "query_sha256": matter.scope.query_sha256(),
        "volumes": list[JsonValue](sorted(search.volumes)),
        "unsearched": list[JsonValue](sorted(search.unsearched)),
        "rows": search.rows,
        "snapshots": search.snapshots,
        "searched_until": until,
    }
    # The searches of two snapshots sealed in one moment are two events.
    suffix = f"scoped-{now():%Y%m%dt%H%M%S%fz}-{sha256_hex(canonical_json(facts))[:8]}"
    room.enter(SCOPED, matter.id, suffix, by=by, facts=facts)
