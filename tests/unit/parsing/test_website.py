from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.records.agency import Platform
from muniment.records.page import Purpose
from muniment.records.rows import ItemKind, ItemRow, MediaRef, ParsedPage
from muniment.records.series import OFFICIAL_POSTS
from tests.unit.parsing.pages import account_of, page_of, parse

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>News</title><link>https://city.example</link><language>en-us</language>
<item><title>Snow &amp; ice</title><link>/news/1</link><guid isPermaLink="false">n-1</guid>
<pubDate>Sat, 21 Nov 2026 10:00:00 PST</pubDate><dc:creator>Public Works</dc:creator><description>short</description>
<content:encoded><![CDATA[<p>Move cars. <a href="/map">Map</a></p><p>Thanks.
<img src="/i.png" alt="Plow"><script>x()</script></p>]]></content:encoded>
<enclosure url="https://city.example/a.mp3" type="audio/mpeg" length="1"/></item>
<item><title>No date</title><description>Plain</description></item>
</channel></rss>
"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es">
<title>N</title><id>f</id><updated>2026-11-21T00:00:00Z</updated>
<entry><id>urn:1</id><title>Uno</title><link href="https://city.example/1"/><published>2026-11-20T10:00:00-08:00</published>
<updated>2026-11-20T12:00:00-08:00</updated><content type="text">a &lt; b</content></entry></feed>
"""


def read(body: bytes | str, content_type: str = "application/rss+xml; charset=utf-8", **headers: str) -> ParsedPage:
    page = page_of(
        body.encode() if isinstance(body, str) else body,
        Purpose.FEED,
        headers={"Content-Type": content_type} | headers,
        url="https://city.example/news.rss",
    )
    account = account_of(Platform.WEBSITE, address="https://city.example/news")
    return parse(page, Platform.WEBSITE, OFFICIAL_POSTS, account=account)


def rows(parsed: ParsedPage) -> list[ItemRow]:
    return [row for row in parsed.rows if isinstance(row, ItemRow)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "expected RSS or Atom, found nothing"),
        (b"  ", "expected RSS or Atom, found nothing"),
        (b"<html><body>Maintenance</body></html>", "expected RSS or Atom, found other markup"),
        (b'{"items":[]}', "expected RSS or Atom, found"),
        (b"/etc/passwd", "expected RSS or Atom, found"),
        (RSS[:200], "expected a whole feed, found it cut off after 200 bytes"),
    ],
)
def test_what_is_no_feed_is_a_fault_that_says_what_it_is(body: bytes | str, message: str) -> None:
    parsed = read(body)

    assert parsed.rows == []
    assert [fault.code for fault in parsed.faults] == ["G001"]
    assert message in parsed.faults[0].detail


def test_a_body_that_names_a_file_is_not_taken_for_that_file(tmp_path: Path) -> None:
    (tmp_path / "feed.rss").write_text(RSS)

    assert read(str(tmp_path / "feed.rss")).rows == []


def test_a_feed_cut_off_after_some_entries_keeps_them_and_is_a_fault() -> None:
    body = RSS[: RSS.index("</channel>")]

    parsed = read(body)

    assert rows(parsed)[0].item_id == "n-1"
    assert [fault.code for fault in parsed.faults] == ["G001"]
    assert "cut off" in parsed.faults[0].detail


def test_a_feed_that_breaks_xmls_rules_and_can_be_read_is_noted_with_its_line() -> None:
    parsed = read(RSS.replace("&amp;", "&"))

    assert rows(parsed)[0].item_id == "n-1"
    assert [fault.code for fault in parsed.faults] == ["G006"]
    assert parsed.faults[0].detail.startswith("feed page: expected well-formed XML, found")
    assert "line 4" in parsed.faults[0].detail


def test_an_empty_feed_is_an_empty_feed() -> None:
    assert read('<rss version="2.0"><channel><title>News</title></channel></rss>') == ParsedPage(
        [], [], frozenset(), []
    )


def test_an_article_says_what_its_entry_says() -> None:
    first, second = rows(read(RSS))

    assert first._replace(raw=b"") == ItemRow(
        item_id="n-1",
        kind=ItemKind.ARTICLE,
        url="https://city.example/news/1",
        author_id="https://city.example/news",
        author_handle=None,
        author_name="Public Works",
        published_at=datetime(2026, 11, 21, 18, tzinfo=UTC),
        published_text="Sat, 21 Nov 2026 10:00:00 PST",
        edited_at=None,
        language="en-us",
        text="Snow & ice\n\nMove cars. Map\n\nThanks.",
        reply_parent_id=None,
        reply_root_id=None,
        visibility=first.visibility,
        links=["https://city.example/news/1", "https://city.example/map"],
        media=[
            MediaRef("https://city.example/i.png", "https://city.example/i.png", "image", "Plow"),
            MediaRef("https://city.example/a.mp3", "https://city.example/a.mp3", "audio", None),
        ],
        versions=[],
        like_count=None,
        repost_count=None,
        reply_count=None,
        quote_count=None,
        page=7,
        raw=b"",
    )
    assert json.loads(first.raw)["title"] == "Snow & ice"
    assert (second.item_id, second.published_at, second.published_text) == ("", None, None)


def test_an_atom_entry_tells_its_edit() -> None:
    [row] = rows(read(ATOM, "application/atom+xml"))

    assert (row.item_id, row.text, row.language) == ("urn:1", "Uno\n\na < b", "es")
    assert row.published_at == datetime(2026, 11, 20, 18, tzinfo=UTC)
    assert row.edited_at == datetime(2026, 11, 20, 20, tzinfo=UTC)


def test_an_entry_that_tells_one_time_alone_was_published_then_and_not_edited() -> None:
    [row] = rows(read(ATOM.replace("<published>2026-11-20T10:00:00-08:00</published>", ""), "application/atom+xml"))

    assert row.published_text == "2026-11-20T12:00:00-08:00"
    assert row.edited_at is None


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_feed_is_read_in_its_own_encoding(encoding: str, coding: str) -> None:
    body = RSS.replace("UTF-8", encoding).replace("Public Works", "Café").encode(encoding)
    body = gzip.compress(body) if coding == "gzip" else body

    parsed = read(body, "application/rss+xml", **{"Content-Encoding": coding})

    assert rows(parsed)[0].author_name == "Café"
    assert parsed.faults == []


@given(st.one_of(st.binary(max_size=200), st.text("<>/&;![]CDATArssitem'\"= x?-", max_size=120).map(str.encode)))
def test_no_bytes_make_the_feed_reader_raise(body: bytes) -> None:
    read(body)
    read(RSS[:700].encode() + body)
