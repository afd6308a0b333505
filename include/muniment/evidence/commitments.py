"""Salted commitments to the fields of a row, and the row's leaf: ``muniment.rows/1``, docs/spec/commitments.md.

Slow and plain, one value at a time. What hashes whole files is `muniment.tables.row_commitments`;
a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from muniment.errors import ProofError
from muniment.evidence.merkle import leaf_hash
from muniment.evidence.row_fields import SCHEME, Field, ListOf, Scalar, StructOf, Type, fields_of

SECRET_BYTES, KEY_BYTES = 32, 16
NULL = b"\x00"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class State(StrEnum):
    """What a field is, said in the open."""

    NULL = "n"  # none of its columns has a value
    EMPTY = "e"  # its one column is a text without characters or a list without elements
    VALUE = "v"  # it is committed to


def encode_value(kind: Type, value: object) -> bytes:
    """Encode *value* so that no two different values, and no two types, encode alike.

    A struct is a mapping by the names of its members; an instant is an aware time.

    Raises:
        ProofError: *value* is not of *kind*.
    """
    if value is None:
        return NULL
    if isinstance(kind, ListOf) and isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return b"L" + _count(value) + b"".join(encode_value(kind.element, item) for item in value)
    if isinstance(kind, StructOf) and isinstance(value, Mapping):
        _check_names(value, kind.members)
        parts = [encode_value(member, value[name]) for name, member in kind.members]
        return b"S" + _count(parts) + b"".join(parts)
    if isinstance(kind, Scalar):
        return kind.encode() + _encode_scalar(kind, value)
    raise ProofError(f"commitments: expected a {type(kind).__name__}, found {type(value).__name__}")


def _encode_scalar(kind: Scalar, value: object) -> bytes:
    # A truth value is an integer to Python, and not to us.
    if kind is Scalar.TEXT and isinstance(value, str):
        encoded = value.encode()
        return _count(encoded) + encoded
    if kind is Scalar.BYTES and isinstance(value, bytes):
        return _count(value) + value
    if kind is Scalar.NUMBER and isinstance(value, int) and not isinstance(value, bool):
        return value.to_bytes(8, "big", signed=True)
    if kind is Scalar.INSTANT and isinstance(value, datetime) and value.tzinfo is not None:
        return ((value - EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big", signed=True)
    raise ProofError(f"commitments: expected {kind.name.lower()}, found {type(value).__name__}")


def _count(value: Sequence[object]) -> bytes:
    return len(value).to_bytes(4, "big")


def _check_names(given: Mapping[str, object], wanted: Sequence[tuple[str, Type]]) -> None:
    expected = {name for name, _ in wanted}
    if given.keys() != expected:
        raise ProofError(f"commitments: expected {', '.join(sorted(expected))}, found {', '.join(sorted(given))}")


def derive_key(secret: bytes, field: int, row: int) -> bytes:
    """Return the key (16 bytes) of field number *field* of row number *row* of a run, both from 0.

    AES-256 of the two numbers under the run's *secret* (32 bytes): who has one key knows no other.
    """
    block = field.to_bytes(8, "big") + row.to_bytes(8, "big")
    encryptor = Cipher(AES256(secret), ECB()).encryptor()  # noqa: S305 - each block but once
    return encryptor.update(block) + encryptor.finalize()


def field_label(schema: str, field: Field) -> bytes:
    """Return what a field's hashed bytes begin with."""
    return b"".join(encode_value(Scalar.TEXT, part) for part in (f"{SCHEME} field", schema, field.name))


def row_label(schema: str) -> bytes:
    """Return what a row's entry begins with."""
    return b"".join(encode_value(Scalar.TEXT, part) for part in (f"{SCHEME} row", schema))


def state_of(field: Field, values: Mapping[str, object]) -> State:
    """Return what *field* is in a row with *values* by column.

    Raises:
        ProofError: a column is missing.
    """
    found = [value for _, value in _pick(field, values)]
    if all(value is None for value in found):
        return State.NULL
    only = found[0] if len(found) == 1 else None
    return State.EMPTY if isinstance(only, Sequence) and not only else State.VALUE


def commit_field(schema: str, field: Field, key: bytes, values: Mapping[str, object]) -> bytes:
    """Return the commitment (32 bytes) to the columns of *field* among *values*, under *key*.

    Raises:
        ProofError: the key has another length, a column is missing or has a value of another type.
    """
    if len(key) != KEY_BYTES:
        raise ProofError(f"field {field.name}: expected a key of {KEY_BYTES} bytes, found {len(key)}")
    encoded = b"".join(encode_value(kind, value) for kind, value in _pick(field, values))
    return sha256(field_label(schema, field) + key + encoded).digest()


def _pick(field: Field, values: Mapping[str, object]) -> list[tuple[Type, object]]:
    if missing := [name for name, _ in field.columns if name not in values]:
        raise ProofError(f"field {field.name}: expected its columns, found no {', '.join(missing)}")
    return [(kind, values[name]) for name, kind in field.columns]


def hash_row(schema: str, states: Sequence[State], commitments: Sequence[bytes]) -> bytes:
    """Return the leaf hash of a row: *states* of all fields, *commitments* of those that have a value.

    Raises:
        ProofError: there are more or fewer than the schema and the states say.
    """
    if len(states) != len(fields_of(schema)) or len(commitments) != states.count(State.VALUE):
        raise ProofError(f"row of {schema}: expected its fields, found {len(states)} and {len(commitments)} hashes")
    return leaf_hash(row_label(schema) + "".join(states).encode() + b"".join(commitments))


def commit_row(schema: str, secret: bytes, row: int, values: Mapping[str, object]) -> bytes:
    """Return the leaf hash of the row with *values* by column, number *row* of the run with *secret*.

    Raises:
        ProofError: a column is missing or has a value of another type.
    """
    states, commitments = [], []
    for number, field in enumerate(fields_of(schema)):
        states.append(state_of(field, values))
        if states[-1] is State.VALUE:
            commitments.append(commit_field(schema, field, derive_key(secret, number, row), values))
    return hash_row(schema, states, commitments)
