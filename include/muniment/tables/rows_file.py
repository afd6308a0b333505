"""The staging file: a capture's rows as they are parsed, already in the shape of rows.parquet."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.errors import ParseError
from muniment.records.rows import ItemRow, ParsedPage, RemovalRow, Row, RowState, SubscriberRow
from muniment.records.series import RowKind
from muniment.tables.ahead import WriteBehind
from muniment.tables.content_hashes import content_hashes
from muniment.tables.parquet import new_file, open_writer
from muniment.tables.parquet_parts import JoinedFile
from muniment.tables.parse_notes import ROW_SCHEMAS, NotesTaken, read_notes_taken
from muniment.tables.row_commitments import LeafWriter, append_leaves, leaves_path
from muniment.tables.schemas import schema_name

BATCH_ROWS = 2_000  # stays in the processor's cache; larger converts slower
GROUP_ROWS = 16_384
GROUP_BYTES = 48 << 20  # of Arrow arrays waiting for a row group

_FIELDS = {
    RowKind.ITEMS: ItemRow._fields,
    RowKind.SUBSCRIBERS: SubscriberRow._fields,
    RowKind.REMOVALS: RemovalRow._fields,
}
_DELTA = {RowKind.ITEMS: "item_id", RowKind.REMOVALS: "item_id", RowKind.SUBSCRIBERS: "subscriber_id"}
_BULKY = ("text", "raw", "url", "published_text", "subscribed_text")


def open_rows_writer(path: Path, kind: RowKind) -> pq.ParquetWriter:
    """Open a writer of rows of *kind*; `muniment.tables.schemas` gives their columns."""
    schema = ROW_SCHEMAS[kind]
    bulky = [name for name in _BULKY if name in schema.names]
    return open_writer(path, schema, delta=[_DELTA[kind]], plain=["content_sha256"], bulky=bulky)


class StagingWriter:
    """Writes the parsed pages of one capture, in order, in bounded memory.

    Every row counts as new: which are not, and which came twice, `seal_rows` finds out. The
    file takes its name when the ``with`` block ends well. With *threads*, rows are compressed
    and written beside the caller's own work. With *commits*, they are committed to as they
    stand here, which saves reading them again where they are sealed so.
    """

    def __init__(self, path: Path, kind: RowKind, *, threads: bool = True, commits: bool = False) -> None:
        self._path = path
        self._kind = kind
        self._threads = threads
        self._commits = commits
        self._leaves: LeafWriter | None = None
        self._schema = ROW_SCHEMAS[kind]
        self._notes = NotesTaken()
        self._stack = ExitStack()
        self._rows: list[Row] = []
        self._batches: list[Any] = []
        self._batches_bytes = 0
        self._batches_rows = 0

    def __enter__(self) -> Self:
        part = self._stack.enter_context(new_file(self._path, passing=True))
        self._writer = self._stack.enter_context(open_rows_writer(part, self._kind))
        self._behind = self._stack.enter_context(WriteBehind(threads=self._threads))
        if self._commits:
            self._leaves = self._stack.enter_context(LeafWriter(leaves_path(self._path), schema_name(self._schema)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            self._convert(len(self._rows))
            self._flush()
            self._behind.wait()
            self._writer.add_key_value_metadata({NotesTaken.KEY: self._notes.to_json()})

    def add(self, parsed: ParsedPage) -> None:
        """Add what one page holds.

        Raises:
            ParseError: a row does not fit its columns, or a fault's code is unknown.
        """
        self._notes.take(parsed)
        self._rows += parsed.rows
        while len(self._rows) >= BATCH_ROWS:
            self._convert(BATCH_ROWS)

    def _convert(self, count: int) -> None:
        if count == 0:
            return
        rows, self._rows = self._rows[:count], self._rows[count:]
        batch = make_batch(rows, self._kind)
        if self._leaves is not None:
            self._leaves.add(batch)
        self._batches.append(batch)
        self._batches_bytes += batch.nbytes
        self._batches_rows += count
        if self._batches_bytes >= GROUP_BYTES or self._batches_rows >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._batches:
            self._behind.do(self._writer.write_table, pa.Table.from_batches(self._batches, schema=self._schema))
        self._batches, self._batches_bytes, self._batches_rows = [], 0, 0


def make_batch(rows: list[Row], kind: RowKind) -> Any:
    """Convert *rows* to one Arrow record batch in the shape of rows.parquet, each as new and with its hash.

    Raises:
        ParseError: a row does not fit its columns.
    """
    schema, count = ROW_SCHEMAS[kind], len(rows)
    values = dict(zip(_FIELDS[kind], zip(*rows, strict=True), strict=True))
    columns = {name: _column(name, cells, schema.field(name)) for name, cells in values.items()}
    columns["row_state"] = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), [RowState.NEW])
    columns["row_snapshot"] = pa.nulls(count, schema.field("row_snapshot").type)
    columns["content_sha256"] = content_hashes(kind, columns, edited_at=values.get("edited_at", ()))
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _column(name: str, cells: Any, field: pa.Field) -> Any:
    try:
        column = pa.array(cells, field.type)
    except (pa.ArrowException, UnicodeError, TypeError, ValueError, OverflowError) as error:
        # Arrow's own message would quote the cell, which is personal data.
        raise ParseError(f"rows: column {name}: expected {field.type}, found {type(error).__name__}") from None
    if not field.nullable and column.null_count:
        raise ParseError(f"rows: column {name}: expected a value in every row, found none in {column.null_count}")
    return column


class StagingJoiner:
    """Puts staging files of the runs of pages of one capture end to end, in order, into one.

    The file takes its name when the ``with`` block ends well.
    """

    def __init__(self, path: Path, kind: RowKind) -> None:
        self._path = path
        self._kind = kind
        self._notes = NotesTaken()
        self._file = JoinedFile(path)

    def __enter__(self) -> Self:
        leaves_path(self._path).unlink(missing_ok=True)
        self._file.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.state({NotesTaken.KEY: self._notes.to_json()})
        self._file.__exit__(kind, error, trace)

    def append(self, part: Path) -> None:
        """Add the staging file *part*, of the pages that come next, and use it up.

        Raises:
            ParseError: it is not a whole staging file of this kind.
        """
        self._notes.take_later(read_notes_taken(part, self._kind))
        self._file.append(part)
        part.unlink()
        if leaves_path(part).exists():
            append_leaves(leaves_path(part), leaves_path(self._path))
