"""What persons decide of single items: the class of a post, a false alarm, a member's comment that counsel has read.

Each decision is a sealed event of the register ``policy-reviews``, and names the item by its hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import TypeVar

from muniment.errors import ConfigurationError
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.addresses import fold_address
from muniment.policy.checks.interactions import POLICY_RULE, STATUTE_RULE, list_flags
from muniment.policy.checks.personal_data import scan_posts, scan_rules
from muniment.policy.content.classification import Classified, classify_posts, list_articles
from muniment.policy.content.personal_data import Match
from muniment.policy.content.reviews import (
    ALLOWED,
    CLASSIFIED,
    REGISTER,
    REVIEWED,
    WITHDRAWN,
    fold_allowed,
    item_hash,
    text_hash,
)
from muniment.policy.content.similarity import Label
from muniment.policy.scene import ItemFact, Scene, SnapshotFact
from muniment.records.canonical import JsonValue
from muniment.records.names import SeriesId, format_instant
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS
from muniment.workflows.policy.articles import read_articles
from muniment.workflows.policy.items import stream_items
from muniment.workflows.policy.snapshots import read_snapshots
from muniment.workflows.registers import enter, read_events
from muniment.workflows.wiring import Workplace

_SPAN = timedelta(days=31)  # in which the latest accepted snapshots are looked for
_SHORTEST = 8  # hex digits that name an item
_T = TypeVar("_T")
RULES = {"policy": POLICY_RULE, "statute": STATUTE_RULE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Who decided, and why."""

    by: str
    reason: str

    def __post_init__(self) -> None:
        for what, text in (("name", self.by), ("reason", self.reason)):
            if not text.strip() or not text.isprintable():
                raise ConfigurationError(f"decision: expected a {what} in words, found none")


def read_scene(place: Workplace) -> Scene:
    """Return the posts, comments and registers of an agency, and nothing else.

    Raises:
        ManifestError: a manifest is not of its specified form.
        StoreUnavailableError: the store did not answer.
    """
    now = place.clock()
    snapshots = read_snapshots(place, now - _SPAN, now)
    latest = latest_accepted(snapshots)

    def items(series: SeriesId) -> Iterator[ItemFact]:
        return stream_items(place, [fact for fact in latest if fact.series == series])

    return Scene(
        agency=place.agency,
        since=now - _SPAN,
        now=now,
        snapshots=snapshots,
        profiles={},
        posts=lambda: items(OFFICIAL_POSTS),
        comments=lambda: items(PUBLIC_COMMENTS),
        changes=(),
        events=cache(lambda register: read_events(place.vault, register)),
        pages={},
        page_changes=(),
        open_findings=(),
        scopes={},
        seen_articles=cache(lambda: read_articles(place, snapshots)),
    )


def latest_accepted(snapshots: Iterable[SnapshotFact]) -> tuple[SnapshotFact, ...]:
    """Return of each account and series the latest accepted one of *snapshots*, which come in their order."""
    return tuple({(fact.account, fact.series): fact for fact in snapshots if fact.accepted}.values())


def list_classes(scene: Scene, *, everything: bool = False) -> tuple[Classified, ...]:
    """Return the posts that wait for a person, or with *everything* all of them, oldest first."""
    found = classify_posts(scene, list_articles(scene))
    wanted = [one for one in found if everything or one.match.label is Label.UNDETERMINED]
    return tuple(sorted(wanted, key=lambda one: (str(one.post.published_at), one.post.item_id)))


def list_matches(scene: Scene) -> tuple[tuple[ItemFact, tuple[Match, ...]], ...]:
    """Return the posts that seem to carry personal data, with what kinds and where."""
    return tuple((post, matches) for post, matches in scan_posts(scene, scan_rules(scene)) if matches)


def list_flagged(scene: Scene, rule: str) -> tuple[ItemFact, ...]:
    """Return the comments of members that counsel has not reviewed under *rule* (policy, statute)."""
    return list_flags(scene, RULES[rule])


def decide_class(
    place: Workplace, scene: Scene, item: str, *, label: Label, article: str | None, opinion: Opinion
) -> str:
    """Enter what the post *item* is: the last word. Returns the event's key.

    *article* is the id or address of the article that it reflects; without one, the one that the
    comparison found.

    Raises:
        ConfigurationError: no post has that hash, or more than one; or it reflects no article.
        CustodyError: the vault did not keep the event.
    """
    articles = list_articles(scene)
    found = _one_of(item, classify_posts(scene, articles), lambda one: one.post)
    source = _find_article(article, articles) if article is not None else found.match.article
    if label is Label.ORIGINAL:
        source = None
    if label is Label.REFLECTS and source is None:
        raise ConfigurationError(f"post {item}: expected the article that it reflects, found none named")
    facts: dict[str, JsonValue] = {
        "text_sha256": text_hash(found.post.text),
        "class": label.value,
        "article": source.item_id if source else None,
        "article_at": format_instant(source.published_at) if source and source.published_at else None,
    }
    return _enter(place, CLASSIFIED, found.post, facts, opinion)


def allow_matches(place: Workplace, scene: Scene, item: str, *, kind: str, opinion: Opinion) -> tuple[str, ...]:
    """Enter that what looks like *kind* in the post *item* is none, there and wherever it stands.

    Raises:
        ConfigurationError: no post has that hash, or nothing in it looks like *kind*.
        CustodyError: the vault did not keep an event.
    """
    post, matches = _one_of(item, list_matches(scene), lambda one: one[0])
    hashes = sorted({match.hash for match in matches if match.kind == kind})
    if not hashes:
        kinds = ", ".join(sorted({match.kind for match in matches}))
        raise ConfigurationError(f"post {item}: expected one of {kinds}; found {kind!r}")
    return tuple(_enter(place, ALLOWED, post, {"match": one, "kind": kind}, opinion, name=one) for one in hashes)


def review_flag(place: Workplace, scene: Scene, item: str, *, rule: str, opinion: Opinion) -> str:
    """Enter that counsel has reviewed the comment *item* under *rule* (policy, statute).

    Raises:
        ConfigurationError: no flagged comment has that hash.
        CustodyError: the vault did not keep the event.
    """
    found = _one_of(item, list_flags(scene, RULES[rule]), lambda one: one)
    return _enter(place, REVIEWED, found, {"rule": RULES[rule]}, opinion)


def withdraw_match(place: Workplace, scene: Scene, match: str, *, opinion: Opinion) -> str:
    """Enter that what somebody allowed, by its hash or the beginning of it, is to be reported again.

    Raises:
        ConfigurationError: nothing of that hash is allowed, or more than one thing.
        CustodyError: the vault did not keep the event.
    """
    allowed = fold_allowed(scene.events(REGISTER))
    named = _only((one for one in sorted(allowed) if one.startswith(_prefix(match))), f"allowed match {match}")
    event = _event(place, WITHDRAWN, str(place.agency.id), {"match": named}, opinion, name=named)
    return enter(place.vault, place.agency, event)


def find_post(scene: Scene, item: str) -> tuple[Classified, ItemFact | None]:
    """Return the post *item* as classified, and the article that it rests on.

    Raises:
        ConfigurationError: no post has that hash, or more than one.
    """
    found = _one_of(item, classify_posts(scene, list_articles(scene)), lambda one: one.post)
    return found, found.match.article


def _prefix(text: str) -> str:
    if len(text) < _SHORTEST or not set(text) <= set("0123456789abcdef"):
        raise ConfigurationError(f"item: expected {_SHORTEST} to 64 lower hex digits, as `list` shows, found {text!r}")
    return text


def _one_of(item: str, found: Iterable[_T], post_of: Callable[[_T], ItemFact]) -> _T:
    prefix = _prefix(item)
    return _only((one for one in found if name_of(post_of(one)).startswith(prefix)), f"item {item}")


def _only(found: Iterable[_T], what: str) -> _T:
    named = list(islice(found, 2))
    if len(named) != 1:
        raise ConfigurationError(f"{what}: expected one that `muniment classify` lists, found {len(named) or 'none'}")
    return named[0]


def name_of(item: ItemFact) -> str:
    """Return the hash by which a register names *item*."""
    return item_hash(item.account, item.item_id)


def _find_article(name: str, articles: Iterable[ItemFact]) -> ItemFact:
    wanted = fold_address(name)
    return _only(
        (one for one in articles if wanted in {fold_address(one.item_id), fold_address(one.url or "")}),
        f"article {name}",
    )


def _enter(
    place: Workplace,
    what: str,
    item: ItemFact,
    facts: Mapping[str, JsonValue],
    opinion: Opinion,
    *,
    name: str | None = None,
) -> str:
    named = name_of(item)
    event = _event(place, what, item.account, {"item": named, **facts}, opinion, name=name or named)
    return enter(place.vault, place.agency, event)


def _event(
    place: Workplace, what: str, subject: str, facts: Mapping[str, JsonValue], opinion: Opinion, *, name: str
) -> RegisterEvent:
    now = place.clock()
    return RegisterEvent(
        register=REGISTER,
        id=f"{what}-{name[:16]}-{now:%Y%m%dt%H%M%S%f}z",
        event=what,
        subject=subject,
        at=format_instant(now),
        by=opinion.by.strip(),
        facts={**facts, "reviewer": opinion.by.strip(), "reason": opinion.reason.strip()},
    )
