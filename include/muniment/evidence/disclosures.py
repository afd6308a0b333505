"""A disclosure: some fields of one row, and what proves them to be in a snapshot; docs/spec/commitments.md.

What is withheld is a commitment, which says nothing to those who lack its key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muniment.errors import EvidenceError, ProofError
from muniment.evidence.commitments import (
    State,
    commit_field,
    derive_key,
    hash_row,
    state_of,
)
from muniment.evidence.merkle import HASH_BYTES, check_inclusion, inclusion_proof
from muniment.evidence.row_fields import SCHEME, Field, ListOf, Scalar, StructOf, Type, fields_of
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.names import format_instant, parse_instant

FORMAT = "muniment.disclosure/1"


@dataclass(frozen=True, slots=True)
class Shown:
    """A field's values by column, and the key that its commitment was made with."""

    key: bytes
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Withheld:
    """A field's commitment, without its key."""

    commitment: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """Row number *row* of a snapshot's *rows*; *fields* are those whose state says that they have a value."""

    schema: str
    row: int
    rows: int
    states: tuple[State, ...]
    fields: Mapping[str, Shown | Withheld]
    proof: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """Render the disclosure as canonical JSON.

        Raises:
            EvidenceError: a value is not of its column's type, or a number is past what JSON holds.
        """
        return canonical_json(
            {
                "format": FORMAT,
                "scheme": SCHEME,
                "schema": self.schema,
                "row": self.row,
                "rows": self.rows,
                "states": "".join(self.states),
                "fields": {
                    field.name: _spell(field, self.fields[field.name])
                    for field in fields_of(self.schema)
                    if field.name in self.fields
                },
                "proof": [digest.hex() for digest in self.proof],
            }
        )


def disclose(
    schema: str,
    values: Mapping[str, object],
    *,
    show: AbstractSet[str],
    secret: bytes,
    row_of_run: int,
    row: int,
    leaves: Sequence[bytes],
) -> Disclosure:
    """Show the fields *show* of row number *row* with *values* by column, and withhold its others.

    *secret* is the run's, *row_of_run* the row's number in it, *leaves* the hashes of all rows.

    Raises:
        ProofError: there is no such field or row, or the row is not the one that was committed to.
    """
    fields = fields_of(schema)
    if strange := show - {field.name for field in fields}:
        raise ProofError(f"disclosure: expected fields of {schema}, found {', '.join(sorted(strange))}")
    states = tuple(state_of(field, values) for field in fields)
    told: dict[str, Shown | Withheld] = {}
    for number, (field, state) in enumerate(zip(fields, states, strict=True)):
        if state is State.VALUE:
            key = derive_key(secret, number, row_of_run)
            picked = {name: values[name] for name, _ in field.columns}
            commitment = commit_field(schema, field, key, picked)
            told[field.name] = Shown(key, picked) if field.name in show else Withheld(commitment)
    disclosure = Disclosure(
        schema=schema,
        row=row,
        rows=len(leaves),
        states=states,
        fields=told,
        proof=tuple(inclusion_proof(leaves, row)),
    )
    if _find_leaf(disclosure) != leaves[row]:
        raise ProofError(f"disclosure: expected row {row} as it was committed to, found another")
    return disclosure


def check_disclosure(disclosure: Disclosure, *, rows: int, root: bytes) -> None:
    """Check that what *disclosure* shows stands in the snapshot whose manifest says *rows* and *root*.

    Raises:
        ProofError: it does not show it.
    """
    if disclosure.rows != rows:
        raise ProofError(f"disclosure: expected one of {rows} rows, found one of {disclosure.rows}")
    check_inclusion(_find_leaf(disclosure), disclosure.row, rows, root, disclosure.proof)


def _find_leaf(disclosure: Disclosure) -> bytes:
    fields = fields_of(disclosure.schema)
    with_value = [field for field, state in zip(fields, disclosure.states, strict=False) if state is State.VALUE]
    if {field.name for field in with_value} != disclosure.fields.keys():
        raise ProofError(f"disclosure: expected the fields that have a value, found {', '.join(disclosure.fields)}")
    commitments = [_find_commitment(disclosure.schema, field, disclosure.fields[field.name]) for field in with_value]
    return hash_row(disclosure.schema, disclosure.states, commitments)


def _find_commitment(schema: str, field: Field, told: Shown | Withheld) -> bytes:
    if isinstance(told, Withheld):
        if len(told.commitment) != HASH_BYTES:
            raise ProofError(f"field {field.name}: expected {HASH_BYTES} bytes, found {len(told.commitment)}")
        return told.commitment
    if state_of(field, told.values) is not State.VALUE:
        raise ProofError(f"field {field.name}: expected a value, as its state says, found none")
    return commit_field(schema, field, told.key, told.values)


def parse_disclosure(body: bytes) -> Disclosure:
    """Read a disclosure from its canonical bytes. Whether it proves anything, `check_disclosure` says.

    Raises:
        EvidenceError: the bytes are not canonical JSON of this format.
    """
    try:
        value = json.loads(body)
        if canonical_json(value) != body or (value["format"], value["scheme"]) != (FORMAT, SCHEME):
            raise ProofError(f"disclosure: expected canonical JSON of {FORMAT} and {SCHEME}, found other")
        return Disclosure(
            schema=value["schema"],
            row=_whole(value["row"]),
            rows=_whole(value["rows"]),
            states=tuple(State(letter) for letter in value["states"]),
            fields={
                field.name: _read(field, value["fields"][field.name])
                for field in fields_of(value["schema"])
                if field.name in value["fields"]
            },
            proof=tuple(bytes.fromhex(digest) for digest in value["proof"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ProofError(f"disclosure: a field is missing or malformed: {type(error).__name__}") from None


def _spell(field: Field, told: Shown | Withheld) -> JsonValue:
    if isinstance(told, Withheld):
        return {"commitment": told.commitment.hex()}
    values = {name: _to_json(kind, told.values[name]) for name, kind in field.columns}
    return {"key": told.key.hex(), "values": values}


def _read(field: Field, told: dict[str, Any]) -> Shown | Withheld:
    if told.keys() == {"commitment"}:
        return Withheld(bytes.fromhex(told["commitment"]))
    if told.keys() != {"key", "values"} or told["values"].keys() != {name for name, _ in field.columns}:
        raise ProofError(f"field {field.name}: expected a commitment, or a key and values, found {', '.join(told)}")
    values = {name: _from_json(kind, told["values"][name]) for name, kind in field.columns}
    return Shown(bytes.fromhex(told["key"]), values)


def _to_json(kind: Type, value: Any) -> JsonValue:
    if value is None:
        return None
    if isinstance(kind, ListOf):
        return [_to_json(kind.element, item) for item in value]
    if isinstance(kind, StructOf):
        return {name: _to_json(member, value[name]) for name, member in kind.members}
    if kind is Scalar.BYTES:
        return str(value.hex())
    return format_instant(value) if isinstance(value, datetime) else value


def _from_json(kind: Type, value: Any) -> object:
    if value is None:
        return None
    if isinstance(kind, ListOf):
        return [_from_json(kind.element, item) for item in value]
    if isinstance(kind, StructOf):
        members = dict(kind.members)
        return {name: _from_json(members[name], item) for name, item in value.items()}
    if kind is Scalar.BYTES:
        return bytes.fromhex(value)
    return parse_instant(value) if kind is Scalar.INSTANT else value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise EvidenceError(f"disclosure: expected a whole number, found {type(value).__name__}")
    return value
