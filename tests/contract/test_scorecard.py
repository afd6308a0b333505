"""The trusted-system scorecard on two real stores: red with the rule's number, and green by itself again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.findings import Finding
from muniment.workflows import check_store
from muniment.workflows.findings_register import close_finding, list_entries, open_findings
from muniment.workflows.scorecard import ROWS, Scorecard, take_scorecard
from tests.contract.keeping import AGENCY, LOCK, Keeping, open_keeping

pytestmark = pytest.mark.real  # minutes together, all of them waiting for a store

ELEMENTS = {"first-copy", "second-copy", "element-1", "element-2", "element-3", "element-4"}


def take(keeping: Keeping) -> Scorecard:
    return take_scorecard(AGENCY, keeping.settings)


def states(keeping: Keeping) -> dict[str, str]:
    return {row.id: row.state for row in take(keeping).rows}


@pytest.fixture
def losable(store: SeaweedFS, tmp_path: Path) -> Iterator[tuple[Keeping, SeaweedFS]]:
    """An installation whose second store is this test's own, to take away."""
    second = SeaweedFS(tmp_path / "losable", memory="150MiB")
    try:
        second.start()
        yield open_keeping(tmp_path, store, second), second
    finally:
        second.stop(grace_s=0)


def test_without_a_second_store_the_copy_and_its_place_are_red(keeping: Keeping) -> None:
    alone = Keeping(replace(keeping.settings, second=None), keeping.folder)

    rows = {row.id: row for row in take(alone).rows}

    for name in ("second-copy", "element-3"):
        assert rows[name].state == "red"
        assert "22620.7" in rows[name].rule
        assert "no second store is configured" in rows[name].evidence


def test_a_second_bucket_that_is_gone_is_red_by_its_rule_and_heals_by_itself(
    losable: tuple[Keeping, SeaweedFS],
) -> None:
    keeping, second = losable
    keeping.copy()
    keeping.copy()
    assert states(keeping)["second-copy"] == "green"

    second.stop(grace_s=0)
    data = second.folder / "data"
    data.rename(second.folder / "taken-away")
    data.mkdir(mode=0o700)
    second.start()

    done = keeping.run("scorecard", "--agency", AGENCY)
    row = next(row for row in take(keeping).rows if row.id == "second-copy")
    assert (row.state, row.rule) == ("red", "2 CCR 22620.7")
    assert "NoSuchBucket" in row.evidence
    assert done.returncode == 1
    assert "22620.7" in done.stdout

    healed = keeping.run("copy", "run", "--agency", AGENCY)

    assert healed.returncode == 0, healed.stderr
    assert keeping.sealed(keeping.second) == keeping.sealed()
    keeping.copy()  # the finding of the loss itself
    assert states(keeping)["second-copy"] == "green"
    (entry,) = list_entries(keeping.vault)  # the loss stays on record until a person answers for it
    assert (entry.finding.code, entry.finding.subject) == ("C001", keeping.second.bucket)


def test_a_second_bucket_that_is_put_back_is_green_at_once(losable: tuple[Keeping, SeaweedFS]) -> None:
    keeping, second = losable
    keeping.copy()
    keeping.copy()
    second.stop(grace_s=0)
    assert states(keeping)["second-copy"] == "red"

    second.start()

    assert states(keeping)["second-copy"] == "green"


def test_a_second_copy_that_lacks_everything_is_red_and_one_on_its_way_is_amber(keeping: Keeping) -> None:
    assert states(keeping)["second-copy"] == "red"
    keeping.copy()
    keeping.vault.seal_bytes("registers/x/2026-11/e.json", b"{}", **LOCK)

    assert states(keeping)["second-copy"] == "amber"


def test_a_finding_that_copying_does_not_heal_is_red_until_a_person_answers(keeping: Keeping) -> None:
    keeping.copy()
    (opened,) = open_findings(keeping.place, [Finding("F002", "records/a", "other bytes")], check="check_fixity")
    keeping.copy()
    assert states(keeping)["second-copy"] == "red"

    close_finding(keeping.place, opened["id"], reason="the disk was replaced", by="A. Clerk")
    keeping.copy()

    assert states(keeping)["second-copy"] == "green"


def test_both_copies_on_one_server_are_no_separate_place(store: SeaweedFS, tmp_path: Path) -> None:
    keeping = open_keeping(tmp_path, store, store)
    keeping.copy()

    row = next(row for row in take(keeping).rows if row.id == "element-3")

    assert row.state == "amber"
    assert "one server" in row.evidence


def test_every_row_has_its_rule_todays_evidence_with_numbers_and_what_to_do(keeping: Keeping) -> None:
    keeping.copy()
    keeping.copy()
    probes = keeping.do(check_store.probe_stores, AGENCY)
    results = [
        keeping.do(check_store.check_store_share, share) for share in keeping.do(check_store.plan_check_store, AGENCY)
    ]
    keeping.do(check_store.enter_check, AGENCY, probes, results)

    done = keeping.run("scorecard", "--agency", AGENCY, "--json")

    card = json.loads(done.stdout)
    assert {row["id"] for row in card["rows"]} == ELEMENTS == {row[0] for row in ROWS}
    for row in card["rows"]:
        assert any(character.isdigit() for character in row["rule"])
        assert row["evidence"].startswith(card["at"][:10])
        assert any(character.isdigit() for character in row["evidence"][20:])
        assert row["next"]
    found = {row["id"]: row["state"] for row in card["rows"]}
    assert found["element-1"] == "green", card
    assert found["first-copy"] == "green"
    assert found["element-4"] == "amber"  # the demonstration's schedule is adopted by nobody
    assert done.returncode == 0


def test_a_store_that_failed_its_examination_is_red(keeping: Keeping) -> None:
    keeping.copy()
    probes = keeping.do(check_store.probe_stores, AGENCY)
    assert [store["passed"] for store in probes["stores"]] == [True, True]
    client = keeping.hidden_writer("second")
    client.put_bucket_lifecycle_configuration(
        Bucket=keeping.second.bucket,
        LifecycleConfiguration={
            "Rules": [{"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
        },
    )

    keeping.do(check_store.probe_stores, AGENCY)

    assert states(keeping)["element-1"] == "red"
