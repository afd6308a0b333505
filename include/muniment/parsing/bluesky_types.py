"""Every field of the Bluesky views and records that we read.

Lexicons: https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky. Required here
is only what a row cannot be made without. `Unread` marks a field that is known and not looked
into; it stays in the raw item.
"""

from __future__ import annotations

import msgspec

Unread = msgspec.Raw
NULL = msgspec.Raw(b"null")


class View(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True):
    """No field that we do not know; ``$type`` tells the members of an open union apart."""

    type: str | None = msgspec.field(default=None, name="$type")


class Label(View):
    """com.atproto.label.defs#label, and #selfLabel with its value alone."""

    val: str
    neg: bool = False
    ver: int | None = None
    src: str | None = None
    uri: str | None = None
    cid: str | None = None
    cts: str | None = None
    exp: str | None = None
    sig: Unread = NULL


class Actor(View):
    """app.bsky.actor.defs#profileViewBasic, #profileView and #profileViewDetailed."""

    did: str
    handle: str | None = None
    displayName: str | None = None  # noqa: N815 - the platform's name
    pronouns: str | None = None
    description: str | None = None
    website: str | None = None
    avatar: str | None = None
    banner: str | None = None
    labels: list[Label] = []
    createdAt: str | None = None  # noqa: N815
    indexedAt: str | None = None  # noqa: N815
    followersCount: int | None = None  # noqa: N815
    followsCount: int | None = None  # noqa: N815
    postsCount: int | None = None  # noqa: N815
    associated: Unread = NULL
    joinedViaStarterPack: Unread = NULL  # noqa: N815
    viewer: Unread = NULL
    verification: Unread = NULL
    status: Unread = NULL
    pinnedPost: Unread = NULL  # noqa: N815
    debug: Unread = NULL


class Followers(View):
    """app.bsky.graph.getFollowers, its answer."""

    followers: list[msgspec.Raw]
    subject: Unread = NULL
    cursor: str | None = None


class StrongRef(View):
    """com.atproto.repo.strongRef."""

    uri: str
    cid: str | None = None


class ReplyRef(View):
    """app.bsky.feed.post#replyRef."""

    root: StrongRef
    parent: StrongRef


class ByteSlice(View):
    """app.bsky.richtext.facet#byteSlice."""

    byteStart: int  # noqa: N815
    byteEnd: int  # noqa: N815


class FacetFeature(View):
    """app.bsky.richtext.facet#mention, #link and #tag."""

    did: str | None = None
    uri: str | None = None
    tag: str | None = None


class Facet(View):
    """app.bsky.richtext.facet."""

    features: list[FacetFeature]
    index: ByteSlice | None = None


class PostRecord(View):
    """app.bsky.feed.post, as its author signed it."""

    text: str = ""
    createdAt: str | None = None  # noqa: N815
    langs: list[str] = []
    reply: ReplyRef | None = None
    facets: list[Facet] = []
    tags: list[str] = []
    labels: Unread = NULL
    embed: Unread = NULL
    entities: Unread = NULL


class ThreadgateRecord(View):
    """app.bsky.feed.threadgate."""

    post: str | None = None
    createdAt: str | None = None  # noqa: N815
    hiddenReplies: list[str] = []  # noqa: N815
    allow: Unread = NULL


class Threadgate(View):
    """app.bsky.feed.defs#threadgateView."""

    uri: str | None = None
    cid: str | None = None
    record: ThreadgateRecord | None = None
    lists: Unread = NULL


class PostView(View):
    """app.bsky.feed.defs#postView."""

    uri: str
    author: Actor
    record: msgspec.Raw
    cid: str | None = None
    embed: Unread = NULL
    replyCount: int | None = None  # noqa: N815
    repostCount: int | None = None  # noqa: N815
    likeCount: int | None = None  # noqa: N815
    quoteCount: int | None = None  # noqa: N815
    bookmarkCount: int | None = None  # noqa: N815
    indexedAt: str | None = None  # noqa: N815
    labels: list[Label] = []
    threadgate: Threadgate | None = None
    viewer: Unread = NULL
    debug: Unread = NULL


class Reason(View):
    """app.bsky.feed.defs#reasonRepost and #reasonPin."""

    by: Actor | None = None
    uri: str | None = None
    cid: str | None = None
    indexedAt: str | None = None  # noqa: N815


class FeedItem(View):
    """app.bsky.feed.defs#feedViewPost."""

    post: msgspec.Raw
    reason: Reason | None = None
    reply: Unread = NULL
    feedContext: str | None = None  # noqa: N815
    reqId: str | None = None  # noqa: N815


class Feed(View):
    """app.bsky.feed.getAuthorFeed, its answer."""

    feed: list[msgspec.Raw]
    cursor: str | None = None


class ThreadNode(View):
    """app.bsky.feed.defs#threadViewPost, #notFoundPost and #blockedPost."""

    post: msgspec.Raw = NULL
    parent: Unread = NULL
    replies: list[ThreadNode] = []
    threadContext: Unread = NULL  # noqa: N815
    uri: str | None = None
    notFound: bool | None = None  # noqa: N815
    blocked: bool | None = None
    author: Unread = NULL


class Thread(View):
    """app.bsky.feed.getPostThread, its answer."""

    thread: ThreadNode
    threadgate: Threadgate | None = None


class OtherReply(View):
    """app.bsky.unspecced.getPostThreadOtherV2#threadItem."""

    uri: str
    value: OtherPost
    depth: int | None = None


class OtherPost(View):
    """app.bsky.unspecced.defs#threadItemPost."""

    post: msgspec.Raw
    moreParents: bool | None = None  # noqa: N815
    moreReplies: int | None = None  # noqa: N815
    opThread: bool | None = None  # noqa: N815
    hiddenByThreadgate: bool | None = None  # noqa: N815
    mutedByViewer: bool | None = None  # noqa: N815


class HiddenReplies(View):
    """app.bsky.unspecced.getPostThreadOtherV2, its answer, or that of app.bsky.feed.getPosts."""

    thread: list[msgspec.Raw] = []
    posts: list[msgspec.Raw] = []


class Address(msgspec.Struct, gc=False):
    """The address of any view; what else it holds is not looked into."""

    uri: str
