"""A handed-over folder has no log: the proofs that travel with it stand in, and a false one is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from muniment.evidence.layout import log_checkpoint_key
from muniment.evidence.log_proof import PROOF_KEY, LogProof, proof_path
from muniment.evidence.merkle import inclusion_proof, leaf_hash
from muniment.evidence.notes import make_signing_key
from muniment.evidence.verify import LOGGED, Means
from muniment.evidence.verify_run import PROVED
from tests.drill.archive import Archive
from tests.unit.evidence.log_folder import ORIGIN


@pytest.fixture
def package(tmp_path: Path) -> Archive:
    """The archive's records, and the proof of each manifest instead of the log."""
    archive = Archive(tmp_path)
    entries = [entry.to_bytes() for batch in archive.log.batches for entry in batch]
    leaves = [leaf_hash(entry) for entry in entries]
    note = archive.path(log_checkpoint_key(2)).read_bytes()
    for number, manifest in enumerate(archive.manifests):
        index = number + 1  # the key's own entry is the first
        proof = LogProof(entries[index], index, tuple(inclusion_proof(leaves, index)), note)
        archive.log.put(proof_path(manifest.address), proof.to_bytes())
    archive.log.put(PROOF_KEY, f"{archive.log.key.verifier.vkey}\n".encode())
    archive.remove_under("log/")
    return archive


def found(package: Archive, means: Means | None = None) -> set[tuple[str, str]]:
    return {(finding.code, finding.subject) for finding in package.verify(means).findings}


def test_a_sound_package_is_proved_by_a_key_brought_along(package: Archive) -> None:
    report = package.verify()

    assert report.findings == ()
    assert PROVED in report.checks_made
    assert f"{LOGGED}: this folder has proofs from it instead" in report.checks_not_made


def test_without_a_key_the_one_beside_the_proofs_is_believed_and_the_report_says_so(package: Archive) -> None:
    report = package.verify(Means())

    assert report.findings == ()
    assert any("No key of the log was brought along" in fact for fact in report.facts)
    assert any(package.log.key.verifier.vkey in item for item in report.by_hand)


def test_a_manifest_rewritten_in_a_package_is_found_and_blamed_alone(package: Archive) -> None:
    package.reseal(2, scope="something else")

    assert found(package) == {("V015", package.manifest_key(2))}


@pytest.mark.parametrize("place", [60, -30])
def test_a_proof_with_a_flipped_bit_is_found(package: Archive, place: int) -> None:
    path = proof_path(package.manifests[1].address)
    package.flip(path, place)

    assert found(package) == {("V017", path)}


def test_a_proof_of_another_manifest_proves_nothing(package: Archive) -> None:
    one, two = (proof_path(package.manifests[number].address) for number in (0, 1))
    package.log.put(one, package.path(two).read_bytes())

    assert found(package) == {("V017", one)}


def test_a_package_proved_by_a_strangers_key_is_found(package: Archive) -> None:
    means = replace(package.means, log_keys=(make_signing_key(ORIGIN).verifier,))

    assert {code for code, _ in found(package, means)} == {"V017"}


def test_a_manifest_without_a_proof_is_told(package: Archive) -> None:
    package.remove(proof_path(package.manifests[1].address))

    report = package.verify()

    assert report.findings == ()
    assert f"{PROVED}: there is none for {package.manifests[1].snapshot}" in report.checks_not_made


def test_proofs_without_a_key_prove_nothing(package: Archive) -> None:
    package.remove(PROOF_KEY)

    assert found(package, Means()) == {("V023", PROOF_KEY)}
    assert found(package) == set()
