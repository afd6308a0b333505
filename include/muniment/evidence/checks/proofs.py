"""Proofs from the log that travel with a handed-over folder, which has no log: one for each manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muniment.errors import EvidenceError, ObjectMissingError
from muniment.evidence.checks.contents import read_whole
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, SnapshotAddress
from muniment.evidence.log_proof import PROOF_KEY, PROOFS, check_log_proof, parse_log_proof, proof_path
from muniment.evidence.log_records import parse_entry
from muniment.evidence.notes import VerifierKey, parse_vkey
from muniment.evidence.readers import ObjectReader


@dataclass(frozen=True, slots=True)
class Proofs:
    """What the proofs of a folder show: manifests in the log by a known key, those without, faults."""

    proved: int
    unproved: tuple[SnapshotAddress, ...]
    keys: tuple[VerifierKey, ...]
    brought: bool
    findings: tuple[Finding, ...]


def are_there(keys: Sequence[str]) -> bool:
    """Tell whether any of *keys* is a proof."""
    return any(key.startswith(PROOFS) for key in keys)


def check_proofs(
    reader: ObjectReader, manifests: Mapping[SnapshotAddress, str], brought: Sequence[VerifierKey]
) -> Proofs:
    """Check the proof of each of *manifests*, given with hashes, by keys *brought* or else the one beside them."""
    findings: list[Finding] = []
    unproved: list[SnapshotAddress] = []
    try:
        keys = tuple(brought) or (parse_vkey(read_whole(reader, PROOF_KEY).decode("utf-8", "replace").strip()),)
    except (EvidenceError, ObjectMissingError) as error:
        return Proofs(0, tuple(sorted(manifests)), (), False, (Finding("V023", PROOF_KEY, str(error)),))
    for address, digest in sorted(manifests.items()):
        try:
            findings += _check(reader, address, digest, keys)
        except ObjectMissingError:
            unproved.append(address)
        except EvidenceError as error:
            findings.append(Finding("V017", proof_path(address), str(error)))
    return Proofs(len(manifests) - len(unproved), tuple(unproved), keys, bool(brought), tuple(findings))


def _check(reader: ObjectReader, address: SnapshotAddress, digest: str, keys: Sequence[VerifierKey]) -> list[Finding]:
    proof = parse_log_proof(read_whole(reader, proof_path(address)))
    check_log_proof(proof, keys)
    entry, key = parse_entry(proof.entry), address.key(MANIFEST)
    if entry.key != key:
        return [Finding("V017", proof_path(address), f"expected the proof of {key}, found that of {entry.key}")]
    if entry.sha256 != digest:
        return [Finding("V015", key, f"expected SHA-256 {entry.sha256} as logged, found {digest}")]
    return []
