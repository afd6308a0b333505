"""Coverage and the compliance report of a city that was captured once, on a real store, as a person asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from muniment.custody.vault import Vault
from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.register_event import parse_event
from muniment.workflows.compliance.make import report_place
from muniment.workflows.coverage.check import check_place
from muniment.workflows.coverage.failures import record_failure_at
from muniment.workflows.wiring import Workplace, now, open_workplace
from tests.contract.keeping import AGENCY, run_command
from tests.end_to_end.city import City, open_city, settings_in_force, start_simulator

ASKED = ("--agency", AGENCY)
CAPTURED = ("--account", "website-news", "--series", "official-posts")


@pytest.fixture(scope="module")
def city(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city of which one account was captured, just now."""
    simulator = start_simulator()
    try:
        found = open_city(store, tmp_path_factory.mktemp("covered"), simulator)
        assert run_command(found.settings, "capture", *ASKED, *CAPTURED).returncode == 0
        yield found
    finally:
        simulator.stop()


@pytest.fixture
def place(city: City) -> Workplace:
    return open_workplace(AGENCY, city.settings)


def ask(city: City, *words: str) -> tuple[int, object]:
    done = run_command(city.settings, words[0], *ASKED, *words[1:], "--json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_a_span_that_ends_before_it_begins_and_an_unknown_account_are_refused(city: City) -> None:
    for words in (("--since", "2026-11-02", "--until", "2026-11-01"), ("--account", "nobody")):
        assert run_command(city.settings, "gaps", *ASKED, *words).returncode == 2


def test_an_account_that_was_not_captured_is_one_open_gap_since_it_was_opened(city: City) -> None:
    code, found = ask(city, "gaps", "--account", "bluesky-city", "--series", "public-comments")

    assert code == 1
    assert [(gap["begins"], gap["ends"], gap["kind"]) for gap in found] == [
        ("2026-02-02T08:00:00.000000Z", None, "missed")
    ]


def test_the_gap_before_the_first_capture_ends_with_it(city: City) -> None:
    _, found = ask(city, "gaps", *CAPTURED)

    (manifest,) = city.manifests(account="website-news")
    missed = [gap for gap in found if gap["kind"] == "missed"]
    assert [(gap["begins"], gap["ends"]) for gap in missed] == [("2026-02-02T08:00:00.000000Z", manifest.began_at)]


def test_the_calendar_has_a_row_for_each_account_and_series(city: City) -> None:
    done = run_command(city.settings, "coverage", *ASKED)

    assert done.returncode == 1
    rows = [
        line for line in done.stdout.splitlines() if line.startswith(("bluesky", "mastodon", "newsletter", "website"))
    ]
    assert len(rows) == 8
    assert "\x1b" not in done.stdout


def test_a_day_is_exposed_until_its_first_capture(city: City) -> None:
    code, found = ask(city, "exposure", *CAPTURED)

    assert code == 1
    assert found[-1]["captures"] >= 0
    assert all(one["longest_seconds"] > 200 * 86400 for one in found)


def test_the_night_and_a_failed_capture_are_sealed_in_their_registers(place: Workplace) -> None:
    record_failure_at(
        place, run_id="r", taken_at="2026-11-20T16:00:00.000000Z", error="TokenRefusedError",
        account="bluesky-city", series="official-posts",
    )  # fmt: skip
    done = check_place(place)

    assert {item["code"] for item in done["opened"]} == {"U002"}
    events = {key.split("/")[1]: parse_event(place.vault.read(key)) for key in _keys(place.vault, "captures", "gaps")}
    assert events["captures"].facts["error"] == "TokenRefusedError"
    assert events["gaps"].event == "checked"
    assert all(place.vault.lock_of(key) is not None for key in _keys(place.vault, "captures", "gaps"))


def test_the_report_is_made_sealed_once_for_a_run_and_shown(city: City, place: Workplace, tmp_path: Path) -> None:
    at = now()
    with settings_in_force(city.settings):
        first = report_place(place, at=at)
        again = report_place(replace(place, clock=now), at=at)

    assert first == again
    page, folder = tmp_path / "report.html", tmp_path / "csv"
    shown = run_command(city.settings, "compliance", "show", *ASKED, "--html", str(page), "--csv", str(folder))
    assert (shown.returncode, first["key"] in shown.stdout) == (1, True)
    assert "<h2 id=captures>" in page.read_text("utf-8")
    clauses = place.agency.policy.clauses if place.agency.policy is not None else ()
    assert (folder / "policy.csv").read_text("utf-8").count("\nR-") == len(clauses) > 0
    assert place.vault.lock_of(first["key"]) is not None


def test_a_report_whose_part_cannot_be_read_is_not_made(city: City, place: Workplace) -> None:
    month = ("--month", f"{now():%Y-%m}")
    key = f"registers/moderation/{now():%Y-%m}/broken.json"
    place.vault.seal_bytes(key, b"{}", lock_until=now().replace(year=now().year + 1), content_type="x/y")

    done = run_command(city.settings, "compliance", "report", *ASKED, *month)
    assert done.returncode == 2
    assert key in done.stderr


def _keys(vault: Vault, *registers: str) -> list[str]:
    return [key for name in registers for key in vault.list_keys(f"registers/{name}/")]
