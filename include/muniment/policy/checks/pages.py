"""The pages that carry the agency's own policies: captured, there, and reviewed since they last changed (U14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.pages.changes import affected
from muniment.policy.pages.reviews import REGISTER, PageReview, ReviewOutcome, changes_since, latest_reviews
from muniment.policy.profiles import version_in_force
from muniment.policy.scene import PageChange, PageFact, Scene
from muniment.policy.verdicts import cannot_tell, conclude, count_of, nothing_to_check
from muniment.records.policy import AgencyPolicy, PageKind, WatchedPage

LONGEST = timedelta(days=2)  # a page is captured daily; one day may be missed
_KINDS = frozenset({PageKind.POLICY, PageKind.COMMENT_POLICY, PageKind.PRIVACY_POLICY})
_SHOWN = 20  # labels and controls named in a sentence; `muniment pages changes` names all


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One page under the eye of the check; `fact` None: never captured."""

    scene: Scene
    policy: AgencyPolicy
    page: WatchedPage
    fact: PageFact | None
    review: PageReview | None

    def lacks(self, code: str, detail: str, count: int = 1) -> Finding:
        return Finding(code, self.page.id, detail, count)


def judge_policy_pages(scene: Scene) -> Judgement:
    """Judge whether every policy in force has its page watched, and whether a person knows what it says now."""
    policy = scene.agency.policy
    if policy is None:
        return cannot_tell("The agency has no policy file, and so no watched pages.")
    pages = [page for page in policy.pages if page.kind in _KINDS]
    unwatched = sorted(_policies_in_force(scene, policy) - {page.policy for page in pages})
    if not pages and not unwatched:
        return nothing_to_check("The agency has no policy in force that it names.")
    reviews = latest_reviews(scene.events(REGISTER))
    looks = [_look(scene, policy, page, reviews) for page in pages]
    findings = [Finding("K060", name, "expected a watched page with its text, found none") for name in unwatched]
    findings += [finding for look in looks for finding in _find(look)]
    return conclude(
        kept=f"{count_of(len(pages), 'page')} of policies watched, each compared with its last review.",
        findings=findings,
        doubts=[doubt for look in looks for doubt in _doubt(look)],
        evidence=[look.fact.key for look in looks if look.fact and look.fact.key],
        facts={"pages": len(pages), "reviewed": sum(look.review is not None for look in looks)},
    )


def tell_changes(changes: tuple[PageChange, ...], policy: AgencyPolicy) -> str:
    """Say which clauses changed and which controls go by them, as a finding does."""
    controls = dict.fromkeys(clause.id for _, clause in affected(policy.clauses, changes, policy.pages))
    return (
        f"{_few([f'{change.label} {change.kind}' for change in changes])}; controls: {_few(list(controls)) or 'none'}"
    )


def _look(scene: Scene, policy: AgencyPolicy, page: WatchedPage, reviews: Mapping[str, PageReview]) -> _Look:
    return _Look(scene=scene, policy=policy, page=page, fact=scene.pages.get(page.id), review=reviews.get(page.id))


def _policies_in_force(scene: Scene, policy: AgencyPolicy) -> set[str]:
    today = scene.now.astimezone(ZoneInfo(scene.agency.zone)).date()
    return {
        version.policy
        for version in policy.versions
        if version.effective_from <= today and (version.effective_until is None or today <= version.effective_until)
    }


def _find(look: _Look) -> Iterator[Finding]:
    fact = look.fact
    if fact is None or fact.captured_at is None:
        yield look.lacks("K060", "expected a capture of the page, found none")
        return
    if look.scene.now - fact.captured_at > LONGEST:
        yield look.lacks(
            "K065", f"expected a capture within {LONGEST.days} days, found the last on {fact.captured_at:%Y-%m-%d}"
        )
    if fact.status is None:
        yield look.lacks(
            "K061", f"expected the page, found on {fact.captured_at:%Y-%m-%d} that its server does not show it"
        )
    elif fact.text_sha256 is None or not fact.clauses:
        yield look.lacks("K064", "expected words that can be read, found none")
    if fact.text_sha256 is not None:
        yield from _find_unreviewed(look, fact)


def _find_unreviewed(look: _Look, fact: PageFact) -> Iterator[Finding]:
    version = version_in_force(look.scene, look.policy, look.page)
    stated = version.sha256 if version is not None else None
    if stated is not None and version is not None and stated != fact.text_sha256:
        yield look.lacks("K069", f"expected the text of {version.id}, found another")
    if look.review is None:
        if stated != fact.text_sha256:
            yield look.lacks("K063", "expected a person's review of its text, found none")
        return
    changes = changes_since(look.review, fact)
    if changes:
        since = look.review.at.astimezone(ZoneInfo(look.scene.agency.zone))
        told = tell_changes(changes, look.policy)
        yield look.lacks("K062", f"changed since its review on {since:%Y-%m-%d}: {told}", len(changes))


def _doubt(look: _Look) -> Iterator[str]:
    review, fact = look.review, look.fact
    if review is not None and fact is not None and review.outcome is ReviewOutcome.NEEDS_ACTION:
        yield f"{look.page.id}: its reviewer said that something must follow, and nobody has said that it did"


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


CHECKS = (
    Check(
        name="policy-pages-unchanged",
        sentence="Each policy's page is captured daily, is there, and has not changed since a person reviewed it",
        judge=judge_policy_pages,
    ),
)
