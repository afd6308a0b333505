from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ParseError
from muniment.tables.parquet_parts import JoinedFile
from muniment.tables.thrift import (
    BINARY,
    DOUBLE,
    FALSE,
    I16,
    I32,
    I64,
    LIST,
    STRUCT,
    TRUE,
    Field,
    read_struct,
    write_struct,
)

COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=20)
NUMBERS = st.integers(-(2**63), 2**63 - 1)


def leaf(kind: int) -> st.SearchStrategy[object]:
    return {
        I16: NUMBERS,
        I32: NUMBERS,
        I64: NUMBERS,
        BINARY: st.binary(max_size=200),
        DOUBLE: st.binary(min_size=8, max_size=8),
        TRUE: st.none(),
        FALSE: st.none(),
    }[kind]


def structs(depth: int = 2) -> st.SearchStrategy[list[Field]]:
    leaves = st.sampled_from([I16, I32, I64, BINARY, DOUBLE, TRUE, FALSE]).flatmap(
        lambda kind: st.tuples(st.just(kind), leaf(kind))
    )
    lists = st.lists(NUMBERS, max_size=20).map(lambda values: (LIST, (I64, values)))
    inner = [st.tuples(st.just(STRUCT), structs(depth - 1))] if depth else []
    fields = st.dictionaries(st.integers(1, 100), st.one_of(leaves, lists, *inner), max_size=8)
    return fields.map(lambda found: [Field(number, *found[number]) for number in sorted(found)])


def write(path: Path, count: int, **columns: str) -> Path:
    names = columns or {"id": "string", "number": "int64"}
    table = pa.table({name: pa.array([str(n) for n in range(count)]).cast(kind) for name, kind in names.items()})
    pq.write_table(table, path, row_group_size=16)
    return path


@given(structs())
def test_a_struct_is_read_as_it_was_written(struct: list[Field]) -> None:
    assert read_struct(write_struct(struct)) == struct


@given(structs(), st.data())
def test_a_struct_cut_off_is_refused(struct: list[Field], data: st.DataObject) -> None:
    spelled = write_struct(struct)
    with pytest.raises(ParseError, match="thrift: expected"):
        read_struct(spelled[: data.draw(st.integers(0, len(spelled) - 1))])


def test_what_follows_a_struct_is_refused() -> None:
    with pytest.raises(ParseError, match="expected a struct of 2 bytes, found it to end after 1"):
        read_struct(b"\0\0")


def test_a_type_of_no_parquet_footer_is_refused() -> None:
    with pytest.raises(ParseError, match="expected a type that Parquet uses, found 11"):
        read_struct(b"\x1b\0\0")


def test_a_footer_of_arrow_is_spelled_as_arrow_spells_it(tmp_path: Path) -> None:
    content = write(tmp_path / "file", 100).read_bytes()
    footer = content[-8 - int.from_bytes(content[-8:-4], "little") : -8]

    assert write_struct(read_struct(footer)) == footer


@given(COUNTS)
def test_parts_are_one_table_for_every_reader(tmp_path_factory: pytest.TempPathFactory, counts: list[int]) -> None:
    folder = tmp_path_factory.mktemp("parts")
    parts = [write(folder / f"part-{number}", count) for number, count in enumerate(counts)]
    tables = [pq.read_table(part) for part in parts]

    with JoinedFile(folder / "whole") as whole:
        for part in parts:
            whole.append(part)
            part.unlink()

    assert pq.read_table(folder / "whole").equals(pa.concat_tables(tables))
    by_group = pq.ParquetFile(folder / "whole")
    groups = [by_group.read_row_group(n) for n in range(by_group.num_row_groups)]
    assert sum(len(group) for group in groups) == by_group.metadata.num_rows == sum(counts)
    rows = duckdb.execute("SELECT id, number FROM read_parquet($path)", {"path": str(folder / "whole")}).fetchall()
    assert rows == [(str(n), n) for count in counts for n in range(count)]
    assert [path.name for path in folder.iterdir()] == ["whole"]


def test_the_statistics_of_a_row_group_stay_with_it(tmp_path: Path) -> None:
    with JoinedFile(tmp_path / "whole") as whole:
        for count in (3, 9):
            whole.append(write(tmp_path / "part", count))

    metadata = pq.read_metadata(tmp_path / "whole")
    assert [metadata.row_group(n).column(1).statistics.max for n in range(2)] == [2, 8]


def test_keys_that_are_stated_stand_for_those_of_the_parts(tmp_path: Path) -> None:
    for number in range(2):
        table = pa.table({"id": ["a"]}).replace_schema_metadata({"kept": "1", "told": str(number)})
        pq.write_table(table, tmp_path / str(number))
    with JoinedFile(tmp_path / "whole") as whole:
        whole.append(tmp_path / "0")
        whole.append(tmp_path / "1")
        whole.state({"told": "both"})

    found = pq.read_metadata(tmp_path / "whole").metadata
    assert (found[b"kept"], found[b"told"]) == (b"1", b"both")


def test_a_part_of_another_schema_is_refused(tmp_path: Path) -> None:
    parts = [write(tmp_path / "first", 1), write(tmp_path / "second", 1, id="string", number="int32")]
    refused = pytest.raises(ParseError, match="second: expected the schema of the part before")
    with refused, JoinedFile(tmp_path / "whole") as whole:
        for part in parts:
            whole.append(part)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff\xff\0\0PAR1", b"no Parquet at all"])
def test_a_part_that_is_not_whole_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "part").write_bytes(content)
    with pytest.raises(ParseError, match="expected"), JoinedFile(tmp_path / "whole") as whole:
        whole.append(tmp_path / "part")
    assert [path.name for path in tmp_path.iterdir()] == ["part"]


def test_a_file_of_no_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="expected at least one part"), JoinedFile(tmp_path / "whole"):
        pass
    assert list(tmp_path.iterdir()) == []
