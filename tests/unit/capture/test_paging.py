import gzip

import httpx
import pytest

from muniment.capture.exchange import Limits
from muniment.capture.paging import fetch_listing
from muniment.capture.polite_client import PoliteClient
from muniment.capture.reading import next_link_or_none, read_json
from muniment.errors import MalformedReplyError, PagingError
from muniment.records.page import Gap, GapReason, Page, Purpose
from tests.unit.capture.doubles import HOME, answering, client_of, raw_reply

URL = f"{HOME}/followers"


def by_link(page: Page) -> str | None:
    read_json(page, list[int])
    return next_link_or_none(page)


def linked(target: str, body: bytes = b"[1]") -> httpx.Response:
    return raw_reply(body=body, headers=[("Link", f'<{target}>; rel="next", <{URL}?min_id=9>; rel="prev"')])


def listing(client: PoliteClient) -> list[Page | Gap]:
    return list(fetch_listing(client, URL, {"limit": "2"}, purpose=Purpose.SUBSCRIBERS, next_of=by_link))


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/followers",
        "https://social.example.elsewhere.example/followers",
        "https://social.example:8443/followers",
        "http://social.example/followers",
        "//elsewhere.example/followers",
        "https://social.example@elsewhere.example/followers",
        "javascript:alert(1)",
    ],
)
def test_paging_never_leads_to_another_scheme_host_or_port(target: str) -> None:
    with pytest.raises(PagingError, match="expected the same scheme, host and port"):
        listing(client_of(answering(linked(target))))


def test_a_list_that_comes_back_to_a_page_is_a_loop() -> None:
    answers = answering(linked(f"{URL}?max_id=2"), linked(f"{URL}?max_id=1", b"[2]"), linked(f"{URL}?max_id=2", b"[3]"))

    with pytest.raises(PagingError, match="found one that was fetched already"):
        listing(client_of(answers))


def test_a_list_whose_next_page_is_itself_is_a_loop() -> None:
    with pytest.raises(PagingError, match="found one that was fetched already"):
        listing(client_of(answering(linked(f"{URL}?a=1"), linked(f"{URL}?a=1", b"[2]"))))


def test_a_list_that_repeats_its_bytes_under_new_addresses_is_a_loop() -> None:
    answers = answering(*(linked(f"{URL}?max_id={number}") for number in range(9)))

    with pytest.raises(PagingError, match="found the same bytes 3 times"):
        listing(client_of(answers))


def test_a_page_that_comes_twice_by_chance_is_kept_twice() -> None:
    answers = answering(linked(f"{URL}?max_id=2"), linked(f"{URL}?max_id=1"), raw_reply(body=b"[]"))

    assert len(listing(client_of(answers))) == 3


def test_a_list_without_an_end_is_stopped() -> None:
    answers = answering(*(linked(f"{URL}?max_id={number}", b"[%d]" % number) for number in range(4)))

    with pytest.raises(PagingError, match="expected at most 4 pages"):
        listing(client_of(answers, limits=Limits(pages=4)))


@pytest.mark.parametrize(
    "body", [b"<html><title>Sign in</title></html>", b'[{"id": 1}, {"id', b"{}", b"\xff\xfe[", b"[\x00]"]
)
def test_a_page_that_cannot_be_read_is_kept_and_followed_by_its_gap(body: bytes) -> None:
    found = listing(client_of(answering(raw_reply(body=body))))

    assert isinstance(found[0], Page)
    assert found[0].body == body
    assert isinstance(found[1], Gap)
    assert (found[1].reason, found[1].purpose) == (GapReason.UNREADABLE, Purpose.SUBSCRIBERS)
    assert found[1].detail.startswith("subscribers page 0: expected JSON, found ")
    assert len(found) == 2


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip"])
def test_content_that_cannot_be_decoded_is_kept_and_followed_by_its_gap(encoding: str) -> None:
    page, gap = listing(client_of(answering(raw_reply(body=b"[1]", headers=[("Content-Encoding", encoding)]))))

    assert isinstance(page, Page)
    assert isinstance(gap, Gap)
    assert gap.reason == GapReason.UNREADABLE


def test_encoded_content_that_breaks_off_after_its_last_word_is_not_whole() -> None:
    body = gzip.compress(b"[]")[:-8]  # without the checksum that ends it (RFC 1952 section 2.3.1)

    page, gap = listing(client_of(answering(raw_reply(body=body, headers=[("Content-Encoding", "gzip")]))))

    assert isinstance(page, Page)
    assert isinstance(gap, Gap)
    assert gap.detail == "subscribers page 0: expected whole gzip content, found otherwise"


def test_encoded_content_is_read_for_its_cursor_and_kept_encoded() -> None:
    body = gzip.compress(b"[]")

    (page,) = listing(client_of(answering(raw_reply(body=body, headers=[("Content-Encoding", "gzip")]))))

    assert isinstance(page, Page)
    assert page.body == body


def test_a_failure_on_a_later_page_fails_the_whole_capture() -> None:
    with pytest.raises(MalformedReplyError, match="answered 400"):
        listing(client_of(answering(linked(f"{URL}?max_id=2"), raw_reply(400, b'{"error":"ExpiredCursor"}'))))


@pytest.mark.parametrize(
    ("link", "following"),
    [
        (f'<{URL}?max_id=7>; rel="next"', f"{URL}?max_id=7"),
        (f'<{URL}?min_id=9>; rel="prev", <{URL}?max_id=7>; rel=next', f"{URL}?max_id=7"),
        (f'<{URL}?max_id=7>; title="a, b"; rel="last next"', f"{URL}?max_id=7"),
        ("</followers?max_id=7>; rel=next", f"{URL}?max_id=7"),
        (f'<{URL}?max_id=7>; rel="prev"', None),
        (f'<{URL}?max_id=7>; rel="nextish"', None),
        (f'<{URL}?max_id=7>; title="rel=next"', None),
        ("", None),
    ],
)
def test_the_next_link_is_read_as_rfc_8288_spells_it(link: str, following: str | None) -> None:
    page = client_of(answering(raw_reply(headers=[("link", link)]))).fetch(URL, purpose=Purpose.POSTS)

    assert next_link_or_none(page) == following
