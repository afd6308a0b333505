"""A watched page as rows: one for its whole text, one for the words that surround it, and one for each clause.

The whole text has the id ``*``, its surroundings ``+``; a clause has its label. What is no text of the web (a PDF) is
kept as it came, and its row says so: that its text was not read is a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from muniment.errors import ParseError
from muniment.evidence.digest import sha256_hex
from muniment.parsing.clauses import normalise, read_clauses, split_plain
from muniment.parsing.context import ParseContext, parse_by_purpose
from muniment.parsing.decoding import decode_body
from muniment.parsing.page_blocks import PageBlocks, read_blocks
from muniment.records.canonical import canonical_json
from muniment.records.page import Page, Purpose
from muniment.records.rows import SURROUNDINGS, WHOLE_PAGE, ItemKind, ItemRow, PageFault, ParsedPage, Visibility

_HTML = frozenset(("text/html", "application/xhtml+xml"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 1024  # within which HTML names its charset: section 4.2.5.4 of the standard


def _parse_web_page(page: Page, context: ParseContext) -> ParsedPage:
    body = decode_body(page)
    kind = _media_type(page, body)
    if kind in _HTML:
        found = read_blocks(_decode(page, body))
    elif kind == "text/plain":
        found = PageBlocks(split_plain(_decode(page, body)), ())
    else:
        return _keep_unread(page, context, body, kind)
    if not found.blocks:
        raise ParseError(f"web page: expected words, found none in {len(body)} bytes of {kind}")
    rows = [_row(page, context, WHOLE_PAGE, _lines(block.text for block in found.blocks), found.links)]
    if found.surroundings:
        rows.append(_row(page, context, SURROUNDINGS, _lines(found.surroundings)))
    rows += [_row(page, context, clause.label, clause.text) for clause in read_clauses(found.blocks)]
    return ParsedPage(list(rows), [], frozenset(), [])


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(filter(None, map(normalise, texts)))


def _keep_unread(page: Page, context: ParseContext, body: bytes, kind: str) -> ParsedPage:
    said = f"{kind}, text not read, SHA-256 {sha256_hex(body)}"
    fault = PageFault(page.sequence, "G004", f"web page: expected HTML or plain text, found {kind}: text not read")
    return ParsedPage([_row(page, context, WHOLE_PAGE, said)], [], frozenset(), [fault])


def _row(page: Page, context: ParseContext, label: str, text: str, links: Iterable[str] = ()) -> ItemRow:
    return ItemRow(
        item_id=label,
        kind=ItemKind.ARTICLE,
        url=context.account.address,
        author_id=context.account.address,
        author_handle=None,
        author_name=None,
        published_at=None,
        published_text=None,
        edited_at=None,
        language=None,
        text=text,
        reply_parent_id=None,
        reply_root_id=None,
        visibility=Visibility.PUBLIC,
        links=list(links),
        media=[],
        versions=[],
        like_count=None,
        repost_count=None,
        reply_count=None,
        quote_count=None,
        page=page.sequence,
        raw=canonical_json({"label": label, "text": text}),
    )


def _media_type(page: Page, body: bytes) -> str:
    named = (page.header("content-type") or "").partition(";")[0].strip().lower()
    if body.startswith(b"%PDF-"):
        return "application/pdf"
    if named in _HTML or named == "text/plain" or re.fullmatch(r"[a-z]+/[a-z0-9.+-]{1,80}", named):
        return named
    return "text/html" if b"<" in body[:_HEAD_BYTES] else "text/plain"


def _decode(page: Page, body: bytes) -> str:
    """Decode by the charset that the answer or the page itself names, else as UTF-8, else as browsers do."""
    named = _CHARSET.search(page.header("content-type") or "")
    named = named or _CHARSET.search(body[:_HEAD_BYTES].decode("latin-1"))
    if named is None:
        try:
            return body.decode("utf-8-sig")
        except UnicodeDecodeError:
            return body.decode("cp1252", "replace")
    charset = "utf-8-sig" if named[1].lower() in {"utf-8", "utf8"} else named[1]
    try:
        return body.decode(charset)
    except (LookupError, ValueError):
        raise ParseError(f"web page: expected {named[1][:40]} text, found bytes that are not") from None


parse_policies = partial(parse_by_purpose, readers={Purpose.WEB_PAGE: _parse_web_page})
