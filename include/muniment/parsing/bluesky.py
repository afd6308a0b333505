"""Bluesky's pages as rows.

API: https://docs.bsky.app/docs/category/http-reference. A reply that a thread gate hides is
still in the thread's public view, and named in the gate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial

import msgspec

from muniment.errors import ParseError
from muniment.parsing.bluesky_accounts import check_profile, declare_followers, parse_followers, parse_profile
from muniment.parsing.bluesky_posts import Reading, post_row, read_post, repost_row
from muniment.parsing.bluesky_types import (
    Address,
    Feed,
    FeedItem,
    HiddenReplies,
    OtherReply,
    Thread,
    Threadgate,
    ThreadNode,
)
from muniment.parsing.context import ParseContext, parse_by_purpose
from muniment.parsing.decoding import decode_whole
from muniment.parsing.drift import each_item, read_item, shape
from muniment.parsing.repository import parse_did_document, parse_repository
from muniment.records.page import Page, Purpose
from muniment.records.rows import Declared, PageFault, ParsedPage, Row

_FEED = shape("feed", Feed)
_FEED_ITEM = shape("feed.item", FeedItem)
_THREAD = shape("thread", Thread)
_HIDDEN = shape("hidden-replies", HiddenReplies)
_ADDRESS = shape("post", Address)
_OTHER_ITEM = shape("hidden-reply", OtherReply)


def _parse_feed(page: Page, context: ParseContext) -> ParsedPage:
    unknown: set[str] = set()
    faults: list[PageFault] = []
    rows: list[Row] = []
    reading = Reading(context.account, page.sequence, frozenset(), unknown)
    feed = read_item(decode_whole(page), _FEED, unknown)
    for number, (item, raw) in enumerate(each_item(page, feed.feed, _FEED_ITEM, unknown, faults), start=1):
        try:
            if item.reason is not None and item.reason.by is not None:
                rows.append(repost_row(item, item.reason, item.reason.by, raw, reading))
            else:
                rows.append(post_row(item.post, reading))
        except ParseError as error:
            faults.append(PageFault(page.sequence, "G001", f"{page.purpose} page, item {number}: {error}"))
    return ParsedPage(rows, [], frozenset(unknown), faults)


def _check_feed(page: Page, context: ParseContext) -> ParsedPage:
    return _parse_feed(page, context)._replace(rows=[])


def _parse_thread(page: Page, context: ParseContext) -> ParsedPage:
    unknown: set[str] = set()
    whole = read_item(decode_whole(page), _THREAD, unknown)
    top = whole.thread
    if _absence(top):
        return ParsedPage([], [], frozenset(unknown), [_not_shown(page, Counter([_absence(top)]))])
    root = read_post(top.post, unknown)
    if page.subject is not None and root.uri != page.subject:
        raise ParseError("thread page: expected the thread of its subject, found another post's")
    reading = Reading(context.account, page.sequence, _hidden(whole.threadgate, root.threadgate), unknown)
    absent: Counter[str] = Counter()
    faults: list[PageFault] = []
    rows = _post_rows(page, _replies(top, absent), reading, faults)
    declared = []
    if root.replyCount is not None:
        declared.append(Declared("replies", root.replyCount, page.sequence, root.uri))
    return ParsedPage(rows, declared, frozenset(unknown), [*faults, *([_not_shown(page, absent)] if absent else [])])


def _replies(top: ThreadNode, absent: Counter[str]) -> Iterator[msgspec.Raw]:
    waiting = list(reversed(top.replies))
    while waiting:
        node = waiting.pop()
        if why := _absence(node):
            absent[why] += 1
        else:
            yield node.post
        waiting.extend(reversed(node.replies))


def _absence(node: ThreadNode) -> str:
    if node.notFound:
        return "not found"
    return "blocked" if node.blocked else ""


def _not_shown(page: Page, absent: Counter[str]) -> PageFault:
    counts = ", ".join(f"{number} {why}" for why, number in sorted(absent.items()))
    return PageFault(page.sequence, "G004", f"thread page: expected every post of the thread, found {counts}")


def _hidden(*gates: Threadgate | None) -> frozenset[str]:
    return frozenset(uri for gate in gates if gate and gate.record for uri in gate.record.hiddenReplies)


def _post_rows(page: Page, raws: Iterable[msgspec.Raw], reading: Reading, faults: list[PageFault]) -> list[Row]:
    rows: list[Row] = []
    for number, raw in enumerate(raws, start=1):
        try:
            row = post_row(raw, reading)
        except ParseError as error:
            faults.append(PageFault(page.sequence, "G001", f"{page.purpose} page, item {number}: {error}"))
        else:
            rows.append(row)
    return rows


def _parse_hidden_replies(page: Page, context: ParseContext) -> ParsedPage:
    unknown: set[str] = set()
    faults: list[PageFault] = []
    whole = read_item(decode_whole(page), _HIDDEN, unknown)
    items = [item for item, _ in each_item(page, whole.thread, _OTHER_ITEM, unknown, faults)]
    posts = [*(item.value.post for item in items), *whole.posts]
    hidden = frozenset(item.uri for item in items if item.value.hiddenByThreadgate)
    # What had to be asked for by name, no public view of the thread shows.
    hidden |= {read_item(post, _ADDRESS, unknown).uri for post in whole.posts}
    rows = _post_rows(page, posts, Reading(context.account, page.sequence, hidden, unknown), faults)
    return ParsedPage(rows, [], frozenset(unknown), faults)


parse_official_posts = partial(
    parse_by_purpose,
    readers={
        Purpose.ACCOUNT: parse_profile,
        Purpose.POSTS: _parse_feed,
        Purpose.DID_DOCUMENT: parse_did_document,
        Purpose.REPOSITORY: parse_repository,
    },
)
parse_public_comments = partial(
    parse_by_purpose,
    readers={
        Purpose.ACCOUNT: check_profile,
        Purpose.POSTS: _check_feed,
        Purpose.THREAD: _parse_thread,
        Purpose.HIDDEN_REPLIES: _parse_hidden_replies,
    },
)
parse_subscriber_lists = partial(
    parse_by_purpose,
    readers={Purpose.ACCOUNT: declare_followers, Purpose.SUBSCRIBERS: parse_followers},
)
