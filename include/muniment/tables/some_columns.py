"""Copy of a Parquet file only the columns that are wanted; elsewhere the copy has holes.

A Parquet file ends in a footer that says where each column of each row group lies. The copy has
the length of the file and its bytes at their places, so that whoever reads these columns reads
what stands in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.errors import ParseError

ReadRange = Callable[[int, int], bytes]  # first byte, number of bytes

TAIL_BYTES = 1 << 20  # read first: most footers are shorter, and many files
GAP_BYTES = 4 << 20  # read rather than asked around: stores keep chunks of about as much, and read them whole
RANGE_BYTES = 16 << 20  # in memory at once
_TRAILER = 8  # length of the footer, then "PAR1"; Apache Parquet, "File format"


def copy_columns(read: ReadRange, size: int, path: Path, columns: Collection[str]) -> None:
    """Copy *columns* of the Parquet file of *size* bytes that *read* reads to *path*, and its footer.

    Raises:
        ParseError: it is no whole Parquet file.
        CustodyError: whatever *read* raises.
    """
    part = path.with_name(path.name + ".part")
    with part.open("w+b") as file:
        file.truncate(size)
        copied_from = _copy_end(read, size, file)
        file.flush()
        for first, end in _stretches(_read_footer(part, path), columns, copied_from):
            _copy(read, first, end, file)
    part.replace(path)


def _copy_end(read: ReadRange, size: int, file: BinaryIO) -> int:
    """Copy the last `TAIL_BYTES`, and more when the footer is longer; return the first byte copied."""
    first = max(0, size - TAIL_BYTES)
    tail = _copy(read, first, size, file)
    length = int.from_bytes(tail[-_TRAILER:-4], "little") + _TRAILER
    footer = max(0, size - length)
    _copy(read, footer, first, file)
    return min(first, footer)


def _copy(read: ReadRange, first: int, end: int, file: BinaryIO) -> bytes:
    piece = b""
    while first < end:
        piece = read(first, min(end - first, RANGE_BYTES))
        file.seek(first)
        file.write(piece)
        first += len(piece)
    return piece


def _read_footer(part: Path, path: Path) -> pq.FileMetaData:
    try:
        return pq.read_metadata(part)
    except (pa.ArrowException, OSError):
        raise ParseError(f"{path}: expected a whole Parquet file, found no footer") from None


def _stretches(footer: pq.FileMetaData, columns: Collection[str], end: int) -> Iterator[tuple[int, int]]:
    """Yield the first byte and the end of each stretch before *end* that holds some of *columns*."""
    first = last = 0
    for begins, ends in sorted(_places(footer, columns)):
        if begins - last > GAP_BYTES:
            yield first, min(last, end)
            first = begins
        last = max(last, ends)
    yield first, min(last, end)


def _places(footer: pq.FileMetaData, columns: Collection[str]) -> Iterator[tuple[int, int]]:
    for group in range(footer.num_row_groups):
        held = footer.row_group(group)
        for index in range(held.num_columns):
            column = held.column(index)
            if column.path_in_schema.split(".", 1)[0] in columns:
                begins = column.dictionary_page_offset or column.data_page_offset
                yield begins, begins + column.total_compressed_size
