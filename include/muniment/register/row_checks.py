"""Checks of one row of ``retention.yaml``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from muniment.errors import RetentionError
from muniment.records.period import EXPECTED_IN_DRILL, EXPECTED_PERIOD, parse_period
from muniment.records.schedule import PERMANENT, Action, Cutoff, LockMode
from muniment.records.series import SCHEDULED
from muniment.register.entries import Entry, check_order, note_repeated_items
from muniment.register.period_order import is_shorter

CONFIDENTIALITY = ("PUB", "PUB-R", "RES", "CON")

_PII_CLASS = re.compile(r"([0-3])(?:-([0-3]))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the rest of the file says to each row. `steps` is None where there is no profile that names any."""

    steps: tuple[str, ...] | None
    automatic: bool
    floor: str | None
    drill: bool
    today: date | None

    @classmethod
    def of(cls, profile: Entry | None, *, drill: bool, today: date | None) -> Frame:
        """Return what *profile* says to the rows; nothing where there is none."""
        floor = profile.group("floor") if profile is not None else None
        steps = (step.text("id") for step in profile.groups("steps")) if profile is not None else None
        return cls(
            steps=None if steps is None else tuple(filter(None, steps)),
            automatic=profile is not None and profile.fields.get("automatic") is True,
            floor=floor.text("period") if floor is not None else None,
            drill=drill,
            today=today,
        )


def check_row(row: Entry, frame: Frame) -> None:
    """Note what *row* says that does not hold together, in itself or with *frame*."""
    series = row.text("series")
    if series is not None and series not in SCHEDULED:
        row.fault("series", f"one of {', '.join(SCHEDULED)}", repr(series[:60]))
    if row.fields.get("authority") == []:
        row.fault("authority", "at least one", "none")
    note_repeated_items(row, "authority")
    _check_period(row, frame)
    _check_approvals(row, frame)
    _check_classes(row)
    _check_lock(row, frame)
    _check_effect(row, frame.today)


def check_period(entry: Entry, name: str, *, drill: bool) -> None:
    """Note the field *name* when it is text and no period."""
    period = entry.text(name)
    if period is None:
        return
    try:
        parse_period(period, drill=drill)
    except RetentionError:
        expected = EXPECTED_IN_DRILL if drill else EXPECTED_PERIOD
        entry.fault(name, f"{expected}, longer than nothing", repr(period[:60]))


def _check_period(row: Entry, frame: Frame) -> None:
    period = row.text("period")
    if period == PERMANENT:
        action = row.text("action")
        if action in set(Action) and action != Action.KEEP:
            row.fault("action", f"{Action.KEEP}, as the period is {PERMANENT}", repr(action))
        return
    check_period(row, "period", drill=frame.drill)
    if period is None or frame.floor is None or row.has("below_floor"):
        return
    if is_shorter(period, frame.floor, drill=frame.drill):
        expected = f"a period not shorter than the floor, {frame.floor}, or below_floor with the authority for it"
        row.fault("period", expected, repr(period[:60]))


def _check_approvals(row: Entry, frame: Frame) -> None:
    note_repeated_items(row, "approvals")
    if frame.steps is None:
        return
    kept = row.text("action") == Action.KEEP
    if row.fields.get("approvals") == [] and not kept and not frame.automatic:
        row.fault("approvals", "at least one", "none")
    named = row.texts("approvals")
    for index, step in named:
        if step not in frame.steps:
            expected = f"one of the profile's steps: {', '.join(frame.steps) or 'none'}"
            row.fault("approvals", expected, repr(step[:60]), index=index)
    _check_sequence(row, [step for _, step in named if step in frame.steps], frame.steps)


def _check_sequence(row: Entry, named: Sequence[str], steps: Sequence[str]) -> None:
    if named != sorted(named, key=steps.index):
        row.fault("approvals", "the steps in the profile's order", "another order")


def _check_classes(row: Entry) -> None:
    pii = row.text("pii_class")
    if pii is not None:
        match = _PII_CLASS.fullmatch(pii)
        if match is None or (match.group(2) is not None and match.group(1) >= match.group(2)):
            row.fault("pii_class", 'a class from "0" to "3", or a range such as "0-1"', repr(pii[:60]))
    confidentiality = row.text("confidentiality")
    if confidentiality is not None and confidentiality not in CONFIDENTIALITY:
        row.fault("confidentiality", f"one of {', '.join(CONFIDENTIALITY)}", repr(confidentiality[:60]))


def _check_lock(row: Entry, frame: Frame) -> None:
    if row.text("lock_mode") == LockMode.GOVERNANCE:
        expected = f"{LockMode.COMPLIANCE}, the only lock that the vault seals under, or {LockMode.NONE}"
        row.fault("lock_mode", expected, repr(LockMode.GOVERNANCE.value))
    if row.text("cutoff") == Cutoff.UTC_MINUTE and not frame.drill:
        expected = f"{Cutoff.CALENDAR_MONTH} or {Cutoff.CALENDAR_YEAR}, as this is no drill with invented people"
        row.fault("cutoff", expected, repr(Cutoff.UTC_MINUTE.value))


def _check_effect(row: Entry, today: date | None) -> None:
    check_order(row, "effective_from", row, "effective_until")
    begins, ends = row.day("effective_from"), row.day("effective_until")
    if today is not None and begins is not None and begins > today:
        row.fault("effective_from", f"a date not after today, {today}", str(begins))
    if today is not None and ends is not None and ends < today:
        row.fault("effective_until", f"a date not before today, {today}", str(ends))
