from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.terms import judge_terms
from muniment.policy.pages.changes import digest_clauses
from muniment.policy.pages.reviews import PageReview, ReviewOutcome, build_review_event
from muniment.policy.scene import PageFact
from muniment.records.agency import Agency, Platform
from tests.unit.policy.scenes import NOW, build_scene, claremont, policy_of, with_account, with_policy
from tests.unit.policy.scenes import page as page_fact

CLAUSES = {"1": "a" * 64, "2": "b" * 64}
PAGES = ("bluesky-terms", "mastodon-terms")


def fact(name: str, clauses: dict[str, str] = CLAUSES) -> PageFact:
    return page_fact(name, clauses=clauses, text_sha256=digest_clauses(clauses))


def review(name: str, *, days: int = 30) -> PageReview:
    return PageReview(
        page=name,
        sha256=digest_clauses(CLAUSES),
        clauses=CLAUSES,
        reviewer="R. Vance",
        outcome=ReviewOutcome.IN_ORDER,
        note=None,
        at=NOW - timedelta(days=days),
    )


def judge(facts: list[PageFact], reviews: list[PageReview], agency: Agency | None = None) -> Judgement:
    return judge_terms(
        build_scene(
            agency or claremont(),
            pages={one.page: one for one in facts},
            events={"policy-reviews": [build_review_event(one) for one in reviews]},
        )
    )


def found(judgement: Judgement) -> list[tuple[str, str]]:
    return [(finding.code, finding.subject) for finding in judgement.findings]


SOUND = [fact(name) for name in PAGES], [review(name) for name in PAGES]


def test_terms_that_changed_since_their_review_are_found() -> None:
    changed = fact("mastodon-terms", {"1": "a" * 64, "2": "c" * 64})
    judgement = judge([SOUND[0][0], changed], SOUND[1])

    assert found(judgement) == [("K068", "mastodon-terms")]
    assert judgement.findings[0].detail == "changed since its review: 2 changed"


def test_terms_captured_and_reviewed_in_time_are_kept() -> None:
    assert judge(*SOUND).outcome is Outcome.KEPT


def test_a_platform_in_use_whose_terms_nobody_watches_is_found() -> None:
    policy = policy_of(claremont())
    without = with_policy(claremont(), pages=tuple(one for one in policy.pages if one.id != "bluesky-terms"))

    assert found(judge(*SOUND, without)) == [("K066", "bluesky")]


def test_terms_never_captured_are_found() -> None:
    gone = replace(fact("bluesky-terms"), status=None, text=None, text_sha256=None, clauses={})
    assert found(judge([gone], SOUND[1])) == [("K066", "bluesky-terms"), ("K066", "mastodon-terms")]


def test_terms_not_reviewed_or_not_in_time_are_found() -> None:
    assert found(judge(SOUND[0], [review("bluesky-terms", days=181)])) == [
        ("K067", "bluesky-terms"),
        ("K067", "mastodon-terms"),
    ]
    assert found(judge(SOUND[0], [review(name, days=179) for name in PAGES])) == []


def test_where_the_agency_has_not_said_how_often_it_cannot_be_told() -> None:
    pages = tuple(replace(one, reviewed_within_days=None) for one in policy_of(claremont()).pages)
    assert judge(*SOUND, with_policy(claremont(), pages=pages)).outcome is Outcome.CANNOT_TELL


def test_a_platform_that_is_not_in_use_any_more_needs_no_review() -> None:
    ended = with_account(claremont(), "bluesky-city", status="terminated")
    assert found(judge([SOUND[0][1]], [SOUND[1][1]], ended)) == []


def test_an_agency_on_no_platform_of_others_has_nothing_to_check() -> None:
    own = tuple(one for one in claremont().accounts if one.platform in {Platform.WEBSITE, Platform.NEWSLETTER})
    assert judge([], [], replace(with_policy(claremont(), pages=()), accounts=own)).outcome is Outcome.NOTHING_TO_CHECK
