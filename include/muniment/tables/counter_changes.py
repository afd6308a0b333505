"""Whose counters moved between two snapshots. Counters are no content: they stand in every row, hash or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from muniment.records.series import RowKind
from muniment.tables.engine import open_engine, open_rows
from muniment.tables.sealed_rows import COUNTERS

_BATCH = 2_000
# What is read, for `copy_columns`.
COUNTED = frozenset({"item_id", "row_state", *COUNTERS})


class CountersMoved(NamedTuple):
    """The counters of an item that both snapshots list, where they differ."""

    item_id: str
    before: Mapping[str, int | None]
    after: Mapping[str, int | None]


def compare_counters(before: Path, after: Path, *, scratch: Path, only: str | None = None) -> Iterator[CountersMoved]:
    """Yield the items that both files list and whose counters differ, by id; each row has its own counters.

    Raises:
        ParseError: a file cannot be read.
    """
    columns = ", ".join(f"b.{name}, a.{name}" for name in COUNTERS)
    differs = " OR ".join(f"b.{name} IS DISTINCT FROM a.{name}" for name in COUNTERS)
    with open_engine(scratch) as engine:
        for name, path in {"before": before, "after": after}.items():
            open_rows(engine, name, path, RowKind.ITEMS)
        found = engine.execute(
            f"SELECT a.id, {columns} FROM before b JOIN after a ON a.id = b.id "  # noqa: S608 - column names of ours
            f"WHERE b.row_state <> 'gone' AND a.row_state <> 'gone' AND ({differs}) "
            "AND ($1 IS NULL OR a.id = $1) ORDER BY a.id",
            [only],
        )
        while batch := found.fetchmany(_BATCH):
            for item_id, *numbers in batch:
                yield CountersMoved(item_id, _named(numbers[::2]), _named(numbers[1::2]))


def _named(numbers: list[int | None]) -> dict[str, int | None]:
    return dict(zip(COUNTERS, numbers, strict=True))
