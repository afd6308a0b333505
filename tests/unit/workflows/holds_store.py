"""A store in memory, of which only the hold bit is like a real one's, and an agency's holds over two of them."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.custody.versions import StoredVersion, VersionName
from muniment.errors import AlreadySealedError, HoldNotKeptError, ObjectMissingError, StoreUnavailableError
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress, snapshot_stamp
from muniment.evidence.manifest import Manifest, SealedObject
from muniment.records.agency import Agency
from muniment.records.names import AccountId, AgencyId, SeriesId, SnapshotId, VolumeId
from muniment.settings import read_settings
from muniment.tables.schemas import ITEMS
from muniment.workflows.holds.room import HoldRegister, HoldRoom
from muniment.workflows.planning import open_agency
from muniment.workflows.wiring import Workplace
from tests.unit.evidence.vault_folder import UNTIL, build_manifest

AGENCY = "claremont"
LONG_AGO = timedelta(days=3)


class Crash(BaseException):
    """The machine stops."""


@dataclass
class MemoryStore:
    """Bytes and bits by key and version. `fuse` is how many writes are left before the machine stops."""

    bucket: str
    objects: dict[tuple[str, str], tuple[bytes, datetime]] = field(default_factory=dict)
    held: set[tuple[str, str]] = field(default_factory=set)
    fuse: int | None = None
    faults: set[str] = field(default_factory=set)
    writes: int = 0
    endpoint: str = "memory"
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def _write(self) -> None:
        with self._lock:
            if self.fuse is not None and self.writes >= self.fuse:
                raise Crash
            self.writes += 1

    def _answer(self) -> None:
        if "is down" in self.faults:
            raise StoreUnavailableError(f"{self.bucket}: expected an answer, found none")

    def put(self, key: str, body: bytes, *, version: str = "1", age: timedelta = LONG_AGO) -> None:
        self.objects[key, version] = body, datetime.now(UTC) - age

    # What the vault does.

    def seal_bytes(self, key: str, body: bytes, *, lock_until: datetime, content_type: str) -> SealedObject:
        self._answer()
        if self.objects.get((key, "1"), (body,))[0] != body:
            raise AlreadySealedError(f"{key}: expected these bytes, found others")
        self._write()
        self.put(key, body, age=timedelta())
        return SealedObject(key=key, size_bytes=len(body), sha256="0" * 64, content_type=content_type, locked_until="")

    def list_objects(self, prefix: str) -> Iterator[StoredVersion]:
        return (found for found in self.list_versions(prefix) if found.name.version_id == "1")

    def list_keys(self, prefix: str) -> Iterator[str]:
        return (found.key for found in self.list_objects(prefix))

    def list_folders(self, prefix: str) -> list[str]:
        self._answer()
        rest = (key.removeprefix(prefix).partition("/") for key in self.list_keys(prefix))
        return sorted({f"{prefix}{folder}/" for folder, slash, _ in rest if slash})

    def read(self, key: str) -> bytes:
        self._answer()
        if (key, "1") not in self.objects:
            raise ObjectMissingError(f"{key}: expected an object, found none")
        return self.objects[key, "1"][0]

    def read_record(self, record: StoredVersion) -> bytes:
        return self.read(record.key)

    def open_ranges(self, key: str) -> tuple[int, object]:
        body = self.read(key)
        return len(body), lambda first, count: body[first : first + count]

    # What the keeper of holds does.

    def list_versions(self, prefix: str) -> Iterator[StoredVersion]:
        self._answer()
        for (key, version), (body, at) in sorted(self.objects.items()):
            if key.startswith(prefix):
                yield StoredVersion(VersionName(self.bucket, key, version), len(body), at)

    def hold_of(self, version: VersionName) -> bool:
        self._answer()
        return (version.key, version.version_id) in self.held

    def set_hold(self, version: VersionName, on: bool) -> None:
        self._answer()
        if f"refuses {'holds' if on else 'letting go'}" in self.faults:
            raise HoldNotKeptError(f"{version.key}: the store answered 403 AccessDenied")
        self._write()
        (self.held.add if on else self.held.discard)((version.key, version.version_id))

    def held_keys(self) -> set[str]:
        """The keys of which every version is held; that some are and some are not is a fault of its own."""
        keys = {key for key, _ in self.held}
        assert all(name in self.held for name in self.objects if name[0] in keys), "a version is not held as its key is"
        return keys


@cache
def rows_file(*texts: str, author: str = "did:plc:somebody") -> bytes:
    rows = [
        dict.fromkeys(ITEMS.names) | {"item_id": str(n), "row_state": "new", "text": text, "author_id": author}
        for n, text in enumerate(texts)
    ]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, ITEMS), buffer)
    return buffer.getvalue()


@dataclass
class Holding:
    """An agency with a vault and a second copy in memory."""

    vault: MemoryStore
    second: MemoryStore
    room: HoldRoom
    count: int = 0

    def capture(
        self, volume: str, *texts: str, account: str = "bluesky-city", series: str = "official-posts", **more: object
    ) -> SnapshotAddress:
        """Put a snapshot and a medium into *volume* of both copies, as capture and copying leave them."""
        self.count += 1
        address = VolumeAddress(SeriesId(series), AccountId(account), VolumeId(volume))
        begins = datetime(int(volume[:4]), int(volume[5:7]), 15, tzinfo=UTC) + timedelta(seconds=self.count)
        snapshot = SnapshotAddress(address, SnapshotId(f"{snapshot_stamp(begins)}-0123abcd"))
        author = str(more.pop("author", "did:plc:somebody"))
        for store in (self.vault, self.second):
            store.put(snapshot.key(PAGES), b"pages", **more)
            store.put(snapshot.key(ROWS), rows_file(*(texts or ("words",)), author=author), **more)
            store.put(address.media_key(f"{self.count:064x}"), b"a picture", **more)
            store.put(snapshot.key(MANIFEST), b"{}", **more)
        return snapshot

    def manifest(self, snapshot: SnapshotAddress) -> Manifest:
        media = snapshot.volume.media_key(f"{self.count:064x}")
        names = (snapshot.key(PAGES), snapshot.key(ROWS), media)
        sealed = (
            SealedObject(key=k, size_bytes=1, sha256="0" * 64, content_type="x", locked_until=UNTIL) for k in names
        )
        return build_manifest(snapshot, tuple(sealed), None)

    def fresh_room(self) -> HoldRoom:
        """The same stores as another process sees them."""
        return replace(self.room, register=HoldRegister(self.vault))

    def volume(self, snapshot: SnapshotAddress) -> set[str]:
        return {key for key, _ in self.vault.objects if key.startswith(snapshot.volume.prefix)}


@cache
def claremont() -> Agency:
    return open_agency(AgencyId(AGENCY), read_settings({}))


def open_holding(home: Path) -> Holding:
    settings = read_settings({"MUNIMENT_HOME": str(home)})
    vault, second = MemoryStore("vault"), MemoryStore("second")
    place = Workplace(settings, claremont(), vault)
    room = HoldRoom(place, vault, HoldRegister(vault), second=second, copy=second)
    return Holding(vault, second, room)
