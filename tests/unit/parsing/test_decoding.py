from __future__ import annotations

import gzip
import json
import zlib

import msgspec
import pytest

from muniment.errors import ParseError
from muniment.parsing.decoding import decode_body, decode_json, decode_list, decode_text, decode_whole
from muniment.records.page import Purpose
from tests.unit.parsing.pages import JSON, page_of

ITEMS = b'[{"id":"1"},{"id":"2"}]'


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)  # a time in it would give each process of the tests other names


def with_coding(body: bytes, coding: str) -> bytes:
    return decode_body(page_of(body, Purpose.POSTS, headers={"content-encoding": coding}))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "expected JSON, found nothing"),
        (b" \r\n ", "expected JSON, found nothing"),
        (b"<!DOCTYPE html><title>Sign in</title>", "expected JSON, found HTML or XML"),
        (ITEMS[:-8], "expected whole JSON, found it cut off after 15 bytes"),
        (b'{"error":"rate limited"}', "expected array, found object"),
        (b"[1,]", "expected JSON, found text that is not"),
        (b"\xff\xfe[\x00]\x00", "expected utf-8 text, found bytes that are not"),
        (b'["\xff"]', "expected utf-8 text, found bytes that are not"),
        (b"[" * 100_000, "nested too deep to read"),
    ],
)
def test_what_is_not_whole_json_of_the_shape_is_named(body: bytes, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        decode_list(page_of(body, Purpose.POSTS))


def test_a_fault_of_shape_names_the_field_and_not_its_value() -> None:
    class Item(msgspec.Struct):
        number: int

    page = page_of(b'{"number":"Maria Secret"}', Purpose.POSTS)

    with pytest.raises(ParseError) as caught:
        decode_json(page, msgspec.json.Decoder(Item))

    assert "number" in str(caught.value)
    assert "Maria" not in str(caught.value)


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br"])
def test_a_content_coding_that_nobody_asked_for_is_named(coding: str) -> None:
    with pytest.raises(ParseError, match="expected content coding identity, gzip or deflate, found another"):
        with_coding(ITEMS, coding)


@pytest.mark.parametrize("body", [packed(ITEMS)[:-5], packed(ITEMS)[:12], ITEMS, packed(ITEMS) + b"x"])
def test_a_damaged_compressed_body_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="content coding"):
        with_coding(body, "gzip")


def test_a_small_body_that_unpacks_to_too_much_is_refused() -> None:
    page = page_of(packed(b" " * 100_000), Purpose.POSTS, headers={"content-encoding": "gzip"})

    with pytest.raises(ParseError, match="at most 99999 bytes unpacked"):
        decode_body(page, limit=99_999)

    assert len(decode_body(page, limit=100_000)) == 100_000


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (ITEMS, "identity"),
        (ITEMS, ""),
        (packed(ITEMS), "gzip"),
        (packed(ITEMS), "X-GZIP"),
        (packed(ITEMS[:5]) + packed(ITEMS[5:]), "gzip"),
        (zlib.compress(ITEMS), "deflate"),
        (packed(packed(ITEMS)), "gzip, gzip"),
    ],
)
def test_content_codings_are_undone(body: bytes, coding: str) -> None:
    assert with_coding(body, coding) == ITEMS


def test_a_byte_order_mark_is_no_part_of_the_json() -> None:
    assert [bytes(raw) for raw in decode_list(page_of(b"\xef\xbb\xbf" + ITEMS, Purpose.POSTS))] == [
        b'{"id":"1"}',
        b'{"id":"2"}',
    ]


def test_json_in_another_charset_is_read_by_its_header() -> None:
    page = page_of(
        '{"a":"ñ"}'.encode("latin-1"), Purpose.POSTS, headers={"Content-Type": "application/json; charset=ISO-8859-1"}
    )

    assert json.loads(bytes(decode_whole(page))) == {"a": "ñ"}


@pytest.mark.parametrize("charset", ["klingon", "base64", "hex", "undefined", "utf-16"])
def test_a_charset_that_is_none_or_not_that_of_the_body_is_refused(charset: str) -> None:
    with pytest.raises(ParseError):
        decode_text(page_of(b'{"a":1}', Purpose.POSTS, headers={"Content-Type": JSON.replace("utf-8", charset)}))


def test_the_items_are_the_very_bytes_of_the_page() -> None:
    page = page_of(b'[ {"id" : "1" ,"x":1.0} ]', Purpose.POSTS)

    assert [bytes(raw) for raw in decode_list(page)] == [b'{"id" : "1" ,"x":1.0}']
