"""DAG-CBOR and CIDs.

https://ipld.io/specs/codecs/dag-cbor/spec/ and https://atproto.com/specs/data-model
"""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

_DAG_CBOR, _RAW = 0x71, 0x55
Value: TypeAlias = "bool | int | str | bytes | list[Value] | dict[str, Value] | Cid | None"


@dataclass(frozen=True, slots=True)
class Cid:
    """A CIDv1 with a SHA-256 digest: 36 bytes."""

    raw: bytes

    def __str__(self) -> str:
        return "b" + b32encode(self.raw).decode().lower().rstrip("=")


def cid_of_block(block: bytes) -> Cid:
    """Return the CID of the DAG-CBOR bytes *block*."""
    return Cid(bytes((1, _DAG_CBOR, 0x12, 0x20)) + sha256(block).digest())


def cid_of_blob(blob: bytes) -> Cid:
    """Return the CID of the raw bytes *blob*."""
    return Cid(bytes((1, _RAW, 0x12, 0x20)) + sha256(blob).digest())


def encode(value: Value) -> bytes:
    """Encode *value*: shortest heads, map keys by length and then by bytes, links under tag 42."""
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(encode(one) for one in value)
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return _head(5, len(keys)) + b"".join(_text(key) + encode(value[key]) for key in keys)
    return _text(value) if isinstance(value, str) else _scalar(value)


def _scalar(value: bool | int | bytes | Cid | None) -> bytes:
    if isinstance(value, Cid):
        return b"\xd8\x2a" + _head(2, 37) + b"\x00" + value.raw
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    return _head(0, value) if value >= 0 else _head(1, -1 - value)


def to_json(value: Value) -> object:
    """Return *value* as the JSON form of the AT Protocol has it: links as ``{"$link": ...}``."""
    if isinstance(value, Cid):
        return {"$link": str(value)}
    if isinstance(value, list):
        return [to_json(one) for one in value]
    if isinstance(value, dict):
        return {key: to_json(one) for key, one in value.items()}
    return value


def varint(number: int) -> bytes:
    """Encode *number* as an unsigned LEB128."""
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _text(value: str) -> bytes:
    raw = value.encode()
    return _head(3, len(raw)) + raw


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes((major << 5 | number,))
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes((major << 5 | extra,)) + number.to_bytes(size, "big")
    raise ValueError(f"expected a number below 2**64, found {number}")
