"""Which schedule governed at an instant: the latest that had been adopted and was in effect by then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency
from muniment.records.schedule import RetentionSchedule
from muniment.retention.schedules import fold_versions
from muniment.workflows.schedules.versions import in_force, schedule_of


@dataclass(frozen=True, slots=True)
class ScheduleThen:
    """The schedule that governed, None where none is known to have; the one that counted beside it; and in words."""

    schedule: RetentionSchedule | None
    beside: RetentionSchedule | None
    words: str


def schedule_then(events: Iterable[RegisterEvent], agency: Agency, moment: datetime, *, is_now: bool) -> ScheduleThen:
    """Return what governed *agency* at *moment* (aware), by *events* entered until then.

    The present is governed by the agency's file, beside what was adopted last. The file says nothing of
    a past day, as nobody knows what it said then: such a day is told by what had been adopted, and
    before the first adoption by what was sealed alone.

    Raises:
        AgencyFilesError: the text of an adopted version cannot be read any more.
        EvidenceError: an event is not of its form.
    """
    found = in_force(agency, fold_versions(events), moment)
    version, file = found.current, agency.schedule
    if version is None:
        if is_now:
            return ScheduleThen(
                file, None, f"By schedule {file.version} of the agency's files, which nobody has adopted."
            )
        return ScheduleThen(None, None, _NONE)
    words = f"By schedule {version.version}, adopted by {version.resolution} on {version.adopted_on}"
    if not is_now:
        return ScheduleThen(schedule_of(version), None, f"{words}.")
    if found.other is None:
        return ScheduleThen(file, None, f"{words}.")
    return ScheduleThen(
        file, found.other, f"{words}, and by the file {file.version}, not adopted: the later date holds."
    )


_NONE = "No schedule had been adopted in the register by then: each date is the sum that the volume was sealed with."
