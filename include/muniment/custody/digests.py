"""The digests that go with a body to the store, all taken in one reading of it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import md5, sha256


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


def take_digests(chunks: Iterable[bytes]) -> Digests:
    """Return the digests of *chunks* put together."""
    # MD5 proves nothing here; it is the one checksum that every store checks on arrival.
    strong, weak, size = sha256(), md5(usedforsecurity=False), 0
    for chunk in chunks:
        strong.update(chunk)
        weak.update(chunk)
        size += len(chunk)
    return Digests(size, strong.digest(), weak.digest())
