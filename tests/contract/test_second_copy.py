"""The second copy on two real stores: whole, locked, read back; what cannot be copied is a finding."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from muniment.custody import second_copy
from muniment.errors import CustodyError, ObjectMissingError, StoreUnavailableError
from muniment.records.names import parse_instant
from muniment.workflows import copy_vault
from muniment.workflows.findings_register import list_entries
from tests.contract.keeping import LOCK, Keeping
from tests.faulty_store.proxy import FaultyStore
from tests.unit.evidence.vault_folder import UNTIL

pytestmark = pytest.mark.real  # minutes together, all of them waiting for a store


def open_codes(keeping: Keeping) -> list[tuple[str, str]]:
    return sorted((entry.finding.code, entry.finding.subject) for entry in list_entries(keeping.vault))


def versions(keeping: Keeping, key: str) -> list[str]:
    client = keeping.hidden_writer("second")
    answer = client.list_object_versions(Bucket=keeping.second.bucket, Prefix=key)
    return [version["VersionId"] for version in answer.get("Versions", [])]


def test_without_a_second_store_nothing_is_copied_and_the_command_says_so(keeping: Keeping) -> None:
    from dataclasses import replace

    alone = Keeping(replace(keeping.settings, second=None), keeping.folder)

    done = alone.run("copy", "run", "--agency", "claremont")

    assert alone.copy() == []
    assert done.returncode == 1
    assert "no second copy: no second store is configured" in done.stdout


def test_other_bytes_in_the_second_copy_are_a_finding_and_are_never_written_over(keeping: Keeping) -> None:
    keeping.copy()
    key = keeping.sealed()[0]
    fresh = key.replace("2026-11", "2026-10")
    keeping.second.seal_bytes(fresh, b"somebody else's", **LOCK)
    keeping.vault.seal_bytes(fresh, b"the record", **LOCK)

    keeping.copy()

    assert open_codes(keeping) == [("C003", fresh)]
    assert keeping.second.read(fresh) == b"somebody else's"
    assert len(versions(keeping, fresh)) == 1


def test_other_bytes_of_the_same_size_are_no_copy_either(keeping: Keeping, tmp_path) -> None:
    keeping.copy()
    keeping.vault.seal_bytes("registers/x/2026-11/e.json", b"true", **LOCK)
    keeping.second.seal_bytes("registers/x/2026-11/e.json", b"lies", **LOCK)

    finding = second_copy.copy_object(keeping.vault, keeping.second, "registers/x/2026-11/e.json", tmp_path)

    assert finding is not None
    assert finding.code == "C003"
    assert keeping.second.read("registers/x/2026-11/e.json") == b"lies"


def test_an_object_without_a_lock_is_not_copied_but_named(keeping: Keeping) -> None:
    keeping.hidden_writer().put_object(Bucket=keeping.vault.bucket, Key="records/stray", Body=b"x")

    keeping.copy()

    assert open_codes(keeping) == [("V004", "records/stray")]
    assert "records/stray" not in keeping.sealed(keeping.second)


def test_a_second_store_that_does_not_answer_is_a_finding_and_an_error(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    second_stand_in.faults.add("is down")

    with pytest.raises(StoreUnavailableError):
        keeping_on_faulty_second.copy()

    assert open_codes(keeping_on_faulty_second) == [("C001", keeping_on_faulty_second.second.bucket)]


def test_a_second_store_that_goes_away_meanwhile_ends_the_share_and_what_was_seen_is_kept(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    keeping = keeping_on_faulty_second
    shares = keeping.do(copy_vault.plan_copy, "claremont", whole=False)
    second_stand_in.faults.add("is down")

    with pytest.raises(StoreUnavailableError):
        keeping.do(copy_vault.copy_share, shares[0])


def test_a_second_store_that_keeps_no_locks_is_found_out_object_by_object(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    keeping = keeping_on_faulty_second
    second_stand_in.faults.add("drops lock headers")

    keeping.copy()

    found = open_codes(keeping)
    assert {code for code, _ in found} == {"C004"}
    assert {subject for _, subject in found} >= set(keeping.sealed())


def test_bytes_spoilt_on_their_way_are_found_by_reading_back(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    keeping = keeping_on_faulty_second
    second_stand_in.faults.add("vouches blindly")
    second_stand_in.faults.add("corrupts bytes")

    keeping.copy()

    assert {code for code, _ in open_codes(keeping)} == {"C003"}


def test_an_object_that_cannot_be_copied_is_a_finding_and_the_next_run_tries_it_again(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    keeping = keeping_on_faulty_second
    second_stand_in.faults.add("refuses writes")

    (result,) = keeping.copy(whole=False)

    assert result["failed"] == len(keeping.sealed()) + 1  # and the register's own event
    with pytest.raises(CustodyError, match="could not be"):
        copy_vault.check_copied(result)
    assert {code for code, _ in open_codes(keeping)} == {"C007"}
    second_stand_in.faults.clear()

    keeping.copy(whole=False)

    assert keeping.sealed(keeping.second) == keeping.sealed()


def test_every_sealed_object_is_copied_with_its_bytes_its_type_and_its_own_lock(keeping: Keeping) -> None:
    keeping.vault.seal_bytes("log/checkpoints/0000000000", b"a note", **LOCK)
    keeping.vault.seal_bytes("registers/x/2026-11/e.json", b"{}", **LOCK)

    results = keeping.copy()

    for prefix in ("records/", "log/", "registers/x/"):
        keys = list(keeping.vault.list_keys(prefix))
        assert keys
        assert keys == list(keeping.second.list_keys(prefix))
        for key in keys:
            assert keeping.second.find(key) == keeping.vault.find(key)
            assert keeping.second.read(key) == keeping.vault.read(key)
            assert keeping.second.lock_of(key).until == parse_instant(UNTIL)
    assert sum(result["copied"] for result in results) == sum(result["objects"] for result in results)
    assert list_entries(keeping.vault) == []


def test_the_rewritten_checkpoint_and_throwaways_are_not_copied(keeping: Keeping) -> None:
    client = keeping.hidden_writer()
    for key in ("log/checkpoint", "doctor/x"):
        client.put_object(Bucket=keeping.vault.bucket, Key=key, Body=b"x")

    keeping.copy()

    assert list(keeping.second.list_keys("doctor/")) == []
    assert list(keeping.second.list_keys("log/")) == []
    assert list_entries(keeping.vault) == []


def test_a_second_run_copies_nothing_again(keeping: Keeping) -> None:
    keeping.copy()
    keeping.copy()  # the register's event of the first

    assert [result["copied"] for result in keeping.copy()] == [0] * 2
    assert all(len(versions(keeping, key)) == 1 for key in keeping.sealed())


def test_a_copy_killed_in_the_middle_is_finished_by_the_next(keeping: Keeping, monkeypatch, tmp_path) -> None:
    (share,) = keeping.do(copy_vault.plan_copy, "claremont", whole=False)
    prefix = share["prefixes"][0]
    halfway = keeping.sealed()[:2]
    for key in halfway:
        assert second_copy.copy_object(keeping.vault, keeping.second, key, tmp_path) is None
    assert keeping.sealed(keeping.second) == halfway  # here the process is gone

    (result,) = keeping.copy(whole=False)

    assert prefix.startswith("records/")
    assert keeping.sealed(keeping.second) == keeping.sealed()
    assert result["copied"] == result["objects"] - len(halfway)
    assert list_entries(keeping.vault) == []


def test_a_process_killed_while_it_copies_leaves_nothing_half_done_that_the_next_does_not_finish(
    keeping: Keeping,
) -> None:
    for number in range(150):
        keeping.vault.seal_bytes(f"registers/x/2026-11/{number:04}.json", bytes([number]) * 2000, **LOCK)
    command = [sys.executable, "-m", "muniment.cli.main", "copy", "run", "--agency", "claremont"]
    process = subprocess.Popen(
        command, env={**os.environ, **keeping.settings.as_environment()}, stdout=subprocess.DEVNULL
    )
    copied: list[str] = []
    while not copied and process.poll() is None:
        with contextlib.suppress(ObjectMissingError):
            copied = list(keeping.second.list_keys("registers/x/"))
    process.kill()
    process.wait(30)
    halfway = len(list(keeping.second.list_keys("registers/x/")))
    assert 0 < halfway < 150

    keeping.copy()

    keys = list(keeping.vault.list_keys("registers/x/"))
    assert list(keeping.second.list_keys("registers/x/")) == keys
    assert all(keeping.second.find(key) == keeping.vault.find(key) for key in keys[::10])
    assert len(versions(keeping, "registers/x/")) == len(keys)
    assert list_entries(keeping.vault) == []


def test_a_lock_that_grew_is_followed_by_the_nightly_run(keeping: Keeping) -> None:
    keeping.copy()
    key, later = keeping.sealed()[0], parse_instant(UNTIL) + timedelta(days=30)
    keeping.vault.extend_lock(key, later)

    results = keeping.copy()

    assert keeping.second.lock_of(key).until == later
    assert sum(result["mended"] for result in results) == 1
    assert list_entries(keeping.vault) == []


def test_a_copy_lives_on_its_own_when_the_vault_is_gone(keeping: Keeping) -> None:
    from muniment.evidence.verify import verify

    keeping.copy()

    report = verify(keeping.second)

    assert (report.snapshots, report.findings) == (2, ())
