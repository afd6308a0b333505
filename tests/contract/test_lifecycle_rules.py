"""A lifecycle rule set behind our back, on either bucket of a real store: found, and named; a harmless one is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from muniment.custody.lifecycle import list_expiring_rules
from muniment.workflows import check_store
from muniment.workflows.findings_register import list_entries
from tests.contract.keeping import AGENCY, Keeping, run_command

WHOLE = {"Filter": {"Prefix": ""}, "Status": "Enabled"}
EXPIRING = {
    "after-days": {"Expiration": {"Days": 30}},
    "at-a-date": {"Expiration": {"Date": datetime(2030, 1, 1, tzinfo=UTC)}},
    "older-versions": {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
    "one-folder": {"Expiration": {"Days": 1}, "Filter": {"Prefix": "records/"}},
}
HARMLESS = {
    "switched-off": {"Expiration": {"Days": 30}, "Status": "Disabled"},
    "half-made-uploads": {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    "lone-markers": {"Expiration": {"ExpiredObjectDeleteMarker": True}},
}


def set_rules(client, bucket: str, rules: dict[str, dict]) -> None:
    listed = [{**WHOLE, "ID": name, **rule} for name, rule in rules.items()]
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": listed})


@pytest.mark.parametrize("name", EXPIRING)
def test_a_rule_that_expires_objects_is_named(name, bucket, operator_client, administrator_client) -> None:
    set_rules(administrator_client, bucket, {name: EXPIRING[name]})

    assert list_expiring_rules(operator_client, bucket) == (name,)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_rule_that_takes_no_version_is_left_alone(name, bucket, operator_client, administrator_client) -> None:
    set_rules(administrator_client, bucket, {name: HARMLESS[name]})

    assert list_expiring_rules(operator_client, bucket) == ()


@pytest.mark.parametrize("which", ["store", pytest.param("second", marks=pytest.mark.real)])
def test_the_nightly_check_finds_a_rule_set_behind_our_back_on_either_bucket(which, keeping: Keeping) -> None:
    keeping.copy()
    bucket = {"store": keeping.vault, "second": keeping.second}[which].bucket
    set_rules(keeping.hidden_writer(which), bucket, {"thrift": EXPIRING["after-days"]} | HARMLESS)

    probes = keeping.do(check_store.probe_stores, AGENCY)

    assert [found["findings"] for found in probes["stores"]] == [
        ["D009"] if place == which else [] for place in ("store", "second")
    ]
    (entry,) = list_entries(keeping.vault)
    assert (entry.finding.code, entry.finding.subject) == ("D009", bucket)
    assert entry.finding.detail == "rule 'thrift' expires objects"


@pytest.mark.real
def test_the_doctor_fails_a_store_with_such_a_rule(keeping: Keeping) -> None:
    set_rules(keeping.hidden_writer(), keeping.vault.bucket, {"thrift": EXPIRING["after-days"]})

    done = run_command(keeping.settings, "doctor", "--agency", AGENCY)

    assert done.returncode == 1
    assert "FAILS D009" in done.stdout
    assert "rule 'thrift' expires objects" in done.stdout
