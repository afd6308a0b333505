"""A vault whose new objects lie in memory over a real one, and whose writer dies at its Nth write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion, VersionName
from muniment.errors import AlreadySealedError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.manifest import SealedObject
from muniment.records.names import format_instant


class Killed(BaseException):
    """The process died here."""


@dataclass
class OverlayVault:
    """Reads what *under* has; keeps what is sealed to itself. Dies before write number *at*, from 1."""

    under: Vault
    at: int = 0
    writes: int = 0
    kept: dict[str, tuple[bytes, SealedObject]] = field(default_factory=dict)
    keeps_locks: bool = False

    @property
    def bucket(self) -> str:
        return self.under.bucket

    @property
    def endpoint(self) -> str:
        return self.under.endpoint

    def seal_bytes(self, key: str, body: bytes, *, lock_until: datetime, content_type: str) -> SealedObject:
        self.writes += 1
        if self.writes == self.at:
            raise Killed
        before = self.find(key)
        if before is not None:
            if before.sha256 != sha256_hex(body):
                raise AlreadySealedError(f"{key}: expected the same bytes")
            return before
        sealed = SealedObject(
            key=key,
            size_bytes=len(body),
            sha256=sha256_hex(body),
            content_type=content_type,
            locked_until=format_instant(lock_until),
        )
        self.kept[key] = (body, sealed)
        return sealed

    def seal_file(self, key: str, path: Path, *, lock_until: datetime, content_type: str, **_: Any) -> SealedObject:
        return self.seal_bytes(key, path.read_bytes(), lock_until=lock_until, content_type=content_type)

    def find(self, key: str) -> SealedObject | None:
        return self.kept[key][1] if key in self.kept else self.under.find(key)

    def read(self, key: str) -> bytes:
        return self.kept[key][0] if key in self.kept else self.under.read(key)

    def read_chunks(self, key: str) -> Iterator[bytes]:
        yield self.read(key)

    def download(self, key: str, path: Path) -> None:
        path.write_bytes(self.read(key))

    def open_ranges(self, key: str) -> tuple[int, Callable[[int, int], bytes]]:
        body = self.read(key)
        return len(body), lambda first, size: body[first : first + size]

    def read_record(self, record: StoredVersion) -> bytes:
        return self.read(record.key)

    def download_record(self, record: StoredVersion, path: Path) -> None:
        self.download(record.key, path)

    def list_objects(self, prefix: str) -> Iterator[StoredVersion]:
        found = {record.key: record for record in self.under.list_objects(prefix)}
        for key, (body, _) in self.kept.items():
            if key.startswith(prefix):
                found[key] = StoredVersion(VersionName(self.bucket, key, "kept"), len(body), datetime.now(UTC))
        yield from (found[key] for key in sorted(found))

    def list_keys(self, prefix: str) -> Iterator[str]:
        return (record.key for record in self.list_objects(prefix))

    def list_folders(self, prefix: str) -> list[str]:
        rests = (key.removeprefix(prefix) for key in self.kept if key.startswith(prefix))
        mine = (f"{prefix}{rest.partition('/')[0]}/" for rest in rests if "/" in rest)
        return sorted({*mine, *self.under.list_folders(prefix)})

    def find_hidden(self, _prefix: str) -> Iterator[tuple[str, str]]:
        return iter(())

    def lock_of(self, _key: str) -> None:
        return None
