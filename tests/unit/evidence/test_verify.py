"""Each fault is found by its own code and no other; all faults are found in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muniment.evidence.checks.sample import Sample
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, VolumeAddress
from muniment.evidence.locks import ObjectLock
from muniment.evidence.readers import FolderReader
from muniment.evidence.verify import LATEST, LOGGED, ROOTS, TIMES, Means, verify
from muniment.records.names import VolumeId
from tests.unit.evidence.vault_folder import VOLUME, SoundVault

NO_LOG = f"{LOGGED}: this place holds none"
NO_ROOTS = f"{ROOTS}: nothing that reads Parquet was given"
NO_TIMES = f"{TIMES}: this place holds no time stamps"


class LockedFolder(FolderReader):
    keeps_locks = True

    def __init__(self, root: Path, locks: Callable[[str], ObjectLock | None]) -> None:
        super().__init__(root)
        self.locks = locks

    def lock_of(self, key: str) -> ObjectLock | None:
        return self.locks(key)


class Bucket(LockedFolder):
    """A folder that passes for a bucket in which everything is locked as it should be."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, lambda _: ObjectLock("COMPLIANCE", datetime(2028, 12, 1, 8, tzinfo=UTC)))


def codes(sound: SoundVault) -> list[str]:
    return [finding.code for finding in verify(FolderReader(sound.root)).findings]


def flip_a_byte(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))


def test_a_sound_vault_has_no_findings_and_says_what_was_read(sound: SoundVault) -> None:
    report = verify(FolderReader(sound.root))

    assert report.findings == ()
    assert (report.snapshots, report.objects) == (2, 5)
    assert report.checks_not_made == (
        NO_LOG,
        NO_ROOTS,
        NO_TIMES,
        "locks against the manifests' dates: this place keeps no locks",
        "later versions and delete markers: this place keeps one version",
        LATEST,
    )
    assert report.heads == ((sound.manifests[1].address.prefix, sound.manifests[1].sha256()),)


@pytest.mark.parametrize("name", [PAGES, ROWS])
@pytest.mark.parametrize("number", [0, 1])
def test_one_flipped_bit_in_any_object_is_found(sound: SoundVault, name: str, number: int) -> None:
    flip_a_byte(sound.root / sound.manifests[number].address.key(name))

    assert codes(sound) == ["V002"]


def test_a_flipped_bit_in_a_medium_is_found(sound: SoundVault) -> None:
    flip_a_byte(sound.root / sound.manifests[0].objects[-1].key)

    assert codes(sound) == ["V002"]


def test_an_appended_byte_is_found(sound: SoundVault) -> None:
    with (sound.root / sound.manifests[0].address.key(ROWS)).open("ab") as file:
        file.write(b"\0")

    assert codes(sound) == ["V002"]


def test_a_missing_object_is_found(sound: SoundVault) -> None:
    (sound.root / sound.manifests[0].address.key(ROWS)).unlink()

    assert codes(sound) == ["V001"]


def test_a_broken_manifest_is_found(sound: SoundVault) -> None:
    (sound.root / sound.manifests[1].address.key(MANIFEST)).write_bytes(b"{")

    assert codes(sound) == ["V003"]


def test_a_manifest_in_another_snapshots_place_is_found(sound: SoundVault) -> None:
    first, second = (sound.root / manifest.address.key(MANIFEST) for manifest in sound.manifests)
    second.write_bytes(first.read_bytes())

    assert codes(sound) == ["V003"]


def test_an_object_that_no_manifest_names_is_found(sound: SoundVault) -> None:
    sound.write(VOLUME.media_key("b" * 64), b"stray")

    assert codes(sound) == ["V005"]


def test_a_key_of_no_specified_form_is_found(sound: SoundVault) -> None:
    sound.write("records/readme.txt", b"stray")

    assert codes(sound) == ["V005"]


def test_a_snapshot_without_its_manifest_is_found_as_unfinished(sound: SoundVault) -> None:
    (sound.root / sound.manifests[1].address.key(MANIFEST)).unlink()

    assert codes(sound) == ["V007"]


def test_a_rewritten_manifest_breaks_the_chain(sound: SoundVault) -> None:
    first = replace(sound.manifests[0], scope="something else")
    sound.write(first.address.key(MANIFEST), first.to_bytes())

    assert codes(sound) == ["V006"]


def remove_the_first_snapshot(sound: SoundVault) -> None:
    for name in (PAGES, ROWS, MANIFEST):
        (sound.root / sound.manifests[0].address.key(name)).unlink()


def test_a_snapshot_removed_whole_breaks_the_chain_and_the_rows_that_point_to_it(sound: SoundVault) -> None:
    remove_the_first_snapshot(sound)
    good = ObjectLock("COMPLIANCE", datetime(2028, 12, 1, 8, tzinfo=UTC))

    report = verify(LockedFolder(sound.root, lambda _: good))

    assert [finding.code for finding in report.findings] == ["V005", "V006", "V006"]


def test_a_link_out_of_a_folder_is_said_to_be_unchecked(sound: SoundVault) -> None:
    remove_the_first_snapshot(sound)

    report = verify(FolderReader(sound.root))

    first, second = (manifest.snapshot for manifest in sound.manifests)
    assert f"the link from {second} to {first}: not in this scope" in report.checks_not_made


def test_an_empty_place_is_never_sound(tmp_path: Path) -> None:
    assert [finding.code for finding in verify(FolderReader(tmp_path)).findings] == ["V009"]


@pytest.mark.parametrize(
    "lock",
    [
        None,
        ObjectLock("COMPLIANCE", datetime(2028, 12, 1, 7, 59, 59, tzinfo=UTC)),
        ObjectLock("GOVERNANCE", datetime(2030, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_lock_that_is_missing_short_or_weak_is_found(sound: SoundVault, lock: ObjectLock | None) -> None:
    good = ObjectLock("COMPLIANCE", datetime(2028, 12, 1, 8, tzinfo=UTC))
    bad_key = sound.manifests[0].objects[0].key
    reader = LockedFolder(sound.root, lambda key: lock if key == bad_key else good)

    report = verify(reader)

    assert [(finding.code, finding.subject) for finding in report.findings] == [("V004", bad_key)]
    assert report.checks_not_made == (NO_LOG, NO_ROOTS, NO_TIMES, LATEST)


def test_a_manifests_own_lock_is_checked(sound: SoundVault) -> None:
    good = ObjectLock("COMPLIANCE", datetime(2028, 12, 1, 8, tzinfo=UTC))
    own = sound.manifests[1].address.key(MANIFEST)

    report = verify(LockedFolder(sound.root, lambda key: None if key == own else good))

    assert [(finding.code, finding.subject) for finding in report.findings] == [("V004", own)]


def test_every_fault_is_found_in_one_go(sound: SoundVault) -> None:
    flip_a_byte(sound.root / sound.manifests[0].address.key(PAGES))
    (sound.root / sound.manifests[0].address.key(ROWS)).unlink()
    sound.write(VOLUME.media_key("b" * 64), b"stray")

    assert codes(sound) == ["V001", "V002", "V005"]


def test_progress_counts_every_object(sound: SoundVault) -> None:
    seen: list[tuple[int, int]] = []

    verify(FolderReader(sound.root), progress=lambda done, known: seen.append((done, known)))

    assert seen == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_every_object_of_a_volume_gone_but_a_medium_is_found(sound: SoundVault) -> None:
    other = VolumeAddress(VOLUME.series, VOLUME.account, VolumeId("2026-10"))
    sound.write(other.media_key("b" * 64), b"left behind")

    assert codes(sound) == ["V005"]


def test_two_objects_swapped_are_both_found(sound: SoundVault) -> None:
    one, two = (sound.root / sound.manifests[number].address.key(ROWS) for number in (0, 1))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)

    assert codes(sound) == ["V002", "V002"]


def test_a_file_that_leads_out_of_the_folder_is_found_and_the_rest_is_still_checked(
    sound: SoundVault, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "rows"
    path = sound.root / sound.manifests[0].address.key(ROWS)
    path.rename(outside)
    path.symlink_to(outside)
    flip_a_byte(sound.root / sound.manifests[1].address.key(PAGES))

    assert codes(sound) == ["V001", "V002"]


def test_a_manifest_that_leads_out_of_the_folder_is_found(
    sound: SoundVault, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "manifest"
    path = sound.root / sound.manifests[1].address.key(MANIFEST)
    path.rename(outside)
    path.symlink_to(outside)

    assert codes(sound) == ["V003"]


def test_links_in_a_circle_are_a_missing_object(sound: SoundVault) -> None:
    path = sound.root / sound.manifests[0].address.key(ROWS)
    path.unlink()
    path.symlink_to(path)

    assert codes(sound) == ["V001"]


def test_the_latest_manifest_rewritten_with_its_objects_changes_the_hash_that_is_to_be_compared(
    sound: SoundVault,
) -> None:
    honest = verify(FolderReader(sound.root)).heads
    last = sound.manifests[1]
    forged = sound.write(last.address.key(ROWS), b"forged")
    objects = tuple(forged if sealed.key == forged.key else sealed for sealed in last.objects)
    sound.write(last.address.key(MANIFEST), replace(last, objects=objects).to_bytes())

    report = verify(FolderReader(sound.root))

    assert report.findings == ()  # nothing in the folder contradicts it, which is said
    assert LATEST in report.checks_not_made
    assert report.heads != honest


def test_files_that_no_manifest_names_beside_the_records_are_said_to_be_unchecked(sound: SoundVault) -> None:
    sound.write("rows.csv", b"item_id\r\n")

    report = verify(FolderReader(sound.root))

    assert "what no manifest names beside records/: rows.csv" in report.checks_not_made


class HidingFolder(FolderReader):
    def find_hidden(self, prefix: str) -> Iterable[tuple[str, str]]:
        return [(f"{prefix}x", "expected no delete marker, found one")]


def test_what_hides_an_object_from_ordinary_readers_is_found(sound: SoundVault) -> None:
    assert [finding.code for finding in verify(HidingFolder(sound.root)).findings] == ["V008"]


def test_a_key_beside_the_specified_ones_is_foreign_in_a_bucket(sound: SoundVault) -> None:
    sound.write("doctor-was-here.txt", b"x")

    report = verify(Bucket(sound.root))

    assert [(finding.code, finding.subject) for finding in report.findings] == [("V005", "doctor-was-here.txt")]


def test_a_medium_named_with_another_hash_than_its_keys_is_found(sound: SoundVault) -> None:
    first = sound.manifests[0]
    wrong = sound.write(first.objects[-1].key, b"another picture")
    rewritten = replace(first, objects=(*first.objects[:-1], wrong))
    sound.write(first.address.key(MANIFEST), rewritten.to_bytes())

    found = verify(FolderReader(sound.root)).findings

    assert [(finding.code, finding.subject) for finding in found] == [("V003", first.address.key(MANIFEST))]


def reseal(sound: SoundVault, number: int, **changes: object) -> None:
    """Rewrite the last manifest, on which no other depends."""
    manifest = replace(sound.manifests[number], **changes)  # type: ignore[arg-type]
    sound.write(manifest.address.key(MANIFEST), manifest.to_bytes())


@pytest.mark.parametrize(
    "times",
    [
        {"sealed_at": "2026-11-21T11:57:59.000000Z"},  # before the snapshot that it follows
        {"began_at": "2026-11-21T13:00:00.000000Z"},
        {"ended_at": "2026-11-21T13:00:00.000000Z"},
    ],
)
def test_times_that_run_backwards_are_found(sound: SoundVault, times: dict[str, str]) -> None:
    reseal(sound, 1, **times)

    found = verify(FolderReader(sound.root)).findings

    assert {(finding.code, finding.subject) for finding in found} == {
        ("V012", sound.manifests[1].address.key(MANIFEST))
    }


def test_clocks_that_differ_by_a_minute_are_no_finding(sound: SoundVault) -> None:
    reseal(sound, 1, began_at="2026-11-21T11:59:00.000000Z", sealed_at="2026-11-21T11:59:00.000000Z")

    assert codes(sound) == []


def test_a_sample_reads_no_more_than_it_drew_and_never_calls_itself_sound(sound: SoundVault) -> None:
    report = verify(FolderReader(sound.root), means=Means(sample=Sample(2, "lottery of 21 November")))

    assert report.objects == 2
    assert report.outcome == "sampled"
    assert report.sampling is not None
    assert (report.sampling.drawn, report.sampling.total) == (2, 5)


def test_a_sample_still_finds_every_missing_object(sound: SoundVault) -> None:
    (sound.root / sound.manifests[0].address.key(ROWS)).unlink()

    report = verify(FolderReader(sound.root), means=Means(sample=Sample(1, "s")))

    assert [finding.code for finding in report.findings] == ["V001"]
    assert report.outcome == "findings"
