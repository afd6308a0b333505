"""A disposition on two real stores, from its proposal to `verify` after it: what goes, and that nothing else does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from muniment.cli.main import main
from muniment.custody.client import connect
from muniment.custody.shredder import Destroyed, Shredder
from muniment.custody.versions import VersionName
from muniment.embedded.seaweed import SeaweedFS
from muniment.errors import GateError
from muniment.evidence.destruction_certificate import PARTLY, parse_certificate
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.verify import Means, verify
from muniment.workflows import check_fixity, check_store, copy_vault
from muniment.workflows.append_log import append_log
from muniment.workflows.disposition.certificates import read_certificate
from muniment.workflows.doctor import examine_store
from muniment.workflows.log_keys import make_key
from tests.contract.disposing import AGENCY, Disposing, open_disposing
from tests.end_to_end.city import settings_in_force
from tests.unit.workflows.disposition.stage import ACCOUNTS, POSTS, STEPS, Stage, volume

pytestmark = pytest.mark.real  # minutes together, all of them waiting for a store

GONE = volume("2022-03")
HELD = volume("2022-04")
OTHERS = (volume("2022-05"), volume("2022-03", ACCOUNTS[1]), volume("2022-03", series=POSTS))


@pytest.fixture(scope="module")
def city(store: SeaweedFS, second_store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Disposing:
    """Five volumes of two series and two accounts, logged, their locks ended; a later version and a marker in one."""
    city = open_disposing(tmp_path_factory.mktemp("city"), store, second_store)
    examine_store(AGENCY, city.settings)  # only a store that passed may be logged
    city.log_key = make_key(AGENCY, city.settings)  # type: ignore[attr-defined]
    city.seal_volumes((GONE, HELD, *OTHERS), snapshots=2, media=1)
    assert append_log(AGENCY, city.settings)["findings"] == []
    return city


def state_of(city: Disposing, addresses: Iterable[VolumeAddress]) -> list[tuple[object, ...]]:
    """Return the hash, the lock and the version of everything in the volumes, in both copies."""
    found: list[tuple[object, ...]] = []
    for vault in (city.stage.vault, city.stage.second):
        for address in addresses:
            for one in vault.list_versions(address.prefix):
                sealed = vault.find(one.key)
                lock = vault.lock_of(one.key)
                found.append((vault.bucket, one.key, one.name.version_id, sealed.sha256, lock.until, lock.mode))
    return sorted(found)


def check(city: Disposing) -> list[str]:
    """Verify the vault with the log's key, as an auditor does; return the codes found."""
    means = Means(log_keys=(city.log_key,))  # type: ignore[attr-defined]
    return sorted({finding.code for finding in verify(city.stage.vault, means=means).findings})


def check_nightly(city: Disposing) -> list[str]:
    """Run the nightly checks over both copies, and copy; return the codes found."""
    codes: set[str] = set()
    with settings_in_force(city.settings):
        for share in copy_vault.plan_copy(AGENCY, whole=True):
            codes.update(copy_vault.copy_share(share)["findings"])
        for share in check_store.plan_check_store(AGENCY):
            codes.update(check_store.check_store_share(share)["findings"])
        for share in check_fixity.plan_fixity(AGENCY, whole=True):
            codes.update(check_fixity.check_fixity_share(share)["findings"])
    return sorted(codes)


class PlacesAHold:
    """A shredder beside which counsel places a hold after so many batches."""

    def __init__(self, inner: Shredder, stage: Stage, address: VolumeAddress, after: int) -> None:
        self.inner, self.stage, self.address, self.left = inner, stage, address, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def destroy(self, versions: list[VersionName]) -> tuple[Destroyed, ...]:
        done = self.inner.destroy(versions)
        self.left -= 1
        if self.left == 0:
            self.stage.place_matter("doe-claim", "litigation", self.address)
        return done


@pytest.fixture(scope="module")
def destroyed(city: Disposing) -> dict[str, Any]:
    """Destroy one class: one volume of comments, with a later version and delete markers over its objects."""
    stage = city.stage
    key, other = list(stage.vault.list_keys(GONE.prefix))[:2]
    stage.put("vault", key, b"a later version")
    second = city.settings.second
    assert second is not None
    # Nobody else may leave a delete marker here.
    marking = connect(second.endpoint, second.region, *second.shredder())
    marking.delete_object(Bucket=stage.second.bucket, Key=other)
    before = state_of(city, (HELD, *OTHERS))
    stage = replace(stage, run="manual__whole", most=7)
    disposition = stage.ready(GONE)
    listed = len(stage.versions(GONE))
    done = stage.destroy(disposition)
    return {"before": before, "listed": listed, "done": done, "stage": stage, "id": disposition}


def test_one_class_is_destroyed_and_every_other_object_keeps_its_hash_and_its_lock(
    city: Disposing, destroyed: dict[str, Any]
) -> None:
    assert destroyed["listed"] == 2 * 8 + 2
    assert city.stage.versions(GONE) == []
    assert state_of(city, (HELD, *OTHERS)) == destroyed["before"]
    assert destroyed["done"]["outcome"] == "whole"
    certificate = parse_certificate(city.stage.vault.read(destroyed["done"]["certificate"]))
    assert certificate.versions == destroyed["listed"]
    assert {copy.shown_absent for copy in certificate.copies} == {9}


def test_verify_does_not_take_the_certificates_word_before_the_log_has_it(
    city: Disposing, destroyed: dict[str, Any]
) -> None:
    assert "V014" in check(city)
    assert append_log(AGENCY, city.settings)["findings"] == []
    assert check(city) == []


def test_the_nightly_checks_find_nothing_amiss_after_it(city: Disposing, destroyed: dict[str, Any]) -> None:
    assert check_nightly(city) == []
    assert city.stage.versions(GONE) == []


def test_the_certificate_is_printed_with_its_place_in_the_log(
    city: Disposing, destroyed: dict[str, Any], tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "certificate.html"
    with settings_in_force(city.settings):
        assert main(["dispose", "certificate", destroyed["id"], "--agency", AGENCY, "--html", str(page)]) == 0
        assert main(["dispose", "list", "--agency", AGENCY, "--json"]) == 0
    sealed = read_certificate(AGENCY, destroyed["id"], city.settings)

    assert sealed.log_index is not None
    assert sealed.sha256 in page.read_text("utf-8")
    assert destroyed["id"] in capsys.readouterr().out


def test_a_hold_between_two_batches_keeps_what_is_not_deleted_yet_and_the_certificate_lists_what_went(
    city: Disposing, destroyed: dict[str, Any]
) -> None:
    stage = replace(city.stage, run="manual__held", most=4)
    disposition = stage.ready(HELD)
    listed = set(stage.versions(HELD))
    shredders = stage.shredders
    stage.shredders = {**shredders, "second": PlacesAHold(shredders["second"], stage, HELD, 2)}

    done = stage.destroy(disposition)

    left = set(stage.versions(HELD))
    assert (done["outcome"], done["stopped"]) == ("partial", ["R023"])
    assert len(listed) == 16
    assert len(left) == 16 - 8
    (went,) = parse_certificate(stage.vault.read(done["certificate"])).volumes
    assert went.outcome == PARTLY
    assert {(one.copy, one.key, one.version_id) for one in went.kept} == left
    assert {one.code for one in went.kept} == {"R023"}
    assert set(went.gone) == {key for copy, key, _ in listed - left if copy == "vault"}
    assert append_log(AGENCY, city.settings)["findings"] == []
    assert check(city) == []


def test_a_disposition_is_shown_with_its_list_and_withdrawn_by_a_person(
    city: Disposing, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = replace(city.stage, run="manual__withdrawn")
    disposition = str(stage.propose(OTHERS[0])["disposition"])
    stage.approve(disposition, STEPS[:1])
    order = ["--agency", AGENCY, "--json"]
    with settings_in_force(city.settings):
        assert main(["dispose", "show", disposition, "--list", *order]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert main(["dispose", "withdraw", disposition, "--reason", "Asked for", "--by", "A. Clerk", *order]) == 0
        assert main(["dispose", "withdraw", disposition, "--reason", "Again", "--by", "A. Clerk", *order]) == 2
        assert main(["dispose", "certificate", disposition, *order]) == 2

    assert len(shown["list"]) == len(stage.versions(OTHERS[0])) == 16
    assert [given["by"] for given in shown["approvals"]] == ["dana"]
    assert stage.read(disposition).state == "withdrawn"
    with pytest.raises(GateError):
        stage.answer(disposition, STEPS[1])


def test_the_nightly_checks_find_nothing_amiss_of_what_went_partly(city: Disposing, destroyed: dict[str, Any]) -> None:
    assert check_nightly(city) == []
