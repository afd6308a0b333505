"""Signed notes: a text, and lines that say who signed it (C2SP signed-note, https://c2sp.org/signed-note).

Ed25519 only (RFC 8032; signature type 0x01). A verifier key is spelled `vkey`, a signing key
`skey`, both as golang.org/x/mod/sumdb/note spells them, so that other people's tools read ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from muniment.errors import NoteError
from muniment.evidence.base64_text import decode_base64, encode_base64

ED25519 = b"\x01"
KEY_BYTES = 32
ID_BYTES = 4
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100  # the specification asks for 16 at least
_LINE = re.compile("\u2014 (?P<name>[^ ]+) (?P<body>[A-Za-z0-9+/]+={0,2})")
_SKEY = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who may have signed: a name, and an Ed25519 public key of 32 bytes."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public) != KEY_BYTES:
            raise NoteError(f"key {self.name}: expected {KEY_BYTES} bytes, found {len(self.public)}")

    @property
    def id(self) -> bytes:
        """Return the four bytes by which a signature names its key, beside the name."""
        return sha256(self.name.encode("utf-8") + b"\n" + ED25519 + self.public).digest()[:ID_BYTES]

    @property
    def vkey(self) -> str:
        """Return the key as text: name, id and key, with plus signs between."""
        return f"{self.name}+{self.id.hex()}+{encode_base64(ED25519 + self.public)}"

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Tell whether *signature* is this key's over *text*."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Who signs. Its text, and its 32 secret bytes, show in no `repr`."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> VerifierKey:
        """Return the public half."""
        return VerifierKey(self.name, self._key().public_key().public_bytes_raw())

    @property
    def skey(self) -> str:
        """Return the key as text. A secret."""
        return f"{_SKEY}{self.name}+{self.verifier.id.hex()}+{encode_base64(ED25519 + self.seed)}"

    def sign(self, text: bytes) -> bytes:
        """Return the signature over *text*: the same every time."""
        return self._key().sign(text)

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note: whom it names, and that one's signature."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text, ending in a newline, and what stands under it. Not to be believed before `open_note`."""

    text: str
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """Render the note."""
        lines = (f"\u2014 {line.name} {encode_base64(line.key_id + line.signature)}\n" for line in self.signatures)
        return f"{self.text}\n{''.join(lines)}".encode()


def make_signing_key(name: str) -> SigningKey:
    """Make a new key for *name*.

    Raises:
        NoteError: *name* may not name a key.
    """
    return SigningKey(check_key_name(name), Ed25519PrivateKey.generate().private_bytes_raw())


def parse_vkey(text: str) -> VerifierKey:
    """Read a verifier key.

    Raises:
        NoteError: the text is not of that form, or its id is not the key's.
    """
    name, key_id, body = _split_key(text, "verifier key")
    key = VerifierKey(name, body)
    if key.id.hex() != key_id:
        raise NoteError(f"verifier key {name}: expected id {key.id.hex()}, found {key_id!r}")
    return key


def parse_skey(text: str) -> SigningKey:
    """Read a signing key. No message holds any of it but its name.

    Raises:
        NoteError: the text is not of that form, or its id is not the key's.
    """
    if not text.startswith(_SKEY):
        raise NoteError(f"signing key: expected {_SKEY}..., found other text")
    name, key_id, body = _split_key(text.removeprefix(_SKEY), "signing key")
    if len(body) != KEY_BYTES:
        raise NoteError(f"signing key {name}: expected {KEY_BYTES} bytes, found {len(body)}")
    key = SigningKey(name, body)
    if key.verifier.id.hex() != key_id:
        raise NoteError(f"signing key {name}: expected the id of its public half, found another")
    return key


def sign_note(text: str, keys: Iterable[SigningKey]) -> Note:
    """Sign *text* with each of *keys*, in that order.

    Raises:
        NoteError: *text* may not be a note's, or there is no key.
    """
    _check_text(text)
    lines = tuple(Signature(key.name, key.verifier.id, key.sign(text.encode("utf-8"))) for key in keys)
    if not lines:
        raise NoteError("note: expected a key to sign it, found none")
    return Note(text, lines)


def parse_note(body: bytes) -> Note:
    """Read a note, without believing it.

    Raises:
        NoteError: the bytes are not of that form, or more than `MAX_NOTE_BYTES` or `MAX_SIGNATURES`.
    """
    if len(body) > MAX_NOTE_BYTES:
        raise NoteError(f"note: expected at most {MAX_NOTE_BYTES} bytes, found {len(body)}")
    try:
        whole = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError(f"note: expected UTF-8, found other bytes at {error.start}") from None
    head, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise NoteError("note: expected text, an empty line and signatures, found no such end")
    _check_text(head + "\n")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"note: expected at most {MAX_SIGNATURES} signatures, found {len(lines)}")
    return Note(head + "\n", tuple(_parse_line(line) for line in lines))


def open_note(body: bytes, known: Iterable[VerifierKey]) -> tuple[str, tuple[VerifierKey, ...]]:
    """Return a note's text, and those of the *known* keys that signed it. Signatures by others are passed over.

    Raises:
        NoteError: the bytes are no note, none of the known keys signed it, or a signature
            in the name of one of them is not its own.
    """
    note, keys = parse_note(body), {(key.name, key.id): key for key in known}
    signed: dict[tuple[str, bytes], VerifierKey] = {}
    for line in note.signatures:
        key = keys.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.verifies(line.signature, note.text.encode("utf-8")):
            raise NoteError(f"note: expected a signature by {line.name}+{line.key_id.hex()}, found one that is not")
        signed[line.name, line.key_id] = key
    if not signed:
        found = ", ".join(f"{line.name}+{line.key_id.hex()}" for line in note.signatures)
        raise NoteError(f"note: expected a signature by one of {len(keys)} known key(s), found {found}")
    return note.text, tuple(signed.values())


def check_key_name(name: str) -> str:
    """Return *name* when it may name a key: not empty, no spaces, no plus sign, no control character.

    Raises:
        NoteError: it may not.
    """
    if not name or "+" in name or any(letter.isspace() or letter < " " for letter in name):
        raise NoteError(f"key name: expected text without spaces and plus signs, found {name[:60]!r}")
    return name


def _split_key(text: str, what: str) -> tuple[str, str, bytes]:
    parts = text.split("+", 2)  # base64 has plus signs too
    if len(parts) != 3:
        raise NoteError(f"{what}: expected a name, an id and a key, found {len(parts)} part(s)")
    body = decode_base64(parts[2], what)
    if body[:1] != ED25519:
        raise NoteError(f"{what}: expected Ed25519 (type 1), found type {body[:1].hex() or 'none'}")
    return parts[0], parts[1], body[1:]


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteError("note: expected text that ends in a newline, found another end")
    if any(letter < " " and letter != "\n" for letter in text):
        raise NoteError("note: expected no control characters but newlines, found one")


def _parse_line(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    if match is None:
        raise NoteError(f"note: expected a signature line, found {line[:60]!r}")
    body = decode_base64(match["body"], "note: signature")
    if len(body) <= ID_BYTES:
        raise NoteError(f"note: expected a key id and a signature, found {len(body)} bytes")
    return Signature(check_key_name(match["name"]), body[:ID_BYTES], body[ID_BYTES:])
