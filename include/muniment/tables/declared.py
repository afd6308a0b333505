"""What a platform says there is, beside what was captured."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from muniment.records.rows import ItemKind
from muniment.records.series import RowKind
from muniment.tables.parse_notes import DeclaredTotal, NotesTaken

# Which of our rows a platform counts under a word of `records.rows.Declared`.
_KINDS_COUNTED = {
    "posts": (ItemKind.POST, ItemKind.REPLY),
    "statuses": (ItemKind.POST, ItemKind.REPLY, ItemKind.REPOST),  # Mastodon counts its boosts too
    "repository posts": (ItemKind.POST, ItemKind.REPLY),
    "replies": (ItemKind.REPLY,),
    "articles": (ItemKind.ARTICLE,),
}
_SUBSCRIBER_WORDS = ("followers", "subscribers")


def compare_declared(engine: duckdb.DuckDBPyConnection, taken: NotesTaken, kind: RowKind) -> tuple[DeclaredTotal, ...]:
    """Set each declared count beside the rows of `staging` that are not in `dropped`."""
    if not taken.declared:
        return ()
    whole = [(what, number) for (what, subject), number in taken.declared.items() if subject is None]
    single = [(what, subject, number) for (what, subject), number in taken.declared.items() if subject is not None]
    by_kind = _count_kinds(engine, kind)
    totals = [
        DeclaredTotal(what=what, number=number, captured=_captured(what, by_kind, kind), per_subject=False)
        for what, number in whole
    ]
    return (*totals, *(_sum_subjects(engine, single, kind) if single else ()))


def _count_kinds(engine: duckdb.DuckDBPyConnection, kind: RowKind) -> dict[str, int]:
    word = "kind" if kind is RowKind.ITEMS else "'subscriber'"
    counted = engine.execute(
        f"SELECT {word}, count(*) FROM staging WHERE position NOT IN (FROM dropped) GROUP BY 1"  # noqa: S608 - a column of ours
    ).fetchall()
    return {str(name): int(count) for name, count in counted}


def _captured(what: str, by_kind: dict[str, int], kind: RowKind) -> int | None:
    if kind is RowKind.SUBSCRIBERS:
        return sum(by_kind.values()) if what in _SUBSCRIBER_WORDS else None
    if what not in _KINDS_COUNTED:
        return None
    return sum(by_kind.get(name, 0) for name in _KINDS_COUNTED[what])


def _sum_subjects(
    engine: duckdb.DuckDBPyConnection, single: list[tuple[str, str, int]], kind: RowKind
) -> list[DeclaredTotal]:
    if kind is not RowKind.ITEMS:
        return [DeclaredTotal(what=what, number=number, captured=None, per_subject=True) for what, _, number in single]
    whats, subjects, numbers = zip(*single, strict=True)
    engine.register("declared", pa.table({"what": whats, "subject": subjects, "number": numbers}))
    sums = engine.execute("""
        SELECT what, sum(number), sum(least(number, coalesce(captured, 0))) FROM declared LEFT JOIN
            (SELECT reply_parent_id AS subject, count(*) AS captured FROM staging
             WHERE position NOT IN (FROM dropped) AND reply_parent_id IN (SELECT subject FROM declared)
             GROUP BY 1) USING (subject)
        GROUP BY what ORDER BY what
    """).fetchall()
    return [
        DeclaredTotal(what=what, number=int(number), captured=int(captured), per_subject=True)
        for what, number, captured in sums
    ]
