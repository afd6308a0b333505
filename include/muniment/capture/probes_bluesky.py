"""Ask Bluesky for records by name: its AppView first, and where that lacks one, the author's own host.

The two together tell a deletion from a takedown by the AppView; neither alone does.
https://docs.bsky.app/docs/api/app-bsky-feed-get-posts, com-atproto-repo-get-record, com-atproto-sync-get-repo-status.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import msgspec

from muniment.capture.bluesky_host import Host, capture_did_document, read_host
from muniment.capture.gaps import gap_of
from muniment.capture.probes_asking import Asking
from muniment.capture.reading import read_json
from muniment.errors import CaptureError, ParseError
from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.records.probes import Question

BATCH = 25  # the documented maximum of getPosts
HOST_FAILURES = 2  # one after the other; then a host is asked no more in this run
_URI = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/([A-Za-z0-9.]+)/([A-Za-z0-9._:~-]+)")
_POST = "app.bsky.feed.post"


class _Post(msgspec.Struct):
    uri: str


class _Posts(msgspec.Struct):
    posts: list[_Post]


class _Error(msgspec.Struct):
    error: str = ""


class _Profile(msgspec.Struct):
    did: str


class _Blocks(msgspec.Struct):
    records: list[msgspec.Raw] = []
    cursor: str | None = None


def probe(asking: Asking, questions: Sequence[Question]) -> Iterator[Page | Gap]:
    """Yield the AppView's answers; of what it lacks, the hosts' answers; of what it shows, whom the account blocks."""
    uris = [question.item_id for question in questions if _URI.fullmatch(question.item_id)]
    posts = [uri for uri in uris if f"/{_POST}/" in uri]
    shown: set[str] = set()
    lacking = [uri for uri in uris if uri not in set(posts)]  # of a repost, only its host can be asked
    for start in range(0, len(posts), BATCH):
        batch = posts[start : start + BATCH]
        found = yield from _ask_view(asking, batch)
        if found is not None:
            shown |= found
            lacking += [uri for uri in batch if uri not in found]
    yield from _ask_hosts(asking, lacking)
    if shown:
        yield from _ask_blocks(asking)


def _ask_view(asking: Asking, batch: list[str]) -> Generator[Page | Gap, None, set[str] | None]:
    """Yield the AppView's answer for *batch*; return what it shows, or None where it did not say."""
    url, query = f"{asking.account.api}/xrpc/app.bsky.feed.getPosts", [("uris", uri) for uri in batch]
    found = asking.ask(url, query, purpose=Purpose.PROBE)
    if isinstance(found, Gap):
        yield from (replace(found, subject=uri) for uri in batch)
        return None
    yield found
    if found.status != 200:
        return None
    try:
        return {post.uri for post in read_json(found, _Posts).posts}
    except ParseError as error:
        yield gap_of(error, asking.platform, purpose=Purpose.PROBE, subject=None)
        return None


def _ask_hosts(asking: Asking, uris: list[str]) -> Iterator[Page | Gap]:
    failures: Counter[str] = Counter()
    for did, owned in groupby(sorted(uris), _did_of):
        host = yield from _find_host(asking, did)
        if host is None:
            continue
        for uri in owned:
            if failures[host.url] >= HOST_FAILURES:
                yield Gap(
                    purpose=Purpose.PROBE_HOST,
                    subject=uri,
                    reason=GapReason.UNREACHABLE,
                    detail=f"expected an answer of the author's host, found none {HOST_FAILURES} times before",
                    noticed_at=asking.hosts.clock(),
                )
                continue
            answered = yield from _ask_record(asking, host, uri)
            failures[host.url] = 0 if answered else failures[host.url] + 1


def _did_of(uri: str) -> str:
    return uri.split("/")[2]


def _find_host(asking: Asking, did: str) -> Generator[Page | Gap, None, Host | None]:
    try:
        document = yield from capture_did_document(asking.account, did, asking.hosts)
        return None if document is None else read_host(document, asking.account)
    except (CaptureError, ParseError) as error:
        yield gap_of(error, asking.hosts, purpose=Purpose.PROBE_HOST, subject=did)
        return None


def _ask_record(asking: Asking, host: Host, uri: str) -> Generator[Page | Gap, None, bool]:
    """Yield what *host* says of *uri*, and of the account where it has no such repository; tell whether it answered."""
    did, collection, rkey = uri.removeprefix("at://").split("/")
    query = {"repo": did, "collection": collection, "rkey": rkey}
    url = f"{host.url}/xrpc/com.atproto.repo.getRecord"
    found = asking.ask_host(url, query, purpose=Purpose.PROBE_HOST, subject=uri, connect_to=host.connect_to)
    yield found
    if isinstance(found, Gap):
        return False
    if found.status != 200 and _error_of(found) != "RecordNotFound":
        url = f"{host.url}/xrpc/com.atproto.sync.getRepoStatus"
        yield asking.ask_host(url, {"did": did}, purpose=Purpose.PROBE_AUTHOR, subject=did, connect_to=host.connect_to)
    return True


def _error_of(page: Page) -> str:
    try:
        return read_json(page, _Error).error
    except ParseError:
        return ""


def _ask_blocks(asking: Asking) -> Iterator[Page | Gap]:
    """Yield whom the account blocks: its own records, at its own host."""
    account, purpose = asking.account, Purpose.PROBE_BLOCKS
    profile = asking.ask(
        f"{account.api}/xrpc/app.bsky.actor.getProfile", {"actor": account.handle}, purpose=Purpose.ACCOUNT
    )
    yield profile
    if isinstance(profile, Gap) or profile.status != 200:
        return
    try:
        did = read_json(profile, _Profile).did
    except ParseError as error:
        yield gap_of(error, asking.platform, purpose=purpose, subject=None)
        return
    host = yield from _find_host(asking, did)
    if host is not None:
        yield from _list_blocks(asking, host, did)


def _list_blocks(asking: Asking, host: Host, did: str) -> Iterator[Page | Gap]:
    url, purpose = f"{host.url}/xrpc/com.atproto.repo.listRecords", Purpose.PROBE_BLOCKS
    query = {"repo": did, "collection": "app.bsky.graph.block", "limit": "100"}
    cursor: str | None = None
    for _ in range(asking.hosts.limits.pages):
        asked = query | ({"cursor": cursor} if cursor else {})
        page = asking.ask_host(url, asked, purpose=purpose, subject=did, connect_to=host.connect_to)
        yield page
        if isinstance(page, Gap) or page.status != 200:
            return
        try:
            blocks = read_json(page, _Blocks)
        except ParseError as error:
            yield gap_of(error, asking.hosts, purpose=purpose, subject=did)
            return
        if not blocks.records or not blocks.cursor or blocks.cursor == cursor:
            return
        cursor = blocks.cursor
