"""DuckDB, held within a memory limit, spilling beside the files it works on, and never downloading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from muniment.errors import ParseError
from muniment.records.series import RowKind

MEMORY_LIMIT = "256MB"
_ID_COLUMNS = {RowKind.ITEMS: "item_id", RowKind.REMOVALS: "item_id", RowKind.SUBSCRIBERS: "subscriber_id"}


@contextmanager
def open_engine(folder: Path, *, memory: str = MEMORY_LIMIT) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend an empty database that spills into *folder* past *memory*.

    Raises:
        ParseError: a file could not be read as what it should be.
    """
    with TemporaryDirectory(dir=folder, prefix="duckdb-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "temp_directory": spill,
            "threads": "2",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
        }
        with duckdb.connect(":memory:", config=settings) as engine:
            try:
                yield engine
            except duckdb.Error as error:
                raise ParseError(f"{folder}: DuckDB could not read the tables: {type(error).__name__}") from error


def open_rows(engine: duckdb.DuckDBPyConnection, name: str, path: Path, kind: RowKind) -> None:
    """Make the rows file at *path* readable as the view *name*, with its `id` and row `position`."""
    _open_view(engine, name, path, f"*, {_ID_COLUMNS[kind]} AS id, file_row_number AS position")


def open_pages(engine: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Make the file of pages at *path* readable as the view *name*."""
    _open_view(engine, name, path, "*")


def _open_view(engine: duckdb.DuckDBPyConnection, name: str, path: Path, columns: str) -> None:
    quoted = str(path).replace("'", "''")
    engine.execute(
        f"CREATE OR REPLACE VIEW {name} AS "  # noqa: S608 - names of ours, and a path with its quotes doubled
        f"SELECT {columns} FROM read_parquet('{quoted}', file_row_number = true)"
    )


def fetch_number(engine: duckdb.DuckDBPyConnection, sql: str, parameters: object = None) -> int:
    """Return the one number that *sql* asks for."""
    # Fetched to the end: a result left unfinished bars the connection from other work.
    ((number,),) = engine.execute(sql, parameters).fetchall()
    return int(number or 0)
