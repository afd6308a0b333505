"""A website's news (RSS or Atom) as rows.

feedparser reads bytes that are already here: it fetches nothing, and cleans HTML as it does by
default. The raw item is what it read of the entry; the feed itself is sealed as it came. An
article's author is the website: who wrote it, the feed says or does not, in `author_name`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from xml.sax import SAXParseException

import feedparser

from muniment.errors import ParseError
from muniment.parsing.context import ParseContext, parse_by_purpose
from muniment.parsing.decoding import decode_body
from muniment.parsing.html_text import HtmlText, read_html
from muniment.parsing.times import feed_time_or_none
from muniment.records.page import Page, Purpose
from muniment.records.rows import ItemKind, ItemRow, MediaRef, PageFault, ParsedPage, Row, Visibility

_ENDS = (b"</rss>", b"</feed>", b"</rdf:RDF>")
_KINDS = ("image", "video", "audio")


def _parse_feed(page: Page, context: ParseContext) -> ParsedPage:
    body = decode_body(page)
    headers = {"content-type": page.header("content-type") or "", "content-location": page.url}
    # A stream, never the bytes themselves: feedparser would take bytes for the name of a file.
    feed = feedparser.parse(io.BytesIO(body), response_headers=headers)
    if not feed.get("version") and not feed.entries:
        raise ParseError(f"feed page: expected RSS or Atom, found {_wrong(feed, body)}")
    faults = list(_faults(feed, body, page.sequence))
    if faults and not feed.entries:
        raise ParseError(faults[0].detail)
    rows: list[Row] = []
    for number, entry in enumerate(feed.entries, start=1):
        try:
            rows.append(_row(entry, feed.feed.get("language"), context, page.sequence))
        except ParseError as error:
            faults.append(PageFault(page.sequence, "G001", f"feed page, item {number}: {error}"))
    return ParsedPage(rows, [], frozenset(), faults)


def _faults(feed: Any, body: bytes, page: int) -> Iterator[PageFault]:
    if not any(end in body.rstrip()[-64:] for end in _ends_in(feed.get("encoding") or "utf-8")):
        yield PageFault(page, "G001", f"feed page: expected a whole feed, found it cut off after {len(body)} bytes")
    elif feed.bozo:
        yield PageFault(page, "G006", f"feed page: expected well-formed XML, found {_wrong(feed, body)}")


def _ends_in(encoding: str) -> Iterator[bytes]:
    for end in _ENDS:
        yield end
        try:
            yield end.decode("ascii").encode(encoding)
        except LookupError:
            continue


def _wrong(feed: Any, body: bytes) -> str:
    error = feed.get("bozo_exception")
    if not body.strip():
        return "nothing"
    if isinstance(error, SAXParseException):
        return f"{error.getMessage()} in line {error.getLineNumber()}"  # expat's fixed words, none of the text
    return "other markup" if error is None else type(error).__name__


def _row(entry: Any, language: str | None, context: ParseContext, page: int) -> ItemRow:
    detail = next(iter(entry.get("content") or []), None) or entry.get("summary_detail") or {}
    is_plain = detail.get("type") == "text/plain"
    value = str(detail.get("value") or "")
    says = HtmlText(value.strip(), [], []) if is_plain else read_html(value)
    title = read_html(str(entry.get("title") or "")).text
    published, updated = _told(entry, "published"), _told(entry, "updated")
    link = entry.get("link") or None
    return ItemRow(
        item_id=entry.get("id") or link or "",
        kind=ItemKind.ARTICLE,
        url=link,
        author_id=context.account.address,
        author_handle=None,
        author_name=entry.get("author") or None,
        published_at=feed_time_or_none(published or updated),
        published_text=published or updated,
        edited_at=feed_time_or_none(updated) if published and updated != published else None,
        language=detail.get("language") or language or None,
        text="\n\n".join(part for part in (title, says.text) if part),
        reply_parent_id=None,
        reply_root_id=None,
        visibility=Visibility.PUBLIC,
        links=list(dict.fromkeys([*([link] if link else []), *says.links])),
        media=list(_media(entry, says)),
        versions=[],
        like_count=None,
        repost_count=None,
        reply_count=None,
        quote_count=None,
        page=page,
        raw=_raw(entry),
    )


def _told(entry: Any, name: str) -> str | None:
    # Asked for a time that is not there, feedparser answers with another one; `in` does not.
    return str(entry[name]) or None if name in entry else None


def _media(entry: Any, says: HtmlText) -> Iterator[MediaRef]:
    shown: list[tuple[str | None, str, str | None]] = [(source, "image", alt) for source, alt in says.images]
    shown += [(each.get("href"), each.get("type") or "", None) for each in entry.get("enclosures") or []]
    for each in entry.get("media_content") or []:
        shown.append((each.get("url"), each.get("type") or each.get("medium") or "", None))
    seen: set[str] = set()
    for url, type_, alt in shown:
        if url and url not in seen:
            seen.add(url)
            kind = type_.partition("/")[0]
            yield MediaRef(url, url, kind if kind in _KINDS else "file", alt)


def _raw(entry: Any) -> bytes:
    kept = {name: entry[name] for name in sorted(entry) if not name.endswith("_parsed")}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "replace")


parse_official_posts = partial(parse_by_purpose, readers={Purpose.FEED: _parse_feed})
