"""Thrift's compact protocol, as far as the footer of a Parquet file speaks it: values in, the same bytes out.

Protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. A struct is
a list of its fields in order; what a field means is the reader's business, so that fields of
later versions of the format pass through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from muniment.errors import ParseError

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, _MAP, STRUCT = range(1, 13)
_NUMBERS = frozenset((I16, I32, I64))


@dataclass(slots=True)
class Field:
    """A field of a struct: its number, its wire type, its value.

    A struct's value is a list of fields, a list's the type of its elements and these, a
    boolean's is in its type.
    """

    number: int
    type: int
    value: Any


Struct = list[Field]


def find_field(struct: Struct, number: int) -> Field | None:
    """Return the field *number* of *struct*, or None."""
    return next((field for field in struct if field.number == number), None)


def read_struct(data: bytes) -> Struct:
    """Read the struct that *data* is.

    Raises:
        ParseError: it is none, or something follows it.
    """
    reader = _Reader(data)
    try:
        struct = reader.read(STRUCT)
    except (IndexError, RecursionError):
        raise ParseError("thrift: expected a whole struct, found it cut off") from None
    if reader.at != len(data):
        raise ParseError(f"thrift: expected a struct of {len(data)} bytes, found it to end after {reader.at}")
    return struct  # type: ignore[no-any-return]


def write_struct(struct: Struct) -> bytes:
    """Spell *struct*."""
    out = bytearray()
    _write(out, STRUCT, struct)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def read(self, kind: int) -> Any:
        if kind in _NUMBERS:
            return self._number()
        if kind == STRUCT:
            return self._struct()
        if kind == BINARY:
            return self._take(self._varint())
        if kind in (LIST, SET):
            return self._list()
        if kind in (TRUE, FALSE, BYTE):
            return self._take(1)
        if kind == DOUBLE:
            return self._take(8)
        raise ParseError(f"thrift: expected a type that Parquet uses, found {kind}")

    def _struct(self) -> Struct:
        fields: Struct = []
        number = 0
        while head := self._take(1)[0]:
            number = number + (head >> 4) if head >> 4 else self._number()
            kind = head & 15
            fields.append(Field(number, kind, None if kind in (TRUE, FALSE) else self.read(kind)))
        return fields

    def _list(self) -> tuple[int, list[Any]]:
        head = self._take(1)[0]
        size = self._varint() if head >> 4 == 15 else head >> 4
        return head & 15, [self.read(head & 15) for _ in range(size)]

    def _number(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def _take(self, size: int) -> bytes:
        taken = self._data[self.at : self.at + size]
        if len(taken) != size:
            raise IndexError
        self.at += size
        return taken


def _write(out: bytearray, kind: int, value: Any) -> None:
    if kind in _NUMBERS:
        _write_varint(out, value << 1 if value >= 0 else ~(value << 1))
    elif kind == STRUCT:
        _write_fields(out, value)
    elif kind == BINARY:
        _write_varint(out, len(value))
        out += value
    elif kind in (LIST, SET):
        _write_list(out, *value)
    else:
        out += value


def _write_fields(out: bytearray, struct: Struct) -> None:
    before = 0
    for field in struct:
        step = field.number - before
        if 0 < step < 16:
            out.append(step << 4 | field.type)
        else:
            out.append(field.type)
            _write(out, I16, field.number)
        if field.type not in (TRUE, FALSE):
            _write(out, field.type, field.value)
        before = field.number
    out.append(0)


def _write_list(out: bytearray, kind: int, values: list[Any]) -> None:
    if len(values) < 15:
        out.append(len(values) << 4 | kind)
    else:
        out.append(0xF0 | kind)
        _write_varint(out, len(values))
    for value in values:
        _write(out, kind, value)


def _write_varint(out: bytearray, value: int) -> None:
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
