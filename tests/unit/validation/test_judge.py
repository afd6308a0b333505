from __future__ import annotations

import sys
from pathlib import Path

import pytest

from muniment.errors import EvidenceError
from muniment.evidence.finding_types import CATALOGUE
from muniment.evidence.manifest import FindingCount, Verdict
from muniment.records.names import SeriesId
from muniment.records.series import OFFICIAL_POSTS, POLICIES, PUBLIC_COMMENTS, SERIES, SUBSCRIBER_LISTS
from muniment.validation.judge import judge, judge_at_hand
from muniment.validation.suites import SUITES, emptied, moved_far

COMMON = {
    "total": 100,
    "previous_total": 100,
    "duplicates_dropped": 0,
    "contradicting_duplicates": 0,
    "missing_ids": 0,
    "unknown_fields": 0,
    "unreadable_pages": 0,
    "irregular_pages": 0,
    "repeated_pages": 0,
    "gaps": 0,
    "unlisted": 0,
    "listed": 100,
}
ITEMS = COMMON | {
    "missing_times": 0,
    "missing_authors": 0,
    "future_items": 0,
    "items_before_account": 0,
    "foreign_authors": 0,
    "missing_parents": 0,
    "declared_missing": 0,
    "unverified_repositories": 0,
}
SUBSCRIBERS = COMMON | {"declared_difference": 0, "malformed_rows": 0, "malformed_addresses": 0}
SOUND = {OFFICIAL_POSTS: ITEMS, PUBLIC_COMMENTS: ITEMS, SUBSCRIBER_LISTS: SUBSCRIBERS, POLICIES: ITEMS}

FAULTS = [
    (OFFICIAL_POSTS, {"unreadable_pages": 2}, "G001", 2, True),
    (OFFICIAL_POSTS, {"repeated_pages": 1}, "G002", 1, False),
    (OFFICIAL_POSTS, {"unknown_fields": 3}, "G003", 3, False),
    (OFFICIAL_POSTS, {"gaps": 4}, "G004", 4, False),
    (OFFICIAL_POSTS, {"unverified_repositories": 1}, "G005", 1, True),
    (OFFICIAL_POSTS, {"irregular_pages": 1}, "G006", 1, False),
    (OFFICIAL_POSTS, {"unlisted": 1}, "G007", 1, True),
    (OFFICIAL_POSTS, {"missing_ids": 1}, "P001", 1, True),
    (OFFICIAL_POSTS, {"duplicates_dropped": 5}, "P002", 5, False),
    (OFFICIAL_POSTS, {"missing_times": 1}, "P003", 1, False),
    (OFFICIAL_POSTS, {"future_items": 1}, "P004", 1, True),
    (OFFICIAL_POSTS, {"items_before_account": 1}, "P005", 1, False),
    (OFFICIAL_POSTS, {"missing_authors": 1}, "P006", 1, True),
    (OFFICIAL_POSTS, {"declared_missing": 7}, "P008", 7, False),
    (OFFICIAL_POSTS, {"total": 50}, "P009", 50, False),
    (OFFICIAL_POSTS, {"total": 150}, "P009", 50, False),
    (OFFICIAL_POSTS, {"foreign_authors": 1}, "P010", 1, True),
    (OFFICIAL_POSTS, {"contradicting_duplicates": 1}, "P011", 1, True),
    # The account's own profile is still there, and is no post.
    (OFFICIAL_POSTS, {"listed": 0, "total": 1, "previous_total": 19}, "P012", 18, True),
    (OFFICIAL_POSTS, {"listed": 0, "total": 0, "previous_total": 1}, "P012", 1, True),
    (PUBLIC_COMMENTS, {"future_items": 1}, "P004", 1, False),
    (POLICIES, {"contradicting_duplicates": 1}, "P011", 1, True),
    (POLICIES, {"listed": 0, "total": 0, "previous_total": 9}, "P012", 9, True),
    (PUBLIC_COMMENTS, {"missing_parents": 1}, "P007", 1, False),
    (SUBSCRIBER_LISTS, {"missing_ids": 1}, "S001", 1, True),
    (SUBSCRIBER_LISTS, {"duplicates_dropped": 1}, "S002", 1, False),
    (SUBSCRIBER_LISTS, {"malformed_rows": 1}, "S003", 1, True),
    (SUBSCRIBER_LISTS, {"declared_difference": 1}, "S004", 1, False),
    (SUBSCRIBER_LISTS, {"total": 0}, "S005", 100, False),
    (SUBSCRIBER_LISTS, {"listed": 0, "total": 0, "previous_total": 2}, "S008", 2, True),
    (SUBSCRIBER_LISTS, {"malformed_addresses": 1}, "S006", 1, False),
    (SUBSCRIBER_LISTS, {"contradicting_duplicates": 1}, "S007", 1, True),
]


@pytest.mark.parametrize(("series", "fault", "code", "count", "stops"), FAULTS)
def test_each_rule_catches_its_own_fault_and_only_that(
    series: SeriesId, fault: dict[str, int], code: str, count: int, *, stops: bool
) -> None:
    verdict = judge(series, SOUND[series] | fault)

    assert [(found.code, found.count, found.stops_seal) for found in verdict.findings] == [(code, count, stops)]
    assert verdict.outcome == ("quarantined" if stops else "accepted")


@pytest.mark.parametrize("series", SOUND)
def test_every_rule_of_a_series_has_a_fault_above(series: SeriesId) -> None:
    shared = {code for other, _, code, _, _ in FAULTS if (other == SUBSCRIBER_LISTS) == (series == SUBSCRIBER_LISTS)}
    pages = {code for _, _, code, _, _ in FAULTS if code.startswith("G")}

    assert {rule.code for rule in SUITES[series]} <= shared | pages


@pytest.mark.parametrize("series", SOUND)
def test_a_sound_snapshot_is_accepted_by_every_rule(series: SeriesId) -> None:
    assert judge(series, SOUND[series]) == Verdict(
        outcome="accepted", suite=f"{series}/1", rules_checked=len(SUITES[series]), findings=()
    )


def test_every_fault_is_told_at_once_in_order_of_its_code() -> None:
    verdict = judge(SUBSCRIBER_LISTS, SUBSCRIBERS | {"malformed_rows": 2, "gaps": 1, "total": 10})

    assert verdict.findings == (
        FindingCount(code="G004", count=1, detail="1 gaps", stops_seal=False),
        FindingCount(code="S003", count=2, detail="2 rows set aside", stops_seal=True),
        FindingCount(code="S005", count=90, detail="10 subscribers, 100 in the snapshot before", stops_seal=False),
    )
    assert verdict.outcome == "quarantined"


def test_what_could_not_be_measured_is_not_among_the_rules_checked() -> None:
    unknown = {"items_before_account": None, "foreign_authors": None, "declared_missing": None, "previous_total": None}
    verdict = judge(OFFICIAL_POSTS, ITEMS | unknown)

    assert (verdict.outcome, verdict.findings) == ("accepted", ())
    assert verdict.rules_checked == len(SUITES[OFFICIAL_POSTS]) - 5  # two rules need the snapshot before


def test_a_metric_that_is_missing_is_an_error_not_a_pass() -> None:
    incomplete = {name: number for name, number in ITEMS.items() if name not in {"gaps", "foreign_authors"}}

    with pytest.raises(EvidenceError, match="metrics of official-posts: expected foreign_authors, gaps, found none"):
        judge(OFFICIAL_POSTS, incomplete)


def test_a_series_without_rules_is_refused() -> None:
    with pytest.raises(EvidenceError, match="series weather: expected one that has rules"):
        judge(SeriesId("weather"), ITEMS)


@pytest.mark.parametrize(
    ("total", "previous", "moved"),
    [
        (100, None, None),
        (None, 100, None),
        (100, 100, 0),
        (51, 100, 0),
        (50, 100, 50),
        (149, 100, 0),
        (150, 100, 50),
        (19, 0, 0),
        (20, 0, 20),
        (0, 19, 0),
        (0, 20, 20),
    ],
)
def test_far_is_half_of_it_and_twenty(total: int | None, previous: int | None, moved: int | None) -> None:
    assert moved_far(total, previous) == moved


@pytest.mark.parametrize(("before", "codes"), [(19, []), (20, ["P009", "P012"])])
def test_a_few_comments_may_all_go_and_many_may_not(before: int, codes: list[str]) -> None:
    verdict = judge(PUBLIC_COMMENTS, ITEMS | {"listed": 0, "total": 0, "previous_total": before})

    assert [found.code for found in verdict.findings] == codes
    assert verdict.outcome == ("quarantined" if codes else "accepted")


@pytest.mark.parametrize(
    ("listed", "total", "previous", "went"),
    [
        (None, 1, 1, None),
        (0, 0, None, None),
        (0, 0, 0, 0),
        (0, 1, 1, 0),
        (1, 2, 50, 0),
        (0, 1, 2, 1),
        (0, 0, 7, 7),
    ],
)
def test_all_went_only_when_something_was_there(
    listed: int | None, total: int | None, previous: int | None, went: int | None
) -> None:
    assert emptied(listed, total, previous) == went


@pytest.mark.parametrize("series", SERIES)
def test_every_series_has_rules_each_of_its_own_code(series: SeriesId) -> None:
    codes = [rule.code for rule in SUITES[series]]

    assert len(codes) == len(set(codes))
    assert set(codes) <= CATALOGUE.keys()


def test_each_expectation_says_what_it_enforces() -> None:
    from muniment.validation.expectations import build_suite

    told = {expectation.meta["code"]: expectation.meta for expectation in build_suite(PUBLIC_COMMENTS).expectations}

    assert told.keys() == {rule.code for rule in SUITES[PUBLIC_COMMENTS]}
    assert told["P006"] == {
        "code": "P006",
        "sentence": "An item has no author.",
        "ground": "claremont-social B.23; STD-03",
        "stops_seal": True,
    }


def test_threads_take_turns_as_before_once_the_judge_is_at_hand() -> None:
    usual = sys.getswitchinterval()

    with judge_at_hand():
        meanwhile = sys.getswitchinterval()
    assert meanwhile < usual == sys.getswitchinterval()

    with pytest.raises(EvidenceError), judge_at_hand():
        judge(OFFICIAL_POSTS, {})
    assert sys.getswitchinterval() == usual


def test_judging_writes_no_file_opens_no_connection_and_prints_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], socket_disabled: None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    judge(OFFICIAL_POSTS, ITEMS | {"gaps": 1})

    assert list(tmp_path.rglob("*")) == []
    assert capfd.readouterr() == ("", "")
