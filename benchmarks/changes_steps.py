"""One step of the benchmark of changes, in a process of its own: ``python -m benchmarks.changes_steps STEP FILE...``.

``compare`` is the product's comparison; ``bare`` is a bare anti-join of DuckDB over ids and hashes.
Neither counts the start of Python. Ours may take a gibibyte of data in memory and no more.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path

import duckdb

from benchmarks.changes_snapshots import BASELINE, snapshots_of
from benchmarks.floors import Stopwatch
from muniment.records.series import RowKind
from muniment.tables.row_changes import compare_rows

CAP_BYTES = 1 << 30


def make(folder: str, items: str) -> dict[str, object]:
    """Make the snapshots of *items* items."""
    made = snapshots_of(Path(folder), int(items))
    return {"bytes": [path.stat().st_size for path in (made.before, made.before_pointing, made.after)]}


def compare(before: str, after: str, holder: str = "") -> dict[str, object]:
    """Compare *before*, which points to *holder* where that is given, with *after*, to the last difference."""
    watch, holders = Stopwatch(), {BASELINE: Path(holder)} if holder else {}
    with watch, tempfile.TemporaryDirectory(dir=Path(before).parent) as scratch:
        found = Counter(
            difference.state
            for difference in compare_rows(
                Path(before), holders, Path(after), {}, kind=RowKind.ITEMS, scratch=Path(scratch)
            )
        )
    return {"wall_s": watch.wall_s, "cpu_s": watch.cpu_s, "found": dict(sorted(found.items()))}


def bare(before: str, after: str) -> dict[str, object]:
    """Ask a bare DuckDB which ids with their hashes *after* has and *before* has not."""
    watch = Stopwatch()
    with watch, tempfile.TemporaryDirectory(dir=Path(before).parent) as scratch:
        settings = {"memory_limit": "900MB", "threads": "2", "temp_directory": scratch}
        with duckdb.connect(":memory:", config=settings) as engine:
            found = engine.execute(
                "SELECT item_id FROM (FROM read_parquet($1)) a ANTI JOIN (FROM read_parquet($2)) b "
                "USING (item_id, content_sha256)",
                [after, before],
            ).fetchall()
    return {"wall_s": watch.wall_s, "cpu_s": watch.cpu_s, "found": {"new or changed": len(found)}}


def main(step: str, *arguments: str) -> None:
    """Do *step* under the cap and print what it took."""
    if step == "compare":
        resource.setrlimit(resource.RLIMIT_DATA, (CAP_BYTES, CAP_BYTES))
    steps = {"make": make, "compare": compare, "bare": bare}
    print(json.dumps(steps[step](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
