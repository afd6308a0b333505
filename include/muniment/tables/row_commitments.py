"""What a rows file says of its commitments, and how they are taken while its rows are written.

The rows are committed to in runs, each under a secret of its own, so that parts of a file can be
made at the same time. The metadata key ``muniment.commitment`` holds the runs and the root; with
the file, the secrets are destroyed. Until the file is whole, its leaf hashes lie in a file beside it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import pyarrow as pa

from muniment.errors import ParseError
from muniment.evidence.commitments import SECRET_BYTES
from muniment.evidence.merkle import HASH_BYTES, root_of
from muniment.evidence.row_fields import SCHEME
from muniment.records.canonical import canonical_json
from muniment.tables.parquet import read_batches, read_note
from muniment.tables.row_hashes import hash_batch
from muniment.tables.schemas import ITEMS, REMOVALS, SUBSCRIBERS, schema_name

KEY = "muniment.commitment"
SUBTREE_ROWS = 1 << 14  # leaves folded at once; a power of two, so that what they fold to is a node of the tree
_BATCH_ROWS = 2_000
_COUNT_BYTES = 8
_SCHEMAS = {schema_name(schema): schema for schema in (ITEMS, SUBSCRIBERS, REMOVALS)}


@dataclass(frozen=True, slots=True)
class Run:
    """So many rows, one after the other, that share a secret (32 bytes)."""

    rows: int
    secret: bytes = field(repr=False)  # a traceback may end in a log


@dataclass(frozen=True, slots=True)
class RowCommitment:
    """The root (32 bytes) over the rows of a file, and the runs that they were committed to in."""

    rows: int
    root: bytes
    runs: tuple[Run, ...]

    def to_json(self) -> str:
        """Spell it for the file's metadata. It holds the secrets, so it belongs nowhere else."""
        runs: list[list[int | str]] = [[run.rows, run.secret.hex()] for run in self.runs]
        return canonical_json({"scheme": SCHEME, "rows": self.rows, "root": self.root.hex(), "runs": runs}).decode()


def rows_schema(name: str) -> pa.Schema:
    """Return the Arrow schema of the rows named *name*, as ``items/1``.

    Raises:
        ParseError: no rows have that schema.
    """
    if name not in _SCHEMAS:
        raise ParseError(f"rows: expected a schema of {', '.join(_SCHEMAS)}, found {name[:40]!r}")
    return _SCHEMAS[name]


def read_commitment(path: Path, schema: str) -> RowCommitment:
    """Read what the rows file at *path* says of its commitments. Whether it is true, `row_roots` finds out.

    Raises:
        ParseError: it is no whole file of *schema*, as ``items/1``, or says nothing sound of them.
    """
    text = read_note(path, rows_schema(schema), KEY)
    try:
        value = json.loads(text)
        runs = tuple(Run(rows, bytes.fromhex(secret)) for rows, secret in value["runs"])
        found = RowCommitment(value["rows"], bytes.fromhex(value["root"]), runs)
        sound = found.to_json() == text and sum(run.rows for run in runs) == found.rows
    except (ValueError, KeyError, TypeError) as error:
        raise ParseError(f"{path}: metadata {KEY}: a field is missing or malformed: {type(error).__name__}") from None
    if not sound or len(found.root) != HASH_BYTES or any(len(run.secret) != SECRET_BYTES for run in runs):
        raise ParseError(f"{path}: metadata {KEY}: expected {SCHEME} with runs of all {found.rows} rows, found other")
    return found


class LeafWriter:
    """Writes the leaf hashes of one run of rows, to a file, with a batch in memory. On an error nothing is left."""

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        self._schema = schema
        self._secret = secrets.token_bytes(SECRET_BYTES)
        self._rows = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._file: BinaryIO = self._stack.enter_context(self._path.open("wb"))
        self._file.write(bytes(_COUNT_BYTES) + self._secret)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            self._file.seek(0)
            self._file.write(self._rows.to_bytes(_COUNT_BYTES, "big"))
        if error is not None:
            self._path.unlink()

    def add(self, rows: Any) -> None:
        """Add *rows*, a table or a record batch."""
        for batch in rows.to_batches(max_chunksize=_BATCH_ROWS) if isinstance(rows, pa.Table) else (rows,):
            self._file.write(b"".join(hash_batch(batch, self._schema, self._secret, self._rows)))
            self._rows += len(batch)


def commit_file(path: Path, schema: str) -> RowCommitment:
    """Commit to the rows that the file at *path* holds, in one run.

    Raises:
        ParseError: the file is not whole, or not of *schema*.
    """
    with LeafWriter(leaves_path(path), schema) as writer:
        for batch in read_batches(path, rows_schema(schema), rows=_BATCH_ROWS):
            writer.add(batch)
    return fold_leaves(leaves_path(path))


def leaves_path(path: Path) -> Path:
    """Return where the leaf hashes of the unfinished rows file *path* lie."""
    return path.with_name(path.name + ".leaves")


def append_leaves(part: Path, whole: Path) -> None:
    """Put the runs of the file of leaves *part* behind those of *whole*, and use it up."""
    with part.open("rb") as source, whole.open("ab") as target:
        while chunk := source.read(1 << 20):
            target.write(chunk)
    part.unlink()


def fold_leaves(path: Path) -> RowCommitment:
    """Return the commitment to the rows whose leaves the file *path* holds, and use it up.

    Raises:
        ParseError: the file ends in the middle of a run.
    """
    runs: list[Run] = []
    with path.open("rb") as file:
        root = fold(chain.from_iterable(_read_runs(file, runs)))
    path.unlink()
    return RowCommitment(sum(run.rows for run in runs), root, tuple(runs))


def fold(leaves: Iterator[bytes]) -> bytes:
    """Return the root over *leaves*, holding few of them at a time."""
    return root_of(list(fold_subtrees(leaves)))


def fold_subtrees(leaves: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the root over every `SUBTREE_ROWS` of *leaves*, and over the rest."""
    while subtree := list(islice(leaves, SUBTREE_ROWS)):
        yield root_of(subtree)


def _read_runs(file: BinaryIO, runs: list[Run]) -> Iterator[Iterator[bytes]]:
    while head := file.read(_COUNT_BYTES + SECRET_BYTES):
        run = Run(int.from_bytes(head[:_COUNT_BYTES], "big"), head[_COUNT_BYTES:])
        runs.append(run)
        yield _read_leaves(file, run.rows)


def _read_leaves(file: BinaryIO, rows: int) -> Iterator[bytes]:
    for left in range(rows, 0, -SUBTREE_ROWS):
        wanted = min(left, SUBTREE_ROWS) * HASH_BYTES
        block = file.read(wanted)
        if len(block) != wanted:
            raise ParseError(f"{file.name}: expected {rows} leaf hashes of a run, found fewer")
        yield from [block[at : at + HASH_BYTES] for at in range(0, wanted, HASH_BYTES)]
