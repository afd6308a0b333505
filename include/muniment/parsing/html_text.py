"""HTML as plain text, with what it links to and the images it shows.

A paragraph starts after an empty line, a break is a line end, and nothing that is there to be
read is dropped: Mastodon hides the ends of long addresses with CSS, and they stay in the text.
Three ways, one result: no markup; the few tags that Mastodon writes; the standard library's parser.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple

from muniment.errors import ParseError

_TAG = re.compile(r"<([^<>]*)>")
_SIMPLE_TAG = re.compile(r'(?P<name>/?(?:p|br|a|span))(?: [a-z]+="[^"<>&]*")*(?: ?/)?')
_SIMPLE_MEANING = {"p": "\n\n", "br": "\n"}
_HREF = re.compile(r' href="([^"]+)"')
_TEXT_BLOCKS = ("p", "div", "blockquote", "ul", "ol", "dl", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr")
_PARAGRAPHS = frozenset((*_TEXT_BLOCKS, "table", "figure", "section", "article", "header", "footer"))
_LINES = frozenset(("br", "li", "tr", "dt", "dd"))
_UNREAD = frozenset(("script", "style", "template"))


class HtmlText(NamedTuple):
    """What a piece of HTML says. `images` are (src, alt) in order."""

    text: str
    links: list[str]
    images: list[tuple[str, str | None]]


def read_html(html: str) -> HtmlText:
    """Read *html*.

    Raises:
        ParseError: the standard library's parser refuses it.
    """
    if html.startswith("<p>") and html.endswith("</p>"):
        inner = html[3:-4]
        if "<" not in inner and "&" not in inner:
            return HtmlText(inner.strip(), [], [])
    return _read_simple_or_none(html) or _read_any(html)


def _read_simple_or_none(html: str) -> HtmlText | None:
    whole = html.removesuffix("</p>")
    end = whole.rfind(">") + 1
    # Most of those who answer begin alike, with a mention, and go on without a tag.
    start, rest = _read_tagged_or_none(whole[:end]), whole[end:]
    if start is None or "<" in rest:
        return None
    text, links = start
    text += unescape(rest) if "&" in rest else rest
    return HtmlText(text.strip(), _once(links), [])


@lru_cache(maxsize=1024)
def _read_tagged_or_none(html: str) -> tuple[str, list[str]] | None:
    pieces = _TAG.split(html)  # text, tag, text, tag, ..., text
    links: list[str] = []
    for place in range(1, len(pieces), 2):
        meaning = _read_tag_or_none(pieces[place])
        if meaning is None:
            return None
        pieces[place], link = meaning
        if link is not None:
            links.append(link)
    text = "".join(pieces)
    if "<" in text:
        return None
    if "&" in text:
        # Piece by piece: an ampersand and what follows a tag make no character together.
        text = "".join(map(unescape, pieces))
    return text, links


@lru_cache(maxsize=1024)
def _read_tag_or_none(tag: str) -> tuple[str, str | None] | None:
    """Return what a tag that Mastodon writes puts into the text, and what it links to; None for any other."""
    match = _SIMPLE_TAG.fullmatch(tag)
    if match is None:
        return None
    href = _HREF.search(tag) if match["name"] == "a" else None
    # Nothing comes before the first paragraph: what is empty there is stripped.
    return _SIMPLE_MEANING.get(match["name"], ""), href and href[1]


def _read_any(html: str) -> HtmlText:
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, RecursionError):  # html.parser asserts on some broken declarations
        raise ParseError("HTML: expected markup, found a broken declaration") from None
    return HtmlText("".join(reader.parts).strip(), _once(reader.links), reader.images)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self.images: list[tuple[str, str | None]] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread += 1
        elif tag in _PARAGRAPHS and self.parts:
            self.parts.append("\n\n")
        elif tag in _LINES:
            self.parts.append("\n")
        elif tag == "a" and (href := dict(attrs).get("href")):
            self.links.append(href)
        elif tag == "img" and (source := dict(attrs).get("src")):
            self.images.append((source, dict(attrs).get("alt")))

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD and self._unread:
            self._unread -= 1

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.parts.append(data)


def _once(links: list[str]) -> list[str]:
    return list(dict.fromkeys(links)) if len(links) > 1 else links
