"""The log against itself, against what was brought along, and against the place: edges that the drill does not try."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from muniment.errors import ObjectMissingError, StoreUnavailableError
from muniment.evidence.checkpoint import Checkpoint, sign_checkpoint
from muniment.evidence.checks.log import BroughtCheckpoint
from muniment.evidence.layout import LOG_HEAD, MANIFEST, log_batch_key, log_checkpoint_key
from muniment.evidence.log_records import KeyRecord
from muniment.evidence.merkle import EMPTY_ROOT
from muniment.evidence.notes import make_signing_key
from muniment.evidence.readers import FolderReader
from muniment.evidence.verify import LATEST, LOGGED, Means, verify
from tests.drill.archive import Archive, entry_of
from tests.unit.evidence.log_folder import ORIGIN


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def found(archive: Archive, means: Means | None = None) -> set[tuple[str, str]]:
    return {(finding.code, finding.subject) for finding in archive.verify(means).findings}


def test_a_log_that_is_gone_is_found_by_whoever_kept_a_checkpoint(archive: Archive) -> None:
    archive.remove_under("log/")

    assert found(archive) == {("V021", "kept.checkpoint")}


def test_a_log_that_is_gone_is_a_check_not_made_for_whoever_kept_none(archive: Archive) -> None:
    archive.remove_under("log/")

    report = archive.verify(Means())

    assert report.findings == ()
    assert f"{LOGGED}: this place holds none" in report.checks_not_made
    assert LATEST in report.checks_not_made


def test_with_a_key_brought_along_the_latest_manifests_are_vouched_for(archive: Archive) -> None:
    assert LATEST not in archive.verify().checks_not_made
    assert LATEST in archive.verify(replace(archive.means, log_keys=())).checks_not_made


def test_a_checkpoint_of_another_log_is_two_histories(archive: Archive) -> None:
    other = sign_checkpoint(Checkpoint("other.example/log", 1, EMPTY_ROOT), [archive.log.key])
    means = replace(archive.means, checkpoints=(BroughtCheckpoint("other", other),))

    assert found(archive, means) == {("V022", "other")}


def test_a_checkpoint_that_no_key_of_the_log_signed_is_told_apart(archive: Archive) -> None:
    other = sign_checkpoint(Checkpoint(ORIGIN, 1, EMPTY_ROOT), [make_signing_key(ORIGIN)])
    means = replace(archive.means, checkpoints=(BroughtCheckpoint("other", other),))

    assert found(archive, means) == {("V023", "other")}


@pytest.mark.parametrize("flip", [True, False])
def test_a_key_record_that_is_lost_is_blamed_alone(archive: Archive, flip: bool) -> None:
    record, _ = archive.log.key_record()
    if flip:
        archive.flip(record.key)
    else:
        archive.remove(record.key)
    archive.remove_under("log/timestamps/")

    report = archive.verify(Means())

    assert {finding.code for finding in report.findings} == {"V023"}
    assert len(report.findings) == 1
    assert LOGGED not in report.checks_made


def test_a_key_that_the_known_one_vouches_for_is_believed(archive: Archive) -> None:
    new = make_signing_key(ORIGIN)
    record = KeyRecord(vkey=new.verifier.vkey, previous=archive.log.key.verifier.vkey)
    archive.log.put(record.key, record.sign([archive.log.key, new]))

    assert found(archive) == set()


def test_a_key_that_nobody_vouches_for_is_not_believed(archive: Archive) -> None:
    new = make_signing_key(ORIGIN)
    record = KeyRecord(vkey=new.verifier.vkey, previous=None)
    archive.log.put(record.key, record.sign([new]))

    assert found(archive) == {("V023", record.key)}


def test_the_log_may_not_name_a_snapshot_twice(archive: Archive) -> None:
    archive.log.batches[2].append(entry_of(archive.manifests[0]))
    archive.remove_under("log/")
    archive.log.write()

    assert found(archive) == {("V018", archive.manifest_key(0))}


def test_a_batch_lost_in_the_middle_is_blamed_alone_as_the_tree_has_its_entries(archive: Archive) -> None:
    archive.remove(log_batch_key(1))

    assert found(archive) == {("V019", log_batch_key(1))}


def test_an_older_head_is_no_finding(archive: Archive) -> None:
    archive.log.put(LOG_HEAD, archive.path(log_checkpoint_key(0)).read_bytes())

    assert found(archive) == set()


def test_a_scope_of_one_snapshot_is_compared_with_its_own_entries_only(archive: Archive) -> None:
    archive.remove_snapshot(0)

    report = verify(FolderReader(archive.root), archive.manifests[2].address.prefix, means=archive.means)

    assert report.findings == ()
    assert report.snapshots == 1


def test_a_link_to_a_snapshot_that_was_destroyed_holds_by_the_logs_hash(archive: Archive) -> None:
    archive.remove_snapshot(0)

    assert found(archive) == {("V013", archive.manifest_key(0))}


def test_a_picture_that_a_missing_snapshot_may_have_named_is_not_foreign(archive: Archive) -> None:
    picture = archive.manifests[0].objects[-1].key
    body = archive.path(picture).read_bytes()
    archive.remove_snapshot(0)
    archive.log.put(picture, body)

    assert found(archive) == {("V013", archive.manifest_key(0))}


class Outage(FolderReader):
    """A store that stops answering for one object."""

    def __init__(self, root: Path, key: str) -> None:
        super().__init__(root)
        self.key = key

    def read_chunks(self, key):  # type: ignore[no-untyped-def]
        if key == self.key:
            raise StoreUnavailableError(f"{key}: no answer")
        return super().read_chunks(key)


@pytest.mark.parametrize("key", ["log/tile/0/000.p/4", log_batch_key(0), log_checkpoint_key(1)])
def test_a_store_that_does_not_answer_is_no_finding(archive: Archive, key: str) -> None:
    with pytest.raises(StoreUnavailableError):
        verify(Outage(archive.root, key), means=archive.means)


def test_a_manifest_that_is_there_and_cannot_be_read_is_not_missing_too(archive: Archive) -> None:
    key = archive.manifests[2].address.key(MANIFEST)
    archive.path(key).write_bytes(b"{")

    assert found(archive) == {("V003", key)}
    assert not isinstance(ObjectMissingError("x"), StoreUnavailableError)
