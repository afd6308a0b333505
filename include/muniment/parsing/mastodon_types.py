"""Every field of the Mastodon entities that we read, as of Mastodon 4.7.

API: https://docs.joinmastodon.org/entities/. Required here is only what a row cannot be made
without: older servers know fewer fields. `Unread` marks a field that is known and not looked
into; it stays in the raw item. Fields stand in the order in which Mastodon writes them: the
decoder finds the next one at once, and any other by searching.
"""

from __future__ import annotations

import msgspec

Unread = msgspec.Raw
_NULL = msgspec.Raw(b"null")


class _Entity(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """No field that we do not know; gc=False, for parsed JSON has no cycles."""


class ProfileField(_Entity):
    """https://docs.joinmastodon.org/entities/Account/#Field."""

    name: str
    value: str
    verified_at: str | None = None


class MastodonAccount(_Entity, kw_only=True):
    """https://docs.joinmastodon.org/entities/Account/."""

    id: str
    username: str | None = None
    acct: str
    display_name: str | None = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    group: bool | None = None
    created_at: str | None = None
    note: str | None = None
    url: str | None = None
    uri: str | None = None
    avatar: str | None = None
    avatar_static: str | None = None
    avatar_description: str | None = None
    header: str | None = None
    header_static: str | None = None
    header_description: str | None = None
    followers_count: int | None = None
    following_count: int | None = None
    statuses_count: int | None = None
    last_status_at: str | None = None
    hide_collections: bool | None = None
    show_media: bool | None = None
    show_media_replies: bool | None = None
    show_featured: bool | None = None
    noindex: bool | None = None
    feature_approval: Unread = _NULL
    emojis: Unread = _NULL
    roles: Unread = _NULL
    fields: list[ProfileField] = []
    suspended: bool | None = None
    limited: bool | None = None
    memorial: bool | None = None
    role: Unread = _NULL
    moved: Unread = _NULL
    source: Unread = _NULL
    mute_expires_at: str | None = None


class MediaAttachment(_Entity):
    """https://docs.joinmastodon.org/entities/MediaAttachment/."""

    id: str
    type: str
    url: str | None = None
    preview_url: str | None = None
    remote_url: str | None = None
    preview_remote_url: str | None = None
    text_url: str | None = None
    description: str | None = None
    blurhash: str | None = None
    meta: Unread = _NULL


class Mention(_Entity, kw_only=True):
    """https://docs.joinmastodon.org/entities/Status/#Mention."""

    id: str
    username: str | None = None
    url: str | None = None
    acct: str


class Tag(_Entity):
    """https://docs.joinmastodon.org/entities/Status/#Tag."""

    name: str
    url: str | None = None
    id: str | None = None


class PollOption(_Entity):
    """https://docs.joinmastodon.org/entities/Poll/#Option; of an edit, without its votes."""

    title: str
    votes_count: int | None = None


class Poll(_Entity):
    """https://docs.joinmastodon.org/entities/Poll/; of an edit, its options alone."""

    options: list[PollOption] = []
    id: str | None = None
    expires_at: str | None = None
    expired: bool | None = None
    multiple: bool | None = None
    votes_count: int | None = None
    voters_count: int | None = None
    voted: bool | None = None
    own_votes: Unread = _NULL
    emojis: Unread = _NULL


class Quote(_Entity):
    """https://docs.joinmastodon.org/entities/Quote/ and ShallowQuote."""

    state: str | None = None
    quoted_status: Status | None = None
    quoted_status_id: str | None = None


class Status(_Entity, kw_only=True):
    """https://docs.joinmastodon.org/entities/Status/."""

    id: str
    created_at: str | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    sensitive: bool | None = None
    spoiler_text: str | None = None
    visibility: str
    language: str | None = None
    uri: str | None = None
    url: str | None = None
    replies_count: int | None = None
    reblogs_count: int | None = None
    favourites_count: int | None = None
    quotes_count: int | None = None
    edited_at: str | None = None
    content: str
    reblog: Status | None = None
    application: Unread = _NULL
    account: MastodonAccount
    media_attachments: list[MediaAttachment] = []
    mentions: list[Mention] = []
    tags: list[Tag] = []
    emojis: Unread = _NULL
    tagged_collections: Unread = _NULL
    quote: Quote | None = None
    card: Unread = _NULL
    poll: Poll | None = None
    quote_approval: Unread = _NULL
    filtered: Unread = _NULL
    text: str | None = None
    favourited: bool | None = None
    reblogged: bool | None = None
    muted: bool | None = None
    bookmarked: bool | None = None
    pinned: bool | None = None


class StatusEdit(_Entity):
    """https://docs.joinmastodon.org/entities/StatusEdit/."""

    content: str
    created_at: str | None = None
    spoiler_text: str | None = None
    sensitive: bool | None = None
    account: Unread = _NULL
    poll: Poll | None = None
    quote: Unread = _NULL
    media_attachments: list[MediaAttachment] = []
    emojis: Unread = _NULL


class Context(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """https://docs.joinmastodon.org/entities/Context/; each status still as its bytes."""

    ancestors: list[msgspec.Raw]
    descendants: list[msgspec.Raw]
