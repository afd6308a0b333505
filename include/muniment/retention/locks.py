"""From a volume and its row of the schedule to the date until which it is locked, step by step.

The clock starts at the cutoff, the end of the volume's calendar period in the agency's
zone; the lock ends at the first instant of the local day on which the period has passed.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from muniment.errors import RetentionError
from muniment.evidence.manifest import Retention
from muniment.records.agency import Agency
from muniment.records.names import SeriesId, VolumeId, format_instant
from muniment.records.schedule import Cutoff, ScheduleRow
from muniment.retention.periods import CalendarPeriod, add_period, find_first_instant, parse_period, zone_named

_FORM = {
    Cutoff.CALENDAR_MONTH: (re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])"), "YYYY-MM", CalendarPeriod(months=1)),
    Cutoff.CALENDAR_YEAR: (re.compile(r"(?!0000)[0-9]{4}"), "YYYY", CalendarPeriod(years=1)),
}


def volume_of(taken_at: datetime, cutoff: Cutoff, zone: str) -> VolumeId:
    """Name the volume that a snapshot taken at *taken_at* (aware) belongs to, by the date in *zone*.

    Raises:
        RetentionError: *taken_at* carries no zone, or *zone* is none.
    """
    if taken_at.tzinfo is None:
        raise RetentionError(f"taken_at: expected an aware time, found {taken_at.isoformat()} without a zone")
    local = taken_at.astimezone(zone_named(zone))
    if cutoff is Cutoff.CALENDAR_YEAR:
        return VolumeId(f"{local.year:04}")
    return VolumeId(f"{local.year:04}-{local.month:02}")


def compute_lock(
    volume: VolumeId, row: ScheduleRow, *, zone: str, schedule_version: str, schedule_sha256: str
) -> Retention:
    """Compute until when *volume* is locked under *row*, in whole local days of *zone*.

    Raises:
        RetentionError: *volume* is not of the row's cutoff, its period cannot be read, or
            the date lies past the year 9999.
    """
    local = zone_named(zone)
    cutoff_day = _cutoff_day(volume, row)
    period = parse_period(row.period)
    end_day = add_period(cutoff_day, period)
    cutoff_at, locked_until = _instant(cutoff_day, local), _instant(end_day, local)
    return Retention(
        row=row.id,
        schedule_version=schedule_version,
        schedule_sha256=schedule_sha256,
        title=row.title,
        authority=row.authority,
        trigger=row.trigger,
        period=row.period,
        cutoff_at=cutoff_at,
        locked_until=locked_until,
        lock_mode=row.lock_mode.value,
        steps=(
            f"Volume {volume} holds what was captured in that {row.cutoff.value.replace('-', ' ')} in {zone}.",
            f"Its cutoff is the first instant of {cutoff_day} there: {cutoff_at}.",
            f"Row {row.id} keeps it for {period.in_words()} ({row.period}) from the cutoff: "
            f"{cutoff_day} and {period.in_words()} is {end_day}.",
            f"It is locked until the first instant of {end_day} there: {locked_until}.",
        ),
    )


def compute_volume_lock(volume: VolumeId, series: SeriesId, agency: Agency) -> Retention:
    """Compute until when *volume* of *series* is locked under the schedule of *agency*.

    Raises:
        RetentionError: the schedule has no row for *series*, or no date can be computed.
    """
    row = agency.schedule.row_for(series)
    if row is None:
        raise RetentionError(f"series {series}: expected a row in the schedule of {agency.id}, found none")
    return compute_lock(
        volume,
        row,
        zone=agency.zone,
        schedule_version=agency.schedule.version,
        schedule_sha256=agency.schedule_sha256,
    )


def _cutoff_day(volume: VolumeId, row: ScheduleRow) -> date:
    form, spelled, length = _FORM[row.cutoff]
    if form.fullmatch(volume) is None:
        raise RetentionError(
            f"volume: expected {spelled}, as row {row.id} cuts off by {row.cutoff.value}, found {volume!r}"
        )
    return add_period(date(int(volume[:4]), int(volume[5:] or 1), 1), length)


def _instant(day: date, zone: ZoneInfo) -> str:
    return format_instant(find_first_instant(day, zone))
