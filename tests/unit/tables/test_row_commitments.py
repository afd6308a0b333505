"""Commitments of whole files: the bulk of them agrees with the plain, and the file's secrets are its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ParseError, ProofError
from muniment.evidence.commitments import commit_row
from muniment.evidence.disclosures import check_disclosure
from muniment.evidence.merkle import root_of
from muniment.evidence.row_fields import FIELDS, ListOf, Scalar, StructOf, Type
from muniment.tables.row_commitments import (
    KEY,
    LeafWriter,
    append_leaves,
    fold_leaves,
    read_commitment,
)
from muniment.tables.row_hashes import hash_batch
from muniment.tables.row_roots import disclose_row, hash_rows, recompute_root
from muniment.tables.schemas import ITEMS, REMOVALS, SUBSCRIBERS
from tests.second_implementation import row_commitments as second

SCHEMAS = {"items/1": ITEMS, "subscribers/1": SUBSCRIBERS, "removals/1": REMOVALS}
SECRET = bytes(range(32))
Row = dict[str, Any]


def made(name: str, kind: pa.DataType, *, nullable: bool) -> st.SearchStrategy[Any]:
    if pa.types.is_list(kind):
        some: st.SearchStrategy[Any] = st.lists(made("", kind.value_type, nullable=True), max_size=3)
    elif pa.types.is_struct(kind):
        some = st.fixed_dictionaries({field.name: made(field.name, field.type, nullable=True) for field in kind})
    elif pa.types.is_timestamp(kind):
        some = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    elif pa.types.is_integer(kind):
        some = st.integers(-(2 ** (kind.bit_width - 1)), 2 ** (kind.bit_width - 1) - 1)
    elif pa.types.is_fixed_size_binary(kind):
        some = st.binary(min_size=32, max_size=32)
    else:
        some = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.just("x" * 700)
    return st.none() | some if nullable else some


def rows_of(schema: pa.Schema) -> st.SearchStrategy[list[Row]]:
    columns = {field.name: made(field.name, field.type, nullable=field.nullable) for field in schema}
    return st.lists(st.fixed_dictionaries(columns), max_size=9)


def batch_of(rows: list[Row], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema)


def plain(name: str, rows: list[Row], start: int = 0) -> list[bytes]:
    return [commit_row(name, SECRET, start + number, one) for number, one in enumerate(rows)]


def item(number: int, **fields: object) -> Row:
    values: Row = dict.fromkeys(ITEMS.names, None)
    values |= {"item_id": f"i{number}", "row_state": "new", "text": f"Words {number}", "links": [], "media": []}
    return values | {"versions": [], "raw": f'{{"id":{number}}}', "content_sha256": bytes(32), "page": 0} | fields


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A rows file of 5 rows in two runs and three row groups."""
    return write(tmp_path / "rows.parquet", [item(number) for number in range(5)], runs=(2, 3))


def write(path: Path, rows: list[Row], *, runs: tuple[int, ...], notes: str | None = None) -> Path:
    return write_table(path, pa.Table.from_pylist(rows, ITEMS), runs=runs, group=2, notes=notes)


def write_table(path: Path, table: pa.Table, *, runs: tuple[int, ...], group: int, notes: str | None = None) -> Path:
    whole, start = path.with_name("whole.leaves"), 0
    whole.touch()
    for count in runs:
        with LeafWriter(path.with_name("part.leaves"), "items/1") as writer:
            writer.add(table.slice(start, count))
        append_leaves(path.with_name("part.leaves"), whole)
        start += count
    commitment = fold_leaves(whole)
    with pq.ParquetWriter(path, ITEMS) as writer:
        for at in range(0, len(table), group):
            writer.write_table(table.slice(at, group))
        writer.add_key_value_metadata({KEY: notes if notes is not None else commitment.to_json()})
    return path


def restate(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    said = json.loads(pq.read_metadata(path).metadata[KEY.encode()])
    change(said)
    table = pq.read_table(path)
    with pq.ParquetWriter(path, ITEMS) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({KEY: json.dumps(said, separators=(",", ":"), sort_keys=True)})


@pytest.mark.parametrize("notes", ["", "[]", "{}", '{"rows":1}', "\ufeff"])
def test_a_file_that_says_nothing_sound_of_its_commitments_is_refused(tmp_path: Path, notes: str) -> None:
    path = write(tmp_path / "rows.parquet", [item(1)], runs=(1,), notes=notes)
    with pytest.raises(ParseError, match=KEY):
        read_commitment(path, "items/1")


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(rows=4),
        lambda said: said.update(root="00"),
        lambda said: said.update(scheme="muniment.rows/2"),
        lambda said: said["runs"].pop(),
        lambda said: said["runs"][0].__setitem__(1, "00"),
        lambda said: said["runs"][0].__setitem__(0, -2),
        lambda said: said.update(more=1),
    ],
)
def test_a_file_whose_notes_do_not_agree_is_refused(sealed: Path, change: Callable[[dict[str, Any]], object]) -> None:
    restate(sealed, change)
    with pytest.raises(ParseError, match=KEY):
        read_commitment(sealed, "items/1")


def test_a_file_with_more_rows_than_secrets_is_refused(sealed: Path) -> None:
    restate(sealed, lambda said: said.update(rows=4, runs=[[2, said["runs"][0][1]], [2, said["runs"][1][1]]]))
    with pytest.raises(ParseError, match="expected the 4 rows"):
        recompute_root(sealed, "items/1")


def test_a_file_without_commitments_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist([item(1)], ITEMS), tmp_path / "rows.parquet")
    with pytest.raises(ParseError, match=KEY):
        recompute_root(tmp_path / "rows.parquet", "items/1")


def test_rows_of_another_or_an_unknown_schema_are_refused(sealed: Path) -> None:
    with pytest.raises(ParseError, match="subscribers/1"):
        recompute_root(sealed, "subscribers/1")
    with pytest.raises(ParseError, match="items/9"):
        recompute_root(sealed, "items/9")


def test_a_row_that_the_file_lacks_is_not_disclosed(sealed: Path) -> None:
    for row in (5, -1):
        with pytest.raises(ProofError):
            disclose_row(sealed, "items/1", row, show=frozenset({"text"}))


def test_leaves_that_end_in_the_middle_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "leaves"
    path.write_bytes((2).to_bytes(8, "big") + bytes(32) + bytes(32))
    with pytest.raises(ParseError, match="leaf hashes"):
        fold_leaves(path)


def test_an_altered_row_has_another_root_than_the_file_says(sealed: Path) -> None:
    said = pq.read_metadata(sealed).metadata[KEY.encode()].decode()
    rows = pq.read_table(sealed).to_pylist()
    rows[3]["text"] = "Other words"
    with pq.ParquetWriter(sealed, ITEMS) as writer:
        writer.write_table(pa.Table.from_pylist(rows, ITEMS))
        writer.add_key_value_metadata({KEY: said})
    assert recompute_root(sealed, "items/1")[1] != read_commitment(sealed, "items/1").root


def test_a_secret_is_not_shown_where_a_run_is_printed(sealed: Path) -> None:
    said = read_commitment(sealed, "items/1")
    assert said.runs[0].secret.hex() not in repr(said)
    assert str(said.runs[0].secret) not in repr(said)


def test_no_two_runs_and_no_two_files_share_a_secret(tmp_path: Path) -> None:
    rows = [item(number) for number in range(5)]
    one = read_commitment(write(tmp_path / "one", rows, runs=(2, 3)), "items/1")
    two = read_commitment(write(tmp_path / "two", rows, runs=(2, 3)), "items/1")
    assert len({run.secret for run in one.runs + two.runs}) == 4
    assert one.root != two.root


def test_what_is_in_the_file_gives_the_root_that_was_taken_while_it_was_written(sealed: Path) -> None:
    said = read_commitment(sealed, "items/1")
    assert [run.rows for run in said.runs] == [2, 3]
    assert (
        recompute_root(sealed, "items/1") == (said.rows, said.root) == (5, root_of(list(hash_rows(sealed, "items/1"))))
    )
    assert second.root_of_file(sealed) == said.root


def test_a_file_without_rows_has_the_root_of_no_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.parquet", [], runs=(0,))
    assert recompute_root(path, "items/1") == (0, root_of([])) == (0, second.root_of_file(path))


@pytest.mark.parametrize("row", range(5))
def test_a_row_of_any_run_is_disclosed_and_proved(sealed: Path, row: int) -> None:
    told = disclose_row(sealed, "items/1", row, show=frozenset({"text"}))
    said = read_commitment(sealed, "items/1")
    check_disclosure(told, rows=5, root=said.root)
    assert second.is_disclosed(told.to_bytes(), 5, said.root)


@pytest.mark.parametrize("name", SCHEMAS)
@given(data=st.data(), start=st.integers(0, 2**40), cut=st.integers(0, 4))
def test_hashing_batches_agrees_with_hashing_rows_one_by_one(
    name: str, data: st.DataObject, start: int, cut: int
) -> None:
    rows = data.draw(rows_of(SCHEMAS[name]))
    batch = batch_of(rows, SCHEMAS[name]).slice(cut)
    assert hash_batch(batch, name, SECRET, start) == plain(name, rows[cut:], start)


def types_of(kind: Type) -> Any:
    if isinstance(kind, ListOf):
        return [types_of(kind.element)]
    if isinstance(kind, StructOf):
        return {name: types_of(member) for name, member in kind.members}
    return kind


def arrow_types(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind):
        return [arrow_types(kind.value_type)]
    if pa.types.is_struct(kind):
        return {field.name: arrow_types(field.type) for field in kind}
    if pa.types.is_timestamp(kind):
        return Scalar.INSTANT
    if pa.types.is_integer(kind):
        return Scalar.NUMBER
    return Scalar.BYTES if pa.types.is_fixed_size_binary(kind) else Scalar.TEXT


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_column_of_a_schema_is_in_one_field_and_of_its_type(name: str) -> None:
    columns = [(column, types_of(kind)) for field in FIELDS[name] for column, kind in field.columns]
    assert sorted(column for column, _ in columns) == sorted(SCHEMAS[name].names)
    assert dict(columns) == {field.name: arrow_types(field.type) for field in SCHEMAS[name]}
