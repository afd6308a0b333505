"""One Bluesky post, or one repost of it, as a row.

Nothing tells that a post was edited: its text is the newest, its id the same. The account's
signed repository, sealed beside it, shows what it said before.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from muniment.parsing.bluesky_embeds import read_shown
from muniment.parsing.bluesky_types import Actor, FeedItem, Label, PostRecord, PostView, Reason
from muniment.parsing.drift import read_item, shape
from muniment.parsing.times import time_or_none
from muniment.records.agency import Account
from muniment.records.rows import ItemKind, ItemRow, Visibility

_POST = shape("post", PostView)
_RECORD = shape("post.record", PostRecord)
_POST_URI = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]+)")

# https://atproto.com/specs/label#global-label-values, and Ozone's takedown labels.
_WITHHOLDING = frozenset(("!hide", "!takedown", "!suspend"))


class Reading(NamedTuple):
    """Where a post is being read: for whom, on which page, and what is hidden there."""

    account: Account
    page: int
    hidden: frozenset[str]  # at-uris that the thread gate hides
    unknown: set[str]  # filled with fields not known


def read_post(raw: msgspec.Raw, unknown: set[str]) -> PostView:
    """Read *raw* as a post view.

    Raises:
        ParseError: it is none.
    """
    return read_item(raw, _POST, unknown)


def post_row(raw: msgspec.Raw, reading: Reading) -> ItemRow:
    """Return the row of the post view *raw*.

    Raises:
        ParseError: it is no post view, or its record no post.
    """
    post = read_post(raw, reading.unknown)
    record = read_item(post.record, _RECORD, reading.unknown)
    shown = read_shown(record, post.embed, reading.unknown)
    author = post.author
    reply = record.reply
    return ItemRow(
        item_id=post.uri,
        kind=ItemKind.POST if reply is None else ItemKind.REPLY,
        url=_public_url(post.uri, reading.account),
        author_id=author.did,
        author_handle=author.handle,
        author_name=author.displayName,
        published_at=time_or_none(record.createdAt),
        published_text=record.createdAt,
        edited_at=None,
        language=",".join(record.langs) or None,
        text=record.text,
        reply_parent_id=reply.parent.uri if reply else None,
        reply_root_id=reply.root.uri if reply else None,
        visibility=_visibility(post, reading.hidden),
        links=shown.links,
        media=shown.media,
        versions=[],
        like_count=post.likeCount,
        repost_count=post.repostCount,
        reply_count=post.replyCount,
        quote_count=post.quoteCount,
        page=reading.page,
        raw=bytes(raw),
    )


def repost_row(item: FeedItem, reason: Reason, by: Actor, raw: bytes, reading: Reading) -> ItemRow:
    """Return the row of a repost: by the one who reposts, saying what the reposted post says.

    Its first link is that post. Its id is the repost record's; a server that does not tell it
    gets one made of who and what, which starts with ``repost:`` to say so.
    """
    post = post_row(item.post, reading)
    return post._replace(
        item_id=reason.uri or f"repost:{by.did}:{post.item_id}",
        kind=ItemKind.REPOST,
        author_id=by.did,
        author_handle=by.handle,
        author_name=by.displayName,
        published_at=time_or_none(reason.indexedAt),
        published_text=reason.indexedAt,
        reply_parent_id=None,
        reply_root_id=None,
        links=[post.item_id, *post.links],
        raw=raw,
    )


def is_withheld(labels: list[Label]) -> bool:
    """Tell whether one of *labels* makes the platform show nothing; a negated label does not."""
    negated = {(label.src, label.val) for label in labels if label.neg}
    return any(label.val in _WITHHOLDING and (label.src, label.val) not in negated for label in labels)


def _visibility(post: PostView, hidden: frozenset[str]) -> Visibility:
    if is_withheld(post.labels) or is_withheld(post.author.labels):
        return Visibility.WITHHELD
    return Visibility.HIDDEN if post.uri in hidden else Visibility.PUBLIC


def _public_url(uri: str, account: Account) -> str | None:
    # The register gives the account's public address; posts stand under its web client's /profile/.
    client, profile, _ = account.address.partition("/profile/")
    parts = _POST_URI.fullmatch(uri)
    return f"{client}/profile/{parts[1]}/post/{parts[2]}" if profile and parts else None
