from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ParseError
from muniment.parsing.html_text import _read_any, _read_simple_or_none, read_html
from tests.unit.growth import growth

MENTION = (
    '<p><span class="h-card" translate="no"><a href="https://city.example/@cityhall" class="u-url mention">@<span>'
    "cityhall</span></a></span> the plow &amp; the snow</p>"
)
LONG = (
    '<p>See <a href="https://city.example/a/long/way" rel="nofollow noopener" target="_blank"><span class="invisible">https://'
    '</span><span class="ellipsis">city.example/a/lo</span><span class="invisible">ng/way</span></a></p>'
)

_words = st.text(st.characters(exclude_characters="<>&", exclude_categories=["Cs", "Cc"]), max_size=8)
_simple = st.one_of(
    _words,
    st.sampled_from(["&amp;", "&lt;", "&#39;", "&nbsp;", "<br>", "<br />", "</p>", "<p>", "</a>", "<span>", "</span>"]),
    st.sampled_from(['<a href="https://city.example/?a=b" rel="tag">', '<span class="invisible">', "<a>"]),
)


@pytest.mark.parametrize(
    ("html", "text", "links"),
    [
        ("<p>Snow tonight.</p>", "Snow tonight.", []),
        ("", "", []),
        ("<p>One<br />two</p><p>three</p>", "One\ntwo\n\nthree", []),
        (MENTION, "@cityhall the plow & the snow", ["https://city.example/@cityhall"]),
        (LONG, "See https://city.example/a/long/way", ["https://city.example/a/long/way"]),
        ("<p>1 &lt; 2 &amp;&amp; 3</p>", "1 < 2 && 3", []),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo", []),
        ("<h1>News</h1><div>Text<script>alert(1)</script></div>", "News\n\nText", []),
        ('<p>a<a href="x&amp;y=1">b</a></p>', "ab", ["x&y=1"]),
        ('<p><a href="x">1</a><a href="x">2</a></p>', "12", ["x"]),
        ("no markup > at all", "no markup > at all", []),
        ("<p>&am<span>p; co</span></p>", "&amp; co", []),
        ("<!-- hidden -->shown", "shown", []),
    ],
)
def test_html_says(html: str, text: str, links: list[str]) -> None:
    says = read_html(html)

    assert (says.text.strip(), says.links) == (text, links)


def test_images_are_told_with_their_alternative_text() -> None:
    assert read_html('<p><img src="a.png" alt="map"><img src="b.png"></p>').images == [
        ("a.png", "map"),
        ("b.png", None),
    ]


@given(st.lists(_simple, max_size=12).map("".join))
def test_the_short_way_says_what_the_parser_says(html: str) -> None:
    short = _read_simple_or_none(html)

    assert short is not None
    assert short == _read_any(html)
    assert read_html(html) == short


@given(_words)
def test_a_single_paragraph_says_what_the_parser_says(text: str) -> None:
    assert read_html(f"<p>{text}</p>") == _read_any(f"<p>{text}</p>")


@given(st.text(st.one_of(st.characters(), st.sampled_from("<>&/!-[\"'=ap ;#")), max_size=60))
def test_no_markup_raises_anything_but_a_parse_error(html: str) -> None:
    with contextlib.suppress(ParseError):
        assert isinstance(read_html(html).text, str)


@pytest.mark.parametrize("piece", ["<p>", "<", "<p>&", '<a href="x">'])
def test_hostile_markup_costs_no_more_than_its_length(piece: str) -> None:
    def read(times: int) -> None:
        with contextlib.suppress(ParseError):
            read_html(piece * times)

    assert growth(read, 10_000, 160_000) < 4
