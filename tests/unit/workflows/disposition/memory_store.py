"""A bucket in memory, as the vault and the shredder see it, that can stop dead at any write or delete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from muniment.custody.shredder import Destroyed, Outcome
from muniment.custody.versions import StoredVersion, VersionName
from muniment.errors import (
    AlreadySealedError,
    HeldError,
    ObjectMissingError,
    StillLockedError,
    StoreUnavailableError,
)
from muniment.evidence.digest import sha256_hex
from muniment.evidence.manifest import SealedObject
from muniment.records.names import format_instant


class Killed(BaseException):
    """The process died here."""


@dataclass
class Stored:
    """One version, or a delete marker where there is no body."""

    version_id: str
    body: bytes | None
    locked_until: datetime
    stored_at: datetime
    held: bool = False


@dataclass
class MemoryStore:
    """One bucket. `act` is called before and after every write and every delete; it may raise."""

    bucket: str
    clock: Callable[[], datetime]
    objects: dict[str, list[Stored]] = field(default_factory=dict)  # oldest first
    acts: list[str] = field(default_factory=list)
    act: Callable[[str], None] = lambda _what: None
    down: bool = False
    refuse: dict[str, str] = field(default_factory=dict)  # the store's code by key
    made: int = 0

    def did(self, what: str) -> None:
        self.acts.append(what)
        self.act(what)

    def answer(self) -> None:
        if self.down:
            raise StoreUnavailableError(f"{self.bucket}: expected an answer, found none")

    def put(self, key: str, body: bytes | None, until: datetime) -> Stored:
        self.made += 1
        stored = Stored(f"v{self.made:06}", body, until, self.clock())
        self.objects.setdefault(key, []).append(stored)
        return stored

    def under(self, prefix: str) -> Iterator[tuple[str, Stored]]:
        self.answer()
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield from ((key, stored) for stored in list(self.objects[key]))

    def find(self, version: VersionName) -> Stored | None:
        self.answer()
        return next((one for one in self.objects.get(version.key, []) if one.version_id == version.version_id), None)

    def snapshot(self, prefix: str = "records/") -> dict[tuple[str, str], bytes | None]:
        """Return every version under *prefix* with its bytes."""
        return {
            (key, stored.version_id): stored.body
            for key, versions in self.objects.items()
            if key.startswith(prefix)
            for stored in versions
        }


@dataclass
class MemoryVault:
    """What `custody.vault.Vault` is to the workflows."""

    store: MemoryStore
    endpoint: str = "http://memory.example"
    keeps_locks: bool = True

    @property
    def bucket(self) -> str:
        return self.store.bucket

    def seal_bytes(self, key: str, body: bytes, *, lock_until: datetime, content_type: str) -> SealedObject:
        self.store.answer()
        known = self.store.objects.get(key)
        if known and known[0].body != body:
            raise AlreadySealedError(f"{key}: expected no object or the same, found another")
        if not known:
            self.store.did(f"before sealing {key}")
            self.store.put(key, body, lock_until)
            self.store.did(f"after sealing {key}")
        return SealedObject(
            key=key,
            size_bytes=len(body),
            sha256=sha256_hex(body),
            content_type=content_type,
            locked_until=format_instant(lock_until),
        )

    def list_objects(self, prefix: str) -> Iterator[StoredVersion]:
        seen = set()
        for key, stored in self.store.under(prefix):
            if stored.body is not None and key not in seen:
                seen.add(key)
                yield self._tell(key, stored)

    def list_versions(self, prefix: str) -> Iterator[StoredVersion]:
        return (self._tell(key, stored) for key, stored in self.store.under(prefix))

    def list_keys(self, prefix: str) -> Iterator[str]:
        return (one.key for one in self.list_objects(prefix))

    def list_folders(self, prefix: str) -> list[str]:
        found = {key[len(prefix) :].partition("/")[0] for key, _ in self.store.under(prefix)}
        return sorted(f"{prefix}{name}/" for name in found)

    def read(self, key: str) -> bytes:
        self.store.answer()
        body = next((one.body for one in self.store.objects.get(key, []) if one.body is not None), None)
        if body is None:
            raise ObjectMissingError(f"{key}: expected an object, found none")
        return body

    def read_record(self, record: StoredVersion) -> bytes:
        return self.read(record.key)

    def read_chunks(self, key: str) -> Iterator[bytes]:
        yield self.read(key)

    def lock_of(self, key: str) -> None:
        return None

    def find_hidden(self, prefix: str) -> tuple[tuple[str, str], ...]:
        return ()

    def _tell(self, key: str, stored: Stored) -> StoredVersion:
        name = VersionName(self.bucket, key, stored.version_id)
        return StoredVersion(name, len(stored.body or b""), stored.stored_at, is_marker=stored.body is None)


@dataclass
class MemoryShredder:
    """What `custody.shredder.Shredder` is to the workflows: it deletes one version after another."""

    store: MemoryStore

    @property
    def bucket(self) -> str:
        return self.store.bucket

    def list_versions(self, prefix: str) -> Iterator[StoredVersion]:
        return MemoryVault(self.store).list_versions(prefix)

    def check(self, version: VersionName) -> None:
        stored = self.store.find(version)
        if stored is None:
            raise ObjectMissingError(f"{version.key}: found none")
        if stored.body is not None and stored.locked_until > self.store.clock():
            raise StillLockedError(f"{version.key}: locked")
        if stored.held:
            raise HeldError(f"{version.key}: held")

    def destroy(self, versions: Sequence[VersionName]) -> tuple[Destroyed, ...]:
        return tuple(map(self._destroy, versions))

    def is_absent(self, version: VersionName) -> bool:
        return self.store.find(version) is None

    def _destroy(self, version: VersionName) -> Destroyed:
        try:
            self.check(version)
        except ObjectMissingError:
            return Destroyed(version, Outcome.ABSENT)
        except StillLockedError:
            return Destroyed(version, Outcome.REFUSED, "locked")
        except HeldError:
            return Destroyed(version, Outcome.REFUSED, "held")
        if version.key in self.store.refuse:
            return Destroyed(version, Outcome.REFUSED, self.store.refuse[version.key])
        self.store.did(f"before deleting {version.key} {version.version_id}")
        left = [one for one in self.store.objects[version.key] if one.version_id != version.version_id]
        self.store.objects[version.key] = left
        if not left:
            del self.store.objects[version.key]
        self.store.did(f"after deleting {version.key} {version.version_id}")
        return Destroyed(version, Outcome.DELETED)


@dataclass
class Clock:
    """A clock that stands until it is moved, a microsecond at each look, so that no two events fall together."""

    at: datetime = datetime(2027, 1, 10, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)
