"""The report's page in a real browser: it looks as it should, runs nothing, fetches nothing and prints to PDF."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from muniment.cli.verify_page import to_page
from tests.drill.archive import Archive

pytestmark = [pytest.mark.real]

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None and os.environ.get("MUNIMENT_REQUIRE_REAL") != "1":
        pytest.skip("needs Chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield found
        found.close()


def test_a_page_with_findings_reads_and_prints(browser: Browser, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    archive.flip(archive.manifests[0].objects[0].key)
    archive.log.put("records/<img src=x onerror=document.title='run'>.txt", b"x")
    report = tmp_path / "report.html"
    report.write_text(to_page(archive.verify(), place="a copy", made_at=datetime.now(UTC)), "utf-8")
    page = browser.new_page(viewport={"width": 900, "height": 1200})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(report.as_uri())

    assert asked == [report.as_uri()]
    assert page.title() == "Verification report: a copy"
    assert page.locator(".outcome").inner_text() == "2 finding(s)"
    assert page.get_by_text("V002").is_visible()
    # Nothing is wider than the page, long keys and hashes included.
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    printed = page.pdf(format="Letter", print_background=True)
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 10_000
