"""Every official post with what it is to the website: by comparison, and by a reviewer's last word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from muniment.policy.addresses import host_of
from muniment.policy.content.reviews import REGISTER, Decision, fold_decisions, item_hash, text_hash
from muniment.policy.content.similarity import Label, Match, Method, classify, index_articles
from muniment.policy.content.words import NO_BOILERPLATE, Boilerplate, find_boilerplate
from muniment.policy.scene import ItemFact, Scene
from muniment.records.agency import Account, AccountStatus, Platform
from muniment.records.names import AccountId
from muniment.records.rows import ItemKind
from muniment.records.series import OFFICIAL_POSTS

_HABITS_OF = 20_000  # posts of an account: a habit shows in them, and the texts of all are not held at once
NO_POSTS = (ItemKind.PROFILE, ItemKind.ARTICLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """A post, what it is, and the decision that says so where a person took one over these very words."""

    post: ItemFact
    match: Match
    decision: Decision | None = None
    outdated: bool = False  # somebody decided, and the post was edited since


def website_accounts(scene: Scene) -> tuple[Account, ...]:
    """Return the active accounts that are the agency's own website."""
    return tuple(
        account
        for account in scene.agency.accounts
        if account.status is AccountStatus.ACTIVE
        and account.platform is Platform.WEBSITE
        and OFFICIAL_POSTS in account.series
    )


def list_articles(scene: Scene) -> list[ItemFact]:
    """Return the articles of the agency's website: those that are listed, and those that were."""
    if scene.seen_articles is not None:
        return list(scene.seen_articles())
    return [item for item in scene.posts() if item.kind == ItemKind.ARTICLE]


def list_posts(scene: Scene) -> Iterator[ItemFact]:
    """Yield what is compared with the website: posts, answers and reposts, no profiles and no articles."""
    return (item for item in scene.posts() if item.kind not in NO_POSTS)


def classify_posts(scene: Scene, articles: list[ItemFact]) -> Iterator[Classified]:
    """Yield each official post with what it is to *articles*.

    A decision holds for the words that it was taken over: a post edited since is compared anew.
    """
    hosts = _website_hosts(scene)
    index = index_articles(articles, hosts)
    habits = _find_habits(scene)
    decisions = fold_decisions(scene.events(REGISTER))
    for post in list_posts(scene):
        match = _settle(post, classify(post, index, habits.get(post.account, NO_BOILERPLATE)))
        decision = decisions.get(item_hash(post.account, post.item_id)) if decisions else None
        yield _with_last_word(Classified(post=post, match=match), decision)


def _find_habits(scene: Scene) -> dict[AccountId, Boilerplate]:
    texts: dict[AccountId, list[str | None]] = {}
    for post in list_posts(scene):
        said = texts.setdefault(post.account, [])
        if len(said) < _HABITS_OF:
            said.append(post.text)
    return {account: find_boilerplate(said) for account, said in texts.items()}


def _settle(post: ItemFact, match: Match) -> Match:
    """An answer or a repost of which no article says otherwise is original: nobody is asked about each `Thank you`."""
    if post.kind == ItemKind.POST or match.label is not Label.UNDETERMINED:
        return match
    return replace(match, label=Label.ORIGINAL)


def _website_hosts(scene: Scene) -> frozenset[str]:
    policy = scene.agency.policy
    named = policy.profile.website if policy is not None and policy.profile is not None else ()
    return frozenset(map(host_of, [*(account.address for account in website_accounts(scene)), *named]))


def _with_last_word(found: Classified, decision: Decision | None) -> Classified:
    if decision is None or decision.label not in set(Label):
        return found
    if decision.text_sha256 != text_hash(found.post.text):
        return replace(found, outdated=True)
    match = replace(found.match, label=Label(decision.label), method=Method.REVIEWER)
    return replace(found, match=match, decision=decision)
