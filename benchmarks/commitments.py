"""What commitments add to writing rows: ``python -m benchmarks.commitments <rows file> <folder>``.

Each row group is written twice, in turn: alone, and with its rows committed to meanwhile, as the
product does it. Turn by turn, so that what else the machine does weighs on both alike. How the
rows come into memory is not counted, nor the start of Python; what a verifier needs to read the
file and compute its root again is told beside it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.floors import Stopwatch
from muniment.records.series import RowKind
from muniment.tables.ahead import WriteBehind
from muniment.tables.parquet import flush, restate_notes
from muniment.tables.row_commitments import KEY, LeafWriter, fold_leaves, leaves_path
from muniment.tables.row_roots import recompute_root
from muniment.tables.rows_file import open_rows_writer
from muniment.tables.schemas import ITEMS, schema_name

_SCHEMA = schema_name(ITEMS)


@dataclass(slots=True)
class Compared:
    """Seconds of writing rows alone, of writing them with commitments, of recomputing the root from the file."""

    rows: int = 0
    alone: Stopwatch = field(default_factory=Stopwatch)
    committed: Stopwatch = field(default_factory=Stopwatch)
    verified: Stopwatch = field(default_factory=Stopwatch)

    @property
    def added(self) -> float:
        """Return what commitments add by the clock, as a share of the write."""
        return self.committed.wall_s / self.alone.wall_s - 1


def compare(tables: Iterable[Any], folder: Path) -> Compared:
    """Write *tables* of items into *folder* without commitments and with them, in turn."""
    found, alone, committed = Compared(), folder / "alone.parquet", folder / "committed.parquet"
    with ExitStack() as stack:
        one = stack.enter_context(open_rows_writer(alone, RowKind.ITEMS))
        two = stack.enter_context(open_rows_writer(committed, RowKind.ITEMS))
        leaves = stack.enter_context(LeafWriter(leaves_path(committed), _SCHEMA))
        behind = stack.enter_context(WriteBehind())
        for table in tables:
            found.rows += len(table)
            with found.alone:
                behind.do(one.write_table, table)
                behind.wait()
            with found.committed:
                behind.do(two.write_table, table)
                leaves.add(table)
                behind.wait()
        with found.alone:
            one.close()
            flush(alone)
        with found.committed:
            two.close()
            flush(committed)
    _finish(committed, found)
    alone.unlink()
    committed.unlink()
    return found


def _finish(committed: Path, found: Compared) -> None:
    with found.committed:
        commitment = fold_leaves(leaves_path(committed))
        restate_notes(committed, ITEMS, {KEY: commitment.to_json()})
    with found.verified:
        root = recompute_root(committed, _SCHEMA)
    assert root == (commitment.rows, commitment.root)


def _read(rows: Path) -> Iterable[Any]:
    with pq.ParquetFile(rows) as source:
        for group in range(source.metadata.num_row_groups):
            yield source.read_row_group(group)


def main(rows: str, folder: str) -> None:
    """Measure, and print what it took."""
    pa.set_cpu_count(1)
    found = compare(_read(Path(rows)), Path(folder))
    said = {name: getattr(found, name) for name in ("alone", "committed", "verified")}
    seconds = {name: {"wall_s": watch.wall_s, "cpu_s": watch.cpu_s} for name, watch in said.items()}
    print(json.dumps({"rows": found.rows, "added": found.added, **seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
