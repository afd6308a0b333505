"""The typed rows that parsers make of pages, and the hash of what a row says.

Rows are named tuples in the column order of `tables.schemas`, so that a batch turns into
columns without a look-up per cell.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

# The items of a watched page that hold its whole text, and the words that surround it; no clause is labelled so.
WHOLE_PAGE, SURROUNDINGS = "*", "+"


class ItemKind(StrEnum):
    """What an item is."""

    POST = "post"
    REPLY = "reply"
    REPOST = "repost"
    PROFILE = "profile"
    ARTICLE = "article"


class Visibility(StrEnum):
    """Who could see an item at capture; the platform's own word is in the raw item."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    RESTRICTED = "restricted"  # followers or named people only
    HIDDEN = "hidden"  # hidden by the account, for example by a thread gate
    WITHHELD = "withheld"  # by the platform: label, block, takedown


class RowState(StrEnum):
    """A row against the volume's previous snapshot."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GONE = "gone"  # listed there, not listed here; says nothing on why


class MediaRef(NamedTuple):
    """A medium that an item shows. `media_id` is stable where its URL is not."""

    media_id: str
    url: str
    kind: str  # image, video, audio, file, card
    alt: str | None


class Version(NamedTuple):
    """One earlier version of an item, as the platform tells it."""

    at: datetime | None
    text: str | None
    raw: bytes


class ItemRow(NamedTuple):
    """A post, reply, profile or article. Times are aware UTC; `raw` is the platform's own JSON."""

    item_id: str
    kind: ItemKind
    url: str | None
    author_id: str | None
    author_handle: str | None
    author_name: str | None
    published_at: datetime | None
    published_text: str | None  # the time as the platform wrote it, offset and all
    edited_at: datetime | None
    language: str | None  # BCP 47 tags, comma between
    text: str | None
    reply_parent_id: str | None
    reply_root_id: str | None
    visibility: Visibility
    links: list[str]
    media: list[MediaRef]
    versions: list[Version]
    like_count: int | None
    repost_count: int | None
    reply_count: int | None
    quote_count: int | None
    page: int  # sequence of the page it was read from
    raw: bytes


class SubscriberRow(NamedTuple):
    """A follower or subscriber. `address` is an e-mail address, or None for a platform account."""

    subscriber_id: str
    handle: str | None
    display_name: str | None
    address: str | None
    status: str | None
    list_name: str | None
    subscribed_at: datetime | None
    subscribed_text: str | None
    page: int
    raw: bytes


class ProbeRef(NamedTuple):
    """One answer about an item: when it came (aware UTC), what it says, and where it is sealed."""

    asked_at: datetime
    at: datetime
    state: str  # of `records.changes.ItemState`
    snapshot: str  # of the series removed-content
    page: int  # sequence of the page that decides


class RemovalRow(NamedTuple):
    """An item as it was last seen, and what is concluded of its vanishing. Times are aware UTC.

    The fields up to `raw` are those of `ItemRow`, None where the item was never captured; `page`
    counts in the pages of `item_snapshot`. The others say what happened: see `records.changes`.
    """

    item_id: str
    kind: ItemKind | None
    url: str | None
    author_id: str | None
    author_handle: str | None
    author_name: str | None
    published_at: datetime | None
    published_text: str | None
    edited_at: datetime | None
    language: str | None
    text: str | None
    reply_parent_id: str | None
    reply_root_id: str | None
    visibility: Visibility | None
    links: list[str]
    media: list[MediaRef]
    versions: list[Version]
    like_count: int | None
    repost_count: int | None
    reply_count: int | None
    quote_count: int | None
    page: int | None
    raw: bytes | None
    series: str  # that listed it
    change: str  # of `records.changes.ChangeKind`
    state: str  # of `records.changes.ItemState`, as of the last answer
    confidence: str  # of `records.changes.Confidence`, before any decision of a person
    last_seen_at: datetime | None  # None: it was never seen
    first_missing_at: datetime
    unlisted_at: datetime | None  # the end of the first capture that no longer listed it
    seen_snapshot: str | None  # the last that listed it
    missing_snapshot: str | None  # the first that did not
    item_snapshot: str | None  # whose rows hold it in full
    outage_snapshot: str | None  # of this series: in which it was one of very many that vanished at once
    unavailable_reason: str | None  # why time or author is not known
    probes: list[ProbeRef]


Row = ItemRow | SubscriberRow | RemovalRow


def content_sha256(row: Row) -> bytes:
    """Hash what *row* says: 32 bytes. Counters, names of the author and the raw item stay out.

    Each field is framed by its length, so that no two different rows frame alike; an absent
    field frames differently from an empty one.
    """
    if isinstance(row, SubscriberRow):
        return _hash_subscriber(row)
    return _hash_item(row, "item/1") if isinstance(row, ItemRow) else _hash_item(row, "removal/1")


def _hash_item(row: ItemRow | RemovalRow, title: str) -> bytes:
    fields = [
        title,
        row.item_id,
        row.kind,
        row.author_id,
        row.published_text,
        row.edited_at.isoformat() if row.edited_at else None,
        row.language,
        row.text,
        row.reply_parent_id,
        row.reply_root_id,
        row.visibility,
        *((row.series, row.change, row.state, row.confidence) if isinstance(row, RemovalRow) else ()),
        str(len(row.links)),  # so that a link cannot pass as a medium
        *row.links,
    ]
    for medium in row.media:
        fields += (medium.media_id, medium.alt)
    return _hash_fields(fields)


def _hash_subscriber(row: SubscriberRow) -> bytes:
    return _hash_fields(
        ["subscriber/1", row.subscriber_id, row.handle, row.address, row.status, row.list_name, row.subscribed_text]
    )


def _hash_fields(fields: list[str | None]) -> bytes:
    parts: list[bytes] = []
    for field in fields:
        if field is None:
            parts.append(b"\xff\xff\xff\xff")
        else:
            encoded = field.encode("utf-8", "surrogatepass")
            parts.append(len(encoded).to_bytes(4, "big"))
            parts.append(encoded)
    return sha256(b"".join(parts)).digest()


class Declared(NamedTuple):
    """A count that the platform itself states: what, how many, on which page."""

    what: str  # posts, replies, followers, subscribers
    number: int
    page: int
    subject: str | None = None  # a post's id when the count is of its replies


class PageFault(NamedTuple):
    """A page, or a part of one, that cannot be read as what it should be."""

    page: int
    code: str  # a finding's code
    detail: str  # what was expected, what was found; no personal data


class ParsedPage(NamedTuple):
    """What one page holds. `unknown_fields` are dotted paths that no schema of ours knows."""

    rows: list[Row]
    declared: list[Declared]
    unknown_fields: frozenset[str]
    faults: list[PageFault]
