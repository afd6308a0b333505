"""A vault that asks the store for a sealed object once: what is sealed under a lock is the same the next time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.evidence.manifest import SealedObject


class RememberingVault(Vault):
    """A vault for one process that lives a month: half of a month's time would go into reading the same again.

    Only what was read from the store is remembered, never what was sent to it, nor that something is not there.
    """

    def __init__(self, vault: Vault) -> None:
        super().__init__(vault._client, vault.bucket)
        self._records: dict[str, StoredVersion] = {}
        self._found: dict[str, SealedObject] = {}
        self._bodies: dict[str, bytes] = {}

    def find(self, key: str) -> SealedObject | None:
        """Do as `Vault.find`."""
        if key not in self._found:
            found = super().find(key)
            if found is None:
                return None
            self._found[key] = found
        return self._found[key]

    def read_chunks(self, key: str) -> Iterator[bytes]:
        """Do as `Vault.read_chunks`."""
        if key not in self._bodies:
            self._bodies[key] = b"".join(super().read_chunks(key))
        yield self._bodies[key]

    def download(self, key: str, path: Path) -> None:
        """Do as `Vault.download`."""
        if key not in self._bodies:
            super().download(key, path)
            self._bodies[key] = path.read_bytes()
        else:
            path.write_bytes(self._bodies[key])

    def _record(self, key: str) -> StoredVersion:
        if key not in self._records:
            self._records[key] = super()._record(key)
        return self._records[key]
