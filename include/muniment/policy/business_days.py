"""Business days: those of the agency's timetable, less the holidays of its monitoring (claremont-social D.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from muniment.errors import ConfigurationError
from muniment.records.agency import Agency

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_FURTHEST = 366


def is_business_day(agency: Agency, day: date) -> bool:
    """Tell whether the agency's offices are open on *day*."""
    monitoring = agency.policy.monitoring if agency.policy is not None else None
    holidays = monitoring.holidays if monitoring is not None else ()
    return _WEEKDAYS[day.weekday()] in agency.timetable.business_days and day not in holidays


def business_days(agency: Agency, first: date, last: date) -> Iterator[date]:
    """Yield every business day from *first* to *last*, both included."""
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        if is_business_day(agency, day):
            yield day


def end_of_next_business_day(agency: Agency, moment: datetime) -> datetime:
    """Return when offices close (aware) on the first business day after that of *moment* (aware).

    Raises:
        ConfigurationError: a year has no business day.
    """
    zone = ZoneInfo(agency.zone)
    today = moment.astimezone(zone).date()
    day = next(business_days(agency, today + _DAY, today + _FURTHEST * _DAY), None)
    if day is None:
        raise ConfigurationError(f"{agency.id}: expected a business day within a year of {today}, found none")
    return datetime.combine(day, time.fromisoformat(agency.timetable.closes), tzinfo=zone)


def local_day(agency: Agency, moment: datetime) -> date:
    """Return the day of *moment* (aware) in the agency's zone."""
    return moment.astimezone(ZoneInfo(agency.zone)).date()
