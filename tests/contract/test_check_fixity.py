"""Fixity on real stores: a byte flipped on a disk is found, in either copy; a night that was cut off is finished."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.errors import StoreUnavailableError
from muniment.evidence.digest import sha256_hex
from muniment.workflows import check_fixity
from muniment.workflows.findings_register import list_entries
from tests.contract.keeping import AGENCY, LOCK, Keeping, open_keeping
from tests.end_to_end.city import settings_in_force
from tests.faulty_store.proxy import FaultyStore

pytestmark = pytest.mark.real  # minutes together, all of them waiting for a store


def read_again(keeping: Keeping) -> set[tuple[str, str]]:
    for share in keeping.do(check_fixity.plan_fixity, AGENCY, whole=True):
        keeping.do(check_fixity.check_fixity_share, share)
    return {(entry.finding.code, entry.finding.subject) for entry in list_entries(keeping.vault)}


def flip_on_disk(store: SeaweedFS, body: bytes) -> int:
    """Flip a byte of *body* wherever the store keeps it; return in how many places it was found."""
    flipped = 0
    for path in (store.folder / "data").rglob("*.dat"):
        held = path.read_bytes()
        at = held.find(body)
        while at >= 0:
            with path.open("r+b") as file:
                file.seek(at + len(body) // 2)
                byte = held[at + len(body) // 2]
                file.write(bytes([byte ^ 1]))
            flipped += 1
            at = held.find(body, at + 1)
    return flipped


def test_a_byte_flipped_on_either_disk_is_found_and_the_other_copy_is_not_blamed(
    keeping: Keeping, store: SeaweedFS, second_store: SeaweedFS
) -> None:
    bodies = [os.urandom(4096), os.urandom(4096)]
    keeping.add_snapshot(3, media=bodies[0])
    keeping.add_snapshot(4, media=bodies[1])
    keeping.copy()
    assert read_again(keeping) == set()
    keys = [next(key for key in keeping.sealed() if key.endswith(sha256_hex(body))) for body in bodies]

    assert flip_on_disk(store, bodies[0]) == 1
    assert flip_on_disk(second_store, bodies[1]) == 1

    shares = keeping.do(check_fixity.plan_fixity, AGENCY, whole=True)
    with settings_in_force(keeping.settings), ThreadPoolExecutor() as pool:  # the store tries hard: side by side
        list(pool.map(check_fixity.check_fixity_share, shares))
    found = {(entry.finding.subject, entry.finding.code) for entry in list_entries(keeping.vault)}
    assert {subject for subject, _ in found} == set(keys)
    assert dict(found)[keys[0]] in {"F001", "F003"}
    assert dict(found)[keys[1]] in {"F002", "F004"}


def test_bytes_that_a_store_serves_altered_are_found_by_their_hash(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    keeping = keeping_on_faulty_second
    keeping.copy()
    second_stand_in.faults.add("serves other bytes")

    found = read_again(keeping)

    assert {code for code, _ in found} == {"F002"}
    assert {subject for _, subject in found} >= set(keeping.sealed())


def test_a_store_that_is_down_is_an_error_and_no_object_is_blamed(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    keeping = keeping_on_faulty_second
    keeping.copy()
    shares = keeping.do(check_fixity.plan_fixity, AGENCY, whole=True)
    second_stand_in.faults.add("is down")

    second_only = {
        "agency": AGENCY,
        "units": [unit for share in shares for unit in share["units"] if unit[0] != "vault"],
    }

    with pytest.raises(StoreUnavailableError):
        keeping.do(check_fixity.check_fixity_share, second_only)

    assert {entry.finding.code for entry in list_entries(keeping.vault)} == set()


def test_an_object_that_a_manifest_names_and_the_store_lost_is_missing(keeping: Keeping) -> None:
    manifest = keeping.folder.add_snapshot(3)
    for name in ("pages.parquet", "manifest.json"):
        key = manifest.address.key(name)
        keeping.vault.seal_file(key, keeping.folder.root / key, **LOCK)

    assert read_again(keeping) == {("V001", manifest.address.key("rows.parquet"))}


def test_an_object_without_a_hash_is_named_and_not_passed(keeping: Keeping) -> None:
    keeping.hidden_writer().put_object(Bucket=keeping.vault.bucket, Key="log/batches/x", Body=b"x")

    assert read_again(keeping) == {("V004", "log/batches/x")}


def test_both_copies_are_read_and_the_reading_is_entered(keeping: Keeping) -> None:
    keeping.copy()

    assert read_again(keeping) == set()

    parts = keeping.do(check_fixity.measure_coverage, keeping.place)
    assert [part.copy for part in parts] == ["vault", "second copy"]
    assert all(part.units and part.size_bytes and not part.overdue for part in parts)
    key = next(iter(keeping.vault.list_keys("registers/fixity/")))
    assert keeping.vault.lock_of(key) is not None


def units_of(shares: object) -> set[tuple[str, str]]:
    return {(copy, prefix) for share in shares for copy, prefix in share["units"]}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the clock that fixity plans by."""
    real = check_fixity.now

    def set_clock(days: int) -> None:
        monkeypatch.setattr(check_fixity, "now", lambda: real() + timedelta(days=days))

    return set_clock


def test_a_night_that_was_killed_half_way_is_finished_by_the_next(keeping: Keeping, later) -> None:
    keeping.copy()
    later(23)  # everything is due: 30 days less a quarter
    shares = keeping.do(check_fixity.plan_fixity, AGENCY)
    assert len(units_of(shares)) >= 4
    keeping.do(check_fixity.check_fixity_share, shares[0])  # and here everything stops

    again = units_of(keeping.do(check_fixity.plan_fixity, AGENCY))

    assert units_of(shares) - units_of(shares[:1]) <= again
    assert not units_of(shares[:1]) & again


def test_what_exceeds_the_agencys_period_is_a_finding(keeping: Keeping, later) -> None:
    later(31)

    keeping.do(check_fixity.plan_fixity, AGENCY)

    assert [(entry.finding.code, entry.finding.subject) for entry in list_entries(keeping.vault)] == [
        ("F005", keeping.vault.bucket)
    ]


def test_only_a_share_is_read_on_one_night(store: SeaweedFS, second_store: SeaweedFS, tmp_path: Path) -> None:
    keeping = open_keeping(tmp_path, store, second_store)
    for number in range(40):
        keeping.vault.seal_bytes(f"registers/x{number}/2026-11/e.json", b"{}" * 200, **LOCK)

    tonight = units_of(keeping.do(check_fixity.plan_fixity, AGENCY))

    assert 1 <= len(tonight) < 20


def test_the_command_reads_everything_now(keeping: Keeping) -> None:
    keeping.copy()

    done = keeping.run("check", "fixity", "--agency", AGENCY)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing was found." in done.stdout
