"""How `muniment classify` shows posts and comments: where they are and what they are, never what they say."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from muniment.policy.content.classification import Classified
from muniment.policy.content.personal_data import Match
from muniment.policy.scene import ItemFact
from muniment.workflows.policy.reviewing import name_of

_SHOWN = 12  # hex digits of an item's hash


def spell_match(one: Classified) -> tuple[str, str, str, str]:
    """Return what a post is, by what, how much of its words the nearest article has, and its address."""
    match = one.match
    by = f"{match.method.value}, edited since" if one.outdated else match.method.value
    article = "" if match.article is None else match.article.url or match.article.item_id
    return match.label.value, by, f"{match.score:.2f}", article


def class_json(one: Classified) -> dict[str, Any]:
    """Return a classified post for a program."""
    match = one.match
    return {
        **item_json(one.post),
        "class": match.label.value,
        "method": match.method.value,
        "score": match.score,
        "article": None if match.article is None else match.article.item_id,
        "reviewer": None if one.decision is None else one.decision.reviewer,
        "decided_at": None if one.decision is None else one.decision.at,
        "edited_since": one.outdated,
    }


def item_json(item: ItemFact) -> dict[str, Any]:
    """Return an item for a program, without its text."""
    return {
        "item": name_of(item),
        "account": item.account,
        "item_id": item.item_id,
        "url": item.url,
        "snapshot": item.snapshot,
        "published_at": None if item.published_at is None else item.published_at.isoformat(),
    }


def locate(item: ItemFact, zone: str) -> tuple[str, str, str]:
    """Return the name, account and time of an item, for a line."""
    return name_of(item)[:_SHOWN], item.account, spell_time(item.published_at, zone)


def spell_time(at: datetime | None, zone: str) -> str:
    """Spell *at* by the clock of *zone*; nothing when it is not known."""
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def count_kinds(matches: tuple[Match, ...]) -> dict[str, int]:
    """Count *matches* by kind."""
    kinds = [match.kind.value for match in matches]
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
