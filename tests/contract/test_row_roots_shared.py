"""The root over the rows of a file, when several processes share the hashing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from muniment.errors import ParseError
from muniment.tables.row_commitments import read_commitment
from muniment.tables.row_roots import recompute_root
from muniment.tables.schemas import ITEMS
from tests.unit.tables.test_row_commitments import item, write, write_table


def test_several_processes_find_the_root_that_one_does(tmp_path: Path) -> None:
    hundred = pa.Table.from_pylist([item(number, text=None if number % 7 else "seven") for number in range(100)], ITEMS)
    table = pa.concat_tables([hundred] * 200)
    path = write_table(tmp_path / "rows.parquet", table, runs=(7_000, 10_000, 3_000), group=9_000)
    stated = (20_000, read_commitment(path, "items/1").root)
    assert [recompute_root(path, "items/1", processes=count) for count in (1, 2)] == [stated] * 2


def test_what_goes_wrong_in_another_process_is_an_error(tmp_path: Path) -> None:
    sealed = write(tmp_path / "rows.parquet", [item(number) for number in range(5)], runs=(2, 3))
    with sealed.open("r+b") as file:
        file.seek(4)
        file.write(bytes(100))
    for processes in (1, 2):
        with pytest.raises(ParseError, match="row group 0 cannot be read"):
            recompute_root(sealed, "items/1", processes=processes)
