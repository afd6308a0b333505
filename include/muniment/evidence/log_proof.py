"""Proofs from a log: that an entry is in it, that one checkpoint continues another.

A proof of inclusion is written as C2SP tlog-proof has it (https://c2sp.org/tlog-proof): whoever
has the entry's bytes and a key of the log checks it offline. The entry travels as its extra data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from muniment.errors import NoteError, ProofError
from muniment.evidence.base64_text import decode_base64, encode_base64
from muniment.evidence.checkpoint import Checkpoint, OpenedCheckpoint, open_checkpoint
from muniment.evidence.layout import SnapshotAddress
from muniment.evidence.merkle import (
    check_consistency,
    check_inclusion,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    range_root,
)
from muniment.evidence.notes import VerifierKey
from muniment.evidence.tiles import Read, TileNodes

FORM = "c2sp.org/tlog-proof@v1"
# Where a handed-over folder has proofs, beside the objects: no key of a vault begins so.
PROOFS = "proofs/"
PROOF_KEY = f"{PROOFS}log-key.vkey"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_MAX_HASHES = 63


@dataclass(frozen=True, slots=True)
class LogProof:
    """That `entry` is number `index` of the log of which `checkpoint` is a signed note."""

    entry: bytes
    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """Render the proof."""
        lines = [
            FORM,
            f"extra {encode_base64(self.entry)}",
            f"index {self.index}",
            *map(encode_base64, self.hashes),
            "",
        ]
        return "".join(f"{line}\n" for line in lines).encode("ascii") + self.checkpoint


def parse_log_proof(body: bytes) -> LogProof:
    """Read a proof, without believing it.

    Raises:
        ProofError: the bytes are not of its form, or carry no entry.
    """
    head, separator, checkpoint = body.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    if not separator or len(lines) < 3 or lines[0] != FORM or not lines[1].startswith("extra "):
        raise ProofError(f"proof: expected {FORM} with extra, an index and a checkpoint, found other lines")
    index = _INDEX.fullmatch(lines[2])
    if index is None or len(lines) - 3 > _MAX_HASHES:
        raise ProofError(f"proof: expected an index and at most {_MAX_HASHES} hashes, found others")
    try:
        entry, *hashes = (decode_base64(text, "proof") for text in (lines[1].removeprefix("extra "), *lines[3:]))
    except NoteError as error:
        raise ProofError(str(error)) from None
    return LogProof(entry, int(index[1]), tuple(hashes), checkpoint)


def check_log_proof(proof: LogProof, known: Iterable[VerifierKey], *, origin: str | None = None) -> OpenedCheckpoint:
    """Return the checkpoint of *proof* when a *known* key signed it and the entry is in its tree.

    Raises:
        NoteError: the checkpoint is not signed so.
        ProofError: the entry is not shown to be in it.
    """
    opened = open_checkpoint(proof.checkpoint, known, origin=origin)
    tree = opened.checkpoint
    check_inclusion(leaf_hash(proof.entry), proof.index, tree.size, tree.root, proof.hashes)
    return opened


def prove_inclusion(read: Read, index: int, size: int) -> list[bytes]:
    """Return the proof of entry *index* in the tree of *size*, from its tiles.

    Raises:
        LogError: a tile is not of its form.
        ObjectMissingError: a tile is missing.
        ProofError: the tree has no such entry.
    """
    nodes = TileNodes(read, size)
    return [range_root(nodes, leaves) for leaves in inclusion_ranges(index, size)]


def prove_consistency(read: Read, first: int, second: int) -> list[bytes]:
    """Return the proof that the tree of *first* entries is the beginning of that of *second*, from the latter's tiles.

    Raises:
        LogError: a tile is not of its form.
        ObjectMissingError: a tile is missing.
        ProofError: the second tree is the smaller.
    """
    nodes = TileNodes(read, second)
    return [range_root(nodes, leaves) for leaves in consistency_ranges(first, second)]


def check_continues(read: Read, earlier: Checkpoint, later: Checkpoint) -> None:
    """Check that *later* continues *earlier*, with a proof from the tiles of *later*.

    Raises:
        LogError: a tile is not of its form.
        ObjectMissingError: a tile is missing.
        ProofError: it does not: the log was forked, or an older state of it was put back.
    """
    if later.size < earlier.size:
        raise ProofError(f"log: expected {earlier.size} entries or more, found {later.size}")
    proof: Sequence[bytes] = prove_consistency(read, earlier.size, later.size)
    check_consistency(earlier.size, earlier.root, later.size, later.root, proof)


def proof_path(address: SnapshotAddress) -> str:
    """Return where a handed-over folder has the proof that the manifest at *address* is in the log."""
    volume = address.volume
    return f"{PROOFS}{volume.series}/{volume.account}/{address.snapshot}.tlog-proof"
