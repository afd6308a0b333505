"""The retention timeline: how much becomes due in each month, by series, what is held set apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from muniment.records.canonical import JsonValue
from muniment.workflows.reports.standing import Standing
from muniment.workflows.reports.table import spell_size, spell_volumes

_WIDTH = 40  # characters of the longest bar
MOST_MONTHS = 60  # shown one by one; what comes later is told in one sum
_MARKS = "█▓▒░▚▞▤▥"
_HELD = "H"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of one series becomes due in one month; the held ones are among the volumes and bytes."""

    series: str
    volumes: int
    size_bytes: int
    held_volumes: int
    held_bytes: int


@dataclass(frozen=True, slots=True)
class Month:
    """One month, as ``2028-12``, with a part for each series that has something due in it."""

    name: str
    parts: tuple[Part, ...]

    @property
    def volumes(self) -> int:
        """Return how many volumes become due."""
        return sum(part.volumes for part in self.parts)

    @property
    def size_bytes(self) -> int:
        """Return how many bytes become due."""
        return sum(part.size_bytes for part in self.parts)

    @property
    def held_volumes(self) -> int:
        """Return how many of the volumes are on hold."""
        return sum(part.held_volumes for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Every month from the first to the last in which something becomes due, and what has no date."""

    months: tuple[Month, ...]
    waiting: int
    permanent: int
    undated: int

    @property
    def series(self) -> tuple[str, ...]:
        """Return the series that have a date, in order."""
        return tuple(sorted({part.series for month in self.months for part in month.parts}))

    @property
    def shown(self) -> tuple[Month, ...]:
        """Return the months that are drawn."""
        return self.months[:MOST_MONTHS]

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return in sentences what no bar shows."""
        later = self.months[MOST_MONTHS:]
        counts = (
            (sum(month.volumes for month in later), f"become due after {self.shown[-1].name}" if later else ""),
            (self.waiting, "wait for an event, and have no date until it"),
            (self.permanent, "are kept for ever"),
            (self.undated, "have no row of the schedule, and so no date"),
        )
        return tuple(f"Volumes that {what}: {number}." for number, what in counts if number)

    def to_json(self) -> JsonValue:
        """Return the months that have something, and the counts of what has no date."""
        months: list[JsonValue] = [
            {
                "month": month.name,
                "series": part.series,
                "volumes": part.volumes,
                "size_bytes": part.size_bytes,
                "held_volumes": part.held_volumes,
                "held_bytes": part.held_bytes,
            }
            for month in self.months
            for part in month.parts
        ]
        return {"months": months, "waiting": self.waiting, "permanent": self.permanent, "undated": self.undated}


def draw_up(standings: Iterable[Standing], zone: ZoneInfo) -> Timeline:
    """Return the timeline of *standings*, by months of *zone*."""
    found: dict[str, dict[str, list[Standing]]] = {}
    waiting = permanent = undated = 0
    for one in standings:
        if one.due_at is not None:
            local = one.due_at.astimezone(zone)
            month = found.setdefault(f"{local.year:04}-{local.month:02}", {})
            month.setdefault(str(one.address.series), []).append(one)
        waiting += one.due_at is None and one.waits_for is not None
        permanent += one.due_at is None and one.permanent
        undated += one.due_at is None and not one.permanent and one.waits_for is None
    months = tuple(
        Month(name, tuple(_part(series, group) for series, group in sorted(found.get(name, {}).items())))
        for name in _between(found)
    )
    return Timeline(months=months, waiting=waiting, permanent=permanent, undated=undated)


def render_bars(timeline: Timeline) -> list[str]:
    """Return the timeline as lines of text: a bar a month, a mark a series, what is held as H."""
    if not timeline.months:
        return ["No volume has a due date yet.", *timeline.remarks]
    marks = {series: _MARKS[at % len(_MARKS)] for at, series in enumerate(timeline.series)}
    most = max(month.size_bytes for month in timeline.shown) or 1
    lines = ["  ".join((*(f"{mark} {series}" for series, mark in marks.items()), f"{_HELD} on hold")), ""]
    lines += [_line(month, marks, most) for month in timeline.shown]
    return [*lines, "", *timeline.remarks] if timeline.remarks else lines


def _part(series: str, group: list[Standing]) -> Part:
    held = [one for one in group if one.matters]
    return Part(
        series=series,
        volumes=len(group),
        size_bytes=sum(one.size_bytes for one in group),
        held_volumes=len(held),
        held_bytes=sum(one.size_bytes for one in held),
    )


def _between(names: Iterable[str]) -> list[str]:
    known = sorted(names)
    if not known:
        return []
    first, last = (date(int(name[:4]), int(name[5:]), 1) for name in (known[0], known[-1]))
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months > MOST_MONTHS:  # a schedule of a hundred years leaves no gap of a thousand empty bars
        return known
    at = first.year * 12 + first.month - 1
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(at, at + months)]


def _line(month: Month, marks: dict[str, str], most: int) -> str:
    bar = "".join(
        _HELD * _cells(part.held_bytes, most) + marks[part.series] * _cells(part.size_bytes - part.held_bytes, most)
        for part in month.parts
    )
    said = f"{spell_volumes(month.volumes)}, {spell_size(month.size_bytes)}" if month.volumes else ""
    if month.held_volumes:
        said += f", {month.held_volumes} on hold"
    return f"{month.name}  {bar:<{_WIDTH}}  {said}".rstrip()


def _cells(size: int, most: int) -> int:
    """Return the length of a bar: at least one cell for anything that is there."""
    return max(1, round(size / most * _WIDTH)) if size else 0
