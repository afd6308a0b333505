"""Mastodon's accounts as rows: the official profile, and the followers.

API: https://docs.joinmastodon.org/methods/accounts/.
"""

from __future__ import annotations

from muniment.parsing.context import ParseContext
from muniment.parsing.decoding import decode_list, decode_whole
from muniment.parsing.drift import each_item, read_item, shape
from muniment.parsing.html_text import read_html
from muniment.parsing.mastodon_types import MastodonAccount
from muniment.parsing.times import time_or_none
from muniment.records.page import Page
from muniment.records.rows import (
    Declared,
    ItemKind,
    ItemRow,
    MediaRef,
    PageFault,
    ParsedPage,
    Row,
    SubscriberRow,
    Visibility,
)

_ACCOUNT = shape("account", MastodonAccount)


def _read_account(page: Page, unknown: set[str]) -> tuple[MastodonAccount, bytes]:
    raw = decode_whole(page)
    return read_item(raw, _ACCOUNT, unknown), bytes(raw)


def parse_profile(page: Page, _context: ParseContext) -> ParsedPage:
    """Read an account page as the row of the profile, and the number of posts that it states."""
    unknown: set[str] = set()
    account, raw = _read_account(page, unknown)
    # Boosts count among a server's statuses: the word says so.
    declared = [] if account.statuses_count is None else [Declared("statuses", account.statuses_count, page.sequence)]
    return ParsedPage([_profile_row(account, raw, page.sequence)], declared, frozenset(unknown), [])


def _profile_row(account: MastodonAccount, raw: bytes, page: int) -> ItemRow:
    note = read_html(account.note or "")
    fields = [(field.name, read_html(field.value)) for field in account.fields]
    lines = [account.display_name, note.text, *(f"{name}: {value.text}" for name, value in fields)]
    pictures = ((account.avatar, account.avatar_description), (account.header, account.header_description))
    return ItemRow(
        item_id=f"account/{account.id}",  # accounts and statuses are numbered apart
        kind=ItemKind.PROFILE,
        url=account.url or account.uri,
        author_id=account.id,
        author_handle=account.acct,
        author_name=account.display_name,
        published_at=time_or_none(account.created_at),
        published_text=account.created_at,
        edited_at=None,
        language=None,
        text="\n\n".join(line for line in lines if line),
        reply_parent_id=None,
        reply_root_id=None,
        visibility=Visibility.PUBLIC,
        links=list(dict.fromkeys([*note.links, *(link for _, value in fields for link in value.links)])),
        media=[MediaRef(url.partition("?")[0], url, "image", alt or None) for url, alt in pictures if url],
        versions=[],
        like_count=None,
        repost_count=None,
        reply_count=None,
        quote_count=None,
        page=page,
        raw=raw,
    )


def check_account(page: Page, _context: ParseContext) -> ParsedPage:
    """Read an account page of which nothing is needed, for its faults and unknown fields."""
    unknown: set[str] = set()
    _read_account(page, unknown)
    return ParsedPage([], [], frozenset(unknown), [])


def declare_followers(page: Page, _context: ParseContext) -> ParsedPage:
    """Read an account page for the number of followers that it states."""
    unknown: set[str] = set()
    number = _read_account(page, unknown)[0].followers_count
    declared = [] if number is None else [Declared("followers", number, page.sequence)]
    return ParsedPage([], declared, frozenset(unknown), [])


def parse_followers(page: Page, _context: ParseContext) -> ParsedPage:
    """Read one page of followers."""
    unknown: set[str] = set()
    faults: list[PageFault] = []
    rows: list[Row] = [
        SubscriberRow(
            subscriber_id=follower.id,
            handle=follower.acct,
            display_name=follower.display_name,
            address=None,
            status="suspended" if follower.suspended else "limited" if follower.limited else None,
            list_name=None,
            subscribed_at=None,
            subscribed_text=None,
            page=page.sequence,
            raw=raw,
        )
        for follower, raw in each_item(page, decode_list(page), _ACCOUNT, unknown, faults)
    ]
    return ParsedPage(rows, [], frozenset(unknown), faults)
