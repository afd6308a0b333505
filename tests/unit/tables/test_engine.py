"""A database is empty, whoever had it before; it spills where it is told to; it is never lent twice at once."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muniment.errors import ParseError
from muniment.tables.engine import fetch_number, open_engine

TABLES = "SELECT count(*) FROM duckdb_tables() WHERE NOT internal"
VIEWS = "SELECT count(*) FROM duckdb_views() WHERE NOT internal"
LARGE = "CREATE TABLE large AS SELECT hash(range) AS id, md5(range::VARCHAR) AS text FROM range(1500000)"  # 100 MB


def test_what_cannot_be_read_is_a_parse_error_and_the_next_is_sound(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="DuckDB could not read the tables"), open_engine(tmp_path) as engine:
        engine.execute("SELECT * FROM read_parquet('/nowhere')")
    with open_engine(tmp_path) as engine:
        assert fetch_number(engine, "SELECT 1") == 1


def test_nothing_is_left_of_the_use_before(tmp_path: Path) -> None:
    with open_engine(tmp_path) as engine:
        engine.execute("CREATE TABLE current AS SELECT 1 AS id; CREATE VIEW rows AS SELECT * FROM current")
        engine.register("known", pa.table({"id": ["a"]}))
        engine.execute("CREATE TEMP TABLE passing AS SELECT 1 AS id")
    with open_engine(tmp_path) as engine:
        assert fetch_number(engine, TABLES) == fetch_number(engine, VIEWS) == 0
        for name in ("current", "rows", "known", "passing"):
            with pytest.raises(duckdb.CatalogException):
                engine.execute(f"SELECT * FROM {name}")


def test_what_is_written_anew_at_a_path_is_read_anew(tmp_path: Path) -> None:
    found = []
    for text in ("old", "new"):
        pq.write_table(pa.table({"text": [text]}), tmp_path / "rows.parquet")
        with open_engine(tmp_path) as engine:
            found += engine.execute("SELECT text FROM read_parquet($1)", [str(tmp_path / "rows.parquet")]).fetchall()
    assert found == [("old",), ("new",)]


def test_one_that_is_in_use_is_not_lent_again(tmp_path: Path) -> None:
    with open_engine(tmp_path) as first, open_engine(tmp_path) as second:
        first.execute("CREATE TABLE current AS SELECT 1 AS id")
        assert fetch_number(second, TABLES) == 0


def test_each_use_has_its_own_limit_and_spills_into_its_own_folder(tmp_path: Path) -> None:
    for name, memory in (("a", "200MB"), ("b", "300MB")):
        folder = tmp_path / name
        folder.mkdir()
        with open_engine(folder, memory=memory) as engine:
            ((told, spill),) = engine.execute(
                "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
            ).fetchall()
            assert Path(spill).parent == folder
            assert told == {"200MB": "190.7 MiB", "300MB": "286.1 MiB"}[memory]
        assert list(folder.iterdir()) == []


def test_after_one_has_spilled_the_next_spills_into_its_own_folder_too(tmp_path: Path) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        with open_engine(folder, memory="60MB") as engine:
            engine.execute(LARGE)
            assert [path.name for path in folder.glob("*/*")] != []
            assert fetch_number(engine, "SELECT count(*) FROM large WHERE text = md5('7')") == 1
        assert list(folder.iterdir()) == []


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_of_a_process_that_used_one_can_use_one(tmp_path: Path) -> None:
    with open_engine(tmp_path) as engine:
        fetch_number(engine, "SELECT 1")
    child = os.fork()
    if child == 0:
        with open_engine(tmp_path) as engine:
            os._exit(fetch_number(engine, "SELECT 42"))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
