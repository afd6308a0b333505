"""What a Bluesky post shows and points to: its facets and its embed.

`links` are, in order: addresses in the text, mentioned accounts by DID, tags as ``#tag``, the
card's address, the quoted record's at-uri. A medium's id is its blob's CID, which stays when a
content network's address changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from muniment.parsing.bluesky_types import NULL, PostRecord, Unread, View
from muniment.parsing.drift import read_item, shape
from muniment.records.rows import MediaRef


class Image(View):
    """app.bsky.embed.images#viewImage and app.bsky.embed.gallery#viewImage."""

    fullsize: str
    alt: str | None = None
    thumb: str | None = None
    thumbnail: str | None = None
    aspectRatio: Unread = NULL  # noqa: N815


class External(View):
    """app.bsky.embed.external#viewExternal."""

    uri: str
    title: str | None = None
    description: str | None = None
    thumb: str | None = None


class Embed(View):
    """The views of app.bsky.embed: images, gallery, external, video, record and recordWithMedia."""

    images: list[Image] = msgspec.field(default_factory=list)
    items: list[Image] = msgspec.field(default_factory=list)
    external: External | None = None
    cid: str | None = None
    playlist: str | None = None
    thumbnail: str | None = None
    alt: str | None = None
    presentation: str | None = None
    record: msgspec.Raw = NULL
    media: msgspec.Raw = NULL
    aspectRatio: Unread = NULL  # noqa: N815


class Quoted(msgspec.Struct, gc=False):
    """The address in any of the views that a quote can hold; what else they hold is not looked into."""

    uri: str | None = None
    record: Quoted | None = None


_EMBED = shape("post.embed", Embed)
_QUOTED = shape("post.embed.record", Quoted)
_NONE = b"null"
_DEPTH = 3  # recordWithMedia holds a record and media, which hold no further embed
_KNOWN = frozenset(
    f"app.bsky.embed.{name}#view" for name in ("images", "gallery", "external", "video", "record", "recordWithMedia")
)


@dataclass(slots=True)
class Shown:
    """What one post shows, filled while its embed is read."""

    links: list[str] = field(default_factory=list)
    media: list[MediaRef] = field(default_factory=list)


def read_shown(record: PostRecord, embed: msgspec.Raw, unknown: set[str]) -> Shown:
    """Read the facets and tags of *record* and its *embed* as the platform shows it.

    Raises:
        ParseError: the embed is not of its lexicon's shape.
    """
    features = [feature for facet in record.facets for feature in facet.features]
    shown = Shown([feature.uri for feature in features if feature.uri])
    shown.links += [feature.did for feature in features if feature.did]
    shown.links += [f"#{tag}" for tag in (*(feature.tag for feature in features), *record.tags) if tag]
    _read_embed(embed, shown, unknown, _DEPTH)
    shown.links = list(dict.fromkeys(shown.links))
    return shown


def _read_embed(raw: msgspec.Raw, shown: Shown, unknown: set[str], depth: int) -> None:
    if bytes(raw) == _NONE or not depth:
        return
    embed = read_item(raw, _EMBED, unknown)
    if embed.type not in _KNOWN:
        unknown.add("post.embed (a new type)")
        return
    for image in (*embed.images, *embed.items):
        shown.media.append(MediaRef(blob_id(image.fullsize), image.fullsize, "image", image.alt or None))
    if embed.external:
        card = embed.external
        shown.links.append(card.uri)
        if card.thumb:
            shown.media.append(MediaRef(blob_id(card.thumb), card.thumb, "card", card.title or None))
    if embed.cid:
        shown.media.append(MediaRef(embed.cid, embed.playlist or "", "video", embed.alt or None))
    _read_embed(embed.media, shown, unknown, depth - 1)
    if bytes(embed.record) != _NONE:
        quoted = read_item(embed.record, _QUOTED, unknown)
        uri = quoted.uri or (quoted.record.uri if quoted.record else None)
        shown.links += [uri] if uri else []


def blob_id(url: str) -> str:
    """Return the CID that ends *url*, or *url* without its query when it ends in none.

    https://docs.bsky.app/docs/advanced-guides/posts#images-embeds: ``.../<did>/<cid>@jpeg``.
    """
    address = url.partition("?")[0]
    last = address.rpartition("/")[2].partition("@")[0]
    return last if last.startswith("baf") else address
