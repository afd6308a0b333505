"""Store truth on real stores: every fault of a store, and every change behind its back, by its code."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from muniment.evidence.manifest import parse_manifest
from muniment.records.names import parse_instant
from muniment.workflows import check_store
from muniment.workflows.findings_register import list_entries
from tests.contract.keeping import AGENCY, LOCK, Keeping, open_keeping
from tests.contract.test_faulty_stores import NAMED
from tests.faulty_store.proxy import FaultyStore
from tests.unit.evidence.vault_folder import UNTIL

pytestmark = pytest.mark.real  # minutes together, all of them waiting for a store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ALREADY_SETTLED = timedelta(0)  # what was sealed before the planning counts as settled


def check(keeping: Keeping) -> dict[str, set[str]]:
    """Compare both copies with the manifests; return what each code was found about."""
    shares = keeping.do(check_store.plan_check_store, AGENCY, settled=ALREADY_SETTLED)
    time.sleep(1.1)  # a store tells the time in seconds; the check's own findings come after
    for share in shares:
        keeping.do(check_store.check_store_share, share)
    found: dict[str, set[str]] = {}
    for entry in list_entries(keeping.vault):
        found.setdefault(entry.finding.code, set()).add(entry.finding.subject)
    return found


def test_a_sound_vault_with_a_whole_second_copy_has_no_finding(keeping: Keeping) -> None:
    keeping.copy()
    keeping.copy()

    assert check(keeping) == {}


def test_the_rewritten_checkpoint_and_the_doctors_throwaways_are_no_findings(keeping: Keeping) -> None:
    client = keeping.hidden_writer()
    for _ in range(2):
        client.put_object(Bucket=keeping.vault.bucket, Key="log/checkpoint", Body=os.urandom(8))
    client.put_object(Bucket=keeping.vault.bucket, Key="doctor/x/y", Body=b"x")
    keeping.copy()
    keeping.copy()

    assert check(keeping) == {}


def test_a_snapshot_in_the_making_and_a_copy_on_its_way_are_no_findings(keeping: Keeping) -> None:
    keeping.copy()
    folder = keeping.sealed()[-1].rsplit("/", 1)[0].replace("12000", "13000")
    keeping.vault.seal_bytes(f"{folder}/pages.parquet", b"pages", **LOCK)

    for share in keeping.do(check_store.plan_check_store, AGENCY):
        assert keeping.do(check_store.check_store_share, share)["findings"] == {}


@pytest.fixture
def faulty_first(faulty, stand_in, store, second_store, tmp_path) -> tuple[Keeping, FaultyStore]:
    return open_keeping(tmp_path, store, second_store, endpoint=faulty[1]), stand_in


@pytest.fixture
def stand_in(faulty):
    faulty[0].faults.clear()
    yield faulty[0]
    faulty[0].faults.clear()


@pytest.fixture(scope="session")
def faulty(store):
    from tests.faulty_store.proxy import serve_faulty_store

    with serve_faulty_store(store.endpoint, store.credentials("administrator")) as served:
        yield served


NOTED = {"D014", "D015"}  # what stops no seal
FAILING = {fault: codes - NOTED for fault, codes in NAMED.items() if codes - NOTED}


@pytest.mark.parametrize("fault", FAILING)
def test_each_fault_of_the_store_is_found_by_the_nightly_probes(fault, faulty_first) -> None:
    keeping, stand_in = faulty_first
    stand_in.faults.add(fault)

    probes = keeping.do(check_store.probe_stores, AGENCY)
    stand_in.faults.clear()

    first = probes["stores"][0]
    assert (first["passed"], set(first["findings"])) == (False, FAILING[fault])
    assert {entry.finding.code for entry in list_entries(keeping.vault)} == FAILING[fault]


def test_a_fault_of_the_second_store_is_found_and_told_apart(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    keeping = keeping_on_faulty_second
    keeping.copy()
    second_stand_in.faults.add("suspends versioning")

    probes = keeping.do(check_store.probe_stores, AGENCY)

    assert [store["findings"] for store in probes["stores"]] == [[], ["D008"]]
    (entry,) = list_entries(keeping.vault)
    assert entry.finding.subject == keeping.second.bucket


def test_a_lost_bucket_is_an_error_and_is_not_made_anew(keeping: Keeping) -> None:
    from dataclasses import replace

    from muniment.errors import ObjectMissingError

    store = replace(keeping.settings.store, bucket_prefix="no-such-")
    lost = Keeping(replace(keeping.settings, store=store), keeping.folder)

    with pytest.raises(ObjectMissingError):
        lost.do(check_store.probe_stores, AGENCY)


def first_key(keeping: Keeping, ending: str = "rows.parquet") -> str:
    return next(key for key in keeping.sealed() if key.endswith(ending))


def delete_marker(keeping: Keeping, client: S3Client) -> set[str]:
    key = first_key(keeping)
    client.delete_object(Bucket=keeping.vault.bucket, Key=key)
    return {key}


def shadow_version(keeping: Keeping, client: S3Client) -> set[str]:
    key = first_key(keeping, "pages.parquet")
    client.put_object(Bucket=keeping.vault.bucket, Key=key, Body=b"a forgery")
    return {key}


def foreign_object(keeping: Keeping, client: S3Client) -> set[str]:
    key = first_key(keeping).replace("rows.parquet", "media.parquet")
    keeping.vault.seal_bytes(key, b"x", **LOCK)
    return {key}


def foreign_root(keeping: Keeping, client: S3Client) -> set[str]:
    client.put_object(Bucket=keeping.vault.bucket, Key="notes.txt", Body=b"x")
    return {"notes.txt"}


def begun_snapshot(keeping: Keeping, client: S3Client) -> set[str]:
    key = first_key(keeping, "pages.parquet").replace("T12000", "T13000")
    keeping.vault.seal_bytes(key, b"x", **LOCK)
    return {key.removesuffix("pages.parquet")}


def broken_manifest(keeping: Keeping, client: S3Client) -> set[str]:
    key = first_key(keeping, "pages.parquet").replace("T12000", "T14000").replace("pages.parquet", "manifest.json")
    keeping.vault.seal_bytes(key, b"{}", **LOCK)
    return {key}


def missing_object(keeping: Keeping, client: S3Client) -> set[str]:
    """A manifest that names what was never there: what early deletion leaves."""
    manifest = keeping.folder.add_snapshot(3)
    key = next(sealed.key for sealed in manifest.objects if sealed.key.endswith("rows.parquet"))
    for name in ("pages.parquet", "manifest.json"):
        path = keeping.folder.root / manifest.address.key(name)
        keeping.vault.seal_file(manifest.address.key(name), path, **LOCK)
    return {key}


def short_object(keeping: Keeping, client: S3Client) -> set[str]:
    manifest = keeping.folder.add_snapshot(4)
    key = next(sealed.key for sealed in manifest.objects if sealed.key.endswith("rows.parquet"))
    (keeping.folder.root / key).write_bytes(b"short")
    for name in ("pages.parquet", "rows.parquet", "manifest.json"):
        path = keeping.folder.root / manifest.address.key(name)
        keeping.vault.seal_file(manifest.address.key(name), path, **LOCK)
    return {key}


def shorter_lock(keeping: Keeping, client: S3Client) -> set[str]:
    manifest = keeping.folder.add_snapshot(5)
    for name in ("pages.parquet", "rows.parquet", "manifest.json"):
        key = manifest.address.key(name)
        until = parse_instant(UNTIL) - timedelta(days=1 if name == "rows.parquet" else 0)
        keeping.vault.seal_file(key, keeping.folder.root / key, lock_until=until, content_type="x/y")
    return {manifest.address.key("rows.parquet")}


def governance_lock(keeping: Keeping, client: S3Client) -> set[str]:
    key = "registers/x/2026-11/e.json"
    client.put_object(
        Bucket=keeping.vault.bucket,
        Key=key,
        Body=b"{}",
        ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate=parse_instant(UNTIL),
        ChecksumAlgorithm="CRC32",
    )
    return {key}


CHANGES: list[tuple[Callable[..., set[str]], str]] = [
    (delete_marker, "V008"),
    (shadow_version, "V008"),
    (foreign_object, "V005"),
    (foreign_root, "V005"),
    (begun_snapshot, "V007"),
    (broken_manifest, "V003"),
    (missing_object, "V001"),
    (short_object, "V002"),
    (shorter_lock, "V004"),
    (governance_lock, "V004"),
]


def test_each_change_behind_the_vaults_back_is_found_by_its_code_and_nothing_else_is_blamed(keeping: Keeping) -> None:
    keeping.copy()
    concerned = apply(CHANGES, keeping, keeping.hidden_writer())
    keeping.copy()  # what a change added is copied too, so that the second copy says nothing of it
    keeping.copy()

    assert check(keeping) == concerned


def apply(
    changes: list[tuple[Callable[..., set[str]], str]], keeping: Keeping, client: S3Client
) -> dict[str, set[str]]:
    """Make every change; return what each code must be found about."""
    concerned: dict[str, set[str]] = {}
    for change, code in changes:
        concerned.setdefault(code, set()).update(change(keeping, client))
    return concerned


def copy_marker(keeping: Keeping, client: S3Client) -> set[str]:
    key = first_key(keeping)
    # In bulk: the second bucket's policy refuses its administrator a single delete, and SeaweedFS asks it no further.
    client.delete_objects(Bucket=keeping.second.bucket, Delete={"Objects": [{"Key": key}]})
    return {key}


def copy_shadow(keeping: Keeping, client: S3Client) -> set[str]:
    key = first_key(keeping, "pages.parquet")
    client.put_object(Bucket=keeping.second.bucket, Key=key, Body=b"a forgery")
    return {key}


def copy_foreign(keeping: Keeping, client: S3Client) -> set[str]:
    keeping.second.seal_bytes("registers/x/2026-11/e.json", b"{}", **LOCK)
    return {"registers/x/2026-11/e.json"}


def copy_missing(keeping: Keeping, client: S3Client) -> set[str]:
    keeping.vault.seal_bytes("registers/z/2026-11/e.json", b"{}", **LOCK)
    return {"registers/z/2026-11/e.json"}


def copy_other_size(keeping: Keeping, client: S3Client) -> set[str]:
    keeping.vault.seal_bytes("registers/y/2026-11/e.json", b"{}", **LOCK)
    keeping.second.seal_bytes("registers/y/2026-11/e.json", b"{ }", **LOCK)
    return {"registers/y/2026-11/e.json"}


def copy_shorter_lock(keeping: Keeping, client: S3Client) -> set[str]:
    key = first_key(keeping, "manifest.json")
    keeping.vault.extend_lock(key, parse_instant(UNTIL) + timedelta(days=1))
    return {key}


COPY_CHANGES: list[tuple[Callable[..., set[str]], str]] = [
    (copy_marker, "C006"),
    (copy_shadow, "C006"),
    (copy_foreign, "C005"),
    (copy_missing, "C002"),
    (copy_other_size, "C003"),
    (copy_shorter_lock, "C004"),
]


def test_each_change_of_the_second_copy_is_found_by_its_code_and_nothing_else_is_blamed(keeping: Keeping) -> None:
    keeping.copy()
    keeping.copy()
    concerned = apply(COPY_CHANGES, keeping, keeping.hidden_writer("second"))

    assert check(keeping) == concerned


def test_a_second_copy_that_is_gone_stops_no_check_of_the_first(
    keeping_on_faulty_second: Keeping, second_stand_in: FaultyStore
) -> None:
    keeping = keeping_on_faulty_second
    keeping.copy()
    second_stand_in.faults.add("is down")

    delete_marker(keeping, keeping.hidden_writer())

    assert check(keeping).keys() == {"C001", "V008"}


def test_the_night_is_entered_and_the_command_says_what_was_found(keeping: Keeping) -> None:
    keeping.copy()

    done = keeping.run("check", "store", "--agency", AGENCY)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing was found." in done.stdout
    (key,) = keeping.vault.list_keys("registers/store-truth/")
    assert keeping.vault.lock_of(key) is not None


def test_a_manifest_written_here_is_of_the_specified_form(keeping: Keeping) -> None:
    assert parse_manifest(keeping.vault.read(first_key(keeping, "manifest.json")))
