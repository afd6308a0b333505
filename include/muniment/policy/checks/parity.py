"""Is what the accounts say on the website too, and is what is original kept (claremont-social B.1, B.20, B.26, C.2)?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.content.classification import Classified, classify_posts, list_articles, website_accounts
from muniment.policy.content.similarity import Label
from muniment.policy.profiles import social_accounts
from muniment.policy.scene import ItemFact, Scene
from muniment.policy.verdicts import cannot_tell, conclude, count_of, manifest_keys, nothing_to_check
from muniment.records.canonical import JsonValue
from muniment.records.names import AccountId, parse_instant
from muniment.records.rows import ItemKind
from muniment.records.series import OFFICIAL_POSTS

# The policy names no time in which the website must follow: the ages are for a reader to judge by.
AGES = (1, 7, 30, 90)  # days
_HAS_COUNTERPART = (Label.REFLECTS, Label.MIXED)
_COUNTS = ("without", "open", "before")


@dataclass(slots=True)
class _Tally:
    """The posts of one account beside the website."""

    department: str
    counterpart: int = 0
    without: int = 0
    open: int = 0
    before: int = 0
    ages: Counter[str] = field(default_factory=Counter)

    @property
    def posts(self) -> int:
        return self.counterpart + self.without + self.open + self.before

    def to_json(self) -> dict[str, JsonValue]:
        numbers: dict[str, JsonValue] = {"counterpart": self.counterpart, "without": self.without, "open": self.open}
        return {
            "department": self.department,
            **numbers,
            "before_the_website": self.before,
            "without_by_age": {age: self.ages[age] for age in map(_age_name, (*AGES, None)) if self.ages[age]},
        }


def _age_name(days: int | None) -> str:
    return f"over {AGES[-1]} days" if days is None else f"up to {count_of(days, 'day')}"


def _age_of(published_at: datetime, now: datetime) -> str:
    return _age_name(next((days for days in AGES if now - published_at <= timedelta(days=days)), None))


def judge_parity(scene: Scene) -> Judgement:
    """Judge whether each post has a counterpart on the website, by account, department and age.

    Answers and reposts are conversation and are not asked of the website. A post older than the
    first captured article is not judged: what stood on the website then was not captured.
    """
    if not social_accounts(scene):
        return nothing_to_check("No active account on a social platform is registered.")
    articles = list_articles(scene)
    first = _first_published(articles)
    if not website_accounts(scene) or first is None:
        return cannot_tell("No article of the agency's own website is captured, to compare the posts with.")
    tallies = {account.id: _Tally(account.department) for account in scene.agency.accounts}
    seen = {(item.account, item.snapshot) for item in articles}
    for found in classify_posts(scene, articles):
        if found.post.kind == ItemKind.POST:
            seen.add((found.post.account, found.post.snapshot))
            _count(tallies[found.post.account], found, first, scene.now)
    return _conclude_parity(tallies, manifest_keys(scene, seen))


def _first_published(articles: Iterable[ItemFact]) -> datetime | None:
    return min((item.published_at for item in articles if item.published_at), default=None)


def _count(tally: _Tally, found: Classified, first: datetime, now: datetime) -> None:
    published_at = found.post.published_at
    if found.match.label in _HAS_COUNTERPART:
        tally.counterpart += 1
    elif published_at is None or published_at < first:
        tally.before += 1
    elif found.match.label is Label.UNDETERMINED:
        tally.open += 1
    else:
        tally.without += 1
        tally.ages[_age_of(published_at, now)] += 1


def _conclude_parity(tallies: Mapping[AccountId, _Tally], evidence: tuple[str, ...]) -> Judgement:
    asked = {account: tally for account, tally in tallies.items() if tally.posts}
    if not asked:
        return nothing_to_check("The accounts have posted nothing.")
    without, unknown, before = (sum(getattr(one, name) for one in asked.values()) for name in _COUNTS)
    posts = sum(tally.posts for tally in asked.values())
    kept = f"{count_of(posts, 'post')} compared with the website; {without:,} have no counterpart there."
    if before:
        kept += f" {count_of(before, 'post')} of before the first captured article cannot be compared."
    return conclude(
        kept=kept,
        findings=[_without(account, tally) for account, tally in asked.items() if tally.without],
        doubts=[f"whether {count_of(unknown, 'post')} have a counterpart"] if unknown else [],
        evidence=evidence,
        facts={"accounts": {account: tally.to_json() for account, tally in asked.items()}},
    )


def _without(account: AccountId, tally: _Tally) -> Finding:
    ages = ", ".join(f"{number} {age} old" for age, number in tally.ages.items())
    detail = f"{count_of(tally.without, 'post')} of {tally.department} without counterpart: {ages}"
    return Finding("K040", account, detail, tally.without)


def judge_originality(scene: Scene) -> Judgement:
    """Judge whether of each post it is known if it is original, and whether what is original is kept.

    What is undetermined or mixed is kept as original: the doubt keeps it longer, never shorter.
    """
    if not social_accounts(scene):
        return nothing_to_check("No active account on a social platform is registered.")
    articles = list_articles(scene)
    known, first = {item.item_id for item in articles}, _first_published(articles)
    labels: dict[AccountId, Counter[str]] = {}
    lost: Counter[AccountId] = Counter()
    seen = {(item.account, item.snapshot) for item in articles}
    for found in classify_posts(scene, articles):
        account = found.post.account
        seen.add((account, found.post.snapshot))
        labels.setdefault(account, Counter())[found.match.label] += 1
        lost[account] += _has_lost_its_source(found, known, first)
    if not labels:
        return nothing_to_check("The accounts have posted nothing.")
    return _conclude_originality(scene, labels, lost, manifest_keys(scene, seen))


def _has_lost_its_source(found: Classified, articles: Collection[str], first: datetime | None) -> bool:
    """Tell whether the article that a person named is withdrawn; one older than all that are listed has run out."""
    decision = found.decision
    if decision is None or found.match.label is not Label.REFLECTS or decision.article in articles:
        return False
    at = None if decision.article_at is None else parse_instant(decision.article_at)
    return at is None or first is None or at >= first


def _conclude_originality(
    scene: Scene,
    labels: Mapping[AccountId, Counter[str]],
    lost: Mapping[AccountId, int],
    evidence: tuple[str, ...],
) -> Judgement:
    waiting = {account: counted[Label.UNDETERMINED] for account, counted in labels.items()}
    findings = [
        Finding(
            "K042", account, f"{count_of(number, 'post')} decided to reflect an article that is not captured", number
        )
        for account, number in lost.items()
        if number
    ]
    if scene.agency.schedule.row_for(OFFICIAL_POSTS) is None:
        findings.append(Finding("K043", scene.agency.id, "expected a row for the series official-posts, found none"))
    total: Counter[str] = sum(labels.values(), Counter())
    told = ", ".join(f"{total[label]:,} {label}" for label in Label if total[label])
    judgement = conclude(
        kept=f"{count_of(total.total(), 'post')} compared with the website: {told}. All but those that reflect it are"
        " kept as original.",
        findings=findings,
        doubts=[
            f"{account}: whether {count_of(number, 'post')} are original"
            for account, number in waiting.items()
            if number
        ],
        evidence=evidence,
        facts={
            "accounts": {
                account: {str(label): n for label, n in counted.items()} for account, counted in labels.items()
            }
        },
    )
    return replace(judgement, findings=(*judgement.findings, *_waiting(waiting)))


def _waiting(waiting: Mapping[AccountId, int]) -> Iterator[Finding]:
    """Yield what asks for a person. It is no breach: until there is an answer the posts are kept as original."""
    for account, number in waiting.items():
        if number:
            yield Finding("K041", account, f"{count_of(number, 'post')} to be decided by `muniment classify`", number)


CHECKS = (
    Check(
        name="website-parity",
        sentence="Each official post has a counterpart on the agency's own website.",
        judge=judge_parity,
    ),
    Check(
        name="original-or-reflected",
        sentence="Of each official post it is known whether it is original, and what is original is kept.",
        judge=judge_originality,
    ),
)
