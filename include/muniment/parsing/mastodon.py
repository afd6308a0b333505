"""Mastodon's pages as rows.

API: https://docs.joinmastodon.org/methods/statuses/. A repost's row is by the one who reposts
and says what the reposted status says; its first link is that status. The card under a link is
the server's own preview, made after the post: it stays in the raw item.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import msgspec

from muniment.errors import ParseError
from muniment.parsing.context import ParseContext, parse_by_purpose
from muniment.parsing.decoding import decode_json, decode_list
from muniment.parsing.drift import each_item, read_item, shape
from muniment.parsing.html_text import HtmlText, read_html
from muniment.parsing.mastodon_accounts import check_account, declare_followers, parse_followers, parse_profile
from muniment.parsing.mastodon_types import Context, MediaAttachment, Poll, Status, StatusEdit
from muniment.parsing.times import time_or_none
from muniment.records.page import Page, Purpose
from muniment.records.rows import (
    Declared,
    ItemKind,
    ItemRow,
    MediaRef,
    PageFault,
    ParsedPage,
    Row,
    Version,
    Visibility,
)

_STATUS = shape("status", Status)
_EDIT = shape("edit", StatusEdit)
_CONTEXT = msgspec.json.Decoder(Context)

# https://docs.joinmastodon.org/entities/Status/#visibility
_VISIBILITY = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.RESTRICTED,
    "direct": Visibility.RESTRICTED,
}
# https://docs.joinmastodon.org/entities/MediaAttachment/#type
_MEDIA_KIND = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}


def history_versions(page: Page) -> list[tuple[str | None, Version]]:
    """Return the versions on a history *page*, oldest first, each with its time as written.

    Raises:
        ParseError: the page, or one of its versions, is not as it should be.
    """
    unknown: set[str] = set()
    faults: list[PageFault] = []
    versions = _read_versions(page, unknown, faults)
    if faults:
        raise ParseError(faults[0].detail)
    return versions


def _read_versions(page: Page, unknown: set[str], faults: list[PageFault]) -> list[tuple[str | None, Version]]:
    versions = []
    for edit, raw in each_item(page, decode_list(page), _EDIT, unknown, faults):
        text = _whole_text(edit.spoiler_text, read_html(edit.content).text, edit.poll)
        versions.append((edit.created_at, Version(time_or_none(edit.created_at), text, raw)))
    return versions


def _parse_history(page: Page, _context: ParseContext) -> ParsedPage:
    unknown: set[str] = set()
    faults: list[PageFault] = []
    _read_versions(page, unknown, faults)
    return ParsedPage([], [], frozenset(unknown), faults)


def _parse_posts(page: Page, context: ParseContext) -> ParsedPage:
    return _parse_statuses(page, decode_list(page), None, context)


def _parse_replies(page: Page, context: ParseContext) -> ParsedPage:
    whole = decode_json(page, _CONTEXT)
    root = page.subject
    if whole.ancestors:
        # The subject is itself a reply: the thread's root is the first above it, whichever context shows it.
        root = read_item(whole.ancestors[0], _STATUS, set()).id
    return _parse_statuses(page, whole.descendants, root, context)


def _parse_statuses(page: Page, raws: Iterable[msgspec.Raw], root: str | None, context: ParseContext) -> ParsedPage:
    unknown: set[str] = set()
    faults: list[PageFault] = []
    rows: list[Row] = []
    for status, raw in each_item(page, raws, _STATUS, unknown, faults):
        if status.visibility not in _VISIBILITY:
            unknown.add("status.visibility (a new value)")
        try:
            versions = _earlier_versions(status, context) if status.edited_at else []
            rows.append(_status_row(status, raw, page.sequence, root, versions))
        except ParseError as error:
            faults.append(PageFault(page.sequence, "G001", f"{page.purpose} page: {error}"))
    return ParsedPage(rows, [], frozenset(unknown), faults)


def _earlier_versions(status: Status, context: ParseContext) -> list[Version]:
    history = context.history.get(status.id)
    if history is None or history.status != 200:
        return []
    try:
        return [version for at, version in history_versions(history) if at != status.edited_at]
    except ParseError:
        return []  # the fault is reported once, where the history page itself is parsed


def _status_row(status: Status, raw: bytes, page: int, root: str | None, versions: list[Version]) -> ItemRow:
    shown = status if status.reblog is None else status.reblog
    says = read_html(shown.content)
    account = status.account
    created_at = status.created_at
    return ItemRow(
        status.id,
        _kind(status),
        status.url or status.uri,
        account.id,
        account.acct,
        account.display_name,
        time_or_none(created_at),
        created_at,
        time_or_none(status.edited_at),
        shown.language,
        _whole_text(shown.spoiler_text, says.text, shown.poll),
        status.in_reply_to_id,
        root,
        _VISIBILITY.get(status.visibility, Visibility.RESTRICTED),
        says.links if shown is status and status.quote is None else _links(status, shown, says),
        [_medium(medium) for medium in shown.media_attachments],
        versions,
        status.favourites_count,
        status.reblogs_count,
        status.replies_count,
        status.quotes_count,
        page,
        raw,
    )


def _kind(status: Status) -> ItemKind:
    if status.reblog is not None:
        return ItemKind.REPOST
    return ItemKind.POST if status.in_reply_to_id is None else ItemKind.REPLY


def _links(status: Status, shown: Status, says: HtmlText) -> list[str]:
    quoted = shown.quote.quoted_status if shown.quote else None
    pointed = [each.url or each.uri for each in (status.reblog, quoted) if each is not None]
    return list(dict.fromkeys([*(address for address in pointed if address), *says.links]))


def _whole_text(warning: str | None, text: str, poll: Poll | None) -> str:
    if not warning and poll is None:
        return text
    options = "\n".join(f"- {option.title}" for option in poll.options) if poll else ""
    return "\n\n".join(part for part in (warning, text, options) if part)


def _medium(medium: MediaAttachment) -> MediaRef:
    # A medium still being processed has no address yet: it is listed, and its fetching becomes a gap.
    url = medium.url or medium.remote_url or medium.preview_url or ""
    return MediaRef(medium.id, url, _MEDIA_KIND.get(medium.type, "file"), medium.description)


def _declare_replies(page: Page, context: ParseContext) -> ParsedPage:
    parsed = _parse_statuses(page, decode_list(page), None, context)
    declared = [
        Declared("replies", row.reply_count, page.sequence, row.item_id)
        for row in parsed.rows
        if isinstance(row, ItemRow) and row.kind is not ItemKind.REPOST and row.reply_count is not None
    ]
    return parsed._replace(rows=[], declared=declared)


parse_official_posts = partial(
    parse_by_purpose,
    readers={Purpose.ACCOUNT: parse_profile, Purpose.POSTS: _parse_posts, Purpose.HISTORY: _parse_history},
)
parse_public_comments = partial(
    parse_by_purpose,
    readers={Purpose.ACCOUNT: check_account, Purpose.POSTS: _declare_replies, Purpose.THREAD: _parse_replies},
)
parse_subscriber_lists = partial(
    parse_by_purpose,
    readers={Purpose.ACCOUNT: declare_followers, Purpose.SUBSCRIBERS: parse_followers},
)
