"""A log written into a folder, from the specification's functions and not by the log's own writer."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from muniment.evidence.checkpoint import Checkpoint, sign_checkpoint
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import MANIFEST, log_batch_key, log_checkpoint_key
from muniment.evidence.log_records import KEY_KIND, MANIFEST_KIND, Batch, KeyRecord, LogEntry
from muniment.evidence.manifest import Manifest
from muniment.evidence.merkle import leaf_hash, nodes_of, root_of
from muniment.evidence.notes import SigningKey, make_signing_key
from muniment.evidence.tiles import ENTRIES, Tile, encode_bundle, render_tile, tiles_between

ORIGIN = "x.example/muniment"
WRITTEN = "2026-11-21T12:01:00.000000Z"


@dataclass
class FolderLog:
    """The batches of a log, and the key that signs them. `write` puts down everything they make."""

    root: Path
    retention_of: Manifest
    key: SigningKey = field(default_factory=lambda: make_signing_key(ORIGIN))
    batches: list[list[LogEntry]] = field(default_factory=list)

    def append(self, *manifests: Manifest) -> None:
        """Log *manifests* in a batch of their own; the first batch has the key too."""
        entries = [LogEntry(MANIFEST_KIND, item.address.key(MANIFEST), item.sha256()) for item in manifests]
        if not self.batches:
            record, body = self.key_record()
            entries.insert(0, LogEntry(KEY_KIND, record.key, sha256_hex(body)))
        self.batches.append(entries)

    def key_record(self) -> tuple[KeyRecord, bytes]:
        record = KeyRecord(vkey=self.key.verifier.vkey, previous=None)
        return record, record.sign([self.key])

    def write(self) -> None:
        """Write the key's record, and of every batch itself, its checkpoint and its tiles."""
        record, body = self.key_record()
        self.put(record.key, body)
        entries = [entry.to_bytes() for batch in self.batches for entry in batch]
        sizes = list(accumulate(map(len, self.batches)))
        for seq, (batch, size) in enumerate(zip(self.batches, sizes, strict=True)):
            self.put(log_batch_key(seq), self.batch_bytes(seq, batch, size - len(batch)))
            self.put(log_checkpoint_key(seq), self.checkpoint(size))
            for tile in tiles_between(size - len(batch), size):
                self.put(f"log/{tile.path}", self.tile_bytes(tile, entries[:size]))
        self.put("log/checkpoint", self.checkpoint(sizes[-1]))

    def batch_bytes(self, seq: int, entries: list[LogEntry], first: int) -> bytes:
        batch = Batch(
            origin=ORIGIN,
            seq=seq,
            first=first,
            entries=tuple(entries),
            signers=(self.key.verifier.id.hex(),),
            written_at=WRITTEN,
            retention=self.retention_of.retention,
        )
        return batch.sign([self.key])

    def checkpoint(self, size: int) -> bytes:
        """Return the signed checkpoint of the first *size* entries."""
        leaves = [leaf_hash(entry.to_bytes()) for batch in self.batches for entry in batch]
        return sign_checkpoint(Checkpoint(ORIGIN, size, root_of(leaves[:size])), [self.key])

    def tile_bytes(self, tile: Tile, entries: list[bytes]) -> bytes:
        if tile.level == ENTRIES:
            return encode_bundle(entries[tile.first : tile.first + tile.width])
        return render_tile(tile, nodes_of([leaf_hash(entry) for entry in entries]))

    def put(self, key: str, body: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
