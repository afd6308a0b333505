"""Tell whether a rows file has one row, by its id or by the address that the platform gave it."""

from __future__ import annotations

from pathlib import Path

from muniment.records.series import RowKind
from muniment.tables.engine import fetch_number, open_engine, open_rows

# What a lookup reads, for `copy_columns`.
LOOKED_UP = {
    RowKind.ITEMS: frozenset({"item_id", "url"}),
    RowKind.REMOVALS: frozenset({"item_id", "url"}),
    RowKind.SUBSCRIBERS: frozenset({"subscriber_id"}),
}


def has_row(path: Path, kind: RowKind, wanted: str) -> bool:
    """Tell whether the file at *path* lists *wanted*: the id of a row, or the address (URL) of an item.

    Raises:
        ParseError: the file cannot be read.
    """
    also = " OR url = $wanted" if kind is not RowKind.SUBSCRIBERS else ""
    with open_engine(path.parent) as engine:
        open_rows(engine, "rows", path, kind)
        sql = f"SELECT count(*) FROM (SELECT 1 FROM rows WHERE id = $wanted{also} LIMIT 1)"  # noqa: S608 - words of ours
        return fetch_number(engine, sql, {"wanted": wanted}) > 0
