"""Commitments to rows: what changes them, what does not give them away, and a second implementation that agrees."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, product
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ProofError
from muniment.evidence.commitments import commit_field, commit_row, derive_key, encode_value, hash_row
from muniment.evidence.merkle import root_of
from muniment.evidence.row_fields import FIELDS, Field, ListOf, Scalar, StructOf, Type
from tests.second_implementation import row_commitments as second

VECTORS = Path(__file__).parents[2] / "vectors" / "ours"
DOCUMENT = Path(__file__).parents[3] / "docs" / "spec" / "commitments.md"
SECRET = bytes(range(32))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
Row = dict[str, Any]


def row(**fields: object) -> Row:
    values: Row = dict.fromkeys((name for field in FIELDS["items/1"] for name, _ in field.columns), None)
    values |= {"item_id": "i1", "row_state": "new", "content_sha256": b"\1" * 32, "kind": "post", "url": "https://a/1"}
    values |= {"author_id": "did:1", "author_name": "Ann", "published_at": NOON, "text": "Main broken", "links": []}
    return values | {"media": [], "versions": [], "like_count": 3, "page": 0, "raw": "{}"} | fields


def root(*rows: Row) -> bytes:
    return root_of([commit_row("items/1", SECRET, number, one) for number, one in enumerate(rows)])


MEDIUM = {"media_id": "m", "url": "u", "kind": "image", "alt": None}
CHANGES: dict[str, Callable[[Row, Row], list[Row]]] = {
    "a changed value": lambda one, two: [one | {"text": "Main mended"}, two],
    "a changed number": lambda one, two: [one | {"like_count": 4}, two],
    "a time a microsecond later": lambda one, two: [one | {"published_at": NOON + timedelta(microseconds=1)}, two],
    "empty instead of null": lambda one, two: [one | {"language": ""}, two],
    "null instead of empty": lambda one, two: [one | {"links": None}, two],
    "null instead of an empty list, alone in its field": lambda one, two: [one | {"media": None}, two],
    "an empty text alone in its field": lambda one, two: [one, two | {"item_id": ""}],
    "null instead of zero": lambda one, two: [one | {"page": None}, two],
    "two columns exchanged": lambda one, two: [one | {"url": one["author_id"], "author_id": one["url"]}, two],
    "two fields exchanged": lambda one, two: [one | {"text": one["item_id"], "item_id": one["text"]}, two],
    "a moved boundary": lambda one, two: [one | {"url": "https://a/1d", "author_id": "id:1"}, two],
    "a value moved to the column beside": lambda one, two: [one | {"author_id": None, "author_handle": "did:1"}, two],
    "a list of one in two": lambda one, two: [one | {"links": ["ab"]}, two | {"links": ["a", "b"]}],
    "a list with an empty text": lambda one, two: [one | {"links": [""]}, two],
    "a medium": lambda one, two: [one | {"media": [MEDIUM]}, two],
    "a medium without its kind": lambda one, two: [one | {"media": [MEDIUM | {"kind": None}]}, two],
    "the rows exchanged": lambda one, two: [two, one],
    "the last row missing": lambda one, two: [one],
    "the first row missing": lambda one, two: [two],
    "the last row twice": lambda one, two: [one, two, two],
    "no rows": lambda one, two: [],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_is_changed_changes_the_root(change: Callable[[Row, Row], list[Row]]) -> None:
    one, two = row(), row(item_id="i2", text="Main mended yesterday")
    assert root(*change(one, two)) != root(one, two)


def test_no_two_of_the_changes_lead_to_one_root() -> None:
    one, two = row(), row(item_id="i2", text="Main mended yesterday")
    roots = [root(one, two), *(root(*change(one, two)) for change in CHANGES.values())]
    assert len(set(roots)) == len(roots)


@pytest.mark.parametrize(
    ("kind", "value", "other", "like"),
    [
        (Scalar.TEXT, "abc", Scalar.BYTES, b"abc"),
        (Scalar.NUMBER, 5, Scalar.INSTANT, datetime(1970, 1, 1, 0, 0, 0, 5, UTC)),
        (Scalar.TEXT, "\0\0\0\0\0\0\0\5", Scalar.NUMBER, 5),
        (ListOf(Scalar.TEXT), ["a"], StructOf((("a", Scalar.TEXT),)), {"a": "a"}),
        (Scalar.TEXT, "", ListOf(Scalar.TEXT), []),
        (Scalar.TEXT, "", Scalar.TEXT, None),
    ],
)
def test_another_type_with_the_same_bytes_encodes_differently(
    kind: Type, value: object, other: Type, like: object
) -> None:
    assert encode_value(kind, value) != encode_value(other, like)


def test_no_encoding_is_the_beginning_of_another() -> None:
    texts = ["", "a", "ab", "T", "\0"]
    encoded = [encode_value(Scalar.TEXT, text) for text in texts]
    encoded += [encode_value(Scalar.BYTES, text.encode()) for text in texts]
    encoded += [encode_value(Scalar.NUMBER, number) for number in (-(2**63), -1, 0, 1, 2**63 - 1)]
    encoded += [encode_value(ListOf(Scalar.TEXT), texts[:count]) for count in range(5)]
    encoded += [encode_value(Scalar.TEXT, None), encode_value(Scalar.INSTANT, NOON)]
    assert not [(one, two) for one, two in product(encoded, encoded) if one is not two and two.startswith(one)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Scalar.TEXT, b"a"),
        (Scalar.BYTES, "a"),
        (Scalar.NUMBER, True),
        (Scalar.NUMBER, 1.0),
        (Scalar.NUMBER, "1"),
        (Scalar.INSTANT, datetime(2026, 1, 1)),  # noqa: DTZ001 - that is what is refused
        (Scalar.INSTANT, 5),
        (ListOf(Scalar.TEXT), "ab"),
        (ListOf(Scalar.TEXT), [1]),
        (StructOf((("a", Scalar.TEXT),)), {"a": "a", "b": "b"}),
        (StructOf((("a", Scalar.TEXT),)), {}),
    ],
)
def test_a_value_of_another_type_is_refused(kind: Type, value: object) -> None:
    with pytest.raises(ProofError):
        encode_value(kind, value)


def test_a_row_without_one_of_its_columns_is_refused() -> None:
    values = row()
    del values["like_count"]
    with pytest.raises(ProofError, match="like_count"):
        commit_row("items/1", SECRET, 0, values)


def test_rows_of_an_unknown_schema_are_refused() -> None:
    with pytest.raises(ProofError, match="items/9"):
        commit_row("items/9", SECRET, 0, row())


def test_a_row_takes_a_commitment_for_each_value_and_no_more() -> None:
    with pytest.raises(ProofError):
        hash_row("items/1", [], [bytes(32)])


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ProofError, match="16 bytes"):
        commit_field("items/1", FIELDS["items/1"][0], bytes(15), {"item_id": "i1"})


def test_every_cell_of_a_run_has_a_key_of_its_own() -> None:
    keys = {derive_key(SECRET, field, number) for field in range(8) for number in range(300)}
    assert len(keys) == 8 * 300


def test_one_text_in_two_rows_or_two_runs_has_commitments_that_cannot_be_matched() -> None:
    field = Field("text", (("text", Scalar.TEXT),))
    keys = [derive_key(SECRET, 4, 0), derive_key(SECRET, 4, 1), derive_key(bytes(32), 4, 0)]
    assert len({commit_field("items/1", field, key, {"text": "same"}) for key in keys}) == 3


def test_who_knows_a_destroyed_rows_exact_values_computes_nothing_that_was_published() -> None:
    """Without the secret, what is left to try is the scheme with other secrets, and with none."""
    values = row(text="The mayor resigned.")
    published = {commit_row("items/1", SECRET, 0, values), root(values)}
    for number, field in enumerate(FIELDS["items/1"]):
        published.add(commit_field("items/1", field, derive_key(SECRET, number, 0), values))
    secrets = [bytes(32), b"\xff" * 32, SECRET[::-1], SECRET[:-1] + b"\0"]
    guesses = {commit_row("items/1", secret, 0, values) for secret in secrets}
    for number, field in enumerate(FIELDS["items/1"]):
        guesses |= {commit_field("items/1", field, derive_key(secret, number, 0), values) for secret in secrets}
        other_keys = [derive_key(SECRET, other, 0) for other in range(9) if other != number]
        guesses |= {commit_field("items/1", field, key, values) for key in [*other_keys, derive_key(SECRET, number, 1)]}
    assert not published & guesses


TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.none() | st.integers(-(2**63), 2**63 - 1)
INSTANT = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SCALARS: dict[Scalar, st.SearchStrategy[Any]] = {
    Scalar.TEXT: TEXT,
    Scalar.NUMBER: NUMBER,
    Scalar.INSTANT: INSTANT,
    Scalar.BYTES: st.none() | st.binary(min_size=32, max_size=32),
}


def made(kind: Type) -> st.SearchStrategy[Any]:
    if isinstance(kind, ListOf):
        return st.none() | st.lists(made(kind.element), max_size=3)
    if isinstance(kind, StructOf):
        return st.fixed_dictionaries({name: made(member) for name, member in kind.members})
    return SCALARS[kind]


def rows_of(schema: str) -> st.SearchStrategy[list[Row]]:
    columns = {name: made(kind) for field in FIELDS[schema] for name, kind in field.columns}
    return st.lists(st.fixed_dictionaries(columns), max_size=5)


@pytest.mark.parametrize("schema", FIELDS)
@given(data=st.data(), secret=st.binary(min_size=32, max_size=32))
def test_a_second_implementation_made_from_the_document_agrees(schema: str, data: st.DataObject, secret: bytes) -> None:
    rows = data.draw(rows_of(schema))
    ours = root_of([commit_row(schema, secret, number, one) for number, one in enumerate(rows)])
    assert ours == second.root_of_runs(schema, rows, [(len(rows), secret)])


@pytest.mark.parametrize("name", ["items-1", "subscribers-1"])
def test_frozen_rows_keep_their_frozen_commitments(name: str) -> None:
    told = json.loads((VECTORS / "commitments-1.json").read_text("utf-8"))[name]
    rows = pq.read_table(VECTORS / f"{name}.parquet").to_pylist()
    secret = bytes.fromhex(told["secret"])
    leaves = [commit_row(told["schema"], secret, number, one) for number, one in enumerate(rows)]
    assert [leaf.hex() for leaf in leaves] == told["leaves"]
    assert root_of(leaves).hex() == told["root"]
    assert second.root_of_runs(told["schema"], rows, [(len(rows), secret)]).hex() == told["root"]


def described(columns: Sequence[tuple[str, Type]]) -> str:
    """Spell columns as the document does: those of one type together."""
    runs = [(kind, [name for name, _ in run]) for kind, run in groupby(columns, lambda column: column[1])]
    return " · ".join(f"{', '.join(names)} {type_name(kind)}" for kind, names in runs)


def type_name(kind: Type) -> str:
    if isinstance(kind, ListOf):
        return f"list of {type_name(kind.element)}"
    return f"struct ({described(kind.members)})" if isinstance(kind, StructOf) else kind.name.lower()


def test_the_document_has_the_fields_and_columns_in_their_order() -> None:
    tables = DOCUMENT.read_text("utf-8").partition("## Encoding")[0].splitlines()
    lines = [line.split(" | ")[:2] for line in tables if line.startswith("| `")]
    expected = []
    for schema, fields in FIELDS.items():
        expected += [[f"| `{schema}`", "columns"]]
        expected += [[f"| `{field.name}`", described(field.columns)] for field in fields]
    assert lines == expected
