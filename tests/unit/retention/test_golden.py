"""Cases that were worked out by hand, explained: every date, the rule that wins, and who must act."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from muniment.records.names import parse_instant
from muniment.workflows.clocks.explain import Explanation, explain_state
from muniment.workflows.clocks.explain_target import VOLUME, Target
from tests.unit.retention.golden.city import known_of, state_of

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "golden/cases.yaml").read_text("utf-8"))
FIELDS = {
    *("name", "work", "volume", "zone", "period", "starts", "floor", "below_floor", "events", "sealed", "now"),
    *("matters", "adopted", "cutoff", "due", "lock", "waits", "permanent", "wins", "held_by", "next"),
}


def explained(case: dict[str, Any]) -> Explanation:
    known, state = known_of(case), state_of(case)
    return explain_state(known, state, Target("it", VOLUME, (state.address,)), ())


def instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)


def test_there_are_forty_cases_and_more_and_each_shows_its_arithmetic() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) >= 40
    assert all(case["work"] and ("due" in case) != ("lock" in case) and case.keys() <= FIELDS for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_worked_out_by_hand_is_explained_so(case: dict[str, Any]) -> None:
    told = explained(case)

    assert instant(told.due_at) == case.get("due")
    assert instant(told.lock_until) == case.get("due", case.get("lock"))
    assert instant(told.cutoff_at) == case.get("cutoff", datetime(2026, 12, 1, 8, tzinfo=UTC))
    assert (told.waits_for, told.permanent) == (case.get("waits"), case.get("permanent", False))
    if "held_by" in case:
        assert [matter.id for matter in told.matters] == case["held_by"]
    if "next" in case:
        assert [step.who for step in told.next] == case["next"]
    if "wins" in case:
        assert f"The longest of these wins: {case['wins']}." in told.steps


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_last_step_of_the_sum_says_the_date(case: dict[str, Any]) -> None:
    last = explained(case).steps[-1]

    (said,) = re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", last)
    assert parse_instant(said) == case.get("due", case.get("lock"))
    assert last.startswith("Its disposition may be proposed from" if "due" in case else "It has no due date")


def test_what_is_kept_is_explained_in_whole_sentences_with_the_clause_and_the_citys_own_time() -> None:
    told = explained({"now": datetime(2026, 11, 22, 12, tzinfo=UTC)})

    assert told.steps == (
        "Volume 2026-11 holds what was captured in that calendar month in America/Los_Angeles.",
        "Its cutoff is the first instant of 2026-12-01 there: 2026-12-01T08:00:00.000000Z.",
        "Row CA-SM-01 (Gov. Code 34090; claremont-social B.20) keeps it for 2 years (P2Y) from the cutoff: "
        "2026-12-01 and 2 years is 2028-12-01.",
        "Nothing may be destroyed before 2 years (P2Y) from the cutoff (Gov. Code 34090(d)): "
        "2026-12-01 and 2 years is 2028-12-01.",
        "The longest of these wins: the row's period.",
        "Its disposition may be proposed from the first instant of 2028-12-01 in America/Los_Angeles: "
        "2028-12-01T08:00:00.000000Z.",
    )
    assert told.due_local == "2028-12-01 00:00:00 PST (America/Los_Angeles)"
    assert told.adoption == "Schedule 1 was adopted by 2026-14 on 2026-01-13."
    assert [(step.who, step.what) for step in told.next][1:3] == [
        ("City Clerk", "Is the list complete?"),
        ("City Attorney", "Do you consent? (with consent)"),
    ]
    assert told.unanswered == ("Are they court records? (Gov. Code 34090(b); answered for each disposition)",)


def test_an_agency_that_runs_retain_only_is_told_so_aloud() -> None:
    told = explained({"adopted": False})

    assert told.retain_only
    assert told.adoption == "Schedule 1 names no act that adopted it: retain-only, nothing is disposed of."
    assert "Which act adopted the schedule, and when?" in told.unanswered
