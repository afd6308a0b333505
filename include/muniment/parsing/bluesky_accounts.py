"""Bluesky's accounts as rows: the official profile, and the followers."""

from __future__ import annotations

from muniment.parsing.bluesky_embeds import blob_id
from muniment.parsing.bluesky_posts import is_withheld
from muniment.parsing.bluesky_types import Actor, Followers
from muniment.parsing.context import ParseContext
from muniment.parsing.decoding import decode_whole
from muniment.parsing.drift import each_item, read_item, shape
from muniment.parsing.times import time_or_none
from muniment.records.page import Page
from muniment.records.rows import (
    Declared,
    ItemKind,
    ItemRow,
    MediaRef,
    PageFault,
    ParsedPage,
    Row,
    SubscriberRow,
    Visibility,
)

_ACTOR = shape("profile", Actor)
_FOLLOWERS = shape("followers", Followers)
_FOLLOWER = shape("follower", Actor)


def _read_profile(page: Page, unknown: set[str]) -> tuple[Actor, bytes]:
    raw = decode_whole(page)
    return read_item(raw, _ACTOR, unknown), bytes(raw)


def parse_profile(page: Page, _context: ParseContext) -> ParsedPage:
    """Read a profile page as the row of the profile, and the number of posts that it states."""
    unknown: set[str] = set()
    actor, raw = _read_profile(page, unknown)
    declared = [] if actor.postsCount is None else [Declared("posts", actor.postsCount, page.sequence)]
    return ParsedPage([_profile_row(actor, raw, page.sequence)], declared, frozenset(unknown), [])


def _profile_row(actor: Actor, raw: bytes, page: int) -> ItemRow:
    lines = (actor.displayName, actor.pronouns, actor.description)
    return ItemRow(
        item_id=actor.did,
        kind=ItemKind.PROFILE,
        url=None,
        author_id=actor.did,
        author_handle=actor.handle,
        author_name=actor.displayName,
        published_at=time_or_none(actor.createdAt),
        published_text=actor.createdAt,
        edited_at=None,
        language=None,
        text="\n\n".join(line for line in lines if line),
        reply_parent_id=None,
        reply_root_id=None,
        visibility=Visibility.WITHHELD if is_withheld(actor.labels) else Visibility.PUBLIC,
        links=[actor.website] if actor.website else [],
        media=[MediaRef(blob_id(url), url, "image", None) for url in (actor.avatar, actor.banner) if url],
        versions=[],
        like_count=None,
        repost_count=None,
        reply_count=None,
        quote_count=None,
        page=page,
        raw=raw,
    )


def check_profile(page: Page, context: ParseContext) -> ParsedPage:
    """Read a profile page of which nothing is needed, for its faults and unknown fields."""
    return parse_profile(page, context)._replace(rows=[], declared=[])


def declare_followers(page: Page, _context: ParseContext) -> ParsedPage:
    """Read a profile page for the number of followers that it states."""
    unknown: set[str] = set()
    number = _read_profile(page, unknown)[0].followersCount
    declared = [] if number is None else [Declared("followers", number, page.sequence)]
    return ParsedPage([], declared, frozenset(unknown), [])


def parse_followers(page: Page, _context: ParseContext) -> ParsedPage:
    """Read one page of followers."""
    unknown: set[str] = set()
    faults: list[PageFault] = []
    whole = read_item(decode_whole(page), _FOLLOWERS, unknown)
    rows: list[Row] = [
        SubscriberRow(
            subscriber_id=follower.did,
            handle=follower.handle,
            display_name=follower.displayName,
            address=None,
            status=None,
            list_name=None,
            subscribed_at=None,
            subscribed_text=None,
            page=page.sequence,
            raw=raw,
        )
        for follower, raw in each_item(page, whole.followers, _FOLLOWER, unknown, faults)
    ]
    return ParsedPage(rows, [], frozenset(unknown), faults)
