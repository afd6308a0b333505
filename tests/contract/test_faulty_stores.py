"""The doctor names each fault of a store, and the vault calls nothing sealed whose lock did not hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from muniment.custody.bucket_policy import restrict_bucket
from muniment.custody.client import connect
from muniment.custody.doctor import DoctorReport, examine
from muniment.custody.store_checks import check_store_passed, record_check
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import REGION
from muniment.errors import ChecksumError, LockNotKeptError, StoreUnavailableError, StoreUnfitError
from tests.faulty_store.proxy import FAULTS, FaultyStore, serve_faulty_store

UNTIL = datetime(2036, 1, 1, tzinfo=UTC)
TEXT = {"lock_until": UNTIL, "content_type": "text/plain"}
NAMED = {
    "deletes locked versions": {"D002", "D011", "D015"},
    "deletes with bypass": {"D003", "D011"},
    "deletes in bulk": {"D004"},
    "accepts downgrades": {"D005"},
    "accepts shorter dates": {"D006"},
    "clears locks": {"D006"},
    "overwrites in place": {"D007"},
    "suspends versioning": {"D008"},
    "expires objects": {"D009"},
    "keeps another date": {"D005", "D006", "D007", "D010", "D011", "D014"},
    "drops lock headers": {"D002", "D003", "D004", "D005", "D006", "D007", "D010", "D014"},
    "refuses extensions": {"D011"},
    "ignores holds": {"D011"},
    "refuses holds": {"D011"},
    "vouches blindly": {"D012", "D014"},
    "reads for strangers": {"D013"},
    "says there is no lock": {"D001"},
    "wraps dates": {"D014"},
    "ignores checksums": {"D014"},
    "ignores If-None-Match": {"D014"},
}


@pytest.fixture(scope="session")
def faulty(store) -> Iterator[tuple[FaultyStore, str]]:
    with serve_faulty_store(store.endpoint, store.credentials("administrator")) as served:
        yield served


@pytest.fixture
def stand_in(faulty) -> Iterator[FaultyStore]:
    faulty[0].faults.clear()
    yield faulty[0]
    faulty[0].faults.clear()


@pytest.fixture
def bucket(bucket, administrator_client) -> str:
    """A fresh bucket with the policy that says who may delete."""
    assert restrict_bucket(administrator_client, bucket)
    return bucket


@pytest.fixture
def client(faulty, store):
    return connect(faulty[1], REGION, *store.credentials("operator"), attempts=2, timeout_s=10)


def codes(report: DoctorReport) -> set[str]:
    return {finding.code for finding in report.findings}


def test_a_sound_store_has_no_findings_also_through_the_proxy(client, bucket, stand_in) -> None:
    assert examine(client, bucket, administrator=client).findings == ()


@pytest.mark.parametrize("fault", NAMED)
def test_the_doctor_names_the_fault_and_only_that(fault, client, bucket, stand_in) -> None:
    stand_in.faults.add(fault)

    report = examine(client, bucket)

    assert codes(report) == NAMED[fault]
    assert report.passed == (NAMED[fault] == {"D014"})
    assert not [finding for finding in report.findings if "could not be tried" in finding.detail]


def test_a_store_that_obeys_the_administrator_alone_is_found_out(faulty, store, client, bucket, stand_in) -> None:
    administrator = connect(faulty[1], REGION, *store.credentials("administrator"), attempts=2)
    stand_in.faults.add("deletes for the administrator")

    assert codes(examine(client, bucket)) == set()
    found = examine(client, bucket, administrator=administrator).findings

    assert {finding.code for finding in found} == {"D002", "D011"}
    assert all("administrator" in finding.detail for finding in found)


def test_two_faults_are_both_named(client, bucket, stand_in) -> None:
    stand_in.faults |= {"accepts downgrades", "reads for strangers"}

    assert codes(examine(client, bucket)) == {"D005", "D013"}


def test_a_bucket_whose_policy_lets_the_operator_delete_is_noted_and_fails_nothing(
    client, bucket, administrator_client, stand_in
) -> None:
    administrator_client.delete_bucket_policy(Bucket=bucket)

    report = examine(client, bucket)

    assert {(finding.code, finding.detail) for finding in report.findings} == {
        ("D015", f"the operator's key may delete under {folder}/") for folder in ("records", "registers", "log")
    }
    assert report.passed


def test_a_bucket_without_object_lock_fails_and_no_probe_counts_as_passed_untried(
    client, administrator_client, stand_in
) -> None:
    administrator_client.create_bucket(Bucket="without-object-lock")

    report = examine(client, "without-object-lock")

    assert {"D001", "D002", "D003", "D004", "D005", "D006", "D007", "D010", "D011"} <= codes(report)
    assert not report.passed


def test_a_store_that_is_down_is_no_finding_but_an_error(client, bucket, stand_in) -> None:
    stand_in.faults.add("is down")

    with pytest.raises(StoreUnavailableError, match="503"):
        examine(client, bucket)


def test_every_fault_of_the_stand_in_is_used_by_a_test() -> None:
    elsewhere = {"deletes for the administrator", "corrupts bytes", "loses one answer", "is down"}
    elsewhere |= {"refuses writes", "serves other bytes"}

    assert set(FAULTS) == set(NAMED) | elsewhere


@pytest.mark.parametrize("fault", ["drops lock headers", "keeps another date"])
def test_nothing_is_called_sealed_whose_lock_did_not_hold(fault, client, bucket, stand_in) -> None:
    stand_in.faults.add(fault)

    with pytest.raises(LockNotKeptError, match="expected a COMPLIANCE lock until 2036-01-01T00:00:00"):
        Vault(client, bucket).seal_bytes("a", b"body", **TEXT)


def test_a_seal_that_lost_its_lock_is_mended_by_sealing_again(client, bucket, stand_in) -> None:
    vault = Vault(client, bucket)
    stand_in.faults.add("drops lock headers")
    with pytest.raises(LockNotKeptError):
        vault.seal_bytes("a", b"body", **TEXT)
    assert vault.find("a") is None
    stand_in.faults.clear()

    vault.seal_bytes("a", b"body", **TEXT)

    assert vault.lock_of("a").until == UNTIL
    assert len(client.list_object_versions(Bucket=bucket, Prefix="a")["Versions"]) == 1


def test_a_date_that_the_store_wraps_is_refused_and_the_object_stays_locked(client, bucket, stand_in) -> None:
    vault = Vault(client, bucket)
    stand_in.faults.add("wraps dates")

    with pytest.raises(LockNotKeptError, match=r"2126-01-01.*found COMPLIANCE until 1989-11-24"):
        vault.seal_bytes("a", b"body", lock_until=datetime(2126, 1, 1, tzinfo=UTC), content_type="text/plain")

    stand_in.faults.clear()
    assert vault.lock_of("a").until >= datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)


def test_bytes_changed_on_their_way_in_are_found_by_reading_back(client, bucket, stand_in) -> None:
    stand_in.faults.add("corrupts bytes")

    with pytest.raises(ChecksumError, match="found others"):
        Vault(client, bucket).seal_bytes("a", b"body", **TEXT)


def test_a_store_that_checks_nothing_still_seals_what_reads_back_true(client, bucket, stand_in) -> None:
    stand_in.faults.add("ignores checksums")

    sealed = Vault(client, bucket).seal_bytes("a", b"body", **TEXT)

    assert sealed.size_bytes == 4
    assert Vault(client, bucket).read("a") == b"body"


def test_a_write_whose_answer_was_lost_ends_as_one_version(client, bucket, stand_in) -> None:
    vault = Vault(client, bucket)
    stand_in.faults.add("loses one answer")

    vault.seal_bytes("a", b"body", **TEXT)

    assert len(client.list_object_versions(Bucket=bucket, Prefix="a")["Versions"]) == 1
    assert vault.lock_of("a").until == UNTIL


@pytest.mark.parametrize("fault", ["keeps another date", "refuses extensions"])
def test_an_extension_that_did_not_hold_is_an_error(fault, client, bucket, stand_in) -> None:
    vault = Vault(client, bucket)
    vault.seal_bytes("a", b"body", **TEXT)
    stand_in.faults.add(fault)

    with pytest.raises(LockNotKeptError, match="a: "):
        vault.extend_lock("a", UNTIL + timedelta(days=1))

    stand_in.faults.clear()
    assert vault.lock_of("a").until >= UNTIL


def test_a_store_that_was_never_examined_is_not_sealed_into(client, bucket, stand_in) -> None:
    with pytest.raises(StoreUnfitError, match=r"expected a passed store check of probe set .*, found none"):
        check_store_passed(Vault(client, bucket))


def test_a_passed_examination_opens_the_gate_and_is_locked_itself(client, bucket, stand_in) -> None:
    vault = Vault(client, bucket)

    key = record_check(client, examine(client, bucket), lock_until=UNTIL)

    check_store_passed(vault)
    assert vault.lock_of(key).until == UNTIL
    assert key.startswith("registers/store-checks/")


def test_a_later_failure_shuts_the_gate_again(client, bucket, stand_in) -> None:
    record_check(client, examine(client, bucket), lock_until=UNTIL)
    stand_in.faults.add("accepts downgrades")
    record_check(client, examine(client, bucket), lock_until=UNTIL)
    stand_in.faults.clear()

    with pytest.raises(StoreUnfitError, match="failed with D005"):
        check_store_passed(Vault(client, bucket))


def test_a_failure_is_on_record_even_where_no_lock_holds(client, bucket, stand_in) -> None:
    record_check(client, examine(client, bucket), lock_until=UNTIL)
    stand_in.faults.add("drops lock headers")
    record_check(client, examine(client, bucket), lock_until=UNTIL)
    stand_in.faults.clear()

    with pytest.raises(StoreUnfitError, match="failed with D002"):
        check_store_passed(Vault(client, bucket))


def test_a_pass_elsewhere_does_not_count_here(client, operator_client, bucket, stand_in) -> None:
    record_check(operator_client, examine(operator_client, bucket), lock_until=UNTIL)

    with pytest.raises(StoreUnfitError, match="found none"):
        check_store_passed(Vault(client, bucket))
