"""Two whole snapshots of every account and series on a real Ceph RGW."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from muniment.custody.client import connect
from muniment.embedded.ports import pick_free_ports
from muniment.evidence.verify import HIDDEN, LOCKS, verify
from tests.contract.ceph import PROGRAMS, Ceph
from tests.end_to_end.city import City, open_city, start_simulator

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Gateway:
    """What an installation needs to know of its store. On Ceph a bucket's owner is its administrator."""

    endpoint: str
    keys: Path

    def credentials_file(self, _who: str) -> Path:
        return self.keys


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing and os.environ.get("MUNIMENT_REQUIRE_REAL") != "1":
        pytest.skip(f"needs Debian's radosgw ceph-mon ceph-osd ceph-common; missing: {', '.join(missing)}")
    ceph = Ceph(tmp_path_factory.mktemp("ceph"), pick_free_ports(2))
    try:
        ceph.start()
        keys = tmp_path_factory.mktemp("keys") / "owner.json"
        keys.write_text(json.dumps({"access_key": ceph.key[0], "secret_key": ceph.key[1]}))
        yield Gateway(ceph.endpoint, keys)
    finally:
        ceph.stop()


@pytest.fixture(scope="module")
def twice(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The city on a Ceph that has passed the doctor, captured, and captured again two hours later."""
    simulator = start_simulator()
    try:
        city = open_city(gateway, tmp_path_factory.mktemp("city"), simulator)
        for _ in range(2):
            city.drop_newsletter()
            done = city.run("capture", "--agency", "claremont")
            assert done.returncode == 0, done.stdout + done.stderr
            city.advance(7200)
        yield city
    finally:
        simulator.stop()


def test_every_account_and_series_is_sealed_twice_accepted_and_verifies(twice: City) -> None:
    manifests = twice.manifests()

    assert len(manifests) == 16
    assert {manifest.verdict.outcome for manifest in manifests} == {"accepted"}
    assert any(manifest.rows.gone for manifest in manifests)
    report = verify(twice.vault)
    assert report.findings == ()
    assert {LOCKS, HIDDEN} <= set(report.checks_made)


def test_no_sealed_object_can_be_deleted_by_the_buckets_owner(twice: City) -> None:
    store = twice.settings.store
    owner = connect(store.endpoint, store.region, *store.credentials())
    bucket = store.bucket("claremont")
    listed = owner.list_object_versions(Bucket=bucket, Prefix="records/")["Versions"]
    assert len(listed) > 40

    for version in listed:
        name = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
        with pytest.raises(ClientError, match="AccessDenied"):
            owner.delete_object(**name, BypassGovernanceRetention=True)
        assert owner.get_object_retention(**name)["Retention"]["Mode"] == "COMPLIANCE"
