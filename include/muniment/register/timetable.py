"""When to capture: an agency's timetable, checked and turned into cron expressions.

In business hours a capture is due at opening, every so many minutes after it, and at
closing; at all other times on the hours' own grid from midnight (claremont-social D.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from muniment.records.agency import CaptureTimetable
from muniment.register.entries import Entry, note_repeated_items

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60  # minutes

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_EVENLY = "minutes that divide an hour evenly (1 to 60), or whole hours that divide a day evenly"


def timetable_crons(timetable: CaptureTimetable) -> tuple[str, ...]:
    """Build cron expressions, in the agency's wall-clock time, that together tick when a capture is due.

    No minute is in two of them; between ticks there is never more time than the timetable
    gives for the hours in question.
    """
    business = sorted(WEEKDAYS.index(day) for day in timetable.business_days)
    other = [day for day in range(len(WEEKDAYS)) if day not in business]
    return (
        *_crons(_business_day_ticks(timetable), business),
        *_crons(range(0, DAY, timetable.other_times_every_minutes), other),
    )


def check_timetable(timetable: Entry) -> None:
    """Note what the timetable says that no clock can keep."""
    _check_days(timetable)
    opens, closes = _check_clock(timetable, "opens"), _check_clock(timetable, "closes")
    if opens is not None and closes is not None and opens >= closes:
        timetable.fault(
            "closes", f"a time after {timetable.text('opens')}, when business opens", str(timetable.text("closes"))
        )
    for name in ("business_hours_every_minutes", "other_times_every_minutes"):
        minutes = timetable.number(name)
        if minutes is not None and not _divides_evenly(minutes):
            timetable.fault(name, _EVENLY, str(minutes))


def _check_days(timetable: Entry) -> None:
    if timetable.fields.get("business_days") == []:
        timetable.fault("business_days", "at least one day", "none")
    for index, day in timetable.texts("business_days"):
        if day not in WEEKDAYS:
            timetable.fault("business_days", f"one of {', '.join(WEEKDAYS)}", repr(day[:60]), index=index)
    note_repeated_items(timetable, "business_days")


def _check_clock(timetable: Entry, name: str) -> int | None:
    text = timetable.text(name)
    if text is None:
        return None
    if _CLOCK.fullmatch(text) is None:
        timetable.fault(name, "a time of day, HH:MM from 00:00 to 23:59", repr(text[:60]))
        return None
    return _minute_of_day(text)


def _divides_evenly(minutes: int) -> bool:
    if minutes <= 0:
        return False
    return 60 % minutes == 0 or (minutes % 60 == 0 and DAY % minutes == 0)


def _business_day_ticks(timetable: CaptureTimetable) -> set[int]:
    opens, closes = _minute_of_day(timetable.opens), _minute_of_day(timetable.closes)
    within = set(range(opens, closes, timetable.business_hours_every_minutes)) | {closes}
    outside = range(0, DAY, timetable.other_times_every_minutes)
    return within | {minute for minute in outside if not opens <= minute <= closes}


def _crons(ticks: Iterable[int], days: list[int]) -> tuple[str, ...]:
    # Hours with the same minutes share an expression; each hour of the day is in one at most.
    minutes_of: dict[int, list[int]] = {}
    for tick in sorted(ticks):
        minutes_of.setdefault(tick // 60, []).append(tick % 60)
    hours_of: dict[tuple[int, ...], list[int]] = {}
    for hour, minutes in minutes_of.items():
        hours_of.setdefault(tuple(minutes), []).append(hour)
    if not days:
        return ()
    # Cron counts Sunday as 0.
    weekdays = _list(sorted((day + 1) % 7 for day in days))
    return tuple(f"{_list(minutes)} {_list(hours)} * * {weekdays}" for minutes, hours in hours_of.items())


def _list(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def _minute_of_day(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
