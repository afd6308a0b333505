"""Matters over the hold bits of two real stores: what is held cannot be let go by one matter alone, a copy of what is
held is held, and a store that does not do as it is told is a finding."""

from __future__ import annotations

import json
from typing import Any

import pytest

from muniment.custody.holds import HoldKeeper
from muniment.custody.vault import Vault
from muniment.errors import HoldNotKeptError, ObjectMissingError
from muniment.evidence.layout import PAGES, SnapshotAddress
from muniment.records.names import AccountId, AgencyId, SeriesId, SnapshotId
from muniment.workflows.findings_register import list_entries
from muniment.workflows.orders import resume_order
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.wiring import open_keeper, open_second_keeper
from tests.contract.keeping import LOCK, Keeping
from tests.end_to_end.city import open_city, start_simulator
from tests.faulty_store.proxy import FaultyStore
from tests.unit.evidence.vault_folder import VOLUME

AGENCY = "claremont"
PLACE = (
    *("hold", "place", "--agency", AGENCY, "--kind", "claim", "--title", "A claim", "--by", "A. Clerk"),
    *("--attorney", "B. Counsel", "--contact", "counsel@claremont.example", "--authority", "Claim 2026-14"),
)
LET_GO = ("--attorney", "B. Counsel", "--reason", "Settled", "--by", "A. Clerk")


def keepers(keeping: Keeping) -> tuple[HoldKeeper, HoldKeeper]:
    second = open_second_keeper(AGENCY, keeping.settings)
    assert second is not None
    return open_keeper(AGENCY, keeping.settings), second


def held(keeper: HoldKeeper, prefix: str = "") -> set[str]:
    return {version.key for version in keeper.list_versions(prefix) if keeper.hold_of(version.name)}


def both(keeping: Keeping) -> tuple[set[str], set[str]]:
    first, second = keepers(keeping)
    return held(first), held(second)


def place(keeping: Keeping, matter: str, *words: str, code: int = 0) -> dict[str, Any]:
    done = keeping.run(*PLACE, "--id", matter, "--json", *(words or ("--everything",)))
    assert done.returncode == code, done.stderr
    return dict(json.loads(done.stdout))


def release(keeping: Keeping, matter: str) -> dict[str, Any]:
    done = keeping.run("hold", "release", "--agency", AGENCY, "--id", matter, *LET_GO, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def codes(keeping: Keeping) -> set[str]:
    return {entry.finding.code for entry in list_entries(keeping.vault)}


# One bit on one store


def test_a_hold_is_set_and_let_go_and_read_back(vault: Vault, operator_client: Any) -> None:
    vault.seal_bytes("records/x", b"words", **LOCK)
    keeper = HoldKeeper(operator_client, vault.bucket)
    (version,) = keeper.list_versions("records/x")

    before = keeper.hold_of(version.name)
    keeper.set_hold(version.name, True)
    during = vault.lock_of("records/x")
    keeper.set_hold(version.name, False)

    assert before is False
    assert during is not None
    assert during.legal_hold
    assert keeper.hold_of(version.name) is False


def test_a_version_that_is_not_there_cannot_be_held(vault: Vault, operator_client: Any) -> None:
    from dataclasses import replace

    vault.seal_bytes("records/x", b"words", **LOCK)
    keeper = HoldKeeper(operator_client, vault.bucket)
    (version,) = keeper.list_versions("records/x")

    with pytest.raises(ObjectMissingError):
        keeper.set_hold(replace(version.name, key="records/y"), True)


@pytest.mark.parametrize("fault", ["ignores holds", "refuses holds"])
def test_a_hold_that_the_store_does_not_keep_is_an_error(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore, fault: str
) -> None:
    keeping_on_faulty_second.copy()
    _, second = keepers(keeping_on_faulty_second)
    version = next(second.list_versions("records/"))
    second_stand_in.faults.add(fault)

    with pytest.raises(HoldNotKeptError, match="records/"):
        second.set_hold(version.name, True)


# Matters over both copies


def test_of_two_matters_one_released_the_bit_stays_and_with_the_last_it_goes(keeping: Keeping) -> None:
    keeping.copy()
    records = set(keeping.sealed())
    place(keeping, "first")
    place(keeping, "second", "--account", "city")

    assert release(keeping, "first")["remaining"] == ["second"]
    assert both(keeping) == (records, records)

    assert release(keeping, "second")["let_go"] == 2 * len(records)
    assert both(keeping) == (set(), set())


def test_a_copy_of_what_is_held_is_held(keeping: Keeping) -> None:
    place(keeping, "first")

    keeping.copy(whole=False)

    assert both(keeping) == (set(keeping.sealed()), set(keeping.sealed()))


@pytest.mark.real
def test_a_copy_of_what_is_not_held_is_not(keeping: Keeping) -> None:
    place(keeping, "first", "--account", "bluesky-city")

    keeping.copy()

    assert both(keeping) == (set(), set())


@pytest.mark.real
def test_a_later_version_of_a_held_key_is_held_as_well(keeping: Keeping) -> None:
    key = keeping.sealed()[0]
    keeping.hidden_writer().put_object(Bucket=keeping.vault.bucket, Key=key, Body=b"what hides it")

    place(keeping, "first")

    first, _ = keepers(keeping)
    assert [first.hold_of(version.name) for version in first.list_versions(key)] == [True, True]


@pytest.mark.real
def test_what_was_done_behind_our_back_is_mended_in_both_directions(keeping: Keeping) -> None:
    keeping.copy()
    place(keeping, "first", "--account", "city")
    first, second = keepers(keeping)
    key, lost = keeping.sealed()[:2]
    for version in (*first.list_versions(lost), *second.list_versions(key)):
        first_or_second = first if version.name.bucket == first.bucket else second
        first_or_second.set_hold(version.name, False)

    done = keeping.run("hold", "reconcile", "--agency", AGENCY, "--json")

    # What was sealed a moment ago may be on its way to being held: mended, and no finding.
    assert (done.returncode, json.loads(done.stdout)["set"]) == (0, 2)
    assert both(keeping) == (set(keeping.sealed()), set(keeping.sealed()))


def test_a_hold_that_no_matter_gave_is_found_and_stays(keeping: Keeping) -> None:
    first, _ = keepers(keeping)
    version = next(first.list_versions("records/"))
    first.set_hold(version.name, True)

    done = keeping.run("hold", "reconcile", "--agency", AGENCY)

    assert done.returncode == 1
    assert codes(keeping) == {"R011"}
    assert held(first) == {version.key}


def test_words_are_found_in_the_rows_of_a_real_store(keeping: Keeping) -> None:
    assert place(keeping, "none", "--search", "fountain")["objects_held"] == 0
    assert place(keeping, "some", "--search", "WORDS 2")["objects_held"] == len(keeping.sealed())
    shown = keeping.run("hold", "show", "--agency", AGENCY, "--id", "some", "--json")
    assert json.loads(shown.stdout)["found"] == [VOLUME.prefix]


def test_a_snapshot_is_held_when_it_is_sealed_and_when_sealing_is_taken_up_again(keeping: Keeping) -> None:
    place(keeping, "first", "--account", "city")
    manifest = keeping.add_snapshot(3)
    address = SnapshotAddress(VOLUME, SnapshotId(manifest.snapshot))
    first, _ = keepers(keeping)
    assert address.key(PAGES) not in held(first)

    order = resume_order(
        AgencyId(AGENCY),
        AccountId("city"),
        SeriesId("official-posts"),
        run_id="r",
        snapshot=SnapshotId(manifest.snapshot),
    )
    seal_snapshot(keeping.place, order)

    assert held(first, address.prefix) == set(first_keys(keeping, address.prefix))


def first_keys(keeping: Keeping, prefix: str) -> list[str]:
    return list(keeping.vault.list_keys(prefix))


# A store that does not do as it is told


@pytest.mark.parametrize("fault", ["refuses holds", pytest.param("ignores holds", marks=pytest.mark.real)])
def test_a_second_store_that_does_not_hold_is_a_finding_and_the_vault_is_held(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore, fault: str
) -> None:
    keeping = keeping_on_faulty_second
    keeping.copy()
    second_stand_in.faults.add(fault)

    result = place(keeping, "first", code=1)

    assert result["findings"] == ["R012"]
    assert codes(keeping) == {"R012"}
    assert held(keepers(keeping)[0]) == set(keeping.sealed())
    second_stand_in.faults.clear()
    assert keeping.run("hold", "reconcile", "--agency", AGENCY).returncode == 0
    assert both(keeping)[1] == set(keeping.sealed())


@pytest.mark.real
def test_a_second_store_that_is_down_is_a_finding_and_the_vault_is_reconciled(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    keeping = keeping_on_faulty_second
    keeping.copy()
    place(keeping, "first")
    first, _ = keepers(keeping)
    for version in first.list_versions("records/"):
        first.set_hold(version.name, False)
    second_stand_in.faults.add("is down")

    done = keeping.run("hold", "reconcile", "--agency", AGENCY, "--json")

    assert (done.returncode, json.loads(done.stdout)["findings"]) == (1, {"R013": 1})
    assert json.loads(done.stdout)["copies"] is None
    assert held(first) == set(keeping.sealed())


# The command


def test_the_command_tells_what_is_wrong_with_a_matter_and_places_none(keeping: Keeping) -> None:
    wrong = {
        ("--account", "nobody"): "account: expected one of",
        ("--series", "nothing"): "series: expected one of",
        ("--captured-from", "2026-02-01", "--captured-until", "2026-01-01"): "expected dates of capture in their order",
        ("--no-future",): "found a scope without bounds",
        ("--search", " "): "expected words to search for",
        ("--person", "@", "--account", "city"): "expected each person as a handle",
        ("--everything", "--custodian", "C", "--custodian", "C"): "expected each custodian once",
    }
    for words, told in wrong.items():
        done = keeping.run(*PLACE, "--id", "first", *words)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert list(keeping.vault.list_keys("registers/holds/")) == []


@pytest.mark.real
def test_a_matter_goes_its_way_on_the_command_line(keeping: Keeping) -> None:
    named = ("hold", "{}", "--agency", AGENCY, "--id", "first")

    def run(action: str, *words: str) -> str:
        done = keeping.run(*(word.format(action) for word in named), *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    place(keeping, "first", "--account", "city", "--custodian", "C. Keeper", "--acknowledge-by", "2026-01-01")
    assert keeping.run("hold", "reconcile", "--agency", AGENCY).returncode == 1  # nobody has acknowledged it
    run("acknowledge", "--custodian", "C. Keeper", "--by", "A. Clerk")
    assert keeping.run("hold", "reconcile", "--agency", AGENCY).returncode == 0
    notice = run("notice")
    assert "supersedes the retention schedule" in notice
    assert "C. Keeper: acknowledged on" in notice
    assert f"{len(keeping.sealed())} objects held in the vault" in notice
    assert "C. Keeper" not in keeping.run("hold", "list", "--agency", AGENCY).stdout
    assert keeping.run(*(w.format("amend") for w in named), "--by", "A", "--no-future").returncode == 2
    run("amend", "--no-future", *LET_GO)
    assert "no: only volumes that had begun" in run("show")
    run("release", *LET_GO)
    assert "RELEASE OF A LEGAL HOLD" in run("notice")
    assert "No matter is open" in keeping.run("hold", "list", "--agency", AGENCY).stdout


@pytest.mark.real
def test_a_capture_in_scope_is_held_whole_before_the_command_ends(store: Any, tmp_path: Any) -> None:
    simulator = start_simulator()
    try:
        city = open_city(store, tmp_path, simulator)
        words = ("--agency", AGENCY, "--account", "website-news")
        placed = city.run(*PLACE, "--id", "first", "--account", "website-news")
        done = city.run("capture", *words, "--series", "official-posts")
    finally:
        simulator.stop()

    assert (placed.returncode, done.returncode) == (0, 0), placed.stderr + done.stderr
    sealed = set(city.vault.list_keys("records/"))
    assert {key.rsplit("/", 1)[-1] for key in sealed} >= {"pages.parquet", "rows.parquet", "manifest.json"}
    assert held(open_keeper(AGENCY, city.settings)) == sealed
