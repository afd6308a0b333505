"""Capture the replies under one Bluesky post, those that its thread gate hides included.

The thread view still lists a reply that the account hid (``threadgate.record.hiddenReplies``);
``getPostThreadOtherV2`` says that it is hidden; ``getPosts`` answers for those that neither shows.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from muniment.capture.gaps import fetch_or_gap, gap_of
from muniment.capture.polite_client import PoliteClient
from muniment.capture.reading import read_json
from muniment.errors import ParseError
from muniment.records.agency import Account
from muniment.records.page import Gap, Page, Purpose

THREAD_DEPTH = "1000"  # the documented maximum of getPostThread
PROBE_SIZE = 25  # the documented maximum of getPosts


@dataclass(frozen=True, slots=True)
class CommentedPost:
    """A post that may have replies, and those of them that the account hid."""

    uri: str
    hidden: tuple[str, ...]


class _Ref(msgspec.Struct):
    uri: str


class _ReplyRef(msgspec.Struct):
    root: _Ref
    parent: _Ref


class _Record(msgspec.Struct):
    reply: _ReplyRef | None = None


class _GateRecord(msgspec.Struct):
    hidden: tuple[str, ...] = msgspec.field(name="hiddenReplies", default=())


class _Gate(msgspec.Struct):
    record: _GateRecord = msgspec.field(default_factory=_GateRecord)


class _Author(msgspec.Struct):
    did: str


class _Post(msgspec.Struct):
    uri: str
    author: _Author
    record: _Record
    replies: int | None = msgspec.field(name="replyCount", default=None)
    gate: _Gate = msgspec.field(name="threadgate", default_factory=_Gate)


class _FeedItem(msgspec.Struct):
    post: _Post


class _Feed(msgspec.Struct):
    feed: list[_FeedItem]


class _Node(msgspec.Struct):
    post: _Ref | None = None
    replies: list[_Node] = []


class _Thread(msgspec.Struct):
    thread: _Node


class _OtherReplies(msgspec.Struct):
    thread: list[_Ref] = []


def read_commented_posts(page: Page, did: str) -> dict[str, CommentedPost]:
    """Return, by URI, the posts of *did* on a feed page under which replies may be; none of an unreadable page.

    A reply to the account's own post is left out: the thread of its root has it.
    """
    try:
        feed = read_json(page, _Feed).feed
    except ParseError:
        return {}  # the listing records the gap
    own = f"at://{did}/"
    posts = [item.post for item in feed if item.post.author.did == did]
    return {
        post.uri: CommentedPost(post.uri, post.gate.record.hidden)
        for post in posts
        if (post.replies != 0 or post.gate.record.hidden) and not _is_reply_to(post, own)
    }


def read_replies_to(page: Page, posts: frozenset[str]) -> dict[str, list[str]]:
    """Return the posts on a feed page whose thread's root is one of *posts*: by root, their URIs.

    Raises:
        ParseError: the page is not a feed.
    """
    replies: dict[str, list[str]] = {}
    for item in read_json(page, _Feed).feed:
        reply = item.post.record.reply
        if reply is not None and reply.root.uri in posts:
            replies.setdefault(reply.root.uri, []).append(item.post.uri)
    return replies


def capture_thread(account: Account, post: CommentedPost, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield the thread under *post*, then what answers for hidden replies that it leaves out."""
    query = {"uri": post.uri, "depth": THREAD_DEPTH, "parentHeight": "0"}
    url = f"{account.api}/xrpc/app.bsky.feed.getPostThread"
    thread = fetch_or_gap(client, url, query, purpose=Purpose.THREAD, subject=post.uri)
    yield thread
    left_out = set(post.hidden)
    left_out -= yield from _shown_or_gap(thread, _uris_of_thread, client)
    if left_out:
        url = f"{account.api}/xrpc/app.bsky.unspecced.getPostThreadOtherV2"
        query = {"anchor": post.uri}
        other = fetch_or_gap(client, url, query, purpose=Purpose.HIDDEN_REPLIES, subject=post.uri)
        yield other
        left_out -= yield from _shown_or_gap(other, _uris_of_others, client)
    yield from probe_posts(account, post.uri, [uri for uri in post.hidden if uri in left_out], client)


def probe_posts(account: Account, root: str, uris: Iterable[str], client: PoliteClient) -> Iterator[Page | Gap]:
    """Ask for posts by name: *uris*, which are replies in the thread of *root*."""
    wanted = list(uris)
    for start in range(0, len(wanted), PROBE_SIZE):
        query = [("uris", uri) for uri in wanted[start : start + PROBE_SIZE]]
        url = f"{account.api}/xrpc/app.bsky.feed.getPosts"
        yield fetch_or_gap(client, url, query, purpose=Purpose.HIDDEN_REPLIES, subject=root)


def _is_reply_to(post: _Post, own: str) -> bool:
    reply = post.record.reply
    return reply is not None and (reply.root.uri.startswith(own) or reply.parent.uri.startswith(own))


def _shown_or_gap(
    found: Page | Gap, read: Callable[[Page], set[str]], client: PoliteClient
) -> Generator[Gap, None, set[str]]:
    if isinstance(found, Gap):
        return set()
    try:
        return read(found)
    except ParseError as error:
        yield gap_of(error, client, purpose=found.purpose, subject=found.subject)
        return set()


def _uris_of_thread(page: Page) -> set[str]:
    uris: set[str] = set()
    nodes = [read_json(page, _Thread).thread]
    while nodes:
        node = nodes.pop()
        nodes += node.replies
        if node.post is not None:
            uris.add(node.post.uri)
    return uris


def _uris_of_others(page: Page) -> set[str]:
    return {item.uri for item in read_json(page, _OtherReplies).thread}
