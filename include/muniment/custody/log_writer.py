"""Writing a log: a batch is what commits, all else follows from the batches.

Whoever is first to seal a batch's number has appended. The tiles and the checkpoint after it
are the same bytes whoever makes them, so any later run finishes what a crash left, and a
lost race is told by `AlreadySealedError`. A checkpoint is sealed last: where there is one,
all before it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from muniment.custody.log_tip import Tip, read_from, read_tip
from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError, LogError
from muniment.evidence.checkpoint import Checkpoint, sign_checkpoint
from muniment.evidence.layout import LOG, log_batch_key, log_checkpoint_key
from muniment.evidence.log_records import MAX_ENTRIES, Batch, KeyRecord, LogEntry
from muniment.evidence.manifest import Retention
from muniment.evidence.merkle import LeafRange, Nodes, leaf_hash, node_hash, range_root
from muniment.evidence.notes import SigningKey
from muniment.evidence.tiles import (
    ENTRIES,
    WIDTH,
    Tile,
    TileNodes,
    encode_bundle,
    read_bundle,
    render_tile,
    tile_at,
    tiles_between,
)
from muniment.records.names import format_instant, parse_instant

JSON, NOTE, TILE = "application/json", "text/plain; charset=utf-8", "application/octet-stream"


@dataclass(frozen=True, slots=True)
class LogWriter:
    """One log, and the keys that may sign it, by their ids."""

    vault: Vault
    origin: str
    keys: Mapping[str, SigningKey]

    def settle(self, *, hint: int = -1) -> Tip:
        """Make what the batches call for and is not there yet; return where the log then stands.

        Raises:
            ConfigurationError: a key that must sign is not at hand.
            LogError: what is there is not what the batches make it.
            CustodyError: the store did not keep what it was given.
        """
        tip, pending = read_tip(self.vault, self.origin, hint=hint)
        for batch in pending:
            tip = self._complete(tip, batch)
        return tip

    def append(
        self, tip: Tip, entries: Sequence[LogEntry], signers: Sequence[str], *, at: datetime, retention: Retention
    ) -> None:
        """Seal the batch after *tip*; `settle` makes the rest. *at* is the present instant, aware.

        Raises:
            AlreadySealedError: somebody else was first.
            ConfigurationError: a key that must sign is not at hand.
            CustodyError: the store did not keep what it was given.
        """
        batch = Batch(
            origin=self.origin,
            seq=tip.seq + 1,
            first=tip.checkpoint.size,
            entries=tuple(entries[:MAX_ENTRIES]),
            signers=tuple(signers),
            written_at=format_instant(at),
            retention=retention,
        )
        self._seal(log_batch_key(batch.seq), batch.sign(self._signing(batch.signers)), batch.retention, JSON)

    def seal_key_record(self, record: KeyRecord, signers: Sequence[str], retention: Retention) -> bytes:
        """Seal the record of a key, and return its bytes.

        Raises:
            ConfigurationError: a key that must sign is not at hand.
            CustodyError: the store did not keep what it was given.
        """
        body = record.sign(self._signing(signers))
        self._seal(record.key, body, retention, JSON)
        return body

    def _complete(self, tip: Tip, batch: Batch) -> Tip:
        _check_follows(tip, batch)
        signing = self._signing(batch.signers)
        entries = [entry.to_bytes() for entry in batch.entries]
        nodes = grown_nodes(read_root_checked(self.vault, tip), tip.checkpoint.size, entries)
        for tile, body in _grown_files(self.vault, tip.checkpoint.size, entries, nodes):
            self._seal(LOG + tile.path, body, batch.retention, TILE)
        checkpoint = Checkpoint(self.origin, batch.size, range_root(nodes, (0, batch.size)))
        note = sign_checkpoint(checkpoint, signing)
        self._seal(log_checkpoint_key(batch.seq), note, batch.retention, NOTE)
        return Tip(batch.seq, checkpoint, note, batch, tip.known)

    def _seal(self, key: str, body: bytes, retention: Retention, content_type: str) -> None:
        until = parse_instant(retention.locked_until)
        self.vault.seal_bytes(key, body, lock_until=until, content_type=content_type)

    def _signing(self, signers: Sequence[str]) -> list[SigningKey]:
        missing = [key_id for key_id in signers if key_id not in self.keys]
        if missing:
            found = ", ".join(self.keys) or "none"
            raise ConfigurationError(f"log of {self.origin}: expected the key {', '.join(missing)}, found {found}")
        return [self.keys[key_id] for key_id in signers]


def read_root_checked(vault: Vault, tip: Tip) -> Nodes:
    """Return the subtrees of the tree at *tip*, from tiles that lead to its signed root.

    Raises:
        LogError: they do not.
        ObjectMissingError: a tile is missing.
    """
    tree = tip.checkpoint
    nodes = TileNodes(read_from(vault), tree.size)
    if tree.size and (found := range_root(nodes, (0, tree.size))) != tree.root:
        raise LogError(f"log: expected root {tree.root.hex()} of {tree.size}, found {found.hex()} by its tiles")
    return nodes


def grown_nodes(old: Nodes, size: int, entries: Sequence[bytes]) -> Nodes:
    """Return the subtrees of a tree of *size* leaves that grew by *entries*; computes each new one once."""
    made: dict[tuple[int, int], bytes] = {(0, size + place): leaf_hash(entry) for place, entry in enumerate(entries)}

    def node(level: int, index: int) -> bytes:
        if (index + 1) << level <= size:
            return old(level, index)
        if (level, index) not in made:
            made[level, index] = node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))
        return made[level, index]

    return node


def _grown_files(vault: Vault, size: int, entries: Sequence[bytes], nodes: Nodes) -> Iterator[tuple[Tile, bytes]]:
    begun = _begun_bundle(vault, size, nodes)
    first = size - len(begun)
    held = [*begun, *entries]
    for tile in tiles_between(size, size + len(entries)):
        if tile.level == ENTRIES:
            yield tile, encode_bundle(held[tile.first - first : tile.first - first + tile.width])
        else:
            yield tile, render_tile(tile, nodes)


def _begun_bundle(vault: Vault, size: int, nodes: Nodes) -> list[bytes]:
    """Return the entries of the last bundle where it is not full, held against their leaf hashes."""
    if size % WIDTH == 0:
        return []
    bundle = tile_at(ENTRIES, size // WIDTH, size)
    entries = list(read_bundle(read_from(vault), bundle))
    leaves: LeafRange = (bundle.first, size)
    if [leaf_hash(entry) for entry in entries] != [nodes(0, index) for index in range(*leaves)]:
        raise LogError(f"{bundle.path}: expected the entries of its leaf hashes, found others")
    return entries


def _check_follows(tip: Tip, batch: Batch) -> None:
    if (batch.seq, batch.first) != (tip.seq + 1, tip.checkpoint.size):
        raise LogError(
            f"{log_batch_key(batch.seq)}: expected batch {tip.seq + 1} from entry {tip.checkpoint.size} on, "
            f"found {batch.seq} from {batch.first} on"
        )
    if tip.signer is not None and batch.signers[0] != tip.signer:
        raise LogError(f"{log_batch_key(batch.seq)}: expected it signed by {tip.signer}, found {batch.signers[0]}")
