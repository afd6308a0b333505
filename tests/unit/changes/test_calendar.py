from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from muniment.changes.calendar import draw_up, render_calendar
from muniment.changes.calendar_svg import draw_calendar, draw_calendar_legend
from muniment.changes.coverage import Slot, SlotOutcome
from muniment.changes.exposure import Day
from muniment.records.names import AccountId, SeriesId

ZONE = ZoneInfo("America/Los_Angeles")
FIRST = datetime(2026, 11, 2, 8, tzinfo=UTC)  # midnight in Claremont
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SVG = "{http://www.w3.org/2000/svg}"


def days(number: int) -> list[Day]:
    return [Day(date(2026, 11, 2) + n * DAY, FIRST + n * DAY, FIRST + (n + 1) * DAY) for n in range(number)]


def slot(hours: float, outcome: SlotOutcome = SlotOutcome.ACCEPTED, account: str = "bluesky-city") -> Slot:
    return Slot(
        account=AccountId(account), series=SeriesId("official-posts"), expected_at=FIRST + hours * HOUR, made=None,
        outcome=outcome,
    )  # fmt: skip


A, Q, M = SlotOutcome.ACCEPTED, SlotOutcome.QUARANTINED, SlotOutcome.MISSED
SLOTS = [slot(1, A), slot(2, A), slot(25, A), slot(26, M), slot(49, A), slot(50, Q), slot(73, M), slot(74, M)]


def test_without_slots_there_is_no_calendar() -> None:
    assert list(render_calendar(draw_up([], days(5), ZONE))) == []
    assert draw_calendar(draw_up([], days(5), ZONE), title="x") == ""


def test_a_day_is_whole_partly_missed_partly_quarantined_wholly_missed_or_not_due() -> None:
    lines = list(render_calendar(draw_up(SLOTS, days(5), ZONE)))

    assert lines[:3] == [
        "                             00000",
        "                             23456",
        "bluesky-city official-posts  #+Q-.",
    ]
    assert lines[3].startswith("days from 11-02 to 11-06; # every capture made and accepted, + some missed")


def test_each_account_and_series_has_its_row() -> None:
    calendar = draw_up([slot(1), slot(1, M, account="aaa")], days(5), ZONE)

    assert [(row.account, row.cells[0].mark) for row in calendar.rows] == [("aaa", "-"), ("bluesky-city", "#")]


def test_one_or_two_days_are_shown_by_the_hour() -> None:
    calendar = draw_up(SLOTS, days(2), ZONE)

    assert (len(calendar.columns), calendar.columns[0], calendar.columns[-1]) == (48, "02 00", "03 23")
    assert [at for at, cell in enumerate(calendar.rows[0].cells) if cell.mark == "#"] == [1, 2, 25]


def test_the_day_on_which_the_clocks_go_back_has_an_hour_more() -> None:
    begins = datetime(2026, 11, 1, 7, tzinfo=UTC)
    day = Day(date(2026, 11, 1), begins, begins + 25 * HOUR)

    assert draw_up([], [day], ZONE).columns[:4] == ("01 00", "01 01", "01 01", "01 02")


def test_the_picture_says_in_words_what_it_shows_and_runs_nothing() -> None:
    svg = ET.fromstring(draw_calendar(draw_up(SLOTS, days(5), ZONE), title="November <2026>"))

    assert svg.get("role") == "img"
    assert (svg.findtext(f"{SVG}title"), svg.get("aria-labelledby")) == (
        "November <2026>",
        "calendar-title calendar-desc",
    )
    assert "bluesky-city official-posts: 8 due: 4 accepted, 1 quarantined, 3 missed" in (
        svg.findtext(f"{SVG}desc") or ""
    )
    assert svg.find(f".//{SVG}script") is None


def test_every_box_of_the_picture_names_itself_and_tells_without_colour() -> None:
    svg = ET.fromstring(draw_calendar(draw_up(SLOTS, days(5), ZONE), title="x"))

    boxes = svg.findall(f"{SVG}g")
    assert [box.findtext(f"{SVG}title") for box in boxes][1] == (
        "bluesky-city official-posts, 11-03: 2 due: 1 accepted, 0 quarantined, 1 missed"
    )
    assert [box.findtext(f"{SVG}text") for box in boxes] == [None, "1", "Q", "2", None]
    assert len({box.find(f"{SVG}rect").get("fill") for box in boxes}) == 5


def test_the_legend_has_every_sign() -> None:
    legend = draw_calendar_legend()

    assert legend.count("<rect") == 5
    assert "none due" in legend
