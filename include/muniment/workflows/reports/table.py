"""A table as values: what a page, a terminal, JSON and CSV are written from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant

Cell = str | int | datetime | None


class Kind(StrEnum):
    """What a column's cells are; each may be None where there is nothing to say."""

    TEXT = "text"
    NAME = "name"  # an id: never broken over two lines
    HASH = "hash"  # broken anywhere
    COUNT = "count"
    BYTES = "bytes"
    DAY = "day"  # an instant that begins a local day
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name for programs, its title for people."""

    id: str
    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a report. `empty` says what it means that there are no rows, and what to do next."""

    id: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str

    def cells(self, column: str) -> list[Cell]:
        """Return the cells of the column called *column*."""
        at = [one.id for one in self.columns].index(column)
        return [row[at] for row in self.rows]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the table with one object a row; instants are UTC."""
        names = [column.id for column in self.columns]
        rows: list[JsonValue] = [dict(zip(names, map(_plain, row), strict=True)) for row in self.rows]
        return {"id": self.id, "title": self.title, "rows": rows}


def name(column: str, title: str) -> Column:
    """Return a column of ids."""
    return Column(column, title, Kind.NAME)


def count(column: str, title: str) -> Column:
    """Return a column of numbers."""
    return Column(column, title, Kind.COUNT)


def spell_size(size: int) -> str:
    """Spell *size* in bytes for people, in units of a thousand."""
    for unit, factor in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"


def spell_volumes(number: int) -> str:
    """Spell how many volumes."""
    return "1 volume" if number == 1 else f"{number:,} volumes"


def join_counted(words: Iterable[str], nothing: str = "") -> str:
    """Return *words*, each once with how often it came where that is more than once, the commonest first."""
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "; ".join(f"{word} ({times})" if times > 1 else word for word, times in ordered) or nothing


def _plain(cell: Cell) -> JsonValue:
    return format_instant(cell) if isinstance(cell, datetime) else cell
