"""Volumes destroyed by right take their secrets along: what is left still verifies, and confirms nothing of them."""

from __future__ import annotations

import random
from hashlib import sha256
from pathlib import Path

import pytest

from muniment.evidence.checks.log import BroughtCheckpoint
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress, log_checkpoint_key
from muniment.evidence.log_proof import LogProof, check_log_proof
from muniment.evidence.manifest import Manifest
from muniment.evidence.merkle import inclusion_proof, leaf_hash
from muniment.evidence.readers import FolderReader
from muniment.evidence.verify import LOGGED, ROOTS, Means, verify
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId
from muniment.tables.row_roots import recompute_root
from tests.drill.archive import forge_rows
from tests.unit.evidence.log_folder import FolderLog
from tests.unit.evidence.vault_folder import SoundVault, build_manifest

VOLUMES, DESTROYED = 10, 3


def text_of(number: int) -> str:
    return f"what resident {number} wrote"


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[FolderLog, list[Manifest]]:
    """Ten volumes of a snapshot each, every row's text known to whoever tries to guess."""
    vault, manifests = SoundVault(tmp_path), []
    for number in range(VOLUMES):
        volume = VolumeAddress(SeriesId("public-comments"), AccountId(f"city-{number}"), VolumeId("2026-11"))
        address = SnapshotAddress(volume, SnapshotId("20261121T120001.000000Z-0123abcd"))
        body, commitment = forge_rows([text_of(number)])
        pages = vault.write(address.key(PAGES), b"pages\0" + text_of(number).encode() + random.randbytes(32))
        objects = (pages, vault.write(address.key(ROWS), body))
        manifests.append(build_manifest(address, objects, None, commitment))
        vault.write(address.key(MANIFEST), manifests[-1].to_bytes())
    log = FolderLog(tmp_path, manifests[0])
    for manifest in manifests:
        log.append(manifest)
    log.write()
    return log, manifests


def destroy(log: FolderLog, manifests: list[Manifest], seed: int) -> list[int]:
    numbers = sorted(random.Random(seed).sample(range(VOLUMES), DESTROYED))
    for number in numbers:
        for path in (log.root / manifests[number].address.volume.prefix).rglob("*"):
            if path.is_file():
                path.unlink()
    return numbers


@pytest.mark.parametrize("seed", range(5))
def test_what_is_left_verifies_and_only_the_destroyed_volumes_are_named(
    sealed: tuple[FolderLog, list[Manifest]], seed: int
) -> None:
    log, manifests = sealed
    kept = (log.root / log_checkpoint_key(VOLUMES - 1)).read_bytes()
    gone = destroy(log, manifests, seed)

    means = Means(
        log_keys=(log.key.verifier,),
        checkpoints=(BroughtCheckpoint("kept", kept),),
        row_root=recompute_root,
    )
    report = verify(FolderReader(log.root), means=means)

    found = {(finding.code, finding.subject) for finding in report.findings}
    assert found == {("V014", manifests[number].address.volume.prefix) for number in gone}
    assert report.snapshots == VOLUMES - DESTROYED
    assert {LOGGED, ROOTS} <= set(report.checks_made)


def test_every_manifest_is_still_proved_to_have_been_in_the_log_the_destroyed_ones_too(
    sealed: tuple[FolderLog, list[Manifest]],
) -> None:
    log, manifests = sealed
    destroy(log, manifests, 1)
    entries = [entry.to_bytes() for batch in log.batches for entry in batch]
    leaves = [leaf_hash(entry) for entry in entries]
    note = (log.root / log_checkpoint_key(VOLUMES - 1)).read_bytes()

    for index in range(1, VOLUMES + 1):
        proof = LogProof(entries[index], index, tuple(inclusion_proof(leaves, index)), note)
        check_log_proof(proof, [log.key.verifier])


def test_a_destroyed_rows_exact_text_is_confirmed_by_nothing_that_is_left(
    sealed: tuple[FolderLog, list[Manifest]],
) -> None:
    log, manifests = sealed
    (number, *_) = destroy(log, manifests, 2)
    left = b"".join(path.read_bytes() for path in log.root.rglob("*") if path.is_file())
    text = text_of(number).encode()

    digests = [sha256(text).digest(), leaf_hash(text), sha256(text_of(number).encode("utf-16")).digest()]
    # Sealing the very same row again gives another file and another root: what is left cannot be compared with a guess.
    body, commitment = forge_rows([text_of(number)])

    assert text not in left
    assert all(digest not in left and digest.hex().encode() not in left for digest in digests)
    assert commitment.root.encode() not in left
    assert sha256(body).hexdigest().encode() not in left
    assert manifests[number].sha256().encode() in left  # the log itself is whole
