"""Parquet files of one schema put end to end: row groups are copied as they lie, and a footer names their new places.

Format: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from muniment.errors import ParseError
from muniment.tables.parquet import new_file
from muniment.tables.thrift import BINARY, STRUCT, Field, Struct, find_field, read_struct, write_struct

_MAGIC = b"PAR1"
_TAIL_BYTES = 8  # length of the footer, then the magic
_COPY_BYTES = 1 << 20

# parquet.thrift: FileMetaData, RowGroup, ColumnChunk, ColumnMetaData, KeyValue.
_SCHEMA, _NUM_ROWS, _ROW_GROUPS, _KEY_VALUES = 2, 3, 4, 5
_COLUMNS, _GROUP_OFFSET, _ORDINAL = 1, 5, 7
_CHUNK_METADATA = 3
_CHUNK_OFFSETS = (2, 4, 6)  # of the metadata (0: nowhere else), of the offset index, of the column index
_PAGE_OFFSETS = (9, 10, 11, 14)  # of the data, the index and the dictionary pages, of the Bloom filter
_KEY, _VALUE = 1, 2


class JoinedFile:
    """The file at *path* made of parts, each taken over as soon as it is whole.

    The file takes its name when the ``with`` block ends well; it does not wait for the disk.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._footer: Struct | None = None
        self._groups: list[Struct] = []
        self._rows = 0
        self._notes: dict[str, str] = {}

    def __enter__(self) -> Self:
        part = self._stack.enter_context(new_file(self._path, passing=True))
        self._out: BinaryIO = self._stack.enter_context(part.open("wb"))
        self._out.write(_MAGIC)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            self._finish()

    def append(self, part: Path) -> None:
        """Copy the rows of the file *part* behind those that are there.

        Raises:
            ParseError: it is no whole Parquet file, or not of the schema of the part before.
        """
        with part.open("rb") as file:
            footer, end = _read_footer(file, part)
            self._take_footer(footer, part, self._out.tell() - len(_MAGIC))
            file.seek(len(_MAGIC))
            while left := end - file.tell():
                self._out.write(file.read(min(left, _COPY_BYTES)))

    def state(self, notes: Mapping[str, str]) -> None:
        """Give the file the metadata keys *notes*, instead of those of the same name in its first part."""
        self._notes |= notes

    def _take_footer(self, footer: Struct, part: Path, shift: int) -> None:
        if self._footer is None:
            self._footer = footer
        elif _value(footer, _SCHEMA) != _value(self._footer, _SCHEMA):
            raise ParseError(f"{part}: expected the schema of the part before, found another")
        self._rows += _value(footer, _NUM_ROWS)
        for group in _value(footer, _ROW_GROUPS)[1]:
            _move_group(group, shift, len(self._groups))
            self._groups.append(group)

    def _finish(self) -> None:
        if self._footer is None:
            raise ParseError(f"{self._path}: expected at least one part, found none")
        _field(self._footer, _NUM_ROWS).value = self._rows
        _field(self._footer, _ROW_GROUPS).value = (STRUCT, self._groups)
        kept = [pair for pair in _value(self._footer, _KEY_VALUES)[1] if _value(pair, _KEY).decode() not in self._notes]
        _field(self._footer, _KEY_VALUES).value = (
            STRUCT,
            [*kept, *(_pair(key, text) for key, text in self._notes.items())],
        )
        spelled = write_struct(self._footer)
        self._out.write(spelled + len(spelled).to_bytes(4, "little") + _MAGIC)


def _read_footer(file: BinaryIO, path: Path) -> tuple[Struct, int]:
    """Return the footer of *file*, and where it begins."""
    size = file.seek(0, 2)
    file.seek(max(size - _TAIL_BYTES, 0))
    tail = file.read()
    end = size - _TAIL_BYTES - int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or end < len(_MAGIC):
        raise ParseError(f"{path}: expected a whole Parquet file, found another end")
    file.seek(end)
    return read_struct(file.read(size - _TAIL_BYTES - end)), end


def _move_group(group: Struct, shift: int, ordinal: int) -> None:
    """Say of *group* that it lies *shift* bytes further on, and is the file's *ordinal*-th from 0."""
    _move(group, (_GROUP_OFFSET,), shift)
    if (place := find_field(group, _ORDINAL)) is not None:
        place.value = ordinal
    for chunk in _value(group, _COLUMNS)[1]:
        _move(chunk, _CHUNK_OFFSETS, shift)
        _move(_value(chunk, _CHUNK_METADATA), _PAGE_OFFSETS, shift)


def _move(struct: Struct, numbers: tuple[int, ...], shift: int) -> None:
    for field in struct:
        if field.number in numbers and field.value:
            field.value += shift


def _value(struct: Struct, number: int) -> Any:
    return _field(struct, number).value


def _field(struct: Struct, number: int) -> Field:
    field = find_field(struct, number)
    if field is None:
        raise ParseError(f"Parquet footer: expected field {number}, found none")
    return field


def _pair(key: str, text: str) -> Struct:
    return [Field(_KEY, BINARY, key.encode()), Field(_VALUE, BINARY, text.encode())]
