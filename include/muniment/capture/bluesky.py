"""Capture an account's posts, the replies to them and its followers from Bluesky (AT Protocol).

API: https://docs.bsky.app/docs/category/http-reference. Public reads; no token.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import msgspec

from muniment.capture.addresses import Query
from muniment.capture.bluesky_blocked import capture_blocked_followers, capture_blocked_replies
from muniment.capture.bluesky_host import capture_did_document, capture_repository
from muniment.capture.bluesky_threads import CommentedPost, capture_thread, read_commented_posts
from muniment.capture.gaps import gap_of
from muniment.capture.paging import NextQuery, fetch_listing
from muniment.capture.polite_client import PoliteClient
from muniment.capture.reading import read_json
from muniment.errors import ParseError
from muniment.records.agency import Account
from muniment.records.page import Gap, Page, Purpose

PAGE_SIZE = "100"  # the documented maximum of getAuthorFeed and getFollowers


class _Profile(msgspec.Struct):
    did: str


class _Listing(msgspec.Struct):
    feed: list[msgspec.Raw] = []
    followers: list[msgspec.Raw] = []
    cursor: str | None = None


def capture_posts(account: Account, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield the profile, the identity document, the author feed newest first, and the signed repository."""
    did = yield from _capture_profile(account, client)
    if did is None:
        return
    document = yield from capture_did_document(account, did, client)
    yield from _capture_feed(account, did, client)
    if document is not None:
        yield from capture_repository(account, did, document, client)


def capture_comments(account: Account, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield the author feed, then the replies under each post: hidden ones and blocked people's too."""
    did = yield from _capture_profile(account, client)
    if did is None:
        return
    commented: dict[str, CommentedPost] = {}
    for found in _capture_feed(account, did, client):
        yield found
        if isinstance(found, Page):
            commented |= read_commented_posts(found, did)
    for post in commented.values():
        yield from capture_thread(account, post, client)
    yield from capture_blocked_replies(account, did, client, posts=frozenset(commented))


def capture_followers(account: Account, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield the profile, which states how many followers there are, and the list of them."""
    did = yield from _capture_profile(account, client)
    if did is None:
        return
    url, query = f"{account.api}/xrpc/app.bsky.graph.getFollowers", {"actor": did, "limit": PAGE_SIZE}
    yield from fetch_listing(client, url, query, purpose=Purpose.SUBSCRIBERS, next_of=_next_of(query))
    yield from capture_blocked_followers(account, did, client)


def _capture_profile(account: Account, client: PoliteClient) -> Generator[Page | Gap, None, str | None]:
    page = client.fetch(
        f"{account.api}/xrpc/app.bsky.actor.getProfile", {"actor": account.handle}, purpose=Purpose.ACCOUNT
    )
    yield page
    try:
        return read_json(page, _Profile).did
    except ParseError as error:
        yield gap_of(error, client, purpose=Purpose.ACCOUNT, subject=None)
        return None


def _capture_feed(account: Account, did: str, client: PoliteClient) -> Iterator[Page | Gap]:
    query = {"actor": did, "filter": "posts_with_replies", "limit": PAGE_SIZE}
    url = f"{account.api}/xrpc/app.bsky.feed.getAuthorFeed"
    return fetch_listing(client, url, query, purpose=Purpose.POSTS, next_of=_next_of(query))


def _next_of(query: dict[str, str]) -> NextQuery:
    def next_of(page: Page) -> Query | None:
        listing = read_json(page, _Listing)
        # An empty page is the end, cursor or not: older servers give one on the last full page.
        is_end = not listing.cursor or not (listing.feed or listing.followers)
        return None if is_end else query | {"cursor": str(listing.cursor)}

    return next_of
