"""Where a log stands in the vault: its last batch, its last checkpoint, its keys.

Batches are numbered without a gap, so the last is found by halving, from a number that may be
stale or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from muniment.custody.vault import Vault
from muniment.errors import EvidenceError, LogError, ObjectMissingError
from muniment.evidence.checkpoint import Checkpoint, open_checkpoint
from muniment.evidence.layout import (
    LOG,
    LOG_BATCHES,
    LOG_CHECKPOINTS,
    LOG_KEYS,
    log_batch_key,
    log_checkpoint_key,
)
from muniment.evidence.log_records import Batch, KeyRecord, parse_batch, parse_key_record
from muniment.evidence.merkle import EMPTY_ROOT
from muniment.evidence.notes import VerifierKey
from muniment.evidence.tiles import Read


@dataclass(frozen=True, slots=True)
class Tip:
    """The end of a log: its last batch with a checkpoint, and that checkpoint, as bytes and read.

    An empty log has the number -1, no batch and the root of no entries.
    """

    seq: int
    checkpoint: Checkpoint
    note: bytes
    batch: Batch | None
    known: tuple[VerifierKey, ...]

    @property
    def signer(self) -> str | None:
        """Return the id of the key that signs what follows; None where the log is empty."""
        return self.batch.signers[-1] if self.batch else None


def read_from(vault: Vault) -> Read:
    """Return how files of the log's tree are read by their paths."""
    return lambda path: vault.read(LOG + path)


def read_key_records(vault: Vault) -> list[KeyRecord]:
    """Return the records of the log's keys.

    What is not one, or does not lie under its own key, is passed over: no batch is believed for
    it, and whoever may write to the bucket must not be able to stop the log with it.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    records = []
    for key in vault.list_keys(LOG_KEYS):
        with suppress(EvidenceError):
            record = parse_key_record(vault.read(key))
            if record.key == key:
                records.append(record)
    return records


def read_batch(vault: Vault, seq: int, known: Sequence[VerifierKey]) -> Batch:
    """Return batch *seq*.

    Raises:
        LogError: it is not of its form, not signed by *known* keys, or has another number.
        ObjectMissingError: there is none.
    """
    batch = parse_batch(vault.read(log_batch_key(seq)), known)
    if batch.seq != seq:
        raise LogError(f"{log_batch_key(seq)}: expected that number, found {batch.seq}")
    return batch


def read_tip(vault: Vault, origin: str, *, hint: int = -1) -> tuple[Tip, list[Batch]]:
    """Return the last checkpoint of the log of *origin*, and the batches after it, which have none yet.

    *hint* is the number of a batch that there may be.

    Raises:
        LogError: what is there is not a log of *origin*.
        StoreUnavailableError: the store did not answer.
    """
    # Batches first: a key's record is sealed before the batch that names it.
    last = find_last_batch(vault, hint)
    known = tuple(record.verifier for record in read_key_records(vault))
    pending: list[Batch] = []
    for seq in range(last, -1, -1):
        batch = read_batch(vault, seq, known)
        if batch.origin != origin:
            raise LogError(f"log: expected that of {origin}, found that of {batch.origin}")
        try:
            note = vault.read(log_checkpoint_key(seq))
        except ObjectMissingError:
            pending.insert(0, batch)
            continue
        opened = open_checkpoint(note, known, origin=origin)
        _check_agrees(batch, opened.checkpoint, {key.id.hex() for key in opened.signed_by})
        return Tip(seq, opened.checkpoint, note, batch, known), pending
    return Tip(-1, Checkpoint(origin, 0, EMPTY_ROOT), b"", None, known), pending


def find_last_batch(vault: Vault, hint: int = -1) -> int:
    """Return the number of the last batch, -1 when there is none.

    Raises:
        LogError: there are batches, and not the first.
        StoreUnavailableError: the store did not answer.
    """

    def exists(seq: int) -> bool:
        return _holds(vault, log_batch_key(seq))

    if not exists(0):
        later = _holds(vault, LOG_BATCHES) or _holds(vault, LOG_CHECKPOINTS)
        if not later:
            return -1
        if not exists(0):  # or somebody has begun it since
            raise LogError(f"log: expected {log_batch_key(0)} before all others, found others without it")
    low = hint if hint > 0 and exists(hint) else 0
    step = 1
    while exists(low + step):
        low, step = low + step, step * 2
    return _halve(exists, low, low + step)


def _halve(exists: Callable[[int], bool], low: int, high: int) -> int:
    """Return the last number that exists: *low* does, *high* does not."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if exists(middle) else (low, middle)
    return low


def _holds(vault: Vault, prefix: str) -> bool:
    return any(True for _ in vault.list_objects(prefix))


def _check_agrees(batch: Batch, checkpoint: Checkpoint, signed_by: set[str]) -> None:
    if checkpoint.size != batch.size or not set(batch.signers) <= signed_by:
        raise LogError(
            f"{log_checkpoint_key(batch.seq)}: expected {batch.size} entries signed by {', '.join(batch.signers)}, "
            f"found {checkpoint.size} signed by {', '.join(sorted(signed_by))}"
        )
