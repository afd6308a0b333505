"""Items built by hand, of no agency in particular."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from muniment.policy.scene import ItemFact
from muniment.records.names import AccountId, SeriesId, SnapshotId

AT = datetime(2026, 11, 17, 20, 0, tzinfo=UTC)


def item(text: str | None, item_id: str = "post-1", *, account: str = "bluesky-city", **changes: Any) -> ItemFact:
    """Return a post that says *text*."""
    facts: dict[str, Any] = {
        "series": SeriesId("official-posts"),
        "snapshot": SnapshotId("2026-11-18t190000z-0000000000"),
        "kind": "post",
        "url": None,
        "author_id": "did:plc:city",
        "author_handle": "city.claremont.example",
        "published_at": AT,
        "edited_at": None,
        "reply_parent_id": None,
        "reply_root_id": None,
        "visibility": "public",
        "links": (),
        "media": (),
    }
    return ItemFact(account=AccountId(account), item_id=item_id, text=text, **{**facts, **changes})


def article(text: str, item_id: str = "article-1", **changes: Any) -> ItemFact:
    """Return an article of the website that says *text*."""
    return item(text, item_id, account="website-news", **{"kind": "article", **changes})
