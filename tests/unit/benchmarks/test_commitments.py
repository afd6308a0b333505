from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from benchmarks.commitments import compare
from muniment.records.series import RowKind
from muniment.tables.rows_file import make_batch
from tests.unit.tables.samples import item


def test_both_ways_of_writing_are_timed_and_nothing_is_left(tmp_path: Path) -> None:
    tables = [pa.Table.from_batches([make_batch([item(f"{at}-{n}") for n in range(50)], RowKind.ITEMS)]) for at in "ab"]

    found = compare(tables, tmp_path)

    assert found.rows == 100
    assert min(found.alone.wall_s, found.committed.wall_s, found.verified.wall_s) > 0
    assert found.added == found.committed.wall_s / found.alone.wall_s - 1
    assert list(tmp_path.iterdir()) == []
