"""Volumes and their cutoffs: which volume a moment falls in, and the point at which a volume stops collecting.

Clocks of retention start and end at points. A point of the agency's calendar is the first
instant of a local day; only in an exercise, where volumes are minutes, is it a bare instant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from muniment.errors import RetentionError
from muniment.records.names import VolumeId, format_instant
from muniment.records.schedule import Cutoff, ScheduleRow
from muniment.retention.periods import CalendarPeriod, add_period, find_first_instant, zone_named

_MINUTE = "%Y-%m-%dT%H%MZ"
_FORMS = {
    Cutoff.CALENDAR_MONTH: (re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])"), "YYYY-MM"),
    Cutoff.CALENDAR_YEAR: (re.compile(r"(?!0000)[0-9]{4}"), "YYYY"),
    Cutoff.UTC_MINUTE: (re.compile(r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{4}Z"), "YYYY-MM-DDTHHMMZ"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """Where a clock starts or ends: the first instant of *day* in the agency's zone, or a bare instant of an exercise.

    `at` is aware UTC.
    """

    day: date | None
    at: datetime

    @property
    def short(self) -> str:
        """Return the day, or the instant where there is no day."""
        return format_instant(self.at) if self.day is None else self.day.isoformat()

    def in_words(self, where: str) -> str:
        """Say where the point lies: ``the first instant of 2028-12-01 there: 2028-12-01T08:00:00.000000Z``."""
        instant = format_instant(self.at)
        return instant if self.day is None else f"the first instant of {self.day} {where}: {instant}"


def bare_point(moment: datetime) -> Point:
    """Return the first whole second at or after *moment* (aware UTC), as a store keeps no finer lock."""
    return Point(None, moment.replace(microsecond=0) + timedelta(seconds=moment.microsecond > 0))


def day_point(day: date, zone: str) -> Point:
    """Return the first instant of *day* in *zone*.

    Raises:
        RetentionError: *zone* is none, or the day's first instant cannot be told.
    """
    return Point(day, find_first_instant(day, zone_named(zone)))


def advance(start: Point, period: CalendarPeriod, zone: str) -> Point:
    """Return the point at which *period* has wholly passed since *start*.

    Raises:
        RetentionError: the period counts in seconds and *start* is a day, or the end lies past the year 9999.
    """
    if start.day is not None:
        if period.seconds:
            raise RetentionError(f"period: expected whole days after {start.day}, found {period.in_words()}")
        return day_point(add_period(start.day, period), zone)
    try:
        day = add_period(start.at.date(), period._replace(seconds=0)) if any(period[:4]) else start.at.date()
        return Point(None, datetime.combine(day, start.at.timetz()) + timedelta(seconds=period.seconds))
    except OverflowError:
        raise RetentionError(f"period: expected an end before the year 10000, found {period.in_words()}") from None


def volume_of(taken_at: datetime, cutoff: Cutoff, zone: str) -> VolumeId:
    """Name the volume that a snapshot taken at *taken_at* (aware) belongs to, by the date in *zone*.

    Raises:
        RetentionError: *taken_at* carries no zone, or *zone* is none.
    """
    if taken_at.tzinfo is None:
        raise RetentionError(f"taken_at: expected an aware time, found {taken_at.isoformat()} without a zone")
    local = taken_at.astimezone(zone_named(zone))
    if cutoff is Cutoff.UTC_MINUTE:
        return VolumeId(taken_at.astimezone(UTC).strftime(_MINUTE))
    if cutoff is Cutoff.CALENDAR_YEAR:
        return VolumeId(f"{local.year:04}")
    return VolumeId(f"{local.year:04}-{local.month:02}")


def form_of(volume: VolumeId) -> Cutoff | None:
    """Return by which cutoff *volume* was cut, or None when it is of no form."""
    return next((cutoff for cutoff, (form, _) in _FORMS.items() if form.fullmatch(volume) is not None), None)


def cutoff_of(volume: VolumeId, zone: str) -> Point:
    """Return the point at which *volume* stops collecting, by its own form.

    Raises:
        RetentionError: *volume* is of no form, or *zone* is none.
    """
    match form_of(volume):
        case Cutoff.CALENDAR_MONTH:
            return day_point(add_period(date(int(volume[:4]), int(volume[5:]), 1), CalendarPeriod(months=1)), zone)
        case Cutoff.CALENDAR_YEAR:
            return day_point(add_period(date(int(volume), 1, 1), CalendarPeriod(years=1)), zone)
        case Cutoff.UTC_MINUTE:
            return Point(None, _minute(volume) + timedelta(minutes=1))
        case _:
            raise RetentionError(f"volume: expected a calendar month, a year or a minute, found {volume!r}")


def check_form(volume: VolumeId, row: ScheduleRow) -> None:
    """Return when *volume* is cut off as *row* says.

    Raises:
        RetentionError: it is not.
    """
    form, spelled = _FORMS[row.cutoff]
    if form.fullmatch(volume) is None:
        raise RetentionError(
            f"volume: expected {spelled}, as row {row.id} cuts off by {row.cutoff.value}, found {volume!r}"
        )


def _minute(volume: VolumeId) -> datetime:
    try:
        return datetime.strptime(volume, _MINUTE).replace(tzinfo=UTC)
    except ValueError:
        raise RetentionError(f"volume: expected a minute of the calendar, found {volume!r}") from None
