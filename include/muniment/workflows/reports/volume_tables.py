"""The tables over volumes: holdings by series, what is due, locks against dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from muniment.evidence.layout import VolumeAddress
from muniment.workflows.reports.standing import Standing
from muniment.workflows.reports.table import Cell, Column, Kind, Table, count, join_counted, name

_SERIES = name("series", "series")
_VOLUMES, _OBJECTS = count("volumes", "volumes"), count("objects", "objects")
_SIZE = Column("size_bytes", "size", Kind.BYTES)


def list_holdings(standings: Sequence[Standing]) -> Table:
    """Return what is held, by series."""
    return Table(
        id="holdings",
        title="Holdings by series",
        about="Everything sealed by then and not destroyed by then.",
        columns=(
            _SERIES,
            name("row", "row"),
            _VOLUMES,
            count("snapshots", "snapshots"),
            _OBJECTS,
            _SIZE,
            Column("first_taken", "first captured", Kind.INSTANT),
            Column("last_taken", "last captured", Kind.INSTANT),
        ),
        rows=tuple(_holding(series, group) for series, group in _by_series(standings)),
        empty="Nothing was sealed by then. `muniment capture` takes an account's records now; "
        "the timetable takes them by itself.",
    )


def list_due(standings: Sequence[Standing], moment: datetime) -> Table:
    """Return by series what is due at *moment*, with what stops it, and what comes next."""
    return Table(
        id="due",
        title="Due, by series",
        about="Volumes whose disposition may be proposed, and what stops each. Waiting: no date until an event.",
        columns=(
            _SERIES,
            name("row", "row"),
            _VOLUMES,
            _OBJECTS,
            _SIZE,
            Column("since", "due since", Kind.DAY),
            count("free", "nothing stops"),
            Column("stopped_by", "stopped by"),
            Column("next_due", "next due", Kind.DAY),
            count("waiting", "waiting"),
            count("permanent", "kept for ever"),
        ),
        rows=tuple(_due(series, group, moment) for series, group in _by_series(standings)),
        empty="Nothing is held, so nothing can be due.",
    )


def list_due_volumes(standings: Sequence[Standing], moment: datetime) -> Table:
    """Return each volume that is due at *moment*, with what stops it."""
    due = [standing for standing in standings if standing.is_due(moment)]
    return Table(
        id="due-volumes",
        title="Due, volume by volume",
        about="The longest due first.",
        columns=(
            _SERIES,
            name("account", "account"),
            name("volume", "volume"),
            name("row", "row"),
            _OBJECTS,
            _SIZE,
            Column("due_at", "due since", Kind.DAY),
            Column("stopped_by", "stopped by"),
        ),
        rows=tuple(_due_volume(one) for one in sorted(due, key=lambda one: (one.due_at or moment, one.address))),
        empty="No volume is due. The timeline shows when the next ones are; nothing is to be done.",
    )


def list_locks(
    standings: Sequence[Standing], on_store: Callable[[VolumeAddress], datetime | None] | None = None
) -> Table:
    """Return by series the locks beside the date sums: as recorded, or with *on_store* as the store has them now."""
    source = "on the store now" if on_store else "by manifests and recorded extensions (`--live` asks the store)"
    read = _recorded if on_store is None else lambda one: on_store(one.address)
    return Table(
        id="locks",
        title="Locks against dates",
        about=f"The shortest lock of each volume, {source}, beside the date sum of the schedule.",
        columns=(
            _SERIES,
            _VOLUMES,
            Column("first_lock", "first lock ends", Kind.INSTANT),
            Column("last_lock", "last lock ends", Kind.INSTANT),
            count("covered", "as long as the sum"),
            count("short", "shorter than the sum"),
            count("no_sum", "no sum"),
            count("unlocked", "no lock"),
            Column("shortest", "which are shorter or have no lock"),
        ),
        rows=tuple(_locks(series, group, read) for series, group in _by_series(standings)),
        empty="Nothing is held, so there is no lock to compare.",
    )


def _by_series(standings: Iterable[Standing]) -> Iterator[tuple[str, list[Standing]]]:
    ordered = sorted(standings, key=lambda one: one.address)
    for series, group in groupby(ordered, key=lambda one: str(one.address.series)):
        yield series, list(group)


def _holding(series: str, group: list[Standing]) -> tuple[Cell, ...]:
    return (
        series,
        _rows_of(group),
        len(group),
        sum(one.snapshots for one in group),
        sum(one.objects for one in group),
        sum(one.size_bytes for one in group),
        min(one.first_taken for one in group),
        max(one.last_taken for one in group),
    )


def _due(series: str, group: list[Standing], moment: datetime) -> tuple[Cell, ...]:
    due = [one for one in group if one.is_due(moment)]
    later = [one.due_at for one in group if one.due_at is not None and one.due_at > moment]
    return (
        series,
        _rows_of(group),
        len(due),
        sum(one.objects for one in due),
        sum(one.size_bytes for one in due),
        min((one.due_at for one in due if one.due_at is not None), default=None),
        sum(1 for one in due if not one.stops),
        join_counted(stop for one in due for stop in one.stops),
        min(later, default=None),
        sum(1 for one in group if one.waits_for is not None and one.due_at is None),
        sum(1 for one in group if one.permanent),
    )


def _due_volume(one: Standing) -> tuple[Cell, ...]:
    address = one.address
    stopped = join_counted(one.stops)
    return (
        *(str(address.series), str(address.account), str(address.volume)),
        one.row,
        one.objects,
        one.size_bytes,
        one.due_at,
        stopped or "nothing: it may be proposed",
    )


def _locks(series: str, group: list[Standing], read: Callable[[Standing], datetime | None]) -> tuple[Cell, ...]:
    locks = [(one, read(one)) for one in group]
    found = [until for _, until in locks if until is not None]
    short = [one for one, until in locks if until is not None and one.lock_until and until < one.lock_until]
    unlocked = [one for one, until in locks if until is None]
    no_sum = sum(1 for one, until in locks if until is not None and one.lock_until is None)
    return (
        series,
        len(group),
        min(found, default=None),
        max(found, default=None),
        len(found) - len(short) - no_sum,
        len(short),
        no_sum,
        len(unlocked),
        "; ".join(f"{one.address.account} {one.address.volume}" for one in (*unlocked, *short)),
    )


def _recorded(standing: Standing) -> datetime | None:
    return standing.locked_until


def _rows_of(group: Iterable[Standing]) -> str:
    return ", ".join(dict.fromkeys(one.row for one in group if one.row))
