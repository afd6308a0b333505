"""A bag is whole and in its place, or it is no bag: judged by the Library of Congress's validator and by sha256sum."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

import bagit
import pytest

from muniment.errors import ChecksumError, ConfigurationError, EvidenceError
from muniment.workflows.disposition.transfer_bag import (
    DECLARATION,
    MANIFEST,
    TAG_MANIFEST,
    draft_bag,
    finish_bag,
    write_file,
)

OBJECTS = {
    "data/records/series=official-posts/account=city/volume=2026-11/a.json": b"{}",
    "data/records/series=official-posts/account=city/volume=2026-11/b.parquet": b"PAR1" * 1000,
    "data/empty": b"",
}


def write_bag(place: Path, objects: dict[str, bytes] = OBJECTS) -> str:
    with draft_bag(place) as bag:
        payload = [write_file(bag, path, [body[:7], body[7:]]) for path, body in objects.items()]
        tags = [write_file(bag, "muniment/list.json", [b"[]"])]
        return finish_bag(bag, payload, tags, {"Source-Organization": "A City", "External-Identifier": "d-1"})


def validate(place: Path) -> None:
    bagit.Bag(str(place)).validate(processes=1)


def test_a_bag_is_valid_for_a_validator_that_is_not_ours(tmp_path) -> None:
    write_bag(tmp_path / "bag")

    validate(tmp_path / "bag")

    bag = bagit.Bag(str(tmp_path / "bag"))
    assert bag.version_info == (1, 0)
    assert bag.info["Payload-Oxum"] == "4002.3"
    assert bag.info["External-Identifier"] == "d-1"
    assert bag.algorithms == ["sha256"]


@pytest.mark.parametrize("name", [MANIFEST, TAG_MANIFEST])
def test_both_manifests_are_what_sha256sum_reads(name, tmp_path) -> None:
    write_bag(tmp_path / "bag")

    done = subprocess.run(
        ["sha256sum", "--check", "--strict", name], cwd=tmp_path / "bag", capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_every_file_but_the_tag_manifest_is_listed_once(tmp_path) -> None:
    write_bag(tmp_path / "bag")

    listed = [
        line.split("  ", 1)[1]
        for name in (MANIFEST, TAG_MANIFEST)
        for line in (tmp_path / "bag" / name).read_text("utf-8").splitlines()
    ]
    there = {path.relative_to(tmp_path / "bag").as_posix() for path in (tmp_path / "bag").rglob("*") if path.is_file()}
    assert sorted(listed) == sorted(there - {TAG_MANIFEST})


def test_the_checksum_to_acknowledge_is_that_of_the_tag_manifest_and_changes_with_any_byte(tmp_path) -> None:
    first = write_bag(tmp_path / "one")
    other = write_bag(tmp_path / "two", OBJECTS | {"data/empty": b"x"})

    assert first == sha256((tmp_path / "one" / TAG_MANIFEST).read_bytes()).hexdigest()
    assert first != other
    assert write_bag(tmp_path / "three") == first


@pytest.mark.parametrize("change", ["alter", "remove", "add", "alter the list", "alter the description"])
def test_a_changed_bag_is_refused_by_the_validator(change, tmp_path) -> None:
    write_bag(tmp_path / "bag")
    bag, first = tmp_path / "bag", tmp_path / "bag" / next(iter(OBJECTS))
    if change == "alter":
        first.write_bytes(b"[]")
    elif change == "remove":
        first.unlink()
    elif change == "add":
        (bag / "data" / "more").write_bytes(b"x")
    elif change == "alter the list":
        (bag / "muniment" / "list.json").write_bytes(b"{}")
    else:
        (bag / "bag-info.txt").write_text(
            (bag / "bag-info.txt").read_text("utf-8").replace("A City", "B City"), "utf-8"
        )

    with pytest.raises(bagit.BagValidationError):
        validate(bag)


def test_a_byte_that_is_not_its_manifests_leaves_no_bag(tmp_path) -> None:
    with pytest.raises(ChecksumError, match=r"^a: expected SHA-256 0{64}, found"), draft_bag(tmp_path / "bag") as bag:
        write_file(bag, "data/a", [b"x"], expected_sha256="0" * 64)

    assert list(tmp_path.iterdir()) == []


def test_half_a_bag_has_neither_the_name_nor_the_declaration_of_one(tmp_path) -> None:
    with draft_bag(tmp_path / "bag") as bag:
        write_file(bag, "data/a", [b"x"])
        assert not (tmp_path / "bag").exists()
        (half,) = tmp_path.iterdir()
        assert half.name.startswith(".bag-")
        assert half.name.endswith(".part")
        assert not (half / DECLARATION).exists()
        finish_bag(bag, [], [], {})

    assert (tmp_path / "bag" / DECLARATION).exists()


def test_what_is_there_already_is_never_written_over(tmp_path) -> None:
    write_bag(tmp_path / "bag")
    before = (tmp_path / "bag" / TAG_MANIFEST).read_bytes()

    with pytest.raises(ConfigurationError, match="expected nothing there yet"):
        write_bag(tmp_path / "bag", {})

    assert (tmp_path / "bag" / TAG_MANIFEST).read_bytes() == before


@pytest.mark.parametrize(
    "path", ["data/../../etc/x", "/etc/x", "data//x", "data/./x", "data/a\nb", "data/a%b", "data/ä", "data/a:b", ""]
)
def test_a_key_that_leads_out_or_that_not_every_system_keeps_is_refused(path, tmp_path) -> None:
    with pytest.raises(EvidenceError, match="expected a path"):
        write_file(tmp_path, path, [b"x"])

    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_reads_a_bag(tmp_path) -> None:
    write_bag(tmp_path / "bag")

    assert (tmp_path / "bag").stat().st_mode & 0o077 == 0
    assert (tmp_path / "bag" / MANIFEST).stat().st_mode & 0o077 == 0
