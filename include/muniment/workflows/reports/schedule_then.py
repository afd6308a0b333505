"""Which schedule governed at an instant: the latest that had been adopted and was in effect by then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency
from muniment.records.schedule import RetentionSchedule
from muniment.retention.schedules import fold_versions, version_at
from muniment.workflows.schedules.versions import schedule_of


@dataclass(frozen=True, slots=True)
class ScheduleThen:
    """The schedule in force, None where none is known to have been; and in words, which."""

    schedule: RetentionSchedule | None
    words: str


def schedule_then(events: Iterable[RegisterEvent], agency: Agency, moment: datetime, *, is_now: bool) -> ScheduleThen:
    """Return what governed *agency* at *moment* (aware), by *events* entered until then.

    Where the register has no adoption yet, the agency's file governs the present. It says nothing of a
    past day, as nobody knows what it said then: such a day is told by what was sealed alone.

    Raises:
        AgencyFilesError: the text of an adopted version cannot be read any more.
        EvidenceError: an event is not of its form.
    """
    version = version_at(fold_versions(events), moment)
    if version is not None:
        words = f"By schedule {version.version}, adopted by {version.resolution} on {version.adopted_on}."
        return ScheduleThen(schedule_of(version), words)
    if is_now:
        words = f"By schedule {agency.schedule.version} of the agency's files; none was adopted in the register."
        return ScheduleThen(agency.schedule, words)
    words = (
        "No schedule had been adopted in the register by then: each date is the sum that the volume was sealed with."
    )
    return ScheduleThen(None, words)
