"""The column of bodies as Arrow takes it: copying a large one costs more than hashing it."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import groupby

import pyarrow as pa

_TYPE = pa.large_binary()
_LARGE_BYTES = 1 << 16  # below it, an array of its own costs more than a copy


def body_column(bodies: Iterable[bytes | None]) -> pa.ChunkedArray:
    """Return *bodies* in their order, the large ones lent and not copied."""
    chunks: list[pa.Array] = []
    for large, run in groupby(bodies, _is_large):
        found = list(run)
        chunks += map(_lend, found) if large else [pa.array(found, _TYPE)]
    return pa.chunked_array(chunks, _TYPE)


def _is_large(body: bytes | None) -> bool:
    return body is not None and len(body) >= _LARGE_BYTES


def _lend(body: bytes | None) -> pa.Array:
    # Apache Arrow, "Variable-size Binary Layout": no validity bitmap, the offsets 0 and length, the bytes.
    offsets = struct.pack("=qq", 0, len(body or b""))
    return pa.LargeBinaryArray.from_buffers(_TYPE, 1, [None, pa.py_buffer(offsets), pa.py_buffer(body)])
