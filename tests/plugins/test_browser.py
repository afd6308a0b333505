"""Signing in with a real browser, as the people of a city do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

pytestmark = [pytest.mark.real, pytest.mark.airflow]

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


def sign_in(browser: Browser, running, user: str, password: str | None = None) -> Page:
    page = browser.new_context().new_page()
    page.goto(running.airflow.address)
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", password or running.airflow.password(user))
    page.click("input[type=submit], button[type=submit]")
    page.wait_for_load_state("networkidle")
    return page


def test_a_wrong_password_is_turned_away(browser, running, users):
    page = sign_in(browser, running, "clerk", "not the password")

    assert page.locator("input[name=password]").is_visible()


def test_scripts_of_a_page_cannot_read_the_session(browser, running, users):
    page = sign_in(browser, running, "clerk")

    names = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert "_token" in names
    assert all(cookie["httpOnly"] for cookie in names.values())
    assert "_token" not in page.evaluate("document.cookie")


def test_a_clerk_sees_the_captures_and_cannot_open_their_code(browser, running, users):
    page = sign_in(browser, running, "clerk")
    with page.expect_response(lambda reply: "/dagSources/" in reply.url) as refused:
        page.goto(f"{running.airflow.address}/dags/snapshot_claremont/code")

    assert page.get_by_text("snapshot_claremont").first.is_visible()
    assert refused.value.status == 403


def test_an_operator_reads_the_runbook_beside_the_dag(browser, running, users):
    page = sign_in(browser, running, "operator")
    page.goto(f"{running.airflow.address}/dags/snapshot_claremont", wait_until="networkidle")
    page.get_by_role("button", name="Dag Docs").first.click()  # not the menu's own documentation

    page.get_by_text("Snapshot an agency's accounts").first.wait_for()
