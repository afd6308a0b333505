"""The bodies that a file of pages holds, found by their hash."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from muniment.errors import ParseError
from muniment.tables.pages_file import check_body
from muniment.tables.parquet import open_parquet
from muniment.tables.schemas import PAGES


class HeldBodies:
    """The bodies that one file of pages holds, by their hash; keeps one row group in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = open_parquet(path, PAGES)
        self._places: dict[bytes, tuple[int, int]] = {}
        self._group: tuple[int, Any] = (-1, None)
        for group in range(self._file.metadata.num_row_groups):
            table = self._file.read_row_group(group, columns=["body_sha256", "body_snapshot"])
            pairs = zip(table[0].to_pylist(), table[1].to_pylist(), strict=True)
            self._places |= {digest: (group, row) for row, (digest, holder) in enumerate(pairs) if holder is None}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def find(self, digest: bytes) -> bytes:
        """Return the body whose SHA-256 is *digest* (32 bytes).

        Raises:
            ParseError: the file does not hold it.
            ChecksumError: what it holds is another body.
        """
        if digest not in self._places:
            raise ParseError(f"{self._path}: expected a body of SHA-256 {digest.hex()}, found none")
        group, row = self._places[digest]
        if self._group[0] != group:
            self._group = (group, self._file.read_row_group(group, columns=["body"])[0])
        body = bytes(self._group[1][row].as_py())
        check_body(body, digest, self._path.name)
        return body


def find_body(path: Path, digest: bytes) -> bytes:
    """Return the one body whose SHA-256 is *digest* from the file at *path*; see `HeldBodies.find`."""
    with HeldBodies(path) as bodies:
        return bodies.find(digest)
