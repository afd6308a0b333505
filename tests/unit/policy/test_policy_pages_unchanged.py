from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from muniment.evidence.digest import sha256_hex
from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.pages import judge_policy_pages
from muniment.policy.pages.changes import digest_clauses
from muniment.policy.pages.reviews import PageReview, ReviewOutcome, build_review_event
from muniment.policy.scene import PageFact, Scene
from muniment.records.agency import Agency
from muniment.records.policy import PageKind
from tests.unit.policy.scenes import NOW, build_scene, claremont, policy_of, with_policy
from tests.unit.policy.scenes import page as page_fact

RULES = "social-media-policy"
CLAUSES = {label: sha256_hex(label.encode()) for label in ("B.6", "B.13", "C.7", "C.7 vii", "D.2")}


def fact(name: str = RULES, **changes: object) -> PageFact:
    clauses = changes.pop("clauses", CLAUSES)
    assert isinstance(clauses, dict)
    return page_fact(name, clauses=clauses, text_sha256=digest_clauses(clauses), **changes)


def review(name: str = RULES, *, days: int = 10, outcome: ReviewOutcome = ReviewOutcome.IN_ORDER) -> PageReview:
    return PageReview(
        page=name,
        sha256=digest_clauses(CLAUSES),
        clauses=CLAUSES,
        reviewer="R. Vance",
        outcome=outcome,
        note=None,
        at=NOW - timedelta(days=days),
    )


def agency() -> Agency:
    """The demonstration city with the page of one policy, and no version's digest stated."""
    policy = policy_of(claremont())
    return with_policy(
        claremont(),
        pages=tuple(page for page in policy.pages if page.kind is not PageKind.POLICY or page.id == RULES)
        and tuple(page for page in policy.pages if page.id == RULES),
        versions=tuple(
            replace(version, sha256=None) for version in policy.versions if version.policy == "claremont-social"
        ),
    )


def judge(*facts: PageFact, reviews: tuple[PageReview, ...] = (review(),), of: Agency | None = None) -> Judgement:
    scene: Scene = build_scene(
        of or agency(),
        pages={one.page: one for one in facts},
        events={"policy-reviews": [build_review_event(one) for one in reviews]},
    )
    return judge_policy_pages(scene)


def codes(judgement: Judgement) -> list[str]:
    return [finding.code for finding in judgement.findings]


def test_a_clause_changed_since_its_review_names_the_controls_that_go_by_it() -> None:
    judgement = judge(fact(clauses=CLAUSES | {"C.7 vii": "0" * 64}))

    (finding,) = judgement.findings
    assert (finding.code, finding.subject, finding.count) == ("K062", RULES, 1)
    assert finding.detail.endswith("C.7 vii changed; controls: R-C7")


def test_a_page_reviewed_as_it_stands_is_kept() -> None:
    judgement = judge(fact())

    assert (judgement.outcome, judgement.findings) == (Outcome.KEPT, ())
    assert judgement.evidence == (fact().key,)


def test_a_policy_in_force_without_a_watched_page_is_found() -> None:
    judgement = judge(of=with_policy(agency(), pages=()))

    assert [(finding.code, finding.subject) for finding in judgement.findings] == [("K060", "claremont-social")]


def test_a_page_never_captured_is_found() -> None:
    assert codes(judge()) == ["K060"]


def test_a_page_that_is_gone_is_found() -> None:
    gone = replace(fact(), status=None, text=None, text_sha256=None, clauses={})
    assert codes(judge(gone)) == ["K061"]


def test_a_page_whose_text_was_not_read_is_found() -> None:
    unread = replace(fact(), clauses={}, text_sha256=digest_clauses(CLAUSES))
    assert codes(judge(unread)) == ["K064"]


def test_a_page_not_captured_for_three_days_is_found() -> None:
    assert codes(judge(fact(captured_at=NOW - timedelta(days=3)))) == ["K065"]
    assert codes(judge(fact(captured_at=NOW - timedelta(hours=40)))) == []


def test_a_page_that_nobody_reviewed_is_found() -> None:
    assert codes(judge(fact(), reviews=())) == ["K063"]


def test_a_text_that_the_agency_names_as_the_version_in_force_needs_no_review() -> None:
    named = agency()
    versions = tuple(replace(one, sha256=digest_clauses(CLAUSES)) for one in policy_of(named).versions)

    assert codes(judge(fact(), reviews=(), of=with_policy(named, versions=versions))) == []
    other = fact(clauses={"B.6": "0" * 64})
    assert codes(judge(other, reviews=(), of=with_policy(named, versions=versions))) == ["K069", "K063"]


def test_the_latest_review_counts() -> None:
    changed = CLAUSES | {"B.13": "1" * 64}
    later = replace(review(days=1), clauses=changed, sha256=digest_clauses(changed))
    assert codes(judge(fact(clauses=changed), reviews=(later, review()))) == []


def test_a_review_that_asks_for_action_is_not_kept_in_silence() -> None:
    judgement = judge(fact(), reviews=(review(outcome=ReviewOutcome.NEEDS_ACTION),))

    assert judgement.outcome is Outcome.CANNOT_TELL


def test_an_agency_without_policies_has_nothing_to_check() -> None:
    assert judge(of=with_policy(agency(), pages=(), versions=())).outcome is Outcome.NOTHING_TO_CHECK
    assert judge(of=replace(agency(), policy=None)).outcome is Outcome.CANNOT_TELL
