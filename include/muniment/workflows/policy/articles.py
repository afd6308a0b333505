"""Every article of the agency's website that its captures saw, listed today or not: a feed lists its newest only."""

from __future__ import annotations

from collections.abc import Iterable

from muniment.policy.scene import ItemFact, SnapshotFact
from muniment.records.agency import Platform
from muniment.records.names import AccountId
from muniment.records.rows import ItemKind
from muniment.records.series import OFFICIAL_POSTS
from muniment.workflows.policy.items import stream_items
from muniment.workflows.wiring import Workplace


def read_articles(place: Workplace, snapshots: Iterable[SnapshotFact]) -> tuple[ItemFact, ...]:
    """Return the articles that the accepted ones of *snapshots*, which come in their order, list: each as last seen.

    One in which nothing is new or changed shows no article that the one before did not, and is not opened.

    Raises:
        ParseError: a rows file is not whole.
        CustodyError: it cannot be fetched.
    """
    websites = {account.id for account in place.agency.accounts if account.platform is Platform.WEBSITE}
    found: dict[tuple[AccountId, str], ItemFact] = {}
    opened: set[AccountId] = set()
    for fact in snapshots:
        if fact.account not in websites or fact.series != OFFICIAL_POSTS or not fact.accepted:
            continue
        if fact.fresh or fact.account not in opened:
            opened.add(fact.account)
            listed = stream_items(place, [fact])
            found |= {(item.account, item.item_id): item for item in listed if item.kind == ItemKind.ARTICLE}
    return tuple(found.values())
