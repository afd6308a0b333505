"""What a changed schedule would do: to its rows, to its profile, and to each volume that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from muniment.evidence.layout import VolumeAddress
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant
from muniment.records.schedule import RetentionSchedule, ScheduleRow
from muniment.retention.clock import DueSum
from muniment.retention.schedules import rank


class Change(StrEnum):
    """What becomes of a volume's due date."""

    LONGER = "longer"  # at once
    SHORTER = "shorter"  # its lock is not longer than the new date
    KEEPS_LOCK = "keeps its lock"  # it would be shorter, and what is sealed is not shortened
    FIRST = "first"  # no row had it before
    SAME = "same"
    LOST = "lost"  # it would have no row, or no date could be reckoned: not to be adopted


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """A volume's sum under one schedule: as its locks bind it, and by the row alone."""

    bound: DueSum
    bare: DueSum


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeMove:
    """One volume: from which row and due date to which. A date is None where there is none; times are aware UTC."""

    address: VolumeAddress
    change: Change
    before: DueSum | None
    after: DueSum | None
    by_row: DueSum | None  # what the new row alone would give

    def to_json(self) -> dict[str, JsonValue]:
        """Return the move in words and dates."""
        return {
            "volume": self.address.prefix,
            "change": self.change.value,
            "row_before": self.before.row if self.before else None,
            "due_before": due_in_words(self.before),
            "row_after": self.after.row if self.after else None,
            "due_after": due_in_words(self.after),
            "due_by_row": due_in_words(self.by_row),
        }


def due_in_words(due: DueSum | None) -> str | None:
    """Return the due date as an instant, or why there is none."""
    if due is None:
        return None
    if due.due_at is not None:
        return format_instant(due.due_at)
    return "never" if due.permanent else f"waits for {due.waits_for}"


def judge_move(
    address: VolumeAddress, before: Reckoned | None, after: Reckoned | None, sealed_until: datetime | None
) -> VolumeMove:
    """Say what becomes of the volume at *address*, whose longest lock ends at *sealed_until* (aware)."""
    return VolumeMove(
        address=address,
        change=_judge(before, after, sealed_until),
        before=before.bound if before else None,
        after=after.bound if after else None,
        by_row=after.bare if after else None,
    )


def _judge(before: Reckoned | None, after: Reckoned | None, sealed_until: datetime | None) -> Change:
    if after is None:
        return Change.LOST
    if before is None:
        return Change.FIRST
    if rank(after.bound) > rank(before.bound):
        return Change.LONGER
    shortens = rank(after.bare) < rank(before.bare)
    if shortens and sealed_until is not None and after.bare.due_at is not None and after.bare.due_at < sealed_until:
        return Change.KEEPS_LOCK
    return Change.SHORTER if rank(after.bound) < rank(before.bound) else Change.SAME


def list_row_changes(before: RetentionSchedule | None, after: RetentionSchedule) -> dict[str, JsonValue]:
    """Say which rows come, which go, and which fields of the others change."""
    old = {row.id: row for row in before.rows} if before else {}
    new = {row.id: row for row in after.rows}
    changed = {name: list(_changed(old[name], row)) for name, row in new.items() if name in old}
    return {
        "added": [name for name in new if name not in old],
        "removed": [name for name in old if name not in new],
        "changed": {name: list(names) for name, names in changed.items() if names},
    }


def list_profile_changes(before: RetentionSchedule | None, after: RetentionSchedule) -> list[str]:
    """Name the fields of the disposition profile that change, or that come or go with it."""
    old, new = before.disposition if before else None, after.disposition
    if old == new:
        return []
    some = new or old
    names = [field.name for field in fields(some)] if some is not None else []
    return [name for name in names if getattr(old, name, None) != getattr(new, name, None)]


def _changed(old: ScheduleRow, new: ScheduleRow) -> Iterator[str]:
    return (field.name for field in fields(new) if getattr(old, field.name) != getattr(new, field.name))
