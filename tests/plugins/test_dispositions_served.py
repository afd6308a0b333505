"""The whole life of a volume: captured, sealed, cut off, due, proposed, approved by four people in a real browser,
destroyed in both copies, certified. An exercise, with periods of seconds."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import platform_simulator
from muniment.embedded import supervisor
from muniment.embedded.airflow_client import (
    RunState,
    SignedIn,
    read_run,
    start_run,
    wait_for_dag,
    wait_for_run,
)
from muniment.embedded.ports import Ports, pick_free_ports
from muniment.embedded.supervisor_plan import Options
from muniment.settings import read_settings
from muniment.workflows.clocks import list_due
from muniment.workflows.wiring import open_second, open_vault

pytestmark = [pytest.mark.real, pytest.mark.airflow]

AGENCY = "drill-city"
SNAPSHOT, COPY, APPLY, DISPOSE = (
    f"{name}_{AGENCY}" for name in ("snapshot", "copy_vault", "apply_retention", "dispose_records")
)
STEPS = {
    "department-head": "department_head",
    "city-clerk": "clerk",
    "city-attorney": "counsel",
    "city-council": "council",
}
PAPERS = {"city-attorney": "Written consent 26-114.\n", "city-council": "Resolution 2026-40.\n"}
NO_EXCLUSION = {f"gc-34090-{letter}": "no" for letter in "abcde"}
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
ROOT = Path(__file__).resolve().parents[2]
SETTLE_S = 3  # an answer in the very moment of parking can fail the task: the scheduler still counts it as running


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[supervisor.Running]:
    """The embedded default with the drill city alone, and the simulator as its website."""
    agencies = tmp_path_factory.mktemp("agencies")
    shutil.copytree(ROOT / "tests" / "agencies" / AGENCY, agencies / AGENCY)
    home = tmp_path_factory.mktemp("embedded-drill")
    settings = read_settings({"MUNIMENT_HOME": str(home), "MUNIMENT_AGENCIES": str(agencies)})
    names = Ports().named()
    ports = Ports(**dict(zip(names, pick_free_ports(len(names)), strict=True)))
    scenario = Path(platform_simulator.__file__).parent / "scenarios" / "claremont.yaml"
    before = dict(os.environ)
    try:
        running = supervisor.start(settings, Options(ports=ports, scenario=scenario, timetables=False))
        os.environ |= running.settings.as_environment()
        yield running
    finally:
        os.environ.clear()
        os.environ |= before
        supervisor.stop(settings)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None and os.environ.get("MUNIMENT_REQUIRE_REAL") != "1":
        pytest.skip("needs Chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield found
        found.close()


def wait_until(what: str, holds, *, within_s: float = 300):
    """Return what *holds* returns, once it is something."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(2)
    raise AssertionError(f"expected {what} within {within_s:.0f} s")


def run_to_its_end(who: SignedIn, dag: str) -> RunState:
    wait_for_dag(who, dag)
    state = wait_for_run(who, dag, start_run(who, dag))
    assert state.state == "success", (dag, state.tasks)
    return state


def states(who: SignedIn, run_id: str) -> dict[str, str | None]:
    return {task.task_id: task.state for task in read_run(who, DISPOSE, run_id).tasks}


def capture_until_due(drill) -> list[str]:
    """Capture the website by its DAG, copy what was sealed, wait for the due date; return the volumes."""
    operator = drill.sign_in("operator")
    run_to_its_end(operator, SNAPSHOT)
    run_to_its_end(operator, COPY)
    return wait_until("a volume that is due", lambda: [one["volume"] for one in list_due(AGENCY)["due"]])


def propose(drill, volumes: list[str], user: str = "records_officer") -> str:
    who = drill.sign_in(user)
    asked = {"series": "official-posts", "volumes": volumes, "reason": "past their period", **NO_EXCLUSION}
    return start_run(who, DISPOSE, asked)


def wait_for_step(drill, run_id: str, step: str) -> None:
    who = drill.sign_in("operator")
    wait_until(f"{step} to ask", lambda: states(who, run_id).get(step) == "awaiting_input")
    time.sleep(SETTLE_S)


def keys_of(drill, volume: str) -> list[list[str]]:
    """Return what each copy lists under *volume*, every version and marker counted."""
    copies = (open_vault(AGENCY, drill.settings), open_second(AGENCY, drill.settings))
    return [[version.key for version in copy.list_versions(volume)] for copy in copies]


def sign_in(browser: Browser, drill, user: str) -> Page:
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.goto(drill.airflow.address)
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", drill.airflow.password(user))
    page.click("input[type=submit], button[type=submit]")
    page.wait_for_load_state("networkidle")
    return page


def address_of(drill, run_id: str, step: str | None = None) -> str:
    run = f"{drill.airflow.address}/dags/{DISPOSE}/runs/{quote(run_id, safe='')}"
    return run if step is None else f"{run}/tasks/{step}/required_actions"


def approve(browser: Browser, drill, run_id: str, step: str) -> str:
    """Approve *step* in Airflow's own page, as the person who holds the office; return what the page says."""
    page = sign_in(browser, drill, STEPS[step])
    page.goto(address_of(drill, run_id, step), wait_until="networkidle")
    page.locator("#element_reason").fill("no longer required")
    if step in PAPERS:
        page.locator("#element_document_sha256").fill(hashlib.sha256(PAPERS[step].encode()).hexdigest())
    if step == "city-council":
        page.locator("#element_reference").fill("2026-40 of 2026-11-17")
    told = page.locator("main, body").first.inner_text()
    with page.expect_response(lambda reply: reply.request.method == "PATCH" and "hitlDetails" in reply.url) as answer:
        page.get_by_test_id("hitl-option-Approve").click()
    assert answer.value.status == 200, answer.value.text()
    page.context.close()
    return told
