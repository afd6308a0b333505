"""DuckDB, held within a memory limit, spilling beside the files it works on, and never downloading."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from muniment.errors import ParseError
from muniment.records.series import RowKind

MEMORY_LIMIT = "256MB"
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": "2",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "enable_external_file_cache": "false",  # what stands at a path now is read, whoever read it before
}
_ID_COLUMNS = {RowKind.ITEMS: "item_id", RowKind.REMOVALS: "item_id", RowKind.SUBSCRIBERS: "subscriber_id"}


# To make a database takes twenty milliseconds, to empty one a tenth of that: one is kept for whoever comes next.
_idle: list[duckdb.DuckDBPyConnection] = []


def _close_idle() -> None:
    with suppress(IndexError):
        while True:
            _idle.pop().close()


atexit.register(_close_idle)
os.register_at_fork(before=_close_idle)  # its threads would not be there in the child


@contextmanager
def open_engine(folder: Path, *, memory: str = MEMORY_LIMIT) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend an empty database, nobody else's meanwhile, that spills into *folder* past *memory*.

    Raises:
        ParseError: a file could not be read as what it should be.
    """
    with TemporaryDirectory(dir=folder, prefix="duckdb-") as spill:
        database = _take(spill, memory)
        try:
            with database.cursor() as engine:
                engine.execute("ATTACH ':memory:' AS work; USE work")
                yield engine
                engine.execute("USE memory; DETACH work")
        except duckdb.Error as error:
            database.close()
            raise ParseError(f"{folder}: DuckDB could not read the tables: {type(error).__name__}") from error
        except BaseException:
            database.close()
            raise
        _give_back(database)


def _take(spill: str, memory: str) -> duckdb.DuckDBPyConnection:
    settings = {"memory_limit": memory, "temp_directory": spill}
    try:
        database = _idle.pop()
    except IndexError:
        return duckdb.connect(":memory:", config=_SETTINGS | settings)
    try:
        for name, value in settings.items():
            database.execute(f"SET GLOBAL {name} = {_quote(value)}")
    except duckdb.Error:  # one that has spilled once spills nowhere else
        database.close()
        return duckdb.connect(":memory:", config=_SETTINGS | settings)
    return database


def _give_back(database: duckdb.DuckDBPyConnection) -> None:
    if _idle:
        database.close()
    else:
        _idle.append(database)


def open_rows(engine: duckdb.DuckDBPyConnection, name: str, path: Path, kind: RowKind) -> None:
    """Make the rows file at *path* readable as the view *name*, with its `id` and row `position`."""
    _open_view(engine, name, path, f"*, {_ID_COLUMNS[kind]} AS id, file_row_number AS position")


def open_pages(engine: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Make the file of pages at *path* readable as the view *name*."""
    _open_view(engine, name, path, "*")


def _open_view(engine: duckdb.DuckDBPyConnection, name: str, path: Path, columns: str) -> None:
    engine.execute(
        f"CREATE OR REPLACE VIEW {name} AS "  # noqa: S608 - names of ours, and a path in quotes
        f"SELECT {columns} FROM read_parquet({_quote(str(path))}, file_row_number = true)"
    )


def _quote(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def fetch_number(engine: duckdb.DuckDBPyConnection, sql: str, parameters: object = None) -> int:
    """Return the one number that *sql* asks for."""
    # Fetched to the end: a result left unfinished bars the connection from other work.
    ((number,),) = engine.execute(sql, parameters).fetchall()
    return int(number or 0)
