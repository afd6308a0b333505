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
    ask,
    read_run,
    send,
    start_run,
    wait_for_dag,
    wait_for_run,
)
from muniment.embedded.ports import Ports, pick_free_ports
from muniment.embedded.supervisor_plan import Options
from muniment.retention.dispositions import fold_dispositions
from muniment.settings import read_settings
from muniment.workflows.clocks import list_due
from muniment.workflows.registers import APPROVALS, AUTHORIZATIONS, DISPOSITIONS, read_events
from muniment.workflows.schedules.adopt import adopt_schedule, preview_against_adopted
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
        preview, _ = preview_against_adopted(AGENCY, running.settings)
        adopt_schedule(AGENCY, by="The council", preview_sha256=preview.sha256, settings=running.settings)
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
    page.wait_for_url(lambda url: "/auth/login" not in url)
    return page


def address_of(drill, run_id: str, step: str | None = None) -> str:
    run = f"{drill.airflow.address}/dags/{DISPOSE}/runs/{quote(run_id, safe='')}"
    return run if step is None else f"{run}/tasks/{step}/required_actions"


def approve(browser: Browser, drill, run_id: str, step: str) -> str:
    """Approve *step* in Airflow's own page, as the person who holds the office; return what the page says."""
    page = sign_in(browser, drill, STEPS[step])
    page.goto(address_of(drill, run_id, step))
    page.locator("#element_reason").fill("no longer required")
    if step in PAPERS:
        page.locator("#element_document_sha256").fill(sha256_of(PAPERS[step]))
    if step == "city-council":
        page.locator("#element_reference").fill("2026-40 of 2026-11-17")
    told = page.locator("main, body").first.inner_text()
    with page.expect_response(lambda reply: reply.request.method == "PATCH" and "hitlDetails" in reply.url) as answer:
        page.get_by_test_id("hitl-option-Approve").click()
    assert answer.value.status == 200, answer.value.text()
    page.context.close()
    return told


def finish(drill, run_id: str) -> RunState:
    return wait_for_run(drill.sign_in("operator"), DISPOSE, run_id, within_s=400)


def task_path(run_id: str, task: str) -> str:
    return f"/api/v2/dags/{DISPOSE}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task}"


def answer(drill, user: str, run_id: str, step: str) -> int:
    """Answer *step* over the API as *user*; return the status."""
    body = {"chosen_options": ["Approve"], "params_input": {}}
    return send(drill.sign_in(user), "PATCH", f"{task_path(run_id, step)}/-1/hitlDetails", body)[0]


def mark(drill, run_id: str, task: str) -> None:
    """Mark *task* a success, as an operator may."""
    ask(drill.sign_in("operator"), "PATCH", task_path(run_id, task), {"new_state": "success"})


def clear(drill, run_id: str, *tasks: str) -> None:
    body = {"dag_run_id": run_id, "task_ids": list(tasks), "dry_run": False, "only_failed": False}
    ask(drill.sign_in("operator"), "POST", f"/api/v2/dags/{DISPOSE}/clearTaskInstances", body)


def wait_for_state(drill, run_id: str, task: str, *wanted: str) -> None:
    who = drill.sign_in("operator")
    wait_until(f"{task} to be {wanted}", lambda: states(who, run_id).get(task) in wanted)


@pytest.fixture(scope="module")
def waiting(drill) -> tuple[str, str, list[list[str]]]:
    """A disposition whose first approval is asked for: its run, its volume, what both copies held then."""
    (volume,) = capture_until_due(drill)
    before = keys_of(drill, volume)
    run_id = propose(drill, [volume])
    wait_for_step(drill, run_id, "department-head")
    return run_id, volume, before


def test_who_is_no_officer_proposes_nothing(drill):
    wait_for_dag(drill.sign_in("administrator"), DISPOSE)

    run_id = propose(drill, ["records/series=official-posts/account=website-news/volume=x/"], "administrator")

    assert finish(drill, run_id).state == "failed"
    assert list(read_events(open_vault(AGENCY, drill.settings), DISPOSITIONS)) == []


@pytest.mark.parametrize("user", ["records_officer", "administrator", "operator", "clerk", "auditor"])
def test_only_who_holds_the_office_may_answer_and_never_the_one_who_proposed(drill, waiting, user):
    run_id, _, _ = waiting

    assert answer(drill, user, run_id, "department-head") == 403


def test_marking_every_approval_done_and_forging_what_they_hand_on_deletes_nothing(drill, waiting):
    run_id, volume, before = waiting
    for step in STEPS:
        wait_for_step(drill, run_id, step)
        mark(drill, run_id, step)
    finish(drill, run_id)
    assert states(drill.sign_in("operator"), run_id)["authorize"] == "failed"

    forged = {"disposition": "forged", "grace_until": "2026-01-01T00:00:00.000000Z"}
    body = {"key": "return_value", "value": forged, "map_index": -1}
    mark(drill, run_id, "authorize")
    ask(drill.sign_in("administrator"), "POST", f"{task_path(run_id, 'authorize')}/xcomEntries", body)
    clear(drill, run_id, "wait_for_grace", "destroy", "publish")
    wait_for_state(drill, run_id, "destroy", "failed")
    finish(drill, run_id)

    (found,) = list_dispositions(drill)
    assert {gate.code for gate in found.stopped} >= {"R029"}
    assert keys_of(drill, volume) == before
    assert list(read_events(open_vault(AGENCY, drill.settings), APPROVALS)) == []


def list_dispositions(drill):
    vault = open_vault(AGENCY, drill.settings)
    return fold_dispositions(read_events(vault, DISPOSITIONS), read_events(vault, APPROVALS))


def test_four_people_approve_in_airflows_own_page_and_the_volume_is_gone_with_a_certificate(
    drill, waiting, browser, tmp_path
):
    run_id, volume, before = waiting
    clear(drill, run_id, *STEPS, "authorize", "wait_for_grace", "destroy", "publish")
    for step in STEPS:
        wait_for_step(drill, run_id, step)
        told = approve(browser, drill, run_id, step)
        assert "1 volume of official-posts" in told
        assert f"--agency {AGENCY}" in told

    assert finish(drill, run_id).state == "success"
    assert all(before)
    assert keys_of(drill, volume) == [[], []]
    (found,) = list_dispositions(drill)
    assert (found.state, found.outcome, found.proposed_by) == ("certified", "whole", "records_officer")
    assert {given.step: given.by for given in found.approvals} == STEPS
    assert found.approval("city-attorney").document_sha256 == sha256_of(PAPERS["city-attorney"])
    assert found.certificate_key in set(open_vault(AGENCY, drill.settings).list_keys("registers/"))
    assert show_graph(browser, drill, run_id, tmp_path / "graph.png") == {*STEPS, "propose", "destroy", "publish"}


def show_graph(browser: Browser, drill, run_id: str, path: Path) -> set[str]:
    """Photograph the graph of the run; return which of its main tasks it shows."""
    page = sign_in(browser, drill, "records_officer")
    page.set_viewport_size({"width": 1500, "height": 420})
    page.goto(address_of(drill, run_id))
    page.get_by_label("Show Graph (Press g)").click()
    page.get_by_label("Collapse Details Panel").click()
    names = page.locator(".react-flow__node")
    names.filter(has_text="publish").first.wait_for()
    page.add_style_tag(content=".react-flow__minimap { display: none; }")
    page.get_by_label("Fit View").first.click()
    page.wait_for_timeout(2000)  # the view glides
    page.screenshot(path=path)
    shown = " ".join(names.all_inner_texts())
    page.context.close()
    return {name for name in (*STEPS, "propose", "destroy", "publish") if name in shown}


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_schedule_is_applied_and_tells_of_nothing_amiss(drill):
    run_to_its_end(drill.sign_in("operator"), APPLY)

    vault = open_vault(AGENCY, drill.settings)
    assert len(read_events(vault, AUTHORIZATIONS)) == 5
    assert [event.event for event in read_events(vault, "due-lists")] == ["listed"]
    assert list(vault.list_keys("registers/findings/")) == []
