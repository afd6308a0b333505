"""What verification reads from: a vault, or a folder copied from one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from muniment.errors import ObjectKeyError, ObjectMissingError
from muniment.evidence.digest import read_chunks
from muniment.evidence.locks import ObjectLock


class ObjectReader(Protocol):
    """Objects by key. `keeps_locks` tells whether `lock_of` can know."""

    @property
    def keeps_locks(self) -> bool:
        """Tell whether this place keeps Object Locks."""

    def list_keys(self, prefix: str) -> Iterable[str]:
        """Yield the keys that begin with *prefix*, sorted."""

    def read_chunks(self, key: str) -> Iterator[bytes]:
        """Yield the bytes of *key*.

        Raises:
            ObjectMissingError: there is no such object.
        """

    def lock_of(self, key: str) -> ObjectLock | None:
        """Return the lock on *key* as it stands now, or None when there is none."""

    def find_hidden(self, prefix: str) -> Iterable[tuple[str, str]]:
        """Yield each key under *prefix* of which an ordinary reader gets other bytes or none, and what hides it."""


class FolderReader:
    """A folder that holds objects under their keys. It keeps no locks, and says so."""

    keeps_locks = False

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def list_keys(self, prefix: str) -> Iterable[str]:
        """Yield the keys that begin with *prefix*, sorted."""
        files = (path for path in self._root.rglob("*") if path.is_file())
        keys = sorted(path.relative_to(self._root).as_posix() for path in files)
        return (key for key in keys if key.startswith(prefix))

    def read_chunks(self, key: str) -> Iterator[bytes]:
        """Yield the bytes of the file at *key*.

        Raises:
            ObjectKeyError: *key* leads out of the folder.
            ObjectMissingError: there is no such file.
        """
        path = Path(os.path.realpath(self._root / key))  # Path.resolve fails on links in a circle
        if not path.is_relative_to(self._root):
            raise ObjectKeyError(f"{key}: expected a file inside {self._root}, found that it leads out")
        if not path.is_file():
            raise ObjectMissingError(f"{key}: no such file under {self._root}")
        yield from read_chunks(path)

    def lock_of(self, key: str) -> ObjectLock | None:  # noqa: ARG002 - a folder has no locks
        """Return None: a folder has no locks."""
        return None

    def find_hidden(self, prefix: str) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - a folder has no versions
        """Return nothing: a file has one version."""
        return ()
