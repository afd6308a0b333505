"""`muniment.evidence.commitments.commit_row` for whole batches of rows at once."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from itertools import pairwise, repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from muniment.evidence.commitments import KEY_BYTES, State, field_label, row_label
from muniment.evidence.row_fields import Field, ListOf, Scalar, fields_of
from muniment.tables.encoded_columns import Part, encode_column, join_parts

_LEAF = b"\x00"  # RFC 9162 section 2.1.1
_VALUE, _NULL, _EMPTY = (state.encode() for state in (State.VALUE, State.NULL, State.EMPTY))
_LONG_BYTES = 512  # from which a view is quicker than a copy


def hash_batch(batch: Any, schema: str, secret: bytes, row: int) -> list[bytes]:
    """Return the leaf hash of each row of *batch*, a record batch of rows of *schema*.

    *row* is the number of its first row in the run with *secret*.
    """
    states: list[Part] = []
    commitments: list[Iterable[bytes]] = []
    for number, field in enumerate(fields_of(schema)):
        columns = [batch.column(name) for name, _ in field.columns]
        state = _states(field, columns)
        states.append(state)
        commitments.append(_commit(schema, field, columns, state, _derive_keys(secret, number, row, len(batch))))
    heads = _join_heads(_LEAF + row_label(schema), states, len(batch))
    # The heads alone say how many rows there are, where no field of a batch has a value.
    return [sha256(entry).digest() for entry in map(b"".join, zip(heads, *commitments, strict=False))]


def _join_heads(label: bytes, states: list[Part], rows: int) -> list[bytes]:
    if all(isinstance(state, bytes) for state in states):
        return [label + b"".join(states)] * rows
    heads: list[bytes] = join_parts([label, *states], rows).to_pylist()
    return heads


def _derive_keys(secret: bytes, field: int, row: int, rows: int) -> Any:
    # CTR counts on from its first block, as rows do: NIST SP 800-38A, section 6.5 and appendix B.1.
    block = field.to_bytes(8, "big") + row.to_bytes(8, "big")
    keys = Cipher(AES256(secret), CTR(block)).encryptor().update(bytes(KEY_BYTES * rows))
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(KEY_BYTES), rows, [None, pa.py_buffer(keys)])
    return fixed.cast(pa.binary())


def _states(field: Field, columns: list[Any]) -> Part:
    """Return the state of *field* in each row: bytes where it is one for all, or else an array."""
    first, only = columns[0], len(columns) == 1
    if only and _is_empty_throughout(field, first):
        return _EMPTY
    empty = _find_empty(field, first) if only else None
    if empty is None and any(column.null_count == 0 for column in columns):
        return _VALUE
    states = pa.scalar(_VALUE, pa.binary())
    if empty is not None:
        states = pc.if_else(empty, pa.scalar(_EMPTY, pa.binary()), states)
    missing = first.is_null()
    for column in columns[1:]:
        missing = pc.and_(missing, column.is_null())
    states = pc.if_else(missing, pa.scalar(_NULL, pa.binary()), states)
    different = pc.unique(states)
    return different[0].as_py() if len(different) == 1 else states


def _is_empty_throughout(field: Field, column: Any) -> bool:
    return isinstance(field.columns[0][1], ListOf) and column.null_count == 0 and len(column.flatten()) == 0


def _find_empty(field: Field, column: Any) -> Any:
    """Return in which rows the only column of a field is empty (null counts as not), or None where in none."""
    kind = field.columns[0][1]
    if kind in {Scalar.NUMBER, Scalar.INSTANT}:
        return None
    lengths = pc.list_value_length(column) if isinstance(kind, ListOf) else pc.binary_length(column)
    return pc.equal(lengths, 0).fill_null(False) if pc.min(lengths).as_py() == 0 else None


def _commit(schema: str, field: Field, columns: list[Any], state: Part, keys: Any) -> Iterable[bytes]:
    """Return the commitment to *field* in each row, no bytes where it has no value."""
    if isinstance(state, bytes):
        return _hash_field(schema, field, columns, keys) if state == _VALUE else repeat(b"")
    there = pc.equal(state, _VALUE)
    found = iter(_hash_field(schema, field, [column.filter(there) for column in columns], keys.filter(there)))
    return [next(found) if one else b"" for one in there.to_pylist()]


def _hash_field(schema: str, field: Field, columns: list[Any], keys: Any) -> list[bytes]:
    parts: list[Part] = [field_label(schema, field), keys]
    for column, (_, kind) in zip(columns, field.columns, strict=True):
        parts += encode_column(column, kind)
    return _hash_values(join_parts(parts, len(keys)))


def _hash_values(values: Any) -> list[bytes]:
    if values.nbytes < _LONG_BYTES * len(values):
        return [sha256(value).digest() for value in values.to_pylist()]
    ends = memoryview(values.buffers()[1]).cast("i")[values.offset : values.offset + len(values) + 1]
    held = memoryview(values.buffers()[2])
    return [sha256(held[low:high]).digest() for low, high in pairwise(ends)]
