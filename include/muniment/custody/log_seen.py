"""What this machine has seen of a log: the last checkpoint it signed or met, and bundles that never change.

Kept to answer two questions without asking the store for everything: does the log continue
what was seen before, and what is logged already. Losing it costs time and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from muniment.custody.log_tip import Tip, read_from
from muniment.custody.vault import Vault
from muniment.errors import LogError, NoteError, ProofError
from muniment.evidence.checkpoint import open_checkpoint
from muniment.evidence.log_proof import check_continues
from muniment.evidence.merkle import leaf_hash, root_of
from muniment.evidence.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Read,
    Tile,
    TileNodes,
    decode_bundle,
    encode_bundle,
    read_bundle,
    tile_at,
)


@dataclass(frozen=True, slots=True)
class LogSeen:
    """The folder of one log's memory."""

    folder: Path

    def last(self) -> tuple[int, bytes]:
        """Return the number and the note of the last checkpoint seen, -1 and nothing when there is none."""
        path = self.folder / "last"
        if not path.is_file():
            return -1, b""
        seq, _, note = path.read_bytes().partition(b"\n")
        return (int(seq), note) if seq.isdigit() and note else (-1, b"")

    def remember(self, tip: Tip) -> None:
        """Keep *tip* as the last seen."""
        if tip.seq >= 0:
            _replace(self.folder / "last", str(tip.seq).encode() + b"\n" + tip.note)

    def check(self, vault: Vault, tip: Tip, note: bytes) -> None:
        """Check that *tip* continues *note*, which was the last seen before *tip* was read.

        Raises:
            LogError: it does not: the log was forked, or an older state of it put back.
        """
        if not note:
            return
        try:
            earlier = open_checkpoint(note, tip.known, origin=tip.checkpoint.origin).checkpoint
            check_continues(read_from(vault), earlier, tip.checkpoint)
        except (NoteError, ProofError) as error:
            raise LogError(f"log: expected it to continue what {self.folder} has seen of it, found: {error}") from None

    def entries(self, vault: Vault, size: int, start: int = 0) -> Iterator[bytes]:
        """Yield the entries of the log of *size* from number *start* on; full bundles are fetched once and kept.

        Raises:
            LogError: a bundle is not what the log's tiles vouch for.
            StoreUnavailableError: the store did not answer.
        """
        read = read_from(vault)
        nodes = TileNodes(read, size)
        for number in range(start // WIDTH, -(-size // WIDTH)):
            bundle = tile_at(ENTRIES, number, size)
            whole = bundle.width == WIDTH
            entries = self._full(read, bundle, nodes(HEIGHT, number)) if whole else read_bundle(read, bundle)
            yield from entries[max(0, start - bundle.first) :]

    def _full(self, read: Read, bundle: Tile, node: bytes) -> Sequence[bytes]:
        # Named by its hash in the tree: one of another log's is never taken for it.
        path = self.folder / "bundles" / f"{bundle.index}-{node.hex()}"
        if path.is_file():
            return decode_bundle(path.read_bytes(), WIDTH)
        entries = read_bundle(read, bundle)
        if root_of([leaf_hash(entry) for entry in entries]) != node:
            raise LogError(f"{bundle.path}: expected the entries that the tiles vouch for, found others")
        _replace(path, encode_bundle(entries))
        return entries


def _replace(path: Path, body: bytes) -> None:
    """Write *path* whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.write_bytes(body)
    draft.replace(path)
