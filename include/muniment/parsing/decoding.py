"""The body of a page as text or JSON. What is not whole and good is a ParseError without its content.

Content codings: RFC 9110 section 8.4.1. JSON is UTF-8: RFC 8259 section 8.1.
"""

from __future__ import annotations

import codecs
import zlib
from email.message import Message
from typing import TypeVar

import msgspec

from muniment.errors import ParseError
from muniment.records.page import Page

MAX_DECODED_BYTES = 512 * 1024 * 1024  # a small answer must not unpack to all of a worker's memory

_T = TypeVar("_T")
_ITEMS: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])
_WHOLE: msgspec.json.Decoder[msgspec.Raw] = msgspec.json.Decoder(msgspec.Raw)
_GZIP, _ZLIB = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS


def decode_body(page: Page, *, limit: int = MAX_DECODED_BYTES) -> bytes:
    """Undo the content codings of *page*.

    Raises:
        ParseError: a coding is unknown, the coded body is damaged, or it unpacks past *limit* bytes.
    """
    body = page.body
    codings = [coding.strip().lower() for coding in (page.header("content-encoding") or "").split(",")]
    for coding in reversed(codings):
        if coding in {"", "identity"}:
            continue
        if coding in {"gzip", "x-gzip"}:
            body = _inflate(body, _GZIP, limit)
        elif coding == "deflate":
            body = _inflate(body, _ZLIB, limit)
        else:
            raise ParseError(f"{page.purpose} page: expected content coding identity, gzip or deflate, found another")
    return body


def decode_text(page: Page) -> bytes:
    """Return the body of *page* as UTF-8 without byte order mark.

    Raises:
        ParseError: the body cannot be unpacked, or is not in the charset it names.
    """
    body = decode_body(page).removeprefix(codecs.BOM_UTF8)
    charset = _charset(page)
    if charset == "utf-8" and body.isascii():
        return body
    try:
        text = body.decode(charset)
    except LookupError:
        raise ParseError(f"{page.purpose} page: expected a known charset, found another") from None
    except UnicodeError:
        raise ParseError(f"{page.purpose} page: expected {charset} text, found bytes that are not") from None
    return body if charset == "utf-8" else text.encode("utf-8", "replace")


def decode_json(page: Page, decoder: msgspec.json.Decoder[_T]) -> _T:
    """Return the body of *page* as *decoder* understands it.

    Raises:
        ParseError: the body is no JSON, not all of it, or not of the expected shape.
    """
    body = decode_text(page)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise ParseError(f"{page.purpose} page: {shape_fault(error)}") from None
    except msgspec.DecodeError as error:
        raise ParseError(f"{page.purpose} page: {_json_fault(body, error)}") from None
    except RecursionError:
        raise ParseError(f"{page.purpose} page: expected JSON, found it nested too deep to read") from None


def decode_list(page: Page) -> list[msgspec.Raw]:
    """Return the items of a *page* that is one JSON array, each still as its bytes.

    Raises:
        ParseError: see `decode_json`.
    """
    return decode_json(page, _ITEMS)


def decode_whole(page: Page) -> msgspec.Raw:
    """Return a *page* that is one JSON value as its bytes, checked to be JSON.

    Raises:
        ParseError: see `decode_json`.
    """
    return decode_json(page, _WHOLE)


def shape_fault(error: msgspec.ValidationError) -> str:
    """Say what *error* says, in our words: the field's place and type, nothing of its value."""
    text = str(error).replace("`", "")
    return (
        text.replace(", got ", ", found ").replace("Expected", "expected").replace("Object missing", "object missing")
    )


def _json_fault(body: bytes, error: msgspec.DecodeError) -> str:
    head = body.lstrip()[:1]
    if not head:
        return "expected JSON, found nothing"
    if head == b"<":
        return "expected JSON, found HTML or XML"
    if "truncated" in str(error):
        return f"expected whole JSON, found it cut off after {len(body)} bytes"
    return f"expected JSON, found text that is not ({str(error).rpartition(': ')[2].replace('`', '')})"


def _charset(page: Page) -> str:
    header = Message()
    header["content-type"] = (page.header("content-type") or "").replace("\r", " ").replace("\n", " ")
    named = header.get_param("charset")
    charset = named.strip().lower() if isinstance(named, str) else ""
    return "utf-8" if charset in {"", "utf8", "utf-8", "us-ascii"} else charset


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    whole = bytearray()
    rest = body
    while rest:
        unpacker = zlib.decompressobj(window)
        try:
            whole += unpacker.decompress(rest, limit - len(whole) + 1)
        except zlib.error:
            raise ParseError("content coding: expected a compressed body, found a damaged one") from None
        if len(whole) > limit:
            raise ParseError(f"content coding: expected at most {limit} bytes unpacked, found more")
        if not unpacker.eof:
            raise ParseError(f"content coding: expected a whole compressed body, found {len(body)} bytes cut off")
        rest = unpacker.unused_data  # RFC 1952 section 2.2: gzip members may follow one another
    return bytes(whole)
