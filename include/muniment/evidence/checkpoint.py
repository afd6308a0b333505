"""Checkpoints: how large a log is and what its root is, signed (C2SP tlog-checkpoint, https://c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from muniment.errors import NoteError
from muniment.evidence.base64_text import decode_base64, encode_base64
from muniment.evidence.merkle import HASH_BYTES
from muniment.evidence.notes import SigningKey, VerifierKey, open_note, sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's origin, the number of its entries, and the root over them. `extensions` are lines of no meaning to us."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Render the text that is signed."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint that was believed, and the known keys that signed it."""

    checkpoint: Checkpoint
    signed_by: tuple[VerifierKey, ...]


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint from the text of a note.

    Raises:
        NoteError: the text is not of that form.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or "" in lines:
        raise NoteError("checkpoint: expected three lines or more, none of them empty, found others")
    origin, size, root, *extensions = lines
    if _SIZE.fullmatch(size) is None:
        raise NoteError(f"checkpoint: expected a number of entries, found {size[:30]!r}")
    digest = decode_base64(root, "checkpoint: root")
    if len(digest) != HASH_BYTES:
        raise NoteError(f"checkpoint: expected a root of {HASH_BYTES} bytes, found {len(digest)}")
    return Checkpoint(origin, int(size), digest, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, keys: Iterable[SigningKey]) -> bytes:
    """Return the signed note of *checkpoint*. The same keys give the same bytes.

    Raises:
        NoteError: there is no key, or the origin may not stand in a note.
    """
    return sign_note(checkpoint.to_text(), keys).to_bytes()


def open_checkpoint(note: bytes, known: Iterable[VerifierKey], *, origin: str | None = None) -> OpenedCheckpoint:
    """Return the checkpoint in *note* when a *known* key signed it, and it is *origin*'s where one is named.

    Signatures by other keys are passed over, as the specification asks: a witness's, or those
    of a log key of another time.

    Raises:
        NoteError: the note is not of its form, no known key signed it, a signature in the name
            of one is not its own, or it is another log's.
    """
    text, signed_by = open_note(note, known)
    checkpoint = parse_checkpoint(text)
    if origin is not None and checkpoint.origin != origin:
        raise NoteError(f"checkpoint: expected one of {origin}, found one of {checkpoint.origin[:200]!r}")
    return OpenedCheckpoint(checkpoint, signed_by)
