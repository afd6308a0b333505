"""Some columns of the items that a snapshot lists, a batch at a time: what checks of the clauses read.

The raw items and the pages stay where they are: only the columns asked for are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from muniment.errors import ParseError
from muniment.records.series import RowKind
from muniment.tables.engine import open_engine, open_rows

_BATCH = 4_096
_HELD = "row_state IN ('new', 'changed')"
# Instants are read as numbers: Arrow takes ten times as long to make each of them a datetime.
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_MEDIA_IDS = "list_transform(media, lambda medium: medium.media_id)"


def scan_items(
    rows: Path, holders: Mapping[str, Path], columns: Sequence[str], *, scratch: Path, kind: str | None = None
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield batches of *columns* of the items that *rows* lists, of those of one *kind* where it is given.

    *holders* maps each snapshot that the file points to to its rows file. Those in the file itself
    come first, then those of each holder; what is gone is left out.

    Instants are aware UTC; of ``media`` there are the ids alone.

    Raises:
        ParseError: a file is not whole, or a holder is not there.
    """
    instants = [index for index, column in enumerate(columns) if column.endswith("_at")]
    for names in _scan(rows, holders, columns, scratch=scratch, kind=kind):
        for index in instants:
            names[index] = [None if at is None else _EPOCH + at * _MICROSECOND for at in names[index]]
        yield list(zip(*names, strict=True))


def _scan(
    rows: Path, holders: Mapping[str, Path], columns: Sequence[str], *, scratch: Path, kind: str | None
) -> Iterator[list[list[Any]]]:
    with open_engine(scratch) as engine:
        open_rows(engine, "rows", rows, RowKind.ITEMS)
        chosen = ", ".join(map(_spell, columns))
        of_kind = "" if kind is None else " AND kind = $kind"
        parameters = {} if kind is None else {"kind": kind}
        yield from _fetch(engine, f"SELECT {chosen} FROM rows WHERE {_HELD}{of_kind}", parameters)  # noqa: S608 - names of ours
        for snapshot in _pointed(engine):
            if snapshot not in holders:
                raise ParseError(f"rows: expected the rows of snapshot {snapshot}, which they point to, found none")
            open_rows(engine, "holder", holders[snapshot], RowKind.ITEMS)
            held = (
                f"SELECT {chosen} FROM holder WHERE {_HELD}{of_kind} AND id IN "  # noqa: S608 - names of ours
                "(SELECT id FROM rows WHERE row_state = 'unchanged' AND row_snapshot = $snapshot)"
            )
            yield from _fetch(engine, held, {**parameters, "snapshot": snapshot})


def _spell(column: str) -> str:
    if column == "media":
        return _MEDIA_IDS
    return f'epoch_us("{column}")' if column.endswith("_at") else f'"{column}"'


def _pointed(engine: duckdb.DuckDBPyConnection) -> list[str]:
    found = engine.execute("SELECT DISTINCT row_snapshot FROM rows WHERE row_state = 'unchanged' ORDER BY row_snapshot")
    return [snapshot for (snapshot,) in found.fetchall()]


def _fetch(engine: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> Iterator[list[list[Any]]]:
    for batch in engine.sql(sql, params=parameters).to_arrow_reader(_BATCH):
        yield [column.to_pylist() for column in batch.columns]
