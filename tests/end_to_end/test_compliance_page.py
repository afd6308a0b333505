"""The compliance report's page in a real browser: it reads, runs nothing, fetches nothing and prints to PDF."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from muniment.workflows.compliance.page import render_page
from tests.unit.workflows.test_compliance import busy

pytestmark = [pytest.mark.real]

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
HEADINGS = [
    "Captures",
    "Gaps",
    "Exposure",
    "Changes by kind",
    "Removals",
    "Moderation by ground and reviewer",
    "Removals against the ledger",
    "Policy status, clause by clause",
    "Findings and their age",
    "Trusted-system scorecard",
    "Provisions that pull apart",
    "To check this report",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None and os.environ.get("MUNIMENT_REQUIRE_REAL") != "1":
        pytest.skip("needs Chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield found
        found.close()


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, tmp_path: Path, asked: list[str]) -> Iterator[Page]:
    report = tmp_path / "report.html"
    report.write_text(render_page(busy()), "utf-8")
    found = browser.new_page(viewport={"width": 1100, "height": 1400})
    found.on("request", lambda request: asked.append(request.url))
    found.goto(report.as_uri())
    yield found
    found.close()


def test_the_page_reads_in_a_browser_and_asks_for_nothing_else(page: Page, asked: list[str]) -> None:
    assert asked == [page.url]
    assert page.title() == "Compliance report: City of Claremont (demonstration), November 2026"
    assert page.locator("h2").all_inner_texts() == HEADINGS
    assert page.locator("figure svg[role=img]").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_each_plot_says_in_words_what_it_shows(page: Page) -> None:
    described = page.locator("figure svg").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-labelledby').split(' ')"
        ".map(id => document.getElementById(id).textContent))"
    )

    assert [len(words) for words in described] == [2, 2, 2]
    assert described[0][0] == "Captures due and made, 2026-11"
    assert described[2][1] == "C7-i: 2, C7-ii: 1, no ground stated: 1"


def test_it_prints_to_pdf_with_its_headings_on_more_than_one_page(page: Page, tmp_path: Path) -> None:
    printed = page.pdf(format="Letter", print_background=True, outline=True, tagged=True)

    assert printed.startswith(b"%PDF-")
    pages = re.findall(rb"/Type\s*/Page\b", printed)
    assert len(pages) > 1
    # The outline that a browser makes of headings stands in the file as it is printed.
    titles = b" ".join(re.findall(rb"/Title\s*\(([^)]*)\)", printed)).decode("latin-1")
    assert [heading for heading in HEADINGS if heading not in titles] == []
