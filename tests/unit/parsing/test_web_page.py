from __future__ import annotations

import json
from hashlib import sha256

import pytest

from muniment.records.agency import Platform
from muniment.records.page import Purpose
from muniment.records.rows import SURROUNDINGS, WHOLE_PAGE, ParsedPage
from muniment.records.series import POLICIES
from tests.unit.parsing.pages import items, page_of, parse
from tests.unit.parsing.policy_pages import LABELS, clause_html, page_html, plain_text

HTML = "text/html; charset=utf-8"


def read(body: bytes, kind: str = HTML) -> ParsedPage:
    return parse(page_of(body, Purpose.WEB_PAGE, headers={"Content-Type": kind}), Platform.WEB_PAGE, POLICIES)


def test_a_page_gives_a_row_for_its_text_and_one_for_each_clause() -> None:
    rows = items(read(page_html(clause_html() + '<p><a href="/forms">Forms</a></p>').encode()))

    assert list(rows) == [WHOLE_PAGE, *LABELS]
    assert rows[WHOLE_PAGE].links == ["/forms"]
    assert rows["C.1"].text == "This policy is read again every year. Forms"
    assert rows["B.1"].links == []
    assert json.loads(rows["B.3 i"].raw) == {"label": "B.3 i", "text": "Rude"}


def test_the_words_around_a_page_are_a_row_of_their_own() -> None:
    page = page_html(clause_html(), after="<footer>Town Hall, <b>1</b> Main St</footer><script>x</script>")
    rows = items(read(page.encode()))

    assert rows[SURROUNDINGS].text == "Town Hall, 1 Main St"
    assert "Town Hall" not in (rows[WHOLE_PAGE].text or "")


def test_plain_text_is_read_too() -> None:
    assert set(LABELS) < set(items(read(plain_text().encode(), "text/plain")))


def test_a_pdf_is_kept_and_that_its_text_was_not_read_is_a_gap() -> None:
    body = b"%PDF-1.7 ..."
    parsed = read(body, "application/octet-stream")

    (row,) = items(parsed).values()
    assert row.item_id == WHOLE_PAGE
    assert sha256(body).hexdigest() in (row.text or "")
    assert [fault.code for fault in parsed.faults] == ["G004"]


@pytest.mark.parametrize("body", [b"<nav>News</nav>", b"<html></html>", b" "])
def test_a_page_without_words_is_a_fault(body: bytes) -> None:
    parsed = read(body)

    assert (parsed.rows, [fault.code for fault in parsed.faults]) == ([], ["G001"])


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<main><p>Señal</p></main>".encode("cp1252"), "text/html"),
        ("<main><p>Señal</p></main>".encode("cp1252"), "text/html; charset=windows-1252"),
        ('<meta charset="iso-8859-1"><main><p>Señal</p></main>'.encode("latin-1"), "text/html"),
        ("<main><p>Señal</p></main>".encode(), "text/html"),
    ],
)
def test_a_page_is_read_in_the_charset_that_it_is_written_in(body: bytes, kind: str) -> None:
    assert items(read(body, kind))[WHOLE_PAGE].text == "Señal"


def test_a_charset_that_is_not_that_of_the_bytes_is_a_fault() -> None:
    assert [fault.code for fault in read(b"<p>\xff\xfe</p>", HTML).faults] == ["G001"]
