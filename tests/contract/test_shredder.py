"""The shredder on a real store: what it destroys, and what it leaves."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from muniment.custody.bucket_policy import restrict_bucket
from muniment.custody.client import connect
from muniment.custody.shredder import BATCH, Destroyed, Outcome, Shredder
from muniment.custody.versions import VersionName
from muniment.embedded.ports import pick_free_ports
from muniment.embedded.seaweed import REGION
from muniment.errors import (
    CustodyError,
    HeldError,
    ObjectMissingError,
    StillLockedError,
    StoreUnavailableError,
)

SHORT_S = 2


def soon(seconds: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)


@pytest.fixture
def put(operator_client, bucket):
    """Return a function that puts an object as the vault does, and names its version."""

    def put_one(key: str, *, lock_s: int | None = None, held: bool = False, mode: str = "COMPLIANCE") -> VersionName:
        lock = {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": soon(lock_s)} if lock_s else {}
        hold = {"ObjectLockLegalHoldStatus": "ON"} if held else {}
        answer = operator_client.put_object(
            Bucket=bucket, Key=key, Body=b"a record", ChecksumAlgorithm="CRC32", **lock, **hold
        )
        return VersionName(bucket, key, answer["VersionId"])

    return put_one


class AskedTooEarly(Shredder):
    """A shredder whose question was answered just before the lock was put."""

    def __init__(self, shredder: Shredder) -> None:
        super().__init__(shredder._client, shredder.bucket)

    def _judge(self, version, *, store_time) -> None:
        return None


def left(shredder: Shredder, prefix: str = "records/") -> set[VersionName]:
    return {version.name for version in shredder.list_versions(prefix)}


def lasting(shredder: Shredder, version: VersionName) -> bool:
    return not shredder.is_absent(version) and version in left(shredder)


def test_a_version_under_a_lock_is_refused_and_stays(put, shredder) -> None:
    version = put("records/locked", lock_s=600)

    with pytest.raises(StillLockedError, match=r"records/locked: expected a lock that ended by .*, found COMPLIANCE"):
        shredder.check(version)

    assert shredder.destroy([version]) == (Destroyed(version, Outcome.REFUSED, "locked"),)
    assert lasting(shredder, version)


def test_a_governance_lock_is_never_bypassed(put, shredder) -> None:
    version = put("records/governed", lock_s=600, mode="GOVERNANCE")

    assert shredder.destroy([version]) == (Destroyed(version, Outcome.REFUSED, "locked"),)
    assert lasting(shredder, version)


def test_a_held_version_is_refused_and_stays_also_when_its_lock_has_ended(put, shredder) -> None:
    version = put("records/held", lock_s=SHORT_S, held=True)
    time.sleep(SHORT_S + 1)

    with pytest.raises(HeldError, match="records/held: expected no hold, found one"):
        shredder.check(version)

    assert shredder.destroy([version]) == (Destroyed(version, Outcome.REFUSED, "held"),)
    assert lasting(shredder, version)


def test_what_the_store_itself_refuses_is_an_outcome_with_the_stores_code(put, shredder) -> None:
    locked, free = put("records/locked", lock_s=600), put("records/free")

    found = AskedTooEarly(shredder).destroy([locked, free])

    assert found == (Destroyed(locked, Outcome.REFUSED, "AccessDenied"), Destroyed(free, Outcome.DELETED))
    assert left(shredder) == {locked}


def test_every_version_and_every_marker_of_a_key_goes_by_its_id(
    put, bucket, operator_client, administrator_client, shredder_client
) -> None:
    versions = [put("records/a"), put("records/a")]
    marker = VersionName(
        bucket, "records/a", operator_client.delete_object(Bucket=bucket, Key="records/a")["VersionId"]
    )
    restrict_bucket(administrator_client, bucket)
    shredder = Shredder(shredder_client, bucket)

    assert {(item.name, item.is_marker) for item in shredder.list_versions("records/")} == {
        (versions[0], False),
        (versions[1], False),
        (marker, True),
    }
    assert not shredder.is_absent(marker)
    shredder.check(marker)
    found = shredder.destroy([marker, *versions])

    assert [item.outcome for item in found] == [Outcome.DELETED] * 3
    assert left(shredder) == set()
    assert shredder.is_absent(marker)


@pytest.mark.parametrize("key", ["log/checkpoint", "doctor/a", "recordsx/a"])
def test_what_is_never_destroyed_is_refused_before_anything_is_deleted(put, shredder, key) -> None:
    sound, other = put("records/a"), put(key)

    with pytest.raises(CustodyError, match="expected a key under records/ or registers/"):
        shredder.destroy([sound, other])

    assert lasting(shredder, sound)


def test_a_version_of_another_bucket_is_refused(shredder) -> None:
    with pytest.raises(CustodyError, match="found one in elsewhere"):
        shredder.destroy([VersionName("elsewhere", "records/a", "1")])


def test_a_key_without_a_version_id_is_refused_for_it_would_only_be_hidden(put, bucket, shredder) -> None:
    version = put("records/a")

    with pytest.raises(CustodyError, match="expected a version id, found none"):
        shredder.destroy([VersionName(bucket, "records/a", "")])

    assert left(shredder) == {version}


def test_a_missing_bucket_is_an_error_never_an_absence(shredder_client) -> None:
    name = f"none-{uuid.uuid4().hex[:8]}"
    shredder, version = Shredder(shredder_client, name), VersionName(name, "records/a", "1")

    with pytest.raises(ObjectMissingError, match=name):
        shredder.destroy([version])
    with pytest.raises(ObjectMissingError, match=name):
        shredder.is_absent(version)


def test_a_store_that_does_not_answer_is_unavailable(store, bucket) -> None:
    nowhere = f"http://127.0.0.1:{pick_free_ports(1)[0]}"
    client = connect(nowhere, REGION, *store.credentials("shredder"), attempts=1, timeout_s=2)
    shredder, version = Shredder(client, bucket), VersionName(bucket, "records/a", "1")

    for act in (
        lambda: shredder.destroy([version]),
        lambda: shredder.check(version),
        lambda: shredder.is_absent(version),
    ):
        with pytest.raises(StoreUnavailableError):
            act()


def test_what_is_gone_already_is_absent_and_destroying_twice_is_harmless(put, shredder) -> None:
    version = put("records/a")

    assert shredder.destroy([version]) == (Destroyed(version, Outcome.DELETED),)
    assert shredder.destroy([version]) == (Destroyed(version, Outcome.ABSENT),)
    assert shredder.is_absent(version)
    with pytest.raises(ObjectMissingError):
        shredder.check(version)


def test_once_its_lock_has_ended_a_version_goes_and_its_neighbours_stay(put, shredder) -> None:
    version, longer, other = put("records/a", lock_s=SHORT_S), put("records/a", lock_s=600), put("records/ab")
    time.sleep(SHORT_S + 1)

    shredder.check(version)

    assert shredder.destroy([version]) == (Destroyed(version, Outcome.DELETED),)
    assert left(shredder) == {longer, other}


def test_without_the_policy_that_gives_it_the_right_the_shredder_destroys_nothing(put, bucket, shredder_client) -> None:
    version = put("records/a")

    assert Shredder(shredder_client, bucket).destroy([version]) == (
        Destroyed(version, Outcome.REFUSED, "AccessDenied"),
    )


def test_nothing_asked_is_nothing_done(shredder) -> None:
    assert shredder.destroy([]) == ()


@pytest.mark.real
def test_more_than_one_request_takes_are_all_destroyed_each_with_its_outcome(put, shredder) -> None:
    kept = put("records/kept", lock_s=600)
    versions = [put(f"records/{number}") for number in range(BATCH + 5)]

    found = shredder.destroy([kept, *versions, versions[0]])

    assert [item.version for item in found] == [kept, *versions, versions[0]]
    assert [item.outcome for item in found] == [Outcome.REFUSED, *[Outcome.DELETED] * (BATCH + 6)]
    assert left(shredder) == {kept}
