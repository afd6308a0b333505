"""Whole rows taken from a rows file by their positions, one row group in memory at a time.

A join that carries the raw items would hold them all in its hash table; this reads ids and
positions first, and of the rest only the row groups that are wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from muniment.errors import ParseError
from muniment.records.series import RowKind
from muniment.tables.parquet import open_parquet
from muniment.tables.parse_notes import ROW_SCHEMAS
from muniment.tables.rows_file import GROUP_BYTES, GROUP_ROWS


def pick_rows(engine: duckdb.DuckDBPyConnection, picks: str, path: Path, kind: RowKind) -> Iterator[tuple[Any, Any]]:
    """Yield the rows of *path* whose positions the table *picks* has, beside the picks themselves.

    Each pair is a table of full rows and the table of their picks, equally long, in file order.

    Raises:
        ParseError: the file cannot be read.
    """
    schema, first = ROW_SCHEMAS[kind], 0
    with open_parquet(path, schema) as file:
        for group in range(file.metadata.num_row_groups):
            last = first + file.metadata.row_group(group).num_rows
            wanted = engine.sql(
                f"SELECT * FROM {picks} WHERE position >= ? AND position < ? ORDER BY position",  # noqa: S608 - a name of ours
                params=[first, last],
            ).to_arrow_table()
            if wanted.num_rows:
                yield _read_group(file, group, path).take(_offsets(wanted, first)), wanted
            first = last


def _read_group(file: Any, group: int, path: Path) -> Any:
    try:
        return file.read_row_group(group)
    except (pa.ArrowException, OSError) as error:
        raise ParseError(f"{path}: row group {group} cannot be read: {type(error).__name__}") from None


def _offsets(wanted: Any, first: int) -> Any:
    return pc.subtract(wanted["position"].combine_chunks(), first)


def regroup(tables: Iterable[Any]) -> Iterator[Any]:
    """Put small tables together, so that each makes a row group worth its place in the footer."""
    waiting: list[Any] = []
    for table in tables:
        waiting.append(table)
        if sum(part.num_rows for part in waiting) >= GROUP_ROWS or sum(part.nbytes for part in waiting) >= GROUP_BYTES:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def replace_columns(table: Any, columns: dict[str, Any]) -> Any:
    """Return *table* with *columns* in the place of those of the same names, cast to their types."""
    for name, column in columns.items():
        index = table.schema.get_field_index(name)
        field = table.schema.field(index)
        table = table.set_column(index, field, column.cast(field.type))
    return table
