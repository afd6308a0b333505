"""The keys of captures and of pages, held against the vault: whatever they try, once no lock keeps it, it stays.

The buckets are those that an installation makes: by the doctor, and by the first copy.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from muniment.custody.bucket_policy import build_policy, read_policy, restrict_bucket
from muniment.custody.buckets import read_versioning
from muniment.custody.client import connect
from muniment.custody.shredder import Outcome, Shredder
from muniment.custody.versions import VersionName
from muniment.embedded.seaweed import IDENTITIES, REGION
from muniment.workflows.doctor import make_bucket
from tests.contract.keeping import AGENCY, Keeping

SOURCES = Path(__file__).parents[2]
LOCK_S = 2
FOLDERS = ("records", "registers", "log")
KEYS = {"captures": "operator", "pages": "reader"}
EXPIRY = {"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}


@pytest.fixture
def unlocked(operator_client, administrator_client, bucket) -> list[VersionName]:
    """One object a folder whose lock has ended, in a bucket with its policy."""
    restrict_bucket(administrator_client, bucket)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=LOCK_S)
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until, "ChecksumAlgorithm": "CRC32"}
    versions = []
    for folder in FOLDERS:
        answer = operator_client.put_object(Bucket=bucket, Key=f"{folder}/a", Body=b"a record", **lock)
        versions.append(VersionName(bucket, f"{folder}/a", answer["VersionId"]))
    time.sleep(LOCK_S + 1)
    return versions


def code_of(act: Callable[..., object], **arguments: object) -> str | None:
    try:
        act(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def everything_in(client, bucket: str) -> dict[str, list[str]]:
    answer = client.list_object_versions(Bucket=bucket)
    return {
        "versions": sorted(item["Key"] for item in answer.get("Versions", [])),
        "markers": sorted(item["Key"] for item in answer.get("DeleteMarkers", [])),
    }


@pytest.mark.parametrize("whose", KEYS)
def test_no_key_but_the_shredders_deletes_what_no_lock_keeps_any_more(
    whose, store, bucket, operator_client, unlocked
) -> None:
    client = connect(store.endpoint, REGION, *store.credentials(KEYS[whose]))

    for version in unlocked:
        name = {"Bucket": bucket, "Key": version.key}
        listed = [{"Key": version.key, "VersionId": version.version_id}, {"Key": version.key}]
        assert code_of(client.delete_object, **name, VersionId=version.version_id) == "AccessDenied"
        assert code_of(client.delete_object, **name) == "AccessDenied"
        for bypass in (False, True):
            more = {"BypassGovernanceRetention": bypass}
            assert code_of(client.delete_object, **name, VersionId=version.version_id, **more) == "AccessDenied"
            answer = client.delete_objects(Bucket=bucket, Delete={"Objects": listed}, **more)
            assert [error["Code"] for error in answer["Errors"]] == ["AccessDenied"] * 2
            assert "Deleted" not in answer

    assert everything_in(operator_client, bucket) == {"versions": sorted(v.key for v in unlocked), "markers": []}


def test_no_key_but_the_administrators_changes_a_governance_lock_or_deletes_past_it(
    store, bucket, administrator_client, operator_client
) -> None:
    restrict_bucket(administrator_client, bucket)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until, "ChecksumAlgorithm": "CRC32"}
    answer = operator_client.put_object(Bucket=bucket, Key="records/a", Body=b"a record", **lock)
    name = {"Bucket": bucket, "Key": "records/a", "VersionId": answer["VersionId"], "BypassGovernanceRetention": True}

    for identity in (*KEYS.values(), "shredder"):
        client = connect(store.endpoint, REGION, *store.credentials(identity))
        sooner = {"Mode": "GOVERNANCE", "RetainUntilDate": until - timedelta(minutes=30)}
        assert code_of(client.put_object_retention, **name, Retention=sooner) == "AccessDenied"
        assert code_of(client.delete_object, **name) == "AccessDenied"

    assert everything_in(operator_client, bucket)["versions"] == ["records/a"]


@pytest.mark.parametrize("identity", [*KEYS.values(), "shredder"])
def test_no_key_but_the_administrators_changes_the_buckets_rules(identity, store, bucket, administrator_client) -> None:
    restrict_bucket(administrator_client, bucket)
    client = connect(store.endpoint, REGION, *store.credentials(identity))
    open_to_all = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [open_to_all]})
    attempts: list[tuple[Callable[..., object], dict[str, object]]] = [
        (client.put_bucket_policy, {"Policy": policy}),
        (client.delete_bucket_policy, {}),
        (client.put_bucket_lifecycle_configuration, {"LifecycleConfiguration": EXPIRY}),
        (client.delete_bucket_lifecycle, {}),
        (client.put_bucket_versioning, {"VersioningConfiguration": {"Status": "Suspended"}}),
        (client.put_object_lock_configuration, {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}),
        (client.put_bucket_acl, {"ACL": "public-read-write"}),
        (client.delete_bucket, {}),
    ]

    for act, arguments in attempts:
        assert code_of(act, Bucket=bucket, **arguments) == "AccessDenied", act.__name__

    assert read_policy(administrator_client, bucket) == build_policy(bucket)
    assert read_versioning(administrator_client, bucket) == "Enabled"
    assert code_of(administrator_client.get_bucket_lifecycle_configuration, Bucket=bucket) == (
        "NoSuchLifecycleConfiguration"
    )


def test_the_shredders_key_destroys_and_neither_writes_nor_holds_nor_touches_the_log(
    store, bucket, shredder_client, operator_client, unlocked
) -> None:
    records, registers, log = unlocked
    shredder = Shredder(shredder_client, bucket)

    assert code_of(shredder_client.put_object, Bucket=bucket, Key="records/b", Body=b"x") == "AccessDenied"
    hold = {"Bucket": bucket, "Key": records.key, "VersionId": records.version_id, "LegalHold": {"Status": "OFF"}}
    assert code_of(shredder_client.put_object_legal_hold, **hold) == "AccessDenied"
    name = {"Bucket": bucket, "Key": log.key, "VersionId": log.version_id}
    assert code_of(shredder_client.delete_object, **name) == "AccessDenied"
    assert [item.outcome for item in shredder.destroy([records, registers])] == [Outcome.DELETED] * 2
    assert everything_in(operator_client, bucket) == {"versions": ["log/a"], "markers": []}


def test_the_doctor_and_the_copy_give_both_buckets_their_policy(keeping: Keeping) -> None:
    make_bucket(AGENCY, keeping.settings.store)
    keeping.copy()

    for which, vault in (("store", keeping.vault), ("second", keeping.second)):
        assert read_policy(keeping.hidden_writer(which), vault.bucket) == build_policy(vault.bucket)


def test_a_policy_that_somebody_else_wrote_is_left_alone(bucket, administrator_client) -> None:
    statement = {
        "Sid": "Theirs",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:DeleteObject", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/records/*", f"arn:aws:s3:::{bucket}/log/*"],
    }
    theirs = {"Version": "2012-10-17", "Statement": [statement]}
    administrator_client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(theirs))

    assert not restrict_bucket(administrator_client, bucket)
    assert read_policy(administrator_client, bucket) == theirs


def test_every_other_key_of_the_embedded_store_is_among_those_tried() -> None:
    assert set(IDENTITIES) == {*KEYS.values(), "shredder", "administrator"}


# Each deletes something else than the vault's objects, or is there to be refused.
ALLOWED = {
    "include/muniment/custody/shredder.py": "the shredder itself",
    "include/muniment/custody/doctor.py": "throwaways under doctor/",
    "include/muniment/custody/probes/bucket.py": "a version that is not there, to be refused",
    "include/muniment/custody/probes/deletion.py": "throwaways under doctor/, to be refused",
    "include/muniment/custody/probes/retention.py": "no deletion: locks of throwaways under doctor/, to be refused",
    "include/muniment/custody/attempts.py": "a sealed object under a lock that is checked first, to be refused",
}
DELETES = re.compile(r"delete_objects?\b|delete_bucket\b|abort_multipart|BypassGovernanceRetention=True|DeleteObject")


def test_the_product_calls_for_a_deletion_in_these_places_and_no_other() -> None:
    found = {
        path.relative_to(SOURCES).as_posix()
        for folder in ("include/muniment", "plugins", "dags", "config")
        for path in (SOURCES / folder).rglob("*.py")
        if DELETES.search(re.sub(r'"s3:\w+"|""".*?"""', "", path.read_text("utf-8"), flags=re.DOTALL))
    }

    assert found == set(ALLOWED)


def test_only_the_wiring_reads_the_shredders_key_and_only_dispositions_ask_for_it() -> None:
    asking = {
        path.relative_to(SOURCES).as_posix()
        for folder in ("include/muniment", "plugins", "dags")
        for path in (SOURCES / folder).rglob("*.py")
        if re.search(r"\.shredder\(\)|open_(second_)?shredder", path.read_text("utf-8"))
    }

    assert "include/muniment/workflows/wiring.py" in asking
    assert all(
        path.startswith("include/muniment/workflows/disposition/")
        for path in asking - {"include/muniment/workflows/wiring.py"}
    )
