"""The terms of the platforms in use: captured, and reviewed by a person in time and since they changed (F.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.pages.reviews import REGISTER, PageReview, ReviewOutcome, changes_since, latest_reviews
from muniment.policy.scene import PageFact, Scene
from muniment.policy.verdicts import cannot_tell, conclude, count_of, nothing_to_check
from muniment.records.agency import AccountStatus, Platform
from muniment.records.policy import PageKind, WatchedPage

_THIRD_PARTY = frozenset({Platform.BLUESKY, Platform.MASTODON})  # the others are the agency's own publications
_SHOWN = 12  # labels named in a sentence


def judge_terms(scene: Scene) -> Judgement:
    """Judge whether the terms of each platform in use are captured, and a person knows what they say now."""
    policy = scene.agency.policy
    if policy is None:
        return cannot_tell("The agency has no policy file, and so no terms of platforms that are watched.")
    used = {account.platform for account in scene.agency.accounts if account.status is AccountStatus.ACTIVE}
    pages = [page for page in policy.pages if page.kind is PageKind.PLATFORM_TERMS and page.platform in used]
    wanted = sorted((used & _THIRD_PARTY) - {page.platform for page in pages})
    if not pages and not wanted:
        return nothing_to_check("The agency uses no platform of a third party.")
    reviews = latest_reviews(scene.events(REGISTER))
    findings = [Finding("K066", name, "expected a watched page with its terms, found none") for name in wanted]
    findings += [finding for page in pages for finding in _find(scene, page, reviews)]
    facts = [fact for page in pages if (fact := scene.pages.get(page.id)) is not None]
    return conclude(
        kept=f"{count_of(len(pages), 'page')} of platforms' terms watched, each compared with its last review.",
        findings=findings,
        doubts=list(_doubts(pages, reviews)),
        evidence=[fact.key for fact in facts if fact.key],
        facts={"pages": len(pages), "reviewed": sum(page.id in reviews for page in pages)},
    )


def _find(scene: Scene, page: WatchedPage, reviews: Mapping[str, PageReview]) -> Iterator[Finding]:
    fact, review = scene.pages.get(page.id), reviews.get(page.id)
    if fact is None or fact.text_sha256 is None:
        found = "none" if fact is None else "that its server does not show it, or shows no words"
        yield Finding("K066", page.id, f"expected a capture of the terms, found {found}")
        return
    if review is None:
        yield Finding("K067", page.id, "expected a person's review of the terms, found none")
        return
    yield from _find_late(scene, page, review)
    yield from _find_changed(fact, review)


def _find_late(scene: Scene, page: WatchedPage, review: PageReview) -> Iterator[Finding]:
    days = page.reviewed_within_days
    if days is not None and scene.now - review.at > timedelta(days=days):
        last = review.at.astimezone(ZoneInfo(scene.agency.zone))
        yield Finding("K067", page.id, f"expected a review within {days} days, found the last on {last:%Y-%m-%d}")


def _find_changed(fact: PageFact, review: PageReview) -> Iterator[Finding]:
    changes = changes_since(review, fact)
    if changes:
        labels = [f"{change.label} {change.kind}" for change in changes]
        more = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
        told = f"changed since its review: {', '.join(labels[:_SHOWN])}{more}"
        yield Finding("K068", fact.page, told, len(changes))


def _doubts(pages: list[WatchedPage], reviews: Mapping[str, PageReview]) -> Iterator[str]:
    for page in pages:
        review = reviews.get(page.id)
        if review is not None and page.reviewed_within_days is None:
            yield f"{page.id}: the agency has not set how often its terms are reviewed"
        if review is not None and review.outcome is ReviewOutcome.NEEDS_ACTION:
            yield f"{page.id}: its reviewer said that something must follow, and nobody has said that it did"


CHECKS = (
    Check(
        name="terms-reviewed",
        sentence="The terms of each platform in use are captured, and reviewed in time and after each change",
        judge=judge_terms,
    ),
)
