"""The policies of the demonstration city, checked over what was captured of it, on a real store."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from muniment.workflows.findings_register import list_entries
from muniment.workflows.policy.run import check_policies_at
from muniment.workflows.policy.status import NEVER, PolicyStatus, policy_status
from muniment.workflows.wiring import open_workplace
from tests.end_to_end.city import AGENCY, City, settings_in_force

pytestmark = pytest.mark.real  # a city captured twice

EVERYTHING = ("capture", "--agency", AGENCY)
ONE_MORE = """
  - id: bluesky-parks
    platform: bluesky
    handle: grumpy-oak.bsky.example
    address: https://bsky.example/profile/parks
    api: simulator
    directory: simulator
    department: Parks
    status: active
    opened_on: 2026-02-02
    registration_email: parks@claremont.example
    series: [official-posts]
    approval: {approver: A, role: City Manager, approved_on: 2026-01-20, document: M, consulted: [City Attorney]}
    persons:
      - {name: A, title: B, email: a@claremont.example, person_type: employee, level: publish, granted_by: C,
         document: D, valid_from: 2026-01-20}
"""


def look(city: City) -> PolicyStatus:
    with settings_in_force(city.settings):
        return policy_status(open_workplace(AGENCY, city.settings))


def outcomes(status: PolicyStatus) -> dict[str, str | None]:
    return {one.clause.id: one.outcome for one in status.clauses}


def check(city: City) -> dict[str, object]:
    with settings_in_force(city.settings):
        return check_policies_at(open_workplace(AGENCY, city.settings))


@pytest.fixture
def own_files(city: City, tmp_path: Path) -> City:
    """The city with agency files of its own, to be changed: two of its accounts, so that it is quick."""
    folder = tmp_path / "agencies" / AGENCY
    shutil.copytree(city.settings.agencies / AGENCY, folder)
    accounts = (folder / "accounts.yaml").read_text("utf-8")
    first, rest = accounts.split("  - id: mastodon-city")
    (folder / "accounts.yaml").write_text(
        f"{first}  - id: website-news{rest.split('  - id: website-news')[1]}", "utf-8"
    )
    return replace(city, settings=replace(city.settings, agencies=tmp_path / "agencies"))


def test_an_account_that_is_registered_and_not_captured_is_found_and_gone_when_it_is_mended(own_files: City) -> None:
    city, accounts = own_files, own_files.settings.agencies / AGENCY / "accounts.yaml"
    never = look(city)
    assert {one.outcome for one in never.clauses if one.clause.check} == {NEVER}
    assert not never.is_sound

    assert city.run(*EVERYTHING).returncode == 0
    sound = accounts.read_text("utf-8")
    accounts.write_text(sound + ONE_MORE, "utf-8")
    told = check(city)
    assert told["outcomes"]["register-reconciliation"] == "not-kept"
    planted = look(city)
    assert outcomes(planted)["R-B6"] == "not-kept"
    (of_clause,) = [one for one in planted.clauses if one.clause.id == "R-B6"]
    assert [(entry.finding.code, entry.finding.subject) for entry in of_clause.findings] == [("K001", "bluesky-parks")]

    accounts.write_text(sound, "utf-8")
    check(city)
    mended = look(city)
    found = outcomes(mended)
    assert found["R-B6"] == "kept"
    assert all(key.startswith("re") for one in mended.clauses for key in one.evidence)
    assert mended.run_key is not None
    assert open_workplace(AGENCY, city.settings).vault.find(mended.run_key) is not None
    # What was found stays in the register until a person answers for it.
    entries = list_entries(open_workplace(AGENCY, city.settings).vault)
    assert ("K001", "bluesky-parks") in {(entry.finding.code, entry.finding.subject) for entry in entries}
    for clause in ("R-A1", "R-B3", "R-B9", "R-B10", "R-B19a", "R-B23a", "R-C3", "R-C5"):
        assert found[clause] == "kept", (clause, found)
    assert found["R-D1"] == "nothing-to-check"

    done = city.run("policy", "status", "--agency", AGENCY, "--clause", "R-B6", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["facts"]["registered"] == 2
    page = city.settings.home / "status.html"
    assert city.run("policy", "status", "--agency", AGENCY, "--page", str(page)).returncode == 1
    text = page.read_text("utf-8")
    assert "City of Claremont (demonstration)" in text
    assert "America/Los_Angeles" in text
