"""From a volume and its row of the schedule to the date until which it is locked, step by step.

The clock starts at the cutoff, the end of the volume's calendar period in the agency's
zone; the lock ends at the first instant of the local day on which the period has passed.
What waits for an event is sealed under its period from the cutoff all the same, and what is
kept for ever under ten years; `retention.clock` says when either must grow.
"""

from __future__ import annotations

from muniment.errors import RetentionError
from muniment.evidence.manifest import Retention
from muniment.records.agency import Agency
from muniment.records.names import SeriesId, VolumeId, format_instant
from muniment.records.schedule import Floor, ScheduleRow
from muniment.retention.cutoffs import check_form, cutoff_of, volume_of
from muniment.retention.rules import least_rules, tell_cutoff

__all__ = ["compute_lock", "compute_volume_lock", "volume_of"]


def compute_lock(
    volume: VolumeId,
    row: ScheduleRow,
    *,
    zone: str,
    schedule_version: str,
    schedule_sha256: str,
    floor: Floor | None = None,
) -> Retention:
    """Compute until when *volume* is locked under *row* from the first, in whole local days of *zone*.

    Raises:
        RetentionError: *volume* is not of the row's cutoff, its period cannot be read, or
            the date lies past the year 9999.
    """
    check_form(volume, row)
    cutoff = cutoff_of(volume, zone)
    least, *floors = least_rules(volume, row, zone=zone, floor=floor)
    longest = max((least, *floors), key=lambda rule: rule.end.at)
    binding = floor if longest is not least else None
    return Retention(
        row=row.id,
        schedule_version=schedule_version,
        schedule_sha256=schedule_sha256,
        title=row.title,
        authority=row.authority,
        trigger=row.trigger,
        period=row.period,
        cutoff_at=format_instant(cutoff.at),
        locked_until=format_instant(longest.end.at),
        lock_mode=row.lock_mode.value,
        steps=(
            *tell_cutoff(volume, cutoff, zone),
            least.sentence,
            *([longest.sentence] if binding else []),
            f"It is locked until {longest.end.in_words('there')}.",
        ),
        floor=None if binding is None else binding.period,
    )


def compute_volume_lock(volume: VolumeId, series: SeriesId, agency: Agency) -> Retention:
    """Compute until when *volume* of *series* is locked under the schedule of *agency*, its floor included.

    Raises:
        RetentionError: the schedule has no row for *series*, or no date can be computed.
    """
    row = agency.schedule.row_for(series)
    if row is None:
        raise RetentionError(f"series {series}: expected a row in the schedule of {agency.id}, found none")
    profile = agency.schedule.disposition
    return compute_lock(
        volume,
        row,
        zone=agency.zone,
        schedule_version=agency.schedule.version,
        schedule_sha256=agency.schedule_sha256,
        floor=None if profile is None else profile.floor,
    )
