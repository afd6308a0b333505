"""`muniment.evidence.commitments.encode_value` for whole columns at once, in Arrow.

A part is bytes that every row shares, or a binary array with one value a row; the parts of a
row, put together, are its encoding. A null in an array counts as no bytes.
"""

from __future__ import annotations

import sys
from array import array
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from muniment.evidence.commitments import NULL, encode_value
from muniment.evidence.row_fields import ListOf, Scalar, StructOf, Type

Part = Any  # bytes or pa.BinaryArray
_NOTHING = b""


def encode_column(column: Any, kind: Type) -> list[Part]:
    """Return the parts that encode *column*, an array of *kind*."""
    if column.null_count == len(column):
        return [NULL]
    if pa.types.is_dictionary(column.type):
        return [_encode_words(column, kind)]
    if isinstance(kind, ListOf):
        return _encode_lists(column, kind)
    if isinstance(kind, StructOf):
        return _encode_structs(column, kind)
    if kind in {Scalar.TEXT, Scalar.BYTES}:
        values = column.cast(pa.binary())
        return [_tag(column, kind), swap_int32(pc.binary_length(values)), values]
    return [_tag(column, kind), _swap_int64(column)]


def join_parts(parts: list[Part], rows: int) -> Any:
    """Return the *parts* put together, a binary array of as many *rows*."""
    merged: list[Part] = []
    for shared, run in groupby(parts, lambda part: isinstance(part, bytes)):
        neighbours = list(run)
        merged += [_NOTHING.join(neighbours)] if shared else neighbours
    if all(isinstance(part, bytes) for part in merged):
        return pa.repeat(pa.scalar(_NOTHING.join(merged), pa.binary()), rows)
    return pc.binary_join_element_wise(*merged, _NOTHING, null_handling="replace", null_replacement=_NOTHING)


def _tag(column: Any, kind: Type) -> Part:
    letter = kind.encode() if isinstance(kind, Scalar) else b"L" if isinstance(kind, ListOf) else b"S"
    if column.null_count == 0:
        return letter
    return pc.if_else(column.is_valid(), pa.scalar(letter, pa.binary()), pa.scalar(NULL, pa.binary()))


def _encode_words(column: Any, kind: Type) -> Part:
    """Encode the few different values of *column* once each."""
    words = [encode_value(kind, word) for word in column.dictionary.to_pylist()]
    if len(words) == 1 and column.null_count == 0:
        return words[0]
    return pa.array(words, pa.binary()).take(column.indices).fill_null(NULL)


def _encode_lists(column: Any, kind: ListOf) -> list[Part]:
    counts = pc.list_value_length(column)
    elements = column.flatten()  # of this slice alone, without what nulls may hide
    if len(elements) == 0:
        return [_tag(column, kind), swap_int32(counts)]
    encoded = join_parts(encode_column(elements, kind.element), len(elements))
    ends = pc.cumulative_sum(counts.fill_null(0)).cast(pa.int32())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    return [
        _tag(column, kind),
        swap_int32(counts),
        pc.binary_join(pa.ListArray.from_arrays(offsets, encoded), _NOTHING),
    ]


def _encode_structs(column: Any, kind: StructOf) -> list[Part]:
    count = len(kind.members).to_bytes(4, "big")
    if column.null_count == 0:
        members = zip(column.flatten(), kind.members, strict=True)
        return [_tag(column, kind), count, *(part for one, (_, type_) in members for part in encode_column(one, type_))]
    whole = column.drop_null()
    encoded = join_parts(_encode_structs(whole, kind), len(whole))
    places = pc.if_else(column.is_valid(), pc.cumulative_sum(column.is_valid().cast(pa.int32())), None)
    return [encoded.take(pc.subtract(places, 1)).fill_null(NULL)]


def swap_int32(numbers: Any) -> Any:
    """Return int32 *numbers* as 4 bytes each, big-endian; null stays null."""
    return _swap(numbers, "i", 4)


def _swap_int64(numbers: Any) -> Any:
    return _swap(numbers.cast(pa.int64()), "q", 8)


def _swap(numbers: Any, code: str, width: int) -> Any:
    swapped = array(code)
    start = numbers.offset * width
    swapped.frombytes(memoryview(numbers.buffers()[1])[start : start + len(numbers) * width])
    if sys.byteorder == "little":
        swapped.byteswap()
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(numbers), [None, pa.py_buffer(swapped)])
    spelled = fixed.cast(pa.binary())
    return spelled if numbers.null_count == 0 else pc.if_else(numbers.is_valid(), spelled, None)
