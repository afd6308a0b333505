"""The digests that go with a body to the store."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest, md5, sha256
from pathlib import Path
from typing import Any

from muniment.errors import ChecksumError


@dataclass(frozen=True, slots=True)
class Digests:
    """The size and the digests of a body. Raw digests, 32 and 16 bytes."""

    size_bytes: int
    sha256: bytes
    md5: bytes

    @property
    def sha256_hex(self) -> str:
        """Return the SHA-256 as 64 lower hex digits."""
        return self.sha256.hex()

    @property
    def sha256_base64(self) -> str:
        """Return the SHA-256 as header ``x-amz-checksum-sha256`` spells it (AWS S3 API, PutObject)."""
        return b64encode(self.sha256).decode("ascii")

    @property
    def md5_base64(self) -> str:
        """Return the MD5 as header ``Content-MD5`` spells it (RFC 1864)."""
        return b64encode(self.md5).decode("ascii")


class RunningDigests:
    """Takes the digests of bytes as they come by."""

    def __init__(self) -> None:
        # MD5 proves nothing here; it is the one checksum that every store checks on arrival.
        self._strong, self._weak, self._size = sha256(), md5(usedforsecurity=False), 0

    def update(self, chunk: bytes) -> None:
        """Take *chunk*, which comes next."""
        self._strong.update(chunk)
        self._weak.update(chunk)
        self._size += len(chunk)

    def result(self) -> Digests:
        """Return the digests of all chunks put together."""
        return Digests(self._size, self._strong.digest(), self._weak.digest())


def take_digests(chunks: Iterable[bytes]) -> Digests:
    """Return the digests of *chunks* put together."""
    running = RunningDigests()
    for chunk in chunks:
        running.update(chunk)
    return running.result()


def take_file_digests(path: Path) -> Digests:
    """Return the digests of the file at *path*, each taken in a thread of its own.

    Raises:
        ChecksumError: the file grew or shrank meanwhile.
    """
    with ThreadPoolExecutor(1, "md5") as thread:
        weak = thread.submit(_digest_file, path, partial(md5, usedforsecurity=False))
        size, strong = _digest_file(path, sha256)
        weak_size, weak_digest = weak.result()
    if size != weak_size:
        raise ChecksumError(f"{path.name}: expected a file that stands still, found {size} and {weak_size} bytes")
    return Digests(size, strong, weak_digest)


def _digest_file(path: Path, kind: Callable[[], Any]) -> tuple[int, bytes]:
    with path.open("rb") as file:
        digest = file_digest(file, kind)
        return file.tell(), digest.digest()
