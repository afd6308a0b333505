"""SHA-256, of bytes and of files too large for memory."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

CHUNK_BYTES = 1 << 20


def sha256_hex(body: bytes) -> str:
    """Return the SHA-256 of *body*, 64 lower hex digits."""
    return sha256(body).hexdigest()


def sha256_of_chunks(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Return the SHA-256 (64 lower hex digits) and the size in bytes of *chunks* put together."""
    digest, size = sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def read_chunks(path: Path) -> Iterable[bytes]:
    """Yield the bytes of the file at *path*, a mebibyte at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
