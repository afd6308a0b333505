"""The tables of what was captured: captures due and made, gaps, exposure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby

from muniment.changes.coverage import Slot, count_outcomes
from muniment.changes.exposure import Exposure
from muniment.changes.gaps import Gap
from muniment.workflows.reports.table import Cell, Column, Kind, Table, count, name

PAIR = (name("account", "account"), name("series", "series"))
_MINUTE = timedelta(minutes=1)


def list_captures(slots: Sequence[Slot]) -> Table:
    """Return by account and series how many captures were due, and what became of them."""
    return Table(
        id="captures",
        title="Captures",
        about="Captures that the timetable asked for, against the snapshots that the vault holds.",
        columns=(
            *PAIR,
            count("due", "due"),
            count("accepted", "accepted"),
            count("quarantined", "quarantined"),
            count("missed", "missed"),
            Column("share", "accepted of due"),
        ),
        rows=tuple(_captures(slots)),
        empty="No capture was due: no account was open. `muniment register check` says which accounts are active.",
    )


def _captures(slots: Sequence[Slot]) -> Iterator[tuple[Cell, ...]]:
    ordered = sorted(slots, key=lambda slot: (slot.account, slot.series))
    for (account, series), group in groupby(ordered, key=lambda slot: (str(slot.account), str(slot.series))):
        found = list(group)
        accepted, quarantined, missed = count_outcomes(found).values()
        yield account, series, len(found), accepted, quarantined, missed, spell_share(accepted, len(found))


def spell_share(part: int, whole: int) -> str:
    """Spell *part* of *whole* in per cent, rounded down, so that 100 % is all of it."""
    return f"{part * 1000 // whole / 10:.1f} %" if whole else ""


def list_month_gaps(gaps: Sequence[Gap]) -> Table:
    """Return what was missed."""
    return Table(
        id="gaps",
        title="Gaps",
        about="What was missed, quarantined or could not be had, with its reason and what to do. `muniment gaps` has "
        "the keys that show each.",
        columns=(
            *PAIR,
            Column("begins", "from", Kind.INSTANT),
            Column("ends", "until", Kind.INSTANT),
            Column("kind", "kind"),
            count("count", "count"),
            Column("reason", "reason"),
            Column("remedy", "to do"),
        ),
        rows=tuple(
            (
                str(gap.account),
                str(gap.series),
                gap.begins,
                gap.ends if gap.closed else None,
                gap.kind.value if gap.closed else f"{gap.kind.value}, goes on",
                gap.count,
                gap.reason,
                gap.remedy,
            )
            for gap in gaps
        ),
        empty="Nothing was missed.",
    )


def list_month_exposure(exposures: Sequence[Exposure]) -> Table:
    """Return by account and series how long something could have come and gone unseen."""
    return Table(
        id="exposure",
        title="Exposure",
        about="The longest time in which something could have come and gone between two captures and been seen by "
        "neither. `muniment exposure` has it day by day.",
        columns=(
            *PAIR,
            count("days", "days"),
            count("without", "days without a capture"),
            count("typical_minutes", "minutes, half of the days at most"),
            count("longest_minutes", "minutes, longest"),
            Column("longest_day", "on"),
        ),
        rows=tuple(_exposure(exposures)),
        empty="No account was open, so nothing was exposed.",
    )


def _exposure(exposures: Sequence[Exposure]) -> Iterator[tuple[Cell, ...]]:
    ordered = sorted(exposures, key=lambda one: (one.account, one.series, one.day))
    for (account, series), group in groupby(ordered, key=lambda one: (str(one.account), str(one.series))):
        found = list(group)
        lengths = sorted(in_minutes(one.longest) for one in found)
        worst = max(found, key=lambda one: one.longest)
        without = sum(1 for one in found if not one.captures)
        typical = lengths[(len(lengths) - 1) // 2]
        yield account, series, len(found), without, typical, lengths[-1], worst.day.isoformat()


def in_minutes(length: timedelta) -> int:
    """Return *length* in minutes, rounded up."""
    return -(-length // _MINUTE)
