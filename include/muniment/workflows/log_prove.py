"""Show where a log stands, and hand out the proof that something is in it. Reads only; needs no private key."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from muniment.custody.log_tip import Tip, read_from, read_key_records, read_tip
from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError
from muniment.evidence.layout import MANIFEST, SNAPSHOT_PREFIX
from muniment.evidence.log_proof import LogProof, check_log_proof, prove_inclusion
from muniment.evidence.log_records import Batch, parse_entry
from muniment.evidence.notes import VerifierKey, parse_note
from muniment.settings import Settings, read_settings
from muniment.workflows.append_log import list_unlogged
from muniment.workflows.log_place import seen_of
from muniment.workflows.log_proof_note import TEXT
from muniment.workflows.planning import open_agency
from muniment.workflows.wiring import open_vault

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ShownLog:
    """Where a log stands: its last checkpoint, batches that have none yet, and how many objects it lacks."""

    tip: Tip
    pending: int
    unlogged: int

    def to_json(self) -> Json:
        """Return the log in words."""
        tree = self.tip.checkpoint
        return {
            "origin": tree.origin,
            "size": tree.size,
            "root": tree.root.hex(),
            "checkpoint": self.tip.seq,
            "signed_by": list(self.tip.batch.signers) if self.tip.batch else [],
            "written_at": self.tip.batch.written_at if self.tip.batch else None,
            "locked_until": self.tip.batch.retention.locked_until if self.tip.batch else None,
            "batches_without_checkpoint": self.pending,
            "not_logged_yet": self.unlogged,
        }


@dataclass(frozen=True, slots=True)
class Handed:
    """A proof that was written: for which object, and into which folder."""

    key: str
    proof: LogProof
    checkpoint: Tip
    folder: Path

    def to_json(self) -> Json:
        """Return the proof in words."""
        return {
            "key": self.key,
            "index": self.proof.index,
            "size": self.checkpoint.checkpoint.size,
            "checkpoint": self.checkpoint.seq,
            "folder": str(self.folder),
        }


def show_log(agency_id: str, settings: Settings | None = None) -> ShownLog:
    """Return where the agency's log stands.

    Raises:
        ConfigurationError: there is no log yet.
        LogError: it is not what its batches make it.
        StoreUnavailableError: the store did not answer.
    """
    settings = settings or read_settings()
    vault, tip, pending = _open(agency_id, settings)
    logged = {parse_entry(entry).key for entry in seen_of(settings, vault).entries(vault, tip.checkpoint.size)}
    pending_keys = {entry.key for batch in pending for entry in batch.entries}
    return ShownLog(tip, len(pending), len(list_unlogged(vault, logged | pending_keys)))


def hand_out_proof(agency_id: str, what: str, folder: Path, settings: Settings | None = None) -> Handed:
    """Write into the new *folder* the proof that *what*, an object's key or a snapshot's id, is in the log.

    Beside the C2SP tlog-proof lie its parts, for those who check with openssl and a dozen lines.

    Raises:
        ConfigurationError: the log does not have it, or *folder* is not empty.
        LogError: the log is not what its batches make it.
        StoreUnavailableError: the store did not answer.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigurationError(f"{folder}: expected a new or empty folder, found files in it")
    settings = settings or read_settings()
    vault, tip, _ = _open(agency_id, settings)
    index, entry = _find_entry(what, list(seen_of(settings, vault).entries(vault, tip.checkpoint.size)))
    hashes = tuple(prove_inclusion(read_from(vault), index, tip.checkpoint.size))
    proof = LogProof(entry, index, hashes, tip.note)
    signed_by = check_log_proof(proof, tip.known, origin=tip.checkpoint.origin).signed_by
    _write(folder, proof, next(key for key in signed_by if key.id.hex() == tip.signer))
    return Handed(parse_entry(entry).key, proof, tip, folder)


@dataclass(frozen=True, slots=True)
class Proved:
    """Proofs by the key of the object proved, and the log's key that signed their checkpoint."""

    proofs: dict[str, LogProof]
    vkey: str


def prove_each(vault: Vault, wanted: Collection[str], settings: Settings) -> Proved:
    """Return the proof of each of the keys *wanted* that the log has; none where there is no log yet.

    Raises:
        LogError: the log is not what its batches make it.
        StoreUnavailableError: the store did not answer.
    """
    records = read_key_records(vault)
    if not records:
        return Proved({}, "")
    seq, _ = seen_of(settings, vault).last()
    tip, _ = read_tip(vault, records[0].verifier.name, hint=seq)
    read, size, proofs = read_from(vault), tip.checkpoint.size, {}
    for index, entry in enumerate(seen_of(settings, vault).entries(vault, size)):
        key = parse_entry(entry).key
        if key in wanted:
            proofs[key] = LogProof(entry, index, tuple(prove_inclusion(read, index, size)), tip.note)
    signer = next((key.vkey for key in tip.known if key.id.hex() == tip.signer), "")
    return Proved(proofs, signer)


def _open(agency_id: str, settings: Settings) -> tuple[Vault, Tip, list[Batch]]:
    vault = open_vault(open_agency(agency_id, settings).id, settings)
    records = read_key_records(vault)
    if not records:
        raise ConfigurationError(f"agency {agency_id}: expected a log, found none yet")
    seq, _ = seen_of(settings, vault).last()
    return vault, *read_tip(vault, records[0].verifier.name, hint=seq)


def _find_entry(what: str, entries: list[bytes]) -> tuple[int, bytes]:
    manifest = f"/{SNAPSHOT_PREFIX}{what}/{MANIFEST}"
    for index, entry in enumerate(entries):
        key = parse_entry(entry).key
        if key == what or key.endswith(manifest):
            return index, entry
    raise ConfigurationError(f"log: expected an entry for {what}, found none among {len(entries)}")


def _write(folder: Path, proof: LogProof, signer: VerifierKey) -> None:
    note = parse_note(proof.checkpoint)
    signature = next(line.signature for line in note.signatures if line.key_id == signer.id)
    public = Ed25519PublicKey.from_public_bytes(signer.public)
    files = {
        "proof.tlog-proof": proof.to_bytes(),
        "entry.json": proof.entry,
        "checkpoint.txt": note.text.encode("utf-8"),
        "checkpoint.sig": signature,
        "log-key.pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "log-key.vkey": f"{signer.vkey}\n".encode(),
        "READ-ME.txt": TEXT.encode("utf-8"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (folder / name).write_bytes(body)
