"""Find what people whom a Bluesky account blocks wrote to it, and that they follow it.

Every public view leaves both out. The account's own repository names whom it blocks; each
of those is looked through, and only what concerns the account is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec

from muniment.capture.bluesky_host import Host, find_host
from muniment.capture.bluesky_threads import probe_posts, read_replies_to
from muniment.capture.gaps import gap_not_offered, gap_of
from muniment.capture.paging import fetch_listing
from muniment.capture.polite_client import PoliteClient
from muniment.capture.reading import read_json
from muniment.errors import CaptureError, ParseError, RateLimitedError
from muniment.records.agency import Account
from muniment.records.page import Gap, Page, Purpose

PAGE_SIZE = 100  # the documented maximum of listRecords and getAuthorFeed
PEOPLE_SIZE = 30  # the documented maximum of getRelationships


class _Block(msgspec.Struct):
    subject: str


class _BlockRecord(msgspec.Struct):
    value: _Block


class _Blocks(msgspec.Struct):
    records: list[_BlockRecord]
    cursor: str | None = None


class _Feed(msgspec.Struct):
    feed: list[msgspec.Raw]


class _Relationship(msgspec.Struct):
    did: str | None = None
    followed_by: str | None = msgspec.field(name="followedBy", default=None)


class _Relationships(msgspec.Struct):
    relationships: list[_Relationship]


def capture_blocked_replies(
    account: Account, did: str, client: PoliteClient, *, posts: frozenset[str]
) -> Iterator[Page | Gap]:
    """Yield the replies of blocked people in the threads of *posts*, asked for by name."""
    for person in _blocked_or_gaps(account, did, client, Purpose.HIDDEN_REPLIES):
        if isinstance(person, Gap):
            yield person
            continue
        query = {"actor": person, "filter": "posts_with_replies", "limit": str(PAGE_SIZE)}
        url = f"{account.api}/xrpc/app.bsky.feed.getAuthorFeed"
        try:
            page = client.look(url, query, purpose=Purpose.HIDDEN_REPLIES, subject=person)
            replies, size = read_replies_to(page, posts), len(read_json(page, _Feed).feed)
        except RateLimitedError:
            raise
        except (CaptureError, ParseError) as error:
            yield gap_of(error, client, purpose=Purpose.HIDDEN_REPLIES, subject=person)
            continue
        for root, uris in replies.items():
            yield from probe_posts(account, root, uris, client)
        if size >= PAGE_SIZE:
            detail = f"a blocked person's posts before the newest {PAGE_SIZE} were not looked through"
            yield gap_not_offered(detail, client, purpose=Purpose.HIDDEN_REPLIES, subject=person)


def capture_blocked_followers(account: Account, did: str, client: PoliteClient) -> Iterator[Gap]:
    """Yield a gap for each blocked person who follows: the list of followers leaves them out."""
    people: list[str] = []
    for person in _blocked_or_gaps(account, did, client, Purpose.SUBSCRIBERS):
        if isinstance(person, Gap):
            yield person
        else:
            people.append(person)
    detail = "a blocked person follows, and the platform leaves them out of the list"
    for start in range(0, len(people), PEOPLE_SIZE):
        try:
            followers = _followers_among(account, did, people[start : start + PEOPLE_SIZE], client)
        except RateLimitedError:
            raise
        except (CaptureError, ParseError) as error:
            yield gap_of(error, client, purpose=Purpose.SUBSCRIBERS, subject=did)
            continue
        for follower in followers:
            yield gap_not_offered(detail, client, purpose=Purpose.SUBSCRIBERS, subject=follower)


def _followers_among(account: Account, did: str, people: list[str], client: PoliteClient) -> list[str]:
    query = [("actor", did), *(("others", person) for person in people)]
    page = client.look(f"{account.api}/xrpc/app.bsky.graph.getRelationships", query, purpose=Purpose.SUBSCRIBERS)
    return [item.did for item in read_json(page, _Relationships).relationships if item.did and item.followed_by]


def _blocked_or_gaps(account: Account, did: str, client: PoliteClient, purpose: Purpose) -> Iterator[str | Gap]:
    try:
        host = find_host(account, did, client)
        for found in _list_blocks(host, did, client, purpose):
            if isinstance(found, Gap):
                yield found
            else:
                yield from (record.value.subject for record in read_json(found, _Blocks).records)
    except RateLimitedError:
        raise
    except (CaptureError, ParseError) as error:
        # With a subject: a gap of the whole listing has none.
        yield gap_of(error, client, purpose=purpose, subject=did)


def _list_blocks(host: Host, did: str, client: PoliteClient, purpose: Purpose) -> Iterator[Page | Gap]:
    query = {"repo": did, "collection": "app.bsky.graph.block", "limit": str(PAGE_SIZE)}

    def next_of(page: Page) -> dict[str, str] | None:
        blocks = read_json(page, _Blocks)
        return query | {"cursor": blocks.cursor} if blocks.cursor and blocks.records else None

    url = f"{host.url}/xrpc/com.atproto.repo.listRecords"
    ask = partial(client.look, connect_to=host.connect_to)
    return fetch_listing(client, url, query, purpose=purpose, subject=did, next_of=next_of, ask=ask)
