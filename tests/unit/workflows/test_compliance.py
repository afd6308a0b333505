"""The compliance report from facts made by hand: what it counts, and whom it does not name."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from muniment.changes.coverage import Slot, SlotOutcome
from muniment.changes.exposure import Exposure
from muniment.changes.gaps import Gap, GapKind
from muniment.errors import ConfigurationError
from muniment.evidence.findings import Finding
from muniment.records.agency import Agency
from muniment.records.changes import Change, ChangeKind, Confidence, ItemState, Removal, Window
from muniment.records.names import AccountId, SeriesId, SnapshotId, format_instant
from muniment.settings import read_settings
from muniment.workflows.compliance.compose import compose
from muniment.workflows.compliance.gather import Facts
from muniment.workflows.compliance.month import month_before, read_month
from muniment.workflows.compliance.page import render_page
from muniment.workflows.compliance.report import ComplianceReport
from muniment.workflows.compliance.sealed import read_document, render_files, report_key, seal_report
from muniment.workflows.coverage.spans import local_days
from muniment.workflows.findings_register import Entry
from muniment.workflows.moderation.answers import Answer
from muniment.workflows.planning import open_agency
from muniment.workflows.policy import PolicyStatus
from muniment.workflows.policy.status import NEVER, ClauseStatus
from muniment.workflows.scorecard import Row, Scorecard
from tests.unit.workflows.holds_store import MemoryStore

ZONE = "America/Los_Angeles"
NOVEMBER = read_month("2026-11", ZONE)
MADE = datetime(2026, 12, 1, 15, tzinfo=UTC)
CITY, POSTS, COMMENTS = AccountId("bluesky-city"), SeriesId("official-posts"), SeriesId("public-comments")
NEIGHBOUR = "neighbour.example"  # whom no report names
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@cache
def claremont() -> Agency:
    return open_agency("claremont", read_settings({}))


def build_facts(**changes: object) -> Facts:
    """A month in which nothing was due, nothing happened and nothing was found."""
    policy = claremont().policy
    assert policy is not None
    status = PolicyStatus(
        agency="claremont", name="City", zone=ZONE, at=MADE, has_policy=True, last_run=None, run_key=None,
        clauses=(), tensions=(), adoption_not_evidenced=(),
    )  # fmt: skip
    plain = Facts(
        agency=replace(claremont(), invented_people=False), month=NOVEMBER, made_at=MADE,
        days=local_days(NOVEMBER.begins, NOVEMBER.ends, ZONE), slots=(), gaps=(), exposures=(), changes=Counter(),
        removals=(), moderated=(), unmatched=(), status=status, findings=(),
        scorecard=Scorecard("claremont", format_instant(MADE), (Row("a", "rule", "asks", "green", "seen", ""),), 0),
    )  # fmt: skip
    return replace(plain, **changes)


def slot(day: int, outcome: SlotOutcome = SlotOutcome.ACCEPTED) -> Slot:
    return Slot(account=CITY, series=POSTS, expected_at=NOVEMBER.begins + day * DAY, made=None, outcome=outcome)


def gap(**changes: object) -> Gap:
    plain = Gap(
        account=CITY, series=POSTS, begins=NOVEMBER.begins, ends=NOVEMBER.begins + HOUR, reason="TokenRefusedError",
        remedy="renew it", evidence=("registers/captures/x",),
    )  # fmt: skip
    return replace(plain, **changes)


def removal() -> Removal:
    window = Window(last_seen=NOVEMBER.begins, first_missing=NOVEMBER.begins + HOUR)
    change = Change(
        account=CITY, series=COMMENTS, item_id=f"at://{NEIGHBOUR}/1", kind=ChangeKind.REMOVED, window=window,
        confidence=Confidence.CONFIRMED, before=None, after=None,
    )  # fmt: skip
    return Removal(
        change=change, state=ItemState.GONE, author_id=f"did:web:{NEIGHBOUR}", author_handle=NEIGHBOUR,
        published_at=None, unavailable_reason=None, snapshot=SnapshotId("s"), captured_before=True,
    )  # fmt: skip


def case(*grounds: str, reviewers: tuple[str, ...] = ()) -> Answer:
    return Answer(
        case="20261103-0123abcd", account=CITY, verdict="remove", grounds=grounds, decided_at=NOVEMBER.begins,
        decided_by="A. Clerk", policy_version=None, deeds=("remove",), acted_at=None, acted_by=(), reviewers=reviewers,
        counsel=(), stands=True, reversed_at=None,
    )  # fmt: skip


def finding(*, closed: bool = False) -> Entry:
    opened = format_instant(MADE - 10 * DAY)
    found = Finding("U001", f"{CITY}/{POSTS}/then", "until later", 3)
    ended = {"closed_at": format_instant(MADE - 8 * DAY), "reason": "known", "closed_by": "A. Clerk"} if closed else {}
    return Entry("0123456789abcdef-0001", found, "check_coverage", opened, **ended)


def clause(outcome: str | None = "kept", **changes: object) -> ClauseStatus:
    policy = claremont().policy
    assert policy is not None
    plain = ClauseStatus(
        clause=policy.clauses[0], outcome=outcome, sentence="s", checked_at=MADE, evidence=(), findings=(), facts={}
    )
    return replace(plain, **changes)


def busy() -> ComplianceReport:
    """A month in which everything happened."""
    facts = build_facts()
    exposures = tuple(
        Exposure(account=CITY, series=POSTS, day=date(2026, 11, 1 + n), longest=(n + 1) * HOUR, captures=n % 3)
        for n in range(30)
    )
    return compose(
        replace(
            facts,
            agency=claremont(),
            slots=(slot(0), slot(1), slot(1, SlotOutcome.MISSED), slot(2, SlotOutcome.QUARANTINED)),
            gaps=(gap(), gap(kind=GapKind.PARTIAL, closed=False, reason="media: not-found")),
            exposures=exposures,
            changes=Counter({(CITY, COMMENTS, ChangeKind.EDITED): 4, (CITY, COMMENTS, ChangeKind.MISSING): 1}),
            removals=(removal(),),
            moderated=(case("C7-i"), case("C7-i", "C7-ii", reviewers=("B. Second",)), case()),
            unmatched=(Finding("M001", "bluesky-city/public-comments", "2 items", 2),),
            status=replace(facts.status, clauses=(clause(), clause(NEVER)), adoption_not_evidenced=("v1",)),
            findings=(finding(), finding(closed=True)),
        )
    )


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "November", "2026-11-01", "0000-01", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="month: expected one as 2026-11"):
        read_month(text, ZONE)


def test_a_month_is_that_of_the_agencys_clocks_whatever_they_did_in_it() -> None:
    assert (NOVEMBER.begins, NOVEMBER.ends) == (
        datetime(2026, 11, 1, 7, tzinfo=UTC),
        datetime(2026, 12, 1, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 12, 1, 7, 59, tzinfo=UTC), "2026-10"),  # still November in Claremont
        (datetime(2026, 12, 1, 8, 0, tzinfo=UTC), "2026-11"),
        (datetime(2027, 1, 15, tzinfo=UTC), "2026-12"),
    ],
)
def test_the_last_month_is_the_last_one_that_is_over_there(moment: datetime, expected: str) -> None:
    assert month_before(moment, ZONE).name == expected


def test_an_empty_month_says_of_every_part_what_that_means_and_what_to_do() -> None:
    report = compose(build_facts())

    empty = {table.id: table.empty for table in report.tables if not table.rows}
    assert set(empty) == {
        "captures", "gaps", "exposure", "changes", "removals", "moderation", "ledger", "policy", "findings", "tensions"
    }  # fmt: skip
    page = html.unescape(re.sub("</?code>", "`", render_page(report)))
    assert [text for text in empty.values() if text not in page] == []
    assert report.is_sound


@pytest.mark.parametrize(
    "fault",
    [
        {"slots": (slot(1, SlotOutcome.MISSED),)},
        {"slots": (slot(1, SlotOutcome.QUARANTINED),)},
        {"findings": (finding(),)},
        {"unmatched": (Finding("M001", "bluesky-city/public-comments", "2 items"),)},
        {"unmatched": None},
        {"status": replace(build_facts().status, clauses=(clause("not-kept"),))},
        {"status": replace(build_facts().status, clauses=(clause(NEVER),))},
        {"status": replace(build_facts().status, has_policy=False)},
        {"scorecard": Scorecard("claremont", "", (Row("a", "rule", "asks", "red", "seen", "do"),), 0)},
    ],
)
def test_a_month_with_one_fault_is_not_sound(fault: dict[str, object]) -> None:
    assert not compose(build_facts(**fault)).is_sound


def test_what_was_found_and_closed_is_told_and_is_sound() -> None:
    report = compose(build_facts(findings=(finding(closed=True),)))

    assert report.is_sound
    assert report.table("findings").cells("age_days") == [2]


def test_it_counts_captures_gaps_exposure_changes_and_removals() -> None:
    report = busy()

    assert report.table("captures").rows == ((CITY, POSTS, 4, 2, 1, 1, "50.0 %"),)
    assert report.table("gaps").cells("kind") == ["missed", "partial, goes on"]
    assert report.table("gaps").cells("ends") == [NOVEMBER.begins + HOUR, None]
    assert report.table("exposure").rows == ((CITY, POSTS, 30, 10, 15 * 60, 30 * 60, "2026-11-30"),)
    assert report.table("changes").rows == ((CITY, COMMENTS, "edited", 4), (CITY, COMMENTS, "missing", 1))
    assert report.table("removals").rows == ((CITY, COMMENTS, "removed", "confirmed", 1),)


def test_moderation_is_counted_by_ground_and_reviewer_and_a_case_without_a_ground_is_told() -> None:
    assert busy().table("moderation").rows == (
        ("C7-i", "remove", "A. Clerk", "", 1),
        ("C7-i", "remove", "A. Clerk", "B. Second", 1),
        ("C7-ii", "remove", "A. Clerk", "B. Second", 1),
        ("no ground stated", "remove", "A. Clerk", "", 1),
    )


def test_a_ledger_that_nothing_could_be_held_against_is_told_so() -> None:
    assert compose(build_facts(unmatched=None)).table("ledger").empty.startswith("Not compared")
    assert busy().table("ledger").cells("items") == [2]


def test_a_check_that_never_ran_is_not_told_as_kept() -> None:
    assert busy().table("policy").cells("outcome") == ["kept", "never-ran"]


def test_nobody_of_the_public_is_in_any_file_of_it() -> None:
    assert [name for name, text in render_files(busy()).items() if NEIGHBOUR in text] == []


def test_the_page_runs_and_fetches_nothing() -> None:
    page = render_page(busy())

    assert "<script" not in page
    assert re.findall(r"""(?:src|href)=["']?[^"'> ]+""", page) == []


def test_a_text_of_a_register_cannot_write_on_the_page() -> None:
    report = compose(build_facts(gaps=(gap(reason="<img src=x onerror=alert(1)>"),)))

    assert "<img" not in render_page(report)


def test_the_json_and_a_file_for_every_table_are_beside_the_page() -> None:
    files = render_files(busy())

    assert {name for name in files if name.endswith(".csv")} == {f"{table.id}.csv" for table in busy().tables}
    told = json.loads(files["report.json"])
    assert (told["format"], told["month"], told["sound"]) == ("muniment.compliance-report/1", "2026-11", False)
    assert files["captures.csv"].splitlines()[1] == "bluesky-city,official-posts,4,2,1,1,50.0 %"


def test_a_report_of_a_month_that_is_not_over_says_so() -> None:
    report = compose(build_facts(made_at=NOVEMBER.begins + DAY))

    assert not report.is_whole
    assert "The month was not over" in report.remarks[0]


def test_what_is_sealed_is_read_back_and_the_latest_of_a_month_is_shown() -> None:
    vault, first, later = MemoryStore("vault"), compose(build_facts()), busy()
    for report, at in ((first, MADE), (later, MADE + HOUR)):
        seal_report(vault, claremont(), report, report_key(report.month, at))

    found = read_document(vault, "2026-11")

    assert (found.key, found.is_sound) == ("registers/compliance-reports/2026-12/2026-11-20261201t160000z.json", False)
    assert found.files == render_files(later)
    with pytest.raises(ConfigurationError, match="2026-10, found none"):
        read_document(vault, "2026-10")
