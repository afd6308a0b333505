"""What persons decided on single items: the events of register ``policy-reviews`` that the content checks go by.

Each event's subject is an account. Its facts name an item by `item_hash`, so that no register
carries the id of anybody's comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from muniment.evidence.digest import sha256_hex
from muniment.evidence.register_event import RegisterEvent
from muniment.records.canonical import JsonValue
from muniment.records.names import AccountId

REGISTER = "policy-reviews"
CLASSIFIED = "classified"  # facts: item, text_sha256, class, article and article_at (or null), reviewer, reason
ALLOWED = "allowed"  # facts: match, kind, item, reviewer, reason; holds for the whole agency
WITHDRAWN = "withdrawn"  # facts: match, reviewer, reason; takes an ALLOWED back
REVIEWED = "interaction-reviewed"  # facts: item, rule, reviewer, reason


def item_hash(account: AccountId, item_id: str) -> str:
    """Name an item of *account* for a register: 64 lower hex digits."""
    return sha256_hex(f"{account}\0{item_id}".encode("utf-8", "surrogatepass"))


def text_hash(text: str | None) -> str:
    """Hash the words that a decision was taken over: 64 lower hex digits."""
    return sha256_hex((text or "").encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A reviewer's last word on the class of one post, over the text that it had then."""

    item: str
    text_sha256: str
    label: str
    article: str | None  # the id of the article that it reflects
    article_at: str | None  # when that was published, an instant
    reviewer: str
    at: str


def fold_decisions(events: Iterable[RegisterEvent]) -> Mapping[str, Decision]:
    """Return the latest decision for each item, by `item_hash`."""
    found: dict[str, Decision] = {}
    for event in sorted(events, key=lambda one: (one.at, one.id)):
        if event.event == CLASSIFIED:
            facts = event.facts
            item = str(facts.get("item"))
            found[item] = Decision(
                item=item,
                text_sha256=str(facts.get("text_sha256")),
                label=str(facts.get("class")),
                article=_text_or_none(facts.get("article")),
                article_at=_text_or_none(facts.get("article_at")),
                reviewer=str(facts.get("reviewer", event.by)),
                at=event.at,
            )
    return found


def _text_or_none(value: JsonValue) -> str | None:
    return None if value is None else str(value)


def fold_allowed(events: Iterable[RegisterEvent]) -> frozenset[str]:
    """Return the hashes of the matches that a person let stand, and did not withdraw since."""
    allowed: set[str] = set()
    for event in sorted(events, key=lambda one: (one.at, one.id)):
        match = str(event.facts.get("match"))
        if event.event == ALLOWED:
            allowed.add(match)
        elif event.event == WITHDRAWN:
            allowed.discard(match)
    return frozenset(allowed)


def fold_reviewed(events: Iterable[RegisterEvent], rule: str) -> frozenset[str]:
    """Return the items, by `item_hash`, that counsel reviewed under *rule*."""
    return frozenset(
        str(event.facts.get("item")) for event in events if event.event == REVIEWED and event.facts.get("rule") == rule
    )
