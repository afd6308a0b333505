"""Follow a listing from page to page, never to another host and never in a circle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Protocol

from muniment.capture.addresses import AddressRefusedError, Query, origin_of
from muniment.capture.gaps import gap_of
from muniment.capture.polite_client import PoliteClient
from muniment.errors import PagingError, ParseError
from muniment.records.page import Gap, Page, Purpose

NextQuery = Callable[[Page], str | Query | None]  # an address, or a query for the first address, or the end


class Ask(Protocol):
    """`PoliteClient.fetch`, or `PoliteClient.look` where pages are not kept."""

    def __call__(self, url: str, query: Query | None = None, *, purpose: Purpose, subject: str | None = None) -> Page:
        """Return one page."""


_SAME_BODY_LIMIT = 2  # a platform under load repeats a page; three times is a circle


def fetch_listing(
    client: PoliteClient,
    url: str,
    query: Query,
    *,
    purpose: Purpose,
    next_of: NextQuery,
    subject: str | None = None,
    ask: Ask | None = None,
) -> Iterator[Page | Gap]:
    """Yield each page of a listing. A page whose continuation cannot be read is followed by its gap, and is the last.

    *ask* is `PoliteClient.fetch` unless given.

    Raises:
        PagingError: the listing leads to another host, comes back to a page it had, repeats
            itself or has more pages than the limit.
        CaptureError: see `PoliteClient.fetch`.
    """
    address, asked = url, query
    seen_requests: set[str] = set()
    bodies: Counter[bytes] = Counter()
    while True:
        _check_new(_spell(address, asked), seen_requests, client.limits.pages, url)
        page = (ask or client.fetch)(address, asked, purpose=purpose, subject=subject)
        yield page
        _check_not_repeated(page, bodies, url)
        try:
            following = next_of(page)
        except ParseError as error:
            yield gap_of(error, client, purpose=purpose, subject=subject)
            return
        if following is None:
            return
        if isinstance(following, str):
            _check_same_origin(url, following)
            address, asked = following, {}
        else:
            address, asked = url, following


def _spell(address: str, query: Query) -> str:
    return f"{address} {sorted(query.items() if isinstance(query, dict) else query)}"


def _check_new(request: str, seen: set[str], limit: int, url: str) -> None:
    if request in seen:
        raise PagingError("paging: expected a new page, found one that was fetched already", url=url)
    if len(seen) >= limit:
        raise PagingError(f"paging: expected at most {limit} pages, found more", url=url)
    seen.add(request)


def _check_not_repeated(page: Page, bodies: Counter[bytes], url: str) -> None:
    digest = sha256(page.body).digest()
    bodies[digest] += 1
    if bodies[digest] > _SAME_BODY_LIMIT:
        raise PagingError(f"paging: expected a new page, found the same bytes {bodies[digest]} times", url=url)


def _check_same_origin(url: str, following: str) -> None:
    try:
        same = origin_of(following) == origin_of(url)
    except AddressRefusedError:
        same = False
    if not same:
        raise PagingError("paging: expected the same scheme, host and port, found another in the next address", url=url)
