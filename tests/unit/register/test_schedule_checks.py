"""What a schedule may not say: each fault with its place, and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.register.load import find_faults, is_in_service, load_agency, retain_only_reason
from muniment.register.period_order import is_shorter
from muniment.retention.periods import add_period, parse_period

Write = Callable[..., Path]
TODAY = date(2026, 11, 22)

PROFILE_AND_ROWS = [
    ("route: a-route", "route: A Route", "disposition.route", "'A Route'"),
    ("route: a-route", "route: gc-34090", "disposition.exclusions",
     "none of gc-34090-a, gc-34090-b, gc-34090-c, gc-34090-d, gc-34090-e"),
    ("authority: [A law]", "authority: []", "disposition.authority", "none"),
    ("list_valid: P30D", "list_valid: 30 days", "disposition.list_valid", "'30 days'"),
    ("list_valid: P30D", "list_valid: PT10S", "disposition.list_valid", "'PT10S'"),
    ("grace: P3D", "grace: PT10S", "disposition.grace", "'PT10S'"),
    ("grace: P3D", "grace: P0D", "disposition.grace", "'P0D'"),
    ("  grace: P3D\n", "", "disposition.grace", "nothing"),
    ("period: P1Y,", "period: PT1S,", "disposition.floor.period", "'PT1S'"),
    ("- id: council", "- id: The Council", "disposition.steps[The Council].id", "'The Council'"),
    ("- id: council", "- id: clerk", "disposition.steps[clerk].id", "'clerk'"),
    ("office: city-clerk", "office: City Clerk", "disposition.steps[clerk].office", "'City Clerk'"),
    ("standing: false", "standing: maybe", "disposition.steps[council].standing", "'maybe'"),
    ("- id: lands", "- id: Lands", "disposition.exclusions[Lands].id", "'Lands'"),
    ("approvals: [clerk]", "approvals: [mayor]", "rows[R-1].approvals[#1]", "'mayor'"),
    ("approvals: [clerk]", "approvals: [clerk, clerk]", "rows[R-1].approvals[#2]", "'clerk' again"),
    ("approvals: [clerk]", "approvals: [council, clerk]", "rows[R-1].approvals", "another order"),
    ("approvals: [clerk]", "approvals: []", "rows[R-1].approvals", "none"),
    ("period: P2Y", "period: P11M", "rows[R-1].period", "'P11M'"),
    ("period: P2Y", "period: P364D", "rows[R-1].period", "'P364D'"),
    ("period: P2Y", "period: PT90S", "rows[R-1].period", "'PT90S'"),
    ("period: P2Y", "period: permanent", "rows[R-1].action", "'destroy'"),
    ("period: P2Y", "period: for ever", "rows[R-1].period", "'for ever'"),
    ("cutoff: calendar-month", "cutoff: utc-minute", "rows[R-1].cutoff", "'utc-minute'"),
    ("lock_mode: COMPLIANCE", "lock_mode: GOVERNANCE", "rows[R-1].lock_mode", "'GOVERNANCE'"),
    ("starts: cutoff", "starts: full-moon", "rows[R-1].starts", "'full-moon'"),
    ("    starts: cutoff\n", "", "rows[R-1].starts", "nothing"),
    ("action: destroy", "action: forget", "rows[R-1].action", "'forget'"),
    ("    action: destroy\n", "", "rows[R-1].action", "nothing"),
    ("effective_from: 2026-01-01", "effective_from: 2026-01-01\n    effective_until: 2025-12-31",
     "rows[R-1].effective_until", "2025-12-31"),
    ("jurisdiction: Illinois\n", "", "jurisdiction", "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "found"), PROFILE_AND_ROWS)
def test_each_fault_is_told_once_with_its_place(write: Write, old: str, new: str, where: str, found: str) -> None:
    folder = write((old, new))
    faults = [fault for fault in find_faults(folder) if not fault.where.startswith("rows") or "rows" in where]
    # A step renamed in the profile leaves the rows that name it with none.
    assert [(fault.where, fault.found) for fault in faults] == [(where, found)]


OFFICERS = """\
officers:
  - sign_in: clerk
    name: Ann Hall
    title: Clerk
    office: city-clerk
    granted_by: The mayor
    document: Memo 2
    valid_from: 2026-03-01
    valid_until: 2026-11-30
  - sign_in: council
    name: Ben Moor
    title: Clerk of the council
    office: city-council
    granted_by: The mayor
    document: Memo 2
    valid_from: 2026-03-01
"""
ADOPTED = ("adoption: null", 'adoption: {resolution: "2026-14", adopted_on: 2026-03-01}')
WITH_OFFICERS = ("notices:", OFFICERS + "notices:")


@pytest.mark.parametrize(
    ("old", "new", "where", "found"),
    [
        ("sign_in: clerk", "sign_in: The Clerk", "officers[#1].sign_in", "other text"),
        ("office: city-clerk\n    granted", "office: City Clerk\n    granted", "officers[#1].office", "'City Clerk'"),
        ("valid_until: 2026-11-30\n  - sign", "valid_until: 2026-02-28\n  - sign", "officers[#1].valid_until",
         "2026-02-28"),
        ("    office: city-council\n    granted", "    granted", "officers[#2].office", "nothing"),
        ("sign_in: council", "phone: 1\n    sign_in: council", "officers[#2].phone", "one of another name"),
    ],
)  # fmt: skip
def test_an_officers_fault_is_told_with_its_place(write: Write, old: str, new: str, where: str, found: str) -> None:
    assert OFFICERS.count(old) == 1
    folder = write(("notices:", OFFICERS.replace(old, new) + "notices:"))
    assert [(fault.where, fault.found) for fault in find_faults(folder)] == [(where, found)]


def test_the_same_office_from_the_same_day_twice_is_refused(write: Write) -> None:
    again = OFFICERS.replace("officers:\n", "")
    folder = write(("notices:", OFFICERS + again + "notices:"))
    assert [fault.where for fault in find_faults(folder)] == ["officers[#3].office", "officers[#4].office"]


def test_an_adopted_schedule_whose_office_nobody_holds_is_refused_on_that_day(write: Write) -> None:
    folder = write(ADOPTED, WITH_OFFICERS)
    assert find_faults(folder, today=date(2026, 11, 22)) == []
    (fault,) = find_faults(folder, today=date(2026, 12, 1))
    assert (fault.where, fault.found) == ("disposition.steps[clerk].office", "'city-clerk'")
    assert fault.expected == "an office that an officer in agency.yaml holds on 2026-12-01"


def test_an_adopted_schedule_without_officers_hears_of_every_step(write: Write) -> None:
    assert [fault.where for fault in find_faults(write(ADOPTED), today=TODAY)] == [
        "disposition.steps[clerk].office",
        "disposition.steps[council].office",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        (),
        (ADOPTED, ("standing: false", "standing: null")),
    ],
)
def test_an_agency_that_only_retains_needs_no_officer(write: Write, changes: tuple[tuple[str, str], ...]) -> None:
    assert find_faults(write(*changes), today=TODAY) == []


def test_a_standing_approval_needs_nobody_in_office(write: Write) -> None:
    folder = write(ADOPTED, ("standing: false", "standing: true"))
    assert [fault.where for fault in find_faults(folder, today=TODAY)] == ["disposition.steps[clerk].office"]


def test_a_lapsed_office_stops_no_capture(write: Write) -> None:
    assert find_faults(write(ADOPTED)) == []


def test_an_act_of_tomorrow_has_adopted_nothing(write: Write) -> None:
    folder = write(("adoption: null", 'adoption: {resolution: "2026-14", adopted_on: 2026-11-23}'), WITH_OFFICERS)
    assert [fault.where for fault in find_faults(folder, today=TODAY)] == ["adoption.adopted_on"]


def test_a_row_that_has_ended_is_told_on_that_day(write: Write) -> None:
    folder = write(("effective_from: 2026-01-01", "effective_from: 2026-01-01\n    effective_until: 2026-06-30"))
    assert find_faults(folder, today=date(2026, 6, 30)) == []
    assert [fault.where for fault in find_faults(folder, today=date(2026, 7, 1))] == ["rows[R-1].effective_until"]


def test_below_the_floor_only_with_an_authority_for_it(write: Write) -> None:
    (fault,) = find_faults(write(("period: P2Y", "period: P90D")))
    assert fault.expected == "a period not shorter than the floor, P1Y, or below_floor with the authority for it"
    assert find_faults(write(("period: P2Y", "period: P90D\n    below_floor: An act on duplicates"))) == []


def test_an_automatic_profile_and_what_is_kept_for_ever_need_no_approval(write: Write) -> None:
    assert find_faults(write(("automatic: false", "automatic: true"), ("approvals: [clerk]", "approvals: []"))) == []
    kept = ("action: destroy", "action: keep"), ("period: P2Y", "period: permanent")
    assert find_faults(write(*kept, ("approvals: [clerk]", "approvals: []"))) == []


def test_a_profile_that_asks_nobody_is_refused_unless_it_is_automatic(write: Write) -> None:
    text = write().joinpath("retention.yaml").read_text("utf-8")
    steps = text[text.index("  steps:\n") : text.index("  exclusions:")]
    assert "disposition.steps" in [fault.where for fault in find_faults(write((steps, "  steps: []\n")))]


DRILL = ("jurisdiction: Illinois", "jurisdiction: drill")
SECONDS = (("period: P2Y", "period: PT90S"), ("grace: P3D", "grace: PT10S"), ("list_valid: P30D", "list_valid: PT600S"))


def test_only_a_drill_counts_in_seconds_and_minutes(write: Write) -> None:
    changes = (*SECONDS, ("cutoff: calendar-month", "cutoff: utc-minute"), ("period: P1Y,", "period: PT30S,"))
    assert find_faults(write(DRILL, *changes)) == []
    assert len(find_faults(write(*changes))) == 5


def test_a_drill_needs_invented_people(write: Write) -> None:
    real = (
        ("invented_people: true", "invented_people: false"),
        ("api: simulator", "api: https://bsky.example"),
        ("directory: simulator", "directory: https://plc.example"),
    )
    where = [fault.where for fault in find_faults(write(DRILL, ("grace: P3D", "grace: PT10S"), *real))]
    assert where == ["jurisdiction", "disposition.grace"]


def test_a_drill_has_a_floor_too(write: Write) -> None:
    changes = (("period: P1Y,", "period: PT30S,"), ("period: P2Y", "period: PT29S"))
    assert [fault.where for fault in find_faults(write(DRILL, *changes))] == ["rows[R-1].period"]


def test_an_account_may_not_list_a_series_that_may_lie_under_no_lock(write: Write) -> None:
    folder = write(("lock_mode: COMPLIANCE", "lock_mode: NONE"))
    (fault,) = find_faults(folder)
    assert (fault.where, fault.found) == ("accounts[bluesky-city].series[#1]", "'official-posts'")
    assert fault.expected.startswith("a series that may lie under a lock")


def test_the_council_under_34090_must_be_decided_or_said_to_be_open(write: Write) -> None:
    exclusions = "".join(f"    - {{id: gc-34090-{letter}, question: 'Is it?', authority: A}}\n" for letter in "abcde")
    change = ("  exclusions:\n", "  exclusions:\n" + exclusions)
    assert find_faults(write(("route: a-route", "route: gc-34090"), change)) == []
    (fault,) = find_faults(write(("route: a-route", "route: gc-34090"), change, ("      standing: false\n", "")))
    assert (fault.where, fault.found) == ("disposition.steps[council].standing", "nothing")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((), "names no act that adopted it: adoption not evidenced."),
        ((ADOPTED, ("standing: false", "standing: null")), "leaves open whether the approval council is standing"),
    ],
)
def test_why_nothing_is_disposed_of_is_said(write: Write, changes: tuple[tuple[str, str], ...], said: str) -> None:
    reason = retain_only_reason(load_agency(write(*changes), simulator=None).schedule)
    assert load_agency(write(*changes), simulator=None).schedule.is_retain_only
    assert said in str(reason)
    assert str(reason).endswith("nothing is disposed of.")


def test_without_a_profile_nothing_is_disposed_of(write: Write) -> None:
    folder = write(ADOPTED)
    path = folder / "retention.yaml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("disposition:\n")] + "disposition: null\n", "utf-8")
    assert find_faults(folder, today=TODAY) == []
    assert "has no disposition profile" in str(retain_only_reason(load_agency(folder, simulator=None).schedule))


def test_an_agency_is_in_service_unless_its_file_says_no(write: Write, tmp_path: Path) -> None:
    assert is_in_service(write())
    assert not is_in_service(write(("in_service: true", "in_service: false")))
    for instead in ("in_service: no", "x: y"):  # a fault is told to whoever captures it
        folder = write(("in_service: true", instead))
        assert is_in_service(folder)
        assert find_faults(folder) != []
    assert is_in_service(tmp_path / "nowhere")


numbers = st.tuples(st.integers(0, 60), st.integers(0, 200), st.integers(0, 60), st.integers(0, 2000)).filter(any)
first_days = st.builds(date, st.integers(1970, 2100), st.integers(1, 12), st.just(1))


@given(numbers, numbers, first_days)
def test_what_is_not_shorter_never_ends_first(first: tuple[int, ...], second: tuple[int, ...], start: date) -> None:
    period, floor = ("P{}Y{}M{}W{}D".format(*parts) for parts in (first, second))
    if not is_shorter(period, floor, drill=False):
        assert add_period(start, parse_period(period)) >= add_period(start, parse_period(floor))


@pytest.mark.parametrize(
    ("period", "floor", "shorter"),
    [
        ("P2Y", "P24M", False),
        ("P24M", "P2Y", False),
        ("P731D", "P2Y", False),
        ("P730D", "P2Y", True),  # a 29 February may lie between
        ("P23M31D", "P2Y", False),
        ("P23M30D", "P2Y", True),
        ("P100Y", "P36525D", True),  # where 1900, 2100 lie between there are 36524
        ("P104W", "P2Y", True),
    ],
)
def test_which_period_can_end_first(period: str, floor: str, shorter: bool) -> None:
    assert is_shorter(period, floor, drill=False) is shorter
