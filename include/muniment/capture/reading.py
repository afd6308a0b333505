"""Read from a page what a connector needs to go on: a cursor, an id. All other parsing comes after custody."""

from __future__ import annotations

import re
import zlib
from typing import TypeVar
from urllib.parse import urljoin

import msgspec

from muniment.errors import ParseError
from muniment.records.page import Page

_T = TypeVar("_T")
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's own way to name the two framings
_CONTENT_LIMIT = 256 << 20  # decoded bytes of one page
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_REL_NEXT = re.compile(r';\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\b)', re.IGNORECASE)


def read_json(page: Page, shape: type[_T]) -> _T:
    """Decode *page*'s JSON as *shape*, a msgspec structure of the fields that matter here.

    Raises:
        ParseError: the page is not JSON of that shape.
    """
    try:
        return msgspec.json.decode(content_of(page), type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # The decoder's message names types and places, and never a value.
        raise ParseError(f"{page.purpose} page {page.sequence}: expected JSON, found {error}") from None


def content_of(page: Page) -> bytes:
    """Return *page*'s content after undoing its Content-Encoding (RFC 9110 section 8.4).

    Raises:
        ParseError: the encoding is none we asked for or know, is broken, or hides too many bytes.
    """
    encoding = (page.header("content-encoding") or "identity").strip().lower()
    if encoding == "identity":
        return page.body
    if encoding not in _WINDOW_BITS:
        raise ParseError(f"{page.purpose} page {page.sequence}: expected no encoding, found {encoding[:20]!r}")
    decoder = zlib.decompressobj(wbits=_WINDOW_BITS[encoding])
    try:
        content = decoder.decompress(page.body, _CONTENT_LIMIT)
    except zlib.error:
        content = b""
    if not decoder.eof:
        raise ParseError(f"{page.purpose} page {page.sequence}: expected whole {encoding} content, found otherwise")
    return content


def next_link_or_none(page: Page) -> str | None:
    """Return the address of *page*'s ``Link`` header with ``rel="next"`` (RFC 8288), or None."""
    for name, value in page.response_headers:
        if name.lower() != "link":
            continue
        for target, parameters in _LINK.findall(value):
            if _REL_NEXT.search(parameters):
                return urljoin(page.url, str(target))
    return None
