from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from muniment.changes.coverage import Captured, DueGrid, SlotOutcome, Term, lay_out
from muniment.evidence.layout import snapshot_id
from muniment.records.names import AccountId, SeriesId

ACCOUNT, SERIES = AccountId("bluesky-city"), SeriesId("official-posts")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GRID = DueGrid(tuple(NOON + n * HOUR for n in range(6)))  # 12:00 to 17:00; the last is not over
TERM = Term(account=ACCOUNT, series=SERIES, begins=NOON, ends=None)


def captured(
    at: datetime, *, accepted: bool = True, run: str = "r", lasts: timedelta = timedelta(minutes=5), **more
) -> Captured:
    return Captured(
        account=ACCOUNT, series=SERIES, snapshot=snapshot_id(run, at, SERIES, ACCOUNT), key=f"{at:%d%H%M}-{run}",
        taken_at=at, began_at=at + timedelta(seconds=2), ended_at=at + lasts, accepted=accepted,
        codes=more.pop("codes", ()), gaps=more.pop("gaps", ()),
    )  # fmt: skip


def outcomes(term: Term, *captures: Captured, since: datetime = NOON, until: datetime = NOON + 5 * HOUR) -> str:
    slots = lay_out(term, GRID, captures, since=since, until=until)
    return " ".join(f"{slot.expected_at:%H}{slot.outcome[0]}" for slot in slots)


def test_what_was_not_made_is_missed() -> None:
    assert outcomes(TERM) == "12m 13m 14m 15m 16m"


def test_what_is_not_over_is_not_judged() -> None:
    assert outcomes(TERM, until=NOON + 9 * HOUR) == "12m 13m 14m 15m 16m"


def test_nothing_is_due_before_the_account_was_opened_or_after_it_ended() -> None:
    term = Term(account=ACCOUNT, series=SERIES, begins=NOON + HOUR, ends=NOON + 3 * HOUR)

    assert outcomes(term) == "13m 14m"


def test_without_a_day_of_opening_captures_are_due_from_the_first_one_on() -> None:
    term = Term(account=ACCOUNT, series=SERIES, begins=None, ends=None)

    assert outcomes(term) == ""
    assert outcomes(term, captured(NOON + 3 * HOUR)) == "15a 16m"


def test_a_quarantined_snapshot_is_made_and_not_accepted() -> None:
    assert outcomes(TERM, captured(NOON + HOUR, accepted=False)) == "12m 13q 14m 15m 16m"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=59, seconds=59)])
def test_whoever_starts_a_capture_within_the_slot_makes_it(late: timedelta) -> None:
    assert outcomes(TERM, captured(NOON + late)) == "12a 13m 14m 15m 16m"


def test_of_several_in_a_slot_the_accepted_one_counts_and_of_those_the_first() -> None:
    first, second = captured(NOON + 10 * timedelta(minutes=1)), captured(NOON + 20 * timedelta(minutes=1))

    (slot, *_) = lay_out(TERM, GRID, [captured(NOON, accepted=False), second, first], since=NOON, until=NOON + HOUR)

    assert (slot.made, slot.outcome) == (first.snapshot, SlotOutcome.ACCEPTED)


def test_a_capture_before_the_first_slot_makes_none() -> None:
    assert outcomes(TERM, captured(NOON - HOUR)) == "12m 13m 14m 15m 16m"
