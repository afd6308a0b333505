"""Row roots recomputed from what a rows file holds, in bounded memory and on several cores.

Short hashes hold Python's lock, so a large file is cut among processes:
``python -m muniment.tables.row_roots <path> <schema> <first row> <row to stop before>``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

import muniment
from muniment.errors import ParseError, ProofError
from muniment.evidence.disclosures import Disclosure, disclose
from muniment.evidence.merkle import HASH_BYTES, root_of
from muniment.tables.parquet import open_parquet
from muniment.tables.row_commitments import SUBTREE_ROWS, Run, fold_subtrees, read_commitment, rows_schema
from muniment.tables.row_hashes import hash_batch

_BATCH_ROWS = 1_024  # of some 3 MB: read, encoded and hashed while it is in the processor's cache
_BATCH_BYTES = 256 << 20  # an Arrow array of text holds 2 GB, and hashing copies it
_ROWS_OF_A_PROCESS = 64_000  # fewer are hashed sooner than another Python starts
_MAX_PROCESSES = 4


def recompute_root(path: Path, schema: str, *, processes: int | None = None) -> tuple[int, bytes]:
    """Return how many rows the file at *path* holds and the root over them, as its rows and its secrets give them.

    In as many *processes* as the file is worth on this machine, unless their number is given.

    Raises:
        ParseError: it is no whole rows file of *schema*, as ``items/1``, or has not a secret for every row.
    """
    runs = _read_runs(path, schema)
    rows = sum(run.rows for run in runs)
    if processes is None:
        processes = min(_MAX_PROCESSES, os.cpu_count() or 1, rows // _ROWS_OF_A_PROCESS)
    if processes < 2:
        return rows, root_of(list(fold_subtrees(_hash_rows(path, schema, runs, 0, rows))))
    return rows, root_of(_share(path, schema, rows, processes))


def hash_rows(path: Path, schema: str) -> Iterator[bytes]:
    """Yield the leaf hash of every row of the file at *path*, in order.

    Raises:
        ParseError: as for `recompute_root`.
    """
    runs = _read_runs(path, schema)
    return _hash_rows(path, schema, runs, 0, sum(run.rows for run in runs))


def disclose_row(path: Path, schema: str, row: int, *, show: frozenset[str]) -> Disclosure:
    """Show the fields *show* of row number *row* of the rows file at *path*, withholding its others.

    Raises:
        ParseError: as for `recompute_root`.
        ProofError: there is no such row or field.
    """
    leaves = list(hash_rows(path, schema))
    start, secret = next(
        (
            (start, run.secret)
            for start, run in _place_runs(_read_runs(path, schema))
            if start <= row < start + run.rows
        ),
        (0, b""),
    )
    values = [batch.to_pylist()[0] for batch in _read_rows(path, schema, row, row + 1)]
    if not values:
        raise ProofError(f"{path}: expected a row below {len(leaves)}, found {row}")
    return disclose(schema, values[0], show=show, secret=secret, row_of_run=row - start, row=row, leaves=leaves)


def _read_runs(path: Path, schema: str) -> tuple[Run, ...]:
    runs = read_commitment(path, schema).runs
    stated = sum(run.rows for run in runs)
    with open_parquet(path, rows_schema(schema)) as file:
        found = int(file.metadata.num_rows)
    if found != stated:
        raise ParseError(f"{path}: expected the {stated} rows that were committed to, found {found}")
    return runs


def _hash_rows(path: Path, schema: str, runs: Iterable[Run], first: int, stop: int) -> Iterator[bytes]:
    for start, run in _place_runs(runs):
        low, high = max(first, start), min(stop, start + run.rows)
        if low < high:
            row = low - start
            for batch in _read_rows(path, schema, low, high):
                yield from hash_batch(batch, schema, run.secret, row)
                row += len(batch)


def _place_runs(runs: Iterable[Run]) -> Iterator[tuple[int, Run]]:
    start = 0
    for run in runs:
        yield start, run
        start += run.rows


def _share(path: Path, schema: str, rows: int, processes: int) -> list[bytes]:
    """Return the roots of the subtrees of *rows*, each process hashing a part of them."""
    subtrees = -(-rows // SUBTREE_ROWS)
    marks = [min(subtrees * number // processes * SUBTREE_ROWS, rows) for number in range(processes)] + [rows]
    command = [sys.executable, "-m", "muniment.tables.row_roots", str(path.absolute()), schema]
    with ExitStack() as stack:
        running = [_start(stack, [*command, str(first), str(stop)]) for first, stop in pairwise(marks)]
        told = [process.communicate() for process in running]
    for process, (_, said) in zip(running, told, strict=True):
        if process.returncode:
            why = said.decode(errors="replace").strip().rpartition("\n")[2]
            raise ParseError(f"{path}: its rows cannot be hashed: {why}")
    joined = b"".join(roots for roots, _ in told)
    return [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]


def _start(stack: ExitStack, command: list[str]) -> subprocess.Popen[bytes]:
    # From where this package lies, so that the other Python finds it too.
    home = Path(muniment.__file__).parent.parent
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    stack.enter_context(process)
    stack.callback(process.kill)  # nothing, once it has ended
    return process


def _read_rows(path: Path, schema: str, first: int, stop: int) -> Iterator[Any]:
    """Yield record batches of the rows from *first* up to *stop*, reading no other row groups."""
    with open_parquet(path, rows_schema(schema)) as file:
        ends = list(
            accumulate(file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups))
        )
        for group, (start, end) in enumerate(pairwise([0, *ends])):
            if first < end and start < stop:
                yield from _cut(_read_group(path, file, group), max(first - start, 0), min(stop, end) - start)


def _read_group(path: Path, file: Any, group: int) -> Iterator[Any]:
    try:
        yield from file.iter_batches(_BATCH_ROWS, row_groups=[group], use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise ParseError(f"{path}: row group {group} cannot be read: {type(error).__name__}") from None


def _cut(batches: Iterable[Any], low: int, high: int) -> Iterator[Any]:
    """Yield what of *batches* lies between rows *low* and *high*."""
    start = 0
    for batch in batches:
        first, stop = max(low - start, 0), min(high - start, len(batch))
        start += len(batch)
        if first < stop:
            yield from _halve(batch.slice(first, stop - first))


def _halve(batch: Any) -> Iterator[Any]:
    if batch.nbytes <= _BATCH_BYTES or len(batch) < 2:
        yield batch
    else:
        middle = len(batch) // 2
        yield from _halve(batch.slice(0, middle))
        yield from _halve(batch.slice(middle))


def main(path: str, schema: str, first: str, stop: str) -> None:
    """Write the roots of the subtrees over the rows from *first* up to *stop* to the standard output."""
    runs = _read_runs(Path(path), schema)
    for root in fold_subtrees(_hash_rows(Path(path), schema, runs, int(first), int(stop))):
        sys.stdout.buffer.write(root)


if __name__ == "__main__":
    main(*sys.argv[1:])
