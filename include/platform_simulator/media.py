"""Pictures: small, valid and always the same for a name."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

from platform_simulator.ids import chance
from platform_simulator.scenario import Medium

CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg"}


@lru_cache(maxsize=256)
def draw(name: str, medium: Medium) -> bytes:
    """Return the bytes of the picture *name*."""
    shade = _shades(name, (medium.width + 7) // 8)
    return _png(medium, shade) if medium.kind == "png" else _jpeg(medium, shade)


def _shades(name: str, columns: int) -> list[int]:
    """Return a brightness for each column of 8 pixels, 0 to 255."""
    return [chance("shade", name, str(column // 4)) % 160 + 48 for column in range(columns)]


def _png(medium: Medium, shades: list[int]) -> bytes:
    """Write columns of colour (ISO/IEC 15948): 8-bit RGB, no filter, no interlace."""
    row = b"\x00" + b"".join(bytes((shade, 255 - shade, (shade * 7) % 256)) for shade in shades for _ in range(8))
    row = row[: 1 + 3 * medium.width]
    header = struct.pack(">IIBBBBB", medium.width, medium.height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * medium.height, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _jpeg(medium: Medium, shades: list[int]) -> bytes:
    """Write grey blocks (ITU-T T.81, baseline): each block is one DC coefficient and an end of block.

    The one Huffman table of nine codes gives 4 bits to each size of difference, 0 to 8; the end of
    block is the only AC code, one bit long.
    """
    segments = (
        (0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
        (0xDB, b"\x00" + bytes([8]) * 64),
        (0xC0, struct.pack(">BHHB", 8, medium.height, medium.width, 1) + b"\x01\x11\x00"),
        (0xC4, b"\x00" + bytes([0, 0, 0, 9] + [0] * 12) + bytes(range(9))),
        (0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\x00"),
        (0xDA, b"\x01\x01\x00\x00\x3f\x00"),
    )
    head = b"".join(struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body for kind, body in segments)
    bits = "".join(_row_bits(shades, first=row == 0) for row in range((medium.height + 7) // 8))
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    return b"\xff\xd8" + head + scan + b"\xff\xd9"


def _row_bits(shades: list[int], *, first: bool) -> str:
    # A DC coefficient, quantised by 8, is the block's mean less 128; differences run on over the rows.
    levels = [shade - 128 for shade in shades]
    before = [0 if first else levels[-1], *levels[:-1]]
    return "".join(_difference_bits(level - last) + "0" for level, last in zip(levels, before, strict=True))


def _difference_bits(difference: int) -> str:
    size = abs(difference).bit_length()
    value = difference if difference > 0 else difference + (1 << size) - 1
    return f"{size:04b}" + (f"{value:0{size}b}" if size else "")
