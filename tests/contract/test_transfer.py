"""Transfer to an archive, on a real store: packed as it lies, acknowledged by checksum, refused otherwise."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import bagit
import pytest

from muniment.errors import ChecksumError, ConfigurationError, EvidenceError, RetentionError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import register_key
from muniment.records.names import AgencyId, VolumeId, format_instant
from muniment.retention.dispositions import FrozenList, ListedVolume
from muniment.workflows.disposition import transfer
from muniment.workflows.disposition.listing import find_volume
from muniment.workflows.disposition.scene import open_scene
from tests.contract.keeping import AGENCY, LOCK, Keeping
from tests.unit.evidence.vault_folder import VOLUME

ID = "d-2026-11-22-archive"
MOMENT = datetime(2026, 11, 22, 5, tzinfo=UTC)
AT = format_instant(MOMENT)


def freeze(keeping: Keeping) -> FrozenList:
    found = find_volume(keeping.vault, None, VOLUME)
    fields = {"due_at": AT, "cutoff_at": AT, "first_taken": AT, "last_taken": AT, "steps": (), "rows": 2}
    volume = ListedVolume(
        series=VOLUME.series,
        account=VOLUME.account,
        volume=VOLUME.volume,
        row="CA-SM-01",
        snapshots=2,
        objects=len(found.versions),
        size_bytes=sum(version.size_bytes for version in found.versions),
        manifests=tuple(listed for listed, _ in found.manifests),
        versions=found.versions,
        **fields,
    )
    return FrozenList(
        disposition=ID,
        agency=AgencyId(AGENCY),
        action="transfer",
        series=VOLUME.series,
        row="CA-SM-01",
        schedule_version="1",
        schedule_sha256="0" * 64,
        adoption_resolution="2026-1",
        adopted_on="2026-01-01",
        frozen_at=AT,
        volumes=(volume,),
    )


def enter(
    keeping: Keeping, *, action: str = "transfer", authorized: bool = True, frozen: FrozenList | None = None
) -> None:
    """Enter a disposition as far as its authorization, with the list that was signed."""
    scene, frozen = open_scene(AGENCY, keeping.settings), frozen or freeze(keeping)
    key = register_key("disposition-lists", VolumeId("2026-11"), ID)
    scene.vault.seal_bytes(key, frozen.to_bytes(), **LOCK)
    facts = {
        "agency": AGENCY,
        "action": action,
        "series": VOLUME.series,
        "row": "CA-SM-01",
        "reason": "no longer required",
        "volumes": [VOLUME.prefix],
        "list_key": key,
        "list_sha256": frozen.sha256,
        "versions": len(list(frozen.versions())),
        "size_bytes": 1,
        "frozen_at": AT,
        "valid_until": AT,
        "dag_run": "manual",
        "answers": {},
    }
    scene.enter(ID, "proposed", facts, at=MOMENT, by="archivist")
    if authorized:
        scene.enter(ID, "authorized", {"grace_until": AT}, at=MOMENT.replace(minute=1))


@pytest.fixture
def authorized(keeping: Keeping) -> Keeping:
    enter(keeping)
    return keeping


def pack(keeping: Keeping, place: Path, **named: object) -> dict[str, object]:
    return transfer.pack(AGENCY, ID, place, settings=keeping.settings, **named)


def acknowledge(keeping: Keeping, checksum: str, *, receiver: str = "State Archives") -> dict[str, object]:
    return transfer.acknowledge(
        AGENCY, ID, tag_manifest_sha256=checksum, receiver=receiver, by="archivist", settings=keeping.settings
    )


def receipt(keeping: Keeping) -> object:
    return open_scene(AGENCY, keeping.settings).read(ID).acknowledged


def test_the_bag_holds_every_listed_object_byte_for_byte_and_is_valid_for_somebody_elses_validator(
    authorized: Keeping, tmp_path
) -> None:
    seen: list[tuple[int, int]] = []

    found = pack(authorized, tmp_path / "bag", progress=lambda done, total: seen.append((done, total)))

    bagit.Bag(str(tmp_path / "bag")).validate(processes=1)
    keys = authorized.sealed()
    assert {key: (tmp_path / "bag" / "data" / key).read_bytes() for key in keys} == {
        key: (authorized.folder.root / key).read_bytes() for key in keys
    }
    assert found["objects"] == len(keys)
    assert seen[-1] == (len(keys), len(keys))
    assert found["tag_manifest_sha256"] == sha256((tmp_path / "bag/tagmanifest-sha256.txt").read_bytes()).hexdigest()


def test_its_description_tells_whose_and_which_and_names_nobody(authorized: Keeping, tmp_path) -> None:
    pack(authorized, tmp_path / "bag")

    info = bagit.Bag(str(tmp_path / "bag")).info
    assert info["Source-Organization"] == authorized.place.agency.name
    assert info["External-Identifier"] == ID
    assert info["Muniment-Schedule-Row"] == "CA-SM-01"
    assert "archivist" not in (tmp_path / "bag" / "bag-info.txt").read_text("utf-8")
    row = json.loads((tmp_path / "bag" / "muniment" / "schedule-row.json").read_text("utf-8"))
    assert row["id"] == "CA-SM-01"
    assert row["authority"]
    listed = (tmp_path / "bag" / "muniment" / "disposition-list.json").read_bytes()
    assert sha256_hex(listed) == info["Muniment-List-SHA256"]


def test_with_a_log_the_payload_carries_its_proofs_and_verifies_on_its_own(authorized: Keeping, tmp_path) -> None:
    assert authorized.run("doctor", "--agency", AGENCY).returncode == 0
    assert authorized.run("log", "keys", "new", "--agency", AGENCY).returncode == 0
    done = authorized.run("log", "append", "--agency", AGENCY)
    assert done.returncode == 0, done.stderr

    found = pack(authorized, tmp_path / "bag")

    assert found["proofs"] == 2
    bagit.Bag(str(tmp_path / "bag")).validate(processes=1)
    verified = authorized.run("verify", str(tmp_path / "bag" / "data"))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_the_receivers_own_checksum_is_entered_as_the_receipt(authorized: Keeping, tmp_path) -> None:
    pack(authorized, tmp_path / "bag")
    theirs = subprocess.run(
        ["sha256sum", "tagmanifest-sha256.txt"], cwd=tmp_path / "bag", capture_output=True, text=True, check=True
    ).stdout.split()[0]

    acknowledge(authorized, theirs.upper())
    acknowledge(authorized, theirs)  # twice is once

    found = receipt(authorized)
    assert (found["receiver"], found["by"]) == ("State Archives", "archivist")
    assert found["bag_sha256"] == found["receiver_sha256"] == theirs


def test_another_checksum_is_refused_with_what_was_expected_and_found(authorized: Keeping, tmp_path) -> None:
    ours = pack(authorized, tmp_path / "bag")["tag_manifest_sha256"]

    with pytest.raises(RetentionError, match=f"expected the checksum {ours}, found {'a' * 64}"):
        acknowledge(authorized, "a" * 64)

    assert receipt(authorized) is None


def test_what_was_never_packed_cannot_be_acknowledged(authorized: Keeping) -> None:
    with pytest.raises(RetentionError, match="expected the checksum a bag packed for it, found"):
        acknowledge(authorized, "a" * 64)


def test_a_second_receiver_is_refused(authorized: Keeping, tmp_path) -> None:
    checksum = pack(authorized, tmp_path / "bag")["tag_manifest_sha256"]
    acknowledge(authorized, checksum)

    with pytest.raises(
        RetentionError, match=r"expected one acknowledgement, found one of .* by State Archives already"
    ):
        acknowledge(authorized, checksum, receiver="Somebody Else")


@pytest.mark.parametrize(("checksum", "receiver"), [("abc", "State Archives"), ("a" * 64, " ")])
def test_half_an_acknowledgement_is_refused(checksum, receiver, authorized: Keeping) -> None:
    with pytest.raises(ConfigurationError):
        acknowledge(authorized, checksum, receiver=receiver)


@pytest.mark.parametrize(
    ("entered", "found"),
    [({"authorized": False}, "proposed: transfer"), ({"action": "destroy"}, "authorized: destroy")],
)
def test_only_an_authorized_transfer_is_packed(entered, found, keeping: Keeping, tmp_path) -> None:
    enter(keeping, **entered)

    with pytest.raises(RetentionError, match=f"expected an authorized transfer, found one {found}"):
        pack(keeping, tmp_path / "bag")

    assert not (tmp_path / "bag").exists()


def test_an_object_that_is_not_its_manifests_leaves_no_bag(keeping: Keeping, tmp_path) -> None:
    manifest = keeping.folder.add_snapshot(3)
    pages = next(item for item in manifest.objects if item.key.endswith("pages.parquet"))
    (keeping.folder.root / pages.key).write_bytes(b"other pages")
    for path in sorted(keeping.folder.root.rglob("*3.000000Z*/*")):
        keeping.vault.seal_file(path.relative_to(keeping.folder.root).as_posix(), path, **LOCK)
    enter(keeping)

    with pytest.raises(ChecksumError, match=rf"pages\.parquet: expected SHA-256 {pages.sha256}, found"):
        pack(keeping, tmp_path / "away" / "bag")

    assert list((tmp_path / "away").iterdir()) == []


def test_a_manifest_that_is_not_the_one_signed_leaves_no_bag(keeping: Keeping, tmp_path) -> None:
    frozen = freeze(keeping)
    (volume,) = frozen.volumes
    first, *others = volume.manifests
    wrong = replace(volume, manifests=(replace(first, sha256="0" * 64), *others))
    enter(keeping, frozen=replace(frozen, volumes=(wrong,)))

    with pytest.raises(EvidenceError, match=r"manifest\.json: expected SHA-256 0{64}, found"):
        pack(keeping, tmp_path / "bag")

    assert not (tmp_path / "bag").exists()


def test_an_object_that_the_list_forgot_leaves_no_bag(keeping: Keeping, tmp_path) -> None:
    frozen = freeze(keeping)
    (volume,) = frozen.volumes
    fewer = tuple(version for version in volume.versions if not version.key.endswith("rows.parquet"))
    enter(keeping, frozen=replace(frozen, volumes=(replace(volume, versions=fewer),)))

    with pytest.raises(EvidenceError, match=r"rows\.parquet: expected on the frozen list with 1 others, found none"):
        pack(keeping, tmp_path / "bag")

    assert not (tmp_path / "bag").exists()


def test_the_command_packs_and_acknowledges(authorized: Keeping, tmp_path) -> None:
    which = ("--agency", AGENCY, "--disposition", ID)

    packed = authorized.run("transfer", "pack", *which, "--to", str(tmp_path / "bag"), "--json")
    checksum = json.loads(packed.stdout)["tag_manifest_sha256"]
    to = ("--receiver", "State Archives", "--by", "archivist")
    wrong = authorized.run("transfer", "acknowledge", *which, "--checksum", "b" * 64, *to)
    right = authorized.run("transfer", "acknowledge", *which, "--checksum", checksum, *to)

    assert (packed.returncode, wrong.returncode, right.returncode) == (0, 2, 0)
    assert f"found {'b' * 64}" in wrong.stderr
    assert right.stdout == f"State Archives holds the bag {checksum}: entered.\n"
