"""What a log is made from: entries, the batches that appended them, the keys that sign. See docs/spec/log.md.

A batch and a key's record are canonical JSON with signatures over all of it but the signatures.
No newline stands in canonical JSON and every note has one, so neither passes for the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from muniment.errors import LogError, ManifestError, NoteError
from muniment.evidence.base64_text import decode_base64, encode_base64
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import log_key_key
from muniment.evidence.manifest import Retention
from muniment.evidence.notes import SigningKey, VerifierKey, parse_vkey
from muniment.evidence.typed import read_typed
from muniment.records.canonical import canonical_json
from muniment.records.names import parse_instant

BATCH_FORMAT, KEY_FORMAT = "muniment.log.batch/1", "muniment.log.key/1"
MANIFEST_KIND, REGISTER_KIND, KEY_KIND = "manifest", "register", "key"
KINDS = (MANIFEST_KIND, REGISTER_KIND, KEY_KIND)
MAX_ENTRIES = 4096  # of one batch


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log: of what kind an object is, its key, and the SHA-256 of its bytes (64 lower hex digits)."""

    kind: str
    key: str
    sha256: str

    def to_bytes(self) -> bytes:
        """Render the entry, whose leaf hash is in the tree."""
        return canonical_json(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Entries appended together: `seq` counts batches, `first` is the number of the first entry, both from 0.

    `signers` are the ids of the keys that sign the checkpoint after it: one, or the old and the
    new one where a key is replaced. The last of them signs what follows.
    """

    origin: str
    seq: int
    first: int
    entries: tuple[LogEntry, ...]
    signers: tuple[str, ...]
    written_at: str
    retention: Retention

    @property
    def size(self) -> int:
        """Return how many entries the log has after it."""
        return self.first + len(self.entries)

    def sign(self, keys: Iterable[SigningKey]) -> bytes:
        """Render the batch, signed by *keys*."""
        return _sign({"format": BATCH_FORMAT, **asdict(self)}, keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A key of the log, and the one that it replaces, both spelled as `vkey`."""

    vkey: str
    previous: str | None

    @property
    def verifier(self) -> VerifierKey:
        """Return the key."""
        return parse_vkey(self.vkey)

    @property
    def key(self) -> str:
        """Return the object key of the record."""
        return log_key_key(self.verifier.name, self.verifier.id.hex())

    def sign(self, keys: Iterable[SigningKey]) -> bytes:
        """Render the record, signed by *keys*: itself, and the one that it replaces."""
        return _sign({"format": KEY_FORMAT, **asdict(self)}, keys)


def entry_of(kind: str, key: str, body: bytes) -> LogEntry:
    """Return the entry for the object *body* at *key*."""
    return LogEntry(kind, key, sha256_hex(body))


def parse_entry(body: bytes) -> LogEntry:
    """Read an entry.

    Raises:
        LogError: the bytes are not of its form.
    """
    return _entry(_read_json(body, "entry"))


def parse_batch(body: bytes, known: Sequence[VerifierKey]) -> Batch:
    """Read a batch that all its signers, *known* keys, signed.

    Raises:
        LogError: it is not of its form, or not signed so.
    """
    fields, signatures = _open(body, BATCH_FORMAT)
    batch: Batch = _typed(Batch, fields, "batch")
    for entry in batch.entries:
        _check_entry(entry)
    if not 1 <= len(batch.entries) <= MAX_ENTRIES or not 1 <= len(batch.signers) <= 2:
        raise LogError(f"batch {batch.seq}: expected 1 to {MAX_ENTRIES} entries and one signer or two, found others")
    _check_instants(batch)
    _check_signed(fields, signatures, [_key_named(known, batch.origin, signer) for signer in batch.signers])
    return batch


def parse_key_record(body: bytes) -> KeyRecord:
    """Read the record of a key that it signed itself, and that the one before it signed.

    Raises:
        LogError: it is not of its form, or not signed so.
    """
    fields, signatures = _open(body, KEY_FORMAT)
    record: KeyRecord = _typed(KeyRecord, fields, "key record")
    try:
        keys = [parse_vkey(text) for text in (record.previous, record.vkey) if text is not None]
    except NoteError as error:
        raise LogError(f"key record: {error}") from None
    if len({key.name for key in keys}) != 1:
        raise LogError("key record: expected keys of one name, found two")
    _check_signed(fields, signatures, keys)
    return record


def _sign(fields: Mapping[str, Any], keys: Iterable[SigningKey]) -> bytes:
    text = canonical_json(fields)
    signatures = [{"key": key.verifier.id.hex(), "signature": encode_base64(key.sign(text))} for key in keys]
    return canonical_json({**fields, "signatures": signatures})


def _open(body: bytes, form: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the fields that are signed, and the signatures by key id."""
    fields = _read_json(body, form)
    listed = fields.pop("signatures", None)
    if fields.get("format") != form or not isinstance(listed, list):
        raise LogError(f"{form}: expected that format, signed, found {str(fields.get('format'))[:60]!r}")
    try:
        signatures = {str(line["key"]): decode_base64(line["signature"], "signature") for line in listed}
    except (KeyError, TypeError, AttributeError, NoteError):
        raise LogError(f"{form}: expected signatures with key and signature, found others") from None
    return fields, signatures


def _check_signed(fields: Mapping[str, Any], signatures: Mapping[str, bytes], keys: Sequence[VerifierKey]) -> None:
    text = canonical_json(fields)
    wanted = [key.id.hex() for key in keys]
    if sorted(signatures) != sorted(wanted):
        raise LogError(f"{fields['format']}: expected signatures by {', '.join(wanted)}, found {', '.join(signatures)}")
    for key in keys:
        if not key.verifies(signatures[key.id.hex()], text):
            raise LogError(f"{fields['format']}: expected a signature by {key.id.hex()}, found one that is not")


def _key_named(known: Sequence[VerifierKey], name: str, key_id: str) -> VerifierKey:
    key = next((key for key in known if (key.name, key.id.hex()) == (name, key_id)), None)
    if key is None:
        raise LogError(f"batch: expected a key of {name} with a record, found {key_id[:20]!r} named as its signer")
    return key


def _typed(kind: Any, fields: Mapping[str, Any], where: str) -> Any:
    try:
        return read_typed(kind, {name: value for name, value in fields.items() if name != "format"}, where)
    except ManifestError as error:
        raise LogError(str(error)) from None


def _entry(fields: Mapping[str, Any]) -> LogEntry:
    entry: LogEntry = _typed(LogEntry, fields, "entry")
    _check_entry(entry)
    return entry


def _check_entry(entry: LogEntry) -> None:
    digest = entry.sha256
    if entry.kind not in KINDS or len(digest) != 64 or digest.strip("0123456789abcdef"):
        raise LogError(f"entry: expected one of {', '.join(KINDS)} and a SHA-256, found {entry.kind[:20]!r}")


def _check_instants(batch: Batch) -> None:
    for instant in (batch.written_at, batch.retention.cutoff_at, batch.retention.locked_until):
        parse_instant(instant)


def _read_json(body: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
        spelled = canonical_json(value)
    except (ValueError, RecursionError) as error:
        raise LogError(f"{what}: expected JSON, found {type(error).__name__}") from None
    if not isinstance(value, dict) or spelled != body:
        raise LogError(f"{what}: expected canonical JSON (RFC 8785), found another spelling")
    return value
