"""Whatever an insider does to the archive is found, under its own code, and nothing else is blamed."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from muniment.evidence.checks.log import BroughtCheckpoint
from muniment.evidence.layout import log_checkpoint_key
from muniment.evidence.verify import Means
from tests.drill.archive import Archive
from tests.drill.tamperings import PAGE, TAMPERINGS, Tampering, render


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def found(archive: Archive, means: Means | None = None) -> set[tuple[str, str]]:
    return {(finding.code, finding.subject) for finding in archive.verify(means).findings}


def test_the_archive_is_sound_before_anybody_touches_it(archive: Archive) -> None:
    report = archive.verify()

    assert report.findings == ()
    assert report.outcome == "sound"


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda item: item.name)
def test_tampering_is_found_and_nothing_else_is_blamed(archive: Archive, tampering: Tampering) -> None:
    assert found(archive) == set()

    expected = tampering.do(archive)

    assert found(archive) == expected


@pytest.mark.parametrize("seed", range(40))
def test_a_byte_flipped_anywhere_in_the_archive_blames_that_object_alone(archive: Archive, seed: int) -> None:
    chance = random.Random(seed)
    files = sorted(path for path in archive.root.rglob("*") if path.is_file())
    path = chance.choice(files)
    key = path.relative_to(archive.root).as_posix()
    archive.flip(key, chance.randrange(path.stat().st_size))

    blamed = {subject for _, subject in found(archive)}

    # A chain of certificates beside a stamp carries nothing that the stamp and the trusted root lack.
    assert blamed <= {key, key.replace(".chain.pem", ".tsr")}
    assert blamed or key.endswith(".chain.pem")


def test_a_fork_shown_to_two_auditors_is_found_by_either_with_the_others_checkpoint(tmp_path: Path) -> None:
    one = Archive(tmp_path / "one")
    shutil.copytree(one.root, tmp_path / "two")
    shown_to_one = one.path(log_checkpoint_key(2)).read_bytes()
    one.remove_under("log/timestamps/")
    two_manifests = one.rewrite(2, one.manifests[2].objects[0].key, b"another story")
    one.relog([*one.manifests[:2], *two_manifests])
    shown_to_two = one.path(log_checkpoint_key(2)).read_bytes()

    keys = (one.log.key.verifier,)
    with_ones = Means(log_keys=keys, checkpoints=(BroughtCheckpoint("the other's", shown_to_one),))
    assert found(one, Means(log_keys=keys)) == set()  # each history by itself is whole
    assert found(one, with_ones) == {("V022", "the other's")}
    one.root = tmp_path / "two"
    with_twos = Means(log_keys=keys, checkpoints=(BroughtCheckpoint("the other's", shown_to_two),))
    assert found(one, Means(log_keys=keys)) == set()
    assert found(one, with_twos) == {("V022", "the other's")}


def test_a_replaced_key_is_not_found_without_one_brought_along_and_the_report_says_so(archive: Archive) -> None:
    next(item for item in TAMPERINGS if item.name == "replace_key").do(archive)

    report = archive.verify(Means(time_roots=archive.means.time_roots))

    assert report.findings == ()
    assert any("No key of the log was brought along" in fact for fact in report.facts)
    assert any(archive.log.key.verifier.vkey in item for item in report.by_hand)


def test_the_document_has_every_line_of_the_drill() -> None:
    assert PAGE.read_text("utf-8") == render(), "run `python -m tests.drill.tamperings`"


def test_the_document_names_the_codes_that_are_found(tmp_path: Path) -> None:
    for number, tampering in enumerate(TAMPERINGS):
        codes = {code for code, _ in tampering.do(Archive(tmp_path / str(number)))}

        assert codes & set(tampering.codes.replace(" or ", ", ").split(", ")), tampering.name
