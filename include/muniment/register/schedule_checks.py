"""Checks of ``retention.yaml`` across its fields: the schedule.

Nothing here knows how long anything must be kept: a period is stated by the agency, on the
authority that it names, or it is a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from muniment.records.schedule import DRILL, LockMode, RetentionSchedule
from muniment.register.documents import Document
from muniment.register.entries import Entry, note_repeated, whole
from muniment.register.profile_checks import check_profile
from muniment.register.row_checks import Frame, check_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Offices:
    """What ``agency.yaml`` says about who may sign. `held` is None where it cannot be told."""

    held: frozenset[str] | None
    invented_people: bool
    today: date | None


def check_schedule(document: Document, around: Offices) -> None:
    """Note what the schedule says that does not hold together."""
    schedule = whole(document)
    profile, rows = schedule.group("disposition"), list(schedule.groups("rows"))
    drill = _check_drill(schedule, invented_people=around.invented_people)
    if schedule.fields.get("rows") == []:
        schedule.fault("rows", "at least one row", "none")
    note_repeated(rows, "id")
    note_repeated(rows, "series")
    frame = Frame.of(profile, drill=drill, today=around.today)
    for row in rows:
        check_row(row, frame)
    if profile is not None:
        check_profile(profile, drill=drill)
        _check_offices(schedule, profile, around)
    _check_adoption(schedule, around.today)


def scheduled_series(document: Document) -> frozenset[str] | None:
    """Return the series that the schedule has a row for; None when it cannot be told."""
    if not document.whole:
        return None
    return frozenset(filter(None, (row.text("series") for row in whole(document).groups("rows"))))


def lockless_series(document: Document) -> frozenset[str]:
    """Return the series that may not lie under a lock, and so cannot be captured."""
    rows = whole(document).groups("rows")
    return frozenset(row.text("series") or "" for row in rows if row.text("lock_mode") == LockMode.NONE)


def retain_only_reason(schedule: RetentionSchedule) -> str | None:
    """Say why nothing may be disposed of under *schedule*; None when its own text allows it."""
    missing = []
    if schedule.adoption is None:
        missing.append("names no act that adopted it: adoption not evidenced")
    if schedule.disposition is None:
        missing.append("has no disposition profile: which gates a disposition passes is not decided")
    if schedule.undecided:
        open_ones = ", ".join(schedule.undecided)
        missing.append(f"leaves open whether the approval {open_ones} is standing or asked for each batch")
    if not missing:
        return None
    return (
        f"Schedule {schedule.version} ({schedule.jurisdiction}) {'; it '.join(missing)}. "
        "Records are captured, sealed and locked under it; nothing is disposed of."
    )


def _check_drill(schedule: Entry, *, invented_people: bool) -> bool:
    if schedule.text("jurisdiction") != DRILL:
        return False
    if not invented_people:
        expected = f"another jurisdiction than {DRILL}, which is for exercises with invented people"
        schedule.fault("jurisdiction", expected, DRILL)
    return invented_people


def _check_adoption(schedule: Entry, today: date | None) -> None:
    adoption = schedule.group("adoption")
    adopted_on = adoption.day("adopted_on") if adoption is not None else None
    if adoption is not None and today is not None and adopted_on is not None and adopted_on > today:
        adoption.fault("adopted_on", f"a date not after today, {today}", str(adopted_on))


def _check_offices(schedule: Entry, profile: Entry, around: Offices) -> None:
    steps = list(profile.groups("steps"))
    undecided = any("standing" in step.fields and step.fields["standing"] is None for step in steps)
    if around.today is None or around.held is None or not schedule.has("adoption") or undecided:
        return  # retain-only: nobody is asked to sign
    for step in steps:
        office = step.text("office")
        if office is not None and step.fields.get("standing") is not True and office not in around.held:
            step.fault("office", f"an office that an officer in agency.yaml holds on {around.today}", repr(office[:60]))
