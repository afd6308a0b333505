"""The history of a log: its batches in order, and the checkpoint after each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from muniment.errors import EvidenceError, ObjectMissingError
from muniment.evidence.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.checks.contents import read_whole
from muniment.evidence.checks.log_keys import KeyRing
from muniment.evidence.findings import Finding
from muniment.evidence.layout import LOG_BATCHES, LOG_CHECKPOINTS, LOG_KEYS, log_batch_key, log_checkpoint_key
from muniment.evidence.log_records import Batch, parse_batch
from muniment.evidence.merkle import EMPTY_ROOT, leaf_hash, node_hash
from muniment.evidence.notes import VerifierKey, parse_note
from muniment.evidence.readers import ObjectReader

_BATCH = re.compile(rf"{LOG_BATCHES}(\d{{10}})\.json")
_CHECKPOINT = re.compile(rf"{LOG_CHECKPOINTS}(\d{{10}})")


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint that a key of the log signed, and the exact bytes of its note."""

    note: bytes
    checkpoint: Checkpoint


@dataclass(slots=True)
class History:
    """What could be read of a log's history, by sequence number."""

    batches: dict[int, Batch] = field(default_factory=dict)
    checkpoints: dict[int, SignedCheckpoint] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    length: int = 0  # how many batches there should be

    @property
    def whole(self) -> bool:
        """Tell whether every batch is there as it was signed, each on the one before."""
        return len(self.batches) == self.length

    def newest(self) -> SignedCheckpoint | None:
        """Return the checkpoint of the highest number."""
        return self.checkpoints[max(self.checkpoints)] if self.checkpoints else None

    def origin(self) -> str | None:
        """Return the log's name, by its first batch or else its newest checkpoint."""
        if self.batches:
            return self.batches[min(self.batches)].origin
        newest = self.newest()
        return None if newest is None else newest.checkpoint.origin


def read_history(reader: ObjectReader, keys: Sequence[str], ring: KeyRing) -> History:
    """Read the batches and checkpoints among *keys*; find those missing, malformed or not signed by a key of *ring*.

    What only a key signed whose record is lost is not blamed: the record is.
    """
    history = History()
    batches, checkpoints = _numbered(_BATCH, keys), _numbered(_CHECKPOINT, keys)
    history.length = max(batches, default=-1) + 1
    for seq in range(history.length):
        _read_batch(reader, seq, ring.known, history)
    for seq in sorted({*checkpoints, *range(history.length)}):
        _read_checkpoint(reader, seq, ring.known, history)
    _blame_lost_keys(reader, history, ring)
    return history


def _blame_lost_keys(reader: ObjectReader, history: History, ring: KeyRing) -> None:
    """Put the loss of a key's record in the place of everything that only that key signed."""
    failed = {finding.subject for finding in history.findings}
    pairs = [(log_batch_key(seq), log_checkpoint_key(seq)) for seq in range(history.length)]
    signers = {key: signers_of(reader, key) for key in failed}
    # A flipped bit makes one of the two name an unknown key; both name the same when its record is lost.
    both = [signers[batch] & signers[checkpoint] for batch, checkpoint in pairs if {batch, checkpoint} <= failed]
    lost = {key_id for ids in both for key_id in ids} - ring.ids()
    history.findings = [finding for finding in history.findings if not signers[finding.subject] & lost]
    history.findings += [
        Finding("V023", f"{LOG_KEYS}*-{key_id}.json", "expected the record of a key that signed the log, found none")
        for key_id in sorted(lost - ring.faulty)
    ]


def signers_of(reader: ObjectReader, key: str) -> frozenset[str]:
    """Return the ids of the keys that the batch or checkpoint at *key* says signed it; none where it cannot be read."""
    try:
        body = read_whole(reader, key)
        if key.startswith(LOG_CHECKPOINTS):
            return frozenset(line.key_id.hex() for line in parse_note(body).signatures)
        return frozenset(str(line["key"]) for line in json.loads(body)["signatures"])
    except (EvidenceError, ObjectMissingError, ValueError, KeyError, TypeError):
        return frozenset()


def roots_of(history: History) -> Iterator[tuple[int, int, bytes]]:
    """Yield the number, size and root of the tree after each batch of a *history* that is whole."""
    peaks: list[tuple[int, bytes]] = []  # roots of whole subtrees, from the left, with their levels
    for seq, batch in sorted(history.batches.items()):
        for entry in batch.entries:
            _push(peaks, leaf_hash(entry.to_bytes()))
        yield seq, batch.size, _fold(peaks)


def check_roots(history: History, roots: Mapping[int, tuple[int, bytes]]) -> Iterator[Finding]:
    """Find the signed checkpoints that do not state the size and root that the batches give."""
    for seq, signed in history.checkpoints.items():
        found = signed.checkpoint
        if (found.size, found.root) != roots[seq]:
            size, root = roots[seq]
            yield Finding(
                "V018",
                log_checkpoint_key(seq),
                f"expected {size} entries with root {root.hex()}, found {found.size} with {found.root.hex()}",
            )


def _numbered(form: re.Pattern[str], keys: Sequence[str]) -> list[int]:
    return [int(match[1]) for key in keys if (match := form.fullmatch(key))]


def _read_batch(reader: ObjectReader, seq: int, known: Sequence[VerifierKey], history: History) -> None:
    key, before = log_batch_key(seq), history.batches.get(seq - 1)
    try:
        batch = parse_batch(read_whole(reader, key), known)
    except (EvidenceError, ObjectMissingError) as error:
        history.findings.append(Finding("V019", key, str(error)))
        return
    first = before.size if before is not None else batch.first if seq else 0
    if (batch.seq, batch.first) != (seq, first):
        found = f"batch {batch.seq} from entry {batch.first}"
        history.findings.append(Finding("V019", key, f"expected batch {seq} from entry {first}, found {found}"))
        return
    history.batches[seq] = batch


def _read_checkpoint(reader: ObjectReader, seq: int, known: Sequence[VerifierKey], history: History) -> None:
    key, batch = log_checkpoint_key(seq), history.batches.get(seq)
    try:
        note = read_whole(reader, key)
        opened = open_checkpoint(note, known, origin=None if batch is None else batch.origin)
    except (EvidenceError, ObjectMissingError) as error:
        history.findings.append(Finding("V017", key, str(error)))
        return
    signed_by = {signer.id.hex() for signer in opened.signed_by}
    if batch is not None and not signed_by >= set(batch.signers):
        wanted = ", ".join(batch.signers)
        history.findings.append(Finding("V017", key, f"expected signatures by {wanted}, found {len(signed_by)} other"))
        return
    history.checkpoints[seq] = SignedCheckpoint(note, opened.checkpoint)


def _push(peaks: list[tuple[int, bytes]], leaf: bytes) -> None:
    level, digest = 0, leaf
    while peaks and peaks[-1][0] == level:
        digest = node_hash(peaks.pop()[1], digest)
        level += 1
    peaks.append((level, digest))


def _fold(peaks: Sequence[tuple[int, bytes]]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    digest = peaks[-1][1]
    for _, peak in reversed(peaks[:-1]):
        digest = node_hash(peak, digest)
    return digest
