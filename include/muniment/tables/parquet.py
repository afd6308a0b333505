"""How Muniment's Parquet files are opened, written and finished: whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.errors import ParseError
from muniment.tables.schemas import schema_name

ZSTD_LEVEL = 3  # of every file of pages and of rows

_MAGIC_BYTES = 4  # "PAR1"; Apache Parquet, "File format"
_TAIL_BYTES = 8  # length of the footer, then the magic


def open_parquet(path: Path, schema: pa.Schema) -> pq.ParquetFile:
    """Open the file at *path*, written by *schema*.

    Raises:
        ParseError: it is no whole Parquet file, or of another schema.
    """
    wanted = schema_name(schema)
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise ParseError(f"{path}: expected a whole Parquet file of {wanted}, found {_first_line(error)}") from None
    found = (file.schema_arrow.metadata or {}).get(b"muniment.schema", b"no schema").decode()
    if found != wanted:
        file.close()
        raise ParseError(f"{path}: expected Parquet of {wanted}, found {found}")
    return file


def read_batches(
    path: Path,
    schema: pa.Schema,
    *,
    rows: int,
    columns: list[str] | None = None,
    groups: Iterable[int] | None = None,
) -> Iterator[Any]:
    """Yield record batches of at most *rows* rows, one row group in memory at a time; all *groups* unless given.

    Raises:
        ParseError: the file is not whole, or of another schema.
    """
    with open_parquet(path, schema) as file:
        for group in range(file.metadata.num_row_groups) if groups is None else groups:
            try:
                yield from file.iter_batches(batch_size=rows, row_groups=[group], columns=columns)
            except (pa.ArrowException, OSError) as error:
                raise ParseError(f"{path}: row group {group} cannot be read: {_first_line(error)}") from None


def count_rows(path: Path, schema: pa.Schema) -> int:
    """Return the number of rows that the file's footer states."""
    with open_parquet(path, schema) as file:
        return int(file.metadata.num_rows)


def read_note(path: Path, schema: pa.Schema, name: str) -> str:
    """Return the text of the file's metadata key *name*.

    Raises:
        ParseError: the file has no such key.
    """
    with open_parquet(path, schema) as file:
        value = (file.metadata.metadata or {}).get(name.encode())
    if value is None:
        raise ParseError(f"{path}: expected metadata {name}, found none")
    return str(value.decode())


@contextmanager
def new_file(path: Path, *, passing: bool = False) -> Iterator[Path]:
    """Lend a place to write; what stands there is flushed and renamed to *path* when all went well.

    On an error nothing is left. Killed in the middle, ``<name>.part`` is left and *path* is not touched.
    A *passing* file, which is sealed at once and then removed, need not reach the disk and is not flushed.
    """
    part = path.with_name(path.name + ".part")
    try:
        yield part
        if not passing:
            flush(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Wait until the bytes of *path* are on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


class WatchedFile:
    """A new file, for writing from its beginning to its end; *watch* is given every byte, in order."""

    def __init__(self, path: Path, watch: Callable[[bytes], object]) -> None:
        self._file = path.open("wb")
        self._watch = watch

    @property
    def closed(self) -> bool:
        """Tell whether the file is closed."""
        return self._file.closed

    def write(self, chunk: bytes) -> int:
        """Write *chunk*."""
        self._watch(chunk)
        return self._file.write(chunk)

    def flush(self) -> None:
        """Give what was written to the kernel."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def open_writer(
    path: Path | WatchedFile,
    schema: pa.Schema,
    *,
    delta: Iterable[str] = (),
    plain: Iterable[str] = (),
    bulky: Iterable[str] = (),
) -> pq.ParquetWriter:
    """Open a writer of zstd at `ZSTD_LEVEL`.

    *delta*: columns in which a value shares its start with the one before (DELTA_BYTE_ARRAY).
    *plain*: columns that do not compress. *bulky*: columns where no dictionary or statistics pay.
    """
    delta, plain, bulky = set(delta), set(plain), set(bulky)
    leaves = _leaf_paths(schema)
    return pq.ParquetWriter(
        path,
        schema,
        compression={leaf: "NONE" if leaf in plain else "zstd" for leaf in leaves},
        compression_level={leaf: ZSTD_LEVEL for leaf in leaves if leaf not in plain},
        use_dictionary=[leaf for leaf in leaves if leaf not in delta | plain | bulky],
        column_encoding={leaf: "DELTA_BYTE_ARRAY" for leaf in leaves if leaf in delta},
        write_statistics=[leaf for leaf in leaves if leaf not in plain | bulky],
    )


def _leaf_paths(schema: pa.Schema) -> list[str]:
    empty = pa.BufferOutputStream()
    pq.ParquetWriter(empty, schema).close()
    parquet = pq.read_metadata(pa.BufferReader(empty.getvalue())).schema
    return [parquet.column(index).path for index in range(len(parquet))]


def restate_notes(path: Path, schema: pa.Schema, notes: Mapping[str, str]) -> None:
    """Give the finished file at *path* other metadata keys; its rows stay where they lie.

    A Parquet file ends in its footer, so the footer alone is replaced.
    """
    empty = pa.BufferOutputStream()
    with pq.ParquetWriter(empty, schema) as writer:
        writer.add_key_value_metadata(dict(notes))
    footer = pq.read_metadata(pa.BufferReader(empty.getvalue()))
    footer.append_row_groups(pq.read_metadata(path))
    spelled = pa.BufferOutputStream()
    footer.write_metadata_file(spelled)
    with path.open("r+b") as file:
        file.seek(-_TAIL_BYTES, os.SEEK_END)
        length = int.from_bytes(file.read(4), "little")
        file.seek(-(_TAIL_BYTES + length), os.SEEK_END)
        file.truncate()
        file.write(spelled.getvalue().to_pybytes()[_MAGIC_BYTES:])


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0][:160]
