"""When captures were due is when Airflow's own timetable starts them, changes of the clocks included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pendulum
import pytest
from airflow.timetables.trigger import CronTriggerTimetable

from muniment.changes.due_instants import list_due_instants
from muniment.records.agency import CaptureTimetable
from muniment.register.timetable import timetable_crons

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CHANGES = {
    "America/Los_Angeles": (datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
    "Europe/London": (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 4, 4, tzinfo=UTC), datetime(2026, 10, 3, tzinfo=UTC)),  # by half an hour
    "Asia/Kolkata": (datetime(2026, 5, 5, tzinfo=UTC),),
}


def ask_airflow(crons: tuple[str, ...], zone: str, since: datetime, until: datetime) -> list[datetime]:
    """Go from tick to tick as the scheduler does: the next run is the first that any line ticks for."""
    lines = [CronTriggerTimetable(cron, timezone=zone) for cron in crons]
    at, found = pendulum.instance(since - timedelta(seconds=1)), []
    while True:
        at = min(line._get_next(at) for line in lines)
        if at >= until:
            return found
        found.append(datetime.fromtimestamp(at.timestamp(), UTC))


@pytest.mark.parametrize("zone", CHANGES)
@pytest.mark.parametrize("every", [(15, 120), (15, 60), (30, 30), (5, 1440)])
@pytest.mark.parametrize(
    "hours", [(WEEK[:5], "08:00", "18:00"), (WEEK, "00:30", "04:00"), (("sun",), "07:30", "16:45")]
)
def test_captures_are_due_when_the_scheduler_starts_them(zone, every, hours) -> None:
    days, opens, closes = hours
    timetable = CaptureTimetable(
        business_days=days, opens=opens, closes=closes,
        business_hours_every_minutes=every[0], other_times_every_minutes=every[1],
    )  # fmt: skip
    crons = timetable_crons(timetable)
    for change in CHANGES[zone]:
        since, until = change - timedelta(days=2), change + timedelta(days=2)

        found = list_due_instants(crons, ZoneInfo(zone), since=since, until=until)

        assert list(found) == ask_airflow(crons, zone, since, until)
