"""Capture an account's statuses, the replies to them and its followers from Mastodon.

API: https://docs.joinmastodon.org/methods/accounts/, .../methods/statuses/.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from urllib.parse import quote

import msgspec

from muniment.capture.gaps import fetch_or_gap, gap_not_offered, gap_of
from muniment.capture.paging import fetch_listing
from muniment.capture.polite_client import PoliteClient
from muniment.capture.reading import next_link_or_none, read_json
from muniment.capture.scopes import check_scopes
from muniment.errors import NotFoundError, ParseError
from muniment.records.agency import Account
from muniment.records.page import Gap, Page, Purpose

STATUSES_SIZE = "40"  # the documented maximum
FOLLOWERS_SIZE = "80"  # the documented maximum
DESCENDANTS_WITHOUT_TOKEN, DESCENDANTS_WITH_TOKEN = 60, 4096  # documented at methods/statuses/#context


class _Account(msgspec.Struct):
    id: str


class _Status(msgspec.Struct):
    id: str
    account: _Account
    replies_count: int | None = None
    edited_at: str | None = None
    in_reply_to_account_id: str | None = None


class _Context(msgspec.Struct):
    descendants: list[msgspec.Raw]


class _Application(msgspec.Struct):
    scopes: list[str] | None = None


def capture_posts(account: Account, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield the account, its statuses newest first, and the versions of each that was edited."""
    number = yield from _capture_account(account, client)
    if number is None:
        return
    for status in (yield from _capture_statuses(account, number, client)):
        if status.edited_at is not None:
            url = f"{account.api}/api/v1/statuses/{_part(status.id)}/history"
            yield fetch_or_gap(client, url, purpose=Purpose.HISTORY, subject=status.id)


def capture_comments(account: Account, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield the account, its statuses, and the replies under each; a reply to itself is in its root's thread."""
    number = yield from _capture_account(account, client)
    if number is None:
        return
    for status in (yield from _capture_statuses(account, number, client)):
        if status.replies_count != 0 and status.in_reply_to_account_id != number:
            yield from _capture_context(account, status.id, client)


def capture_followers(account: Account, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield the account, which states how many followers there are, and the list of them."""
    number = yield from _capture_account(account, client)
    if number is not None:
        url = f"{account.api}/api/v1/accounts/{_part(number)}/followers"
        query = {"limit": FOLLOWERS_SIZE}
        yield from fetch_listing(client, url, query, purpose=Purpose.SUBSCRIBERS, next_of=_next_or_none)


def _capture_account(account: Account, client: PoliteClient) -> Generator[Page | Gap, None, str | None]:
    if client.has_credentials:
        yield from _check_token(account, client)
    query = {"acct": account.handle}
    page = client.fetch(f"{account.api}/api/v1/accounts/lookup", query, purpose=Purpose.ACCOUNT)
    yield page
    try:
        return read_json(page, _Account).id
    except ParseError as error:
        yield gap_of(error, client, purpose=Purpose.ACCOUNT, subject=None)
        return None


def ask_scopes(account: Account, client: PoliteClient) -> tuple[str, ...] | None:
    """Return what the client's credentials may do, as the platform says; None where it does not say.

    Raises:
        CaptureError: the platform could not be asked.
    """
    try:
        page = client.look(f"{account.api}/api/v1/apps/verify_credentials", purpose=Purpose.ACCOUNT)
        scopes = read_json(page, _Application).scopes
    except (NotFoundError, ParseError):
        return None
    return None if scopes is None else tuple(scopes)  # none before Mastodon 4.3


def _check_token(account: Account, client: PoliteClient) -> Iterator[Gap]:
    scopes = ask_scopes(account, client)
    if scopes is None:
        yield gap_not_offered("the platform does not state the token's scopes", client, purpose=Purpose.ACCOUNT)
    else:
        check_scopes(scopes, account.id)


def _capture_statuses(
    account: Account, number: str, client: PoliteClient
) -> Generator[Page | Gap, None, list[_Status]]:
    own: dict[str, _Status] = {}
    url = f"{account.api}/api/v1/accounts/{_part(number)}/statuses"
    query = {"limit": STATUSES_SIZE}
    for found in fetch_listing(client, url, query, purpose=Purpose.POSTS, next_of=_next_or_none):
        yield found
        if isinstance(found, Page):
            own |= {status.id: status for status in _statuses_of(found) if status.account.id == number}
    return list(own.values())


def _capture_context(account: Account, status_id: str, client: PoliteClient) -> Iterator[Page | Gap]:
    url = f"{account.api}/api/v1/statuses/{_part(status_id)}/context"
    found = fetch_or_gap(client, url, purpose=Purpose.THREAD, subject=status_id)
    yield found
    if isinstance(found, Gap):
        return
    limit = DESCENDANTS_WITH_TOKEN if client.has_credentials else DESCENDANTS_WITHOUT_TOKEN
    try:
        size = len(read_json(found, _Context).descendants)
    except ParseError as error:
        yield gap_of(error, client, purpose=Purpose.THREAD, subject=status_id)
        return
    if size >= limit:
        detail = f"the platform cuts a thread at {limit} replies"
        yield gap_not_offered(detail, client, purpose=Purpose.THREAD, subject=status_id)


def _statuses_of(page: Page) -> list[_Status]:
    try:
        return read_json(page, list[_Status])
    except ParseError:
        return []  # the listing records the gap


def _next_or_none(page: Page) -> str | None:
    # A next link may follow the last page: an empty page is the end.
    return next_link_or_none(page) if read_json(page, list[msgspec.Raw]) else None


def _part(identifier: str) -> str:
    # An id is the platform's word: it must stay one part of the path.
    return quote(identifier, safe="")
