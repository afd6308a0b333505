"""Entries, batches and key records: signed by those who must, in one spelling."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from muniment.errors import EvidenceError, LogError
from muniment.evidence.log_records import (
    MANIFEST_KIND,
    MAX_ENTRIES,
    Batch,
    KeyRecord,
    LogEntry,
    parse_batch,
    parse_entry,
    parse_key_record,
)
from muniment.evidence.notes import make_signing_key
from muniment.records.canonical import canonical_json
from tests.unit.custody.log_room import ORIGIN, RETENTION

OLD, NEW, STRANGER = (make_signing_key(ORIGIN) for _ in range(3))
KNOWN = [OLD.verifier, NEW.verifier]
ENTRY = LogEntry(MANIFEST_KIND, "records/x", "0" * 64)
BATCH = Batch(
    origin=ORIGIN,
    seq=0,
    first=0,
    entries=(ENTRY,),
    signers=(OLD.verifier.id.hex(),),
    written_at="2026-11-21T12:00:00.000000Z",
    retention=RETENTION,
)


def test_an_entry_is_one_line_of_canonical_json() -> None:
    assert ENTRY.to_bytes() == b'{"key":"records/x","kind":"manifest","sha256":"' + b"0" * 64 + b'"}'
    assert parse_entry(ENTRY.to_bytes()) == ENTRY


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        ENTRY.to_bytes() + b"\n",
        ENTRY.to_bytes().replace(b",", b", "),
        canonical_json({"key": "a", "kind": "manifest"}),
        canonical_json({"key": "a", "kind": "manifest", "sha256": "0" * 64, "more": 1}),
        canonical_json({"key": 1, "kind": "manifest", "sha256": "0" * 64}),
        canonical_json({"key": "a", "kind": "letter", "sha256": "0" * 64}),
        canonical_json({"key": "a", "kind": "manifest", "sha256": "0" * 63}),
        canonical_json({"key": "a", "kind": "manifest", "sha256": "A" * 64}),
    ],
)
def test_what_is_no_entry_is_refused(body: bytes) -> None:
    with pytest.raises(LogError):
        parse_entry(body)


def test_a_batch_is_read_as_it_was_written() -> None:
    assert parse_batch(BATCH.sign([OLD]), KNOWN) == BATCH
    both = replace(BATCH, signers=(OLD.verifier.id.hex(), NEW.verifier.id.hex()))
    assert parse_batch(both.sign([OLD, NEW]), KNOWN) == both


@pytest.mark.parametrize(
    ("batch", "signers", "message"),
    [
        (BATCH, [], "expected signatures by"),
        (BATCH, [NEW], "expected signatures by"),
        (BATCH, [OLD, NEW], "expected signatures by"),
        (BATCH, [STRANGER], "expected signatures by"),
        (replace(BATCH, signers=()), [OLD], "one signer or two"),
        (replace(BATCH, signers=("a", "b", "c")), [OLD], "one signer or two"),
        (replace(BATCH, signers=(STRANGER.verifier.id.hex(),)), [STRANGER], "expected a key of"),
        (replace(BATCH, origin="other.example/x"), [OLD], "expected a key of other"),
        (replace(BATCH, entries=()), [OLD], "expected 1 to"),
        (replace(BATCH, entries=(ENTRY,) * (MAX_ENTRIES + 1)), [OLD], "expected 1 to"),
        (replace(BATCH, entries=(replace(ENTRY, kind="x"),)), [OLD], "entry: expected one of"),
        (replace(BATCH, written_at="yesterday"), [OLD], "instant: expected"),
    ],
)
def test_a_batch_that_is_not_as_it_must_be_is_refused(batch: Batch, signers: list, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        parse_batch(batch.sign(signers), KNOWN)


@pytest.mark.parametrize("field", ["seq", "first", "written_at", "entries", "retention"])
def test_a_batch_altered_after_it_was_signed_is_refused(field: str) -> None:
    value = json.loads(BATCH.sign([OLD]))
    other = {
        "seq": 1,
        "first": 1,
        "written_at": "2026-11-21T12:00:01.000000Z",
        "entries": [{"kind": "manifest", "key": "y", "sha256": "0" * 64}],
        "retention": value["retention"] | {"locked_until": "2099-12-01T08:00:00.000000Z"},
    }
    with pytest.raises(LogError, match="found one that is not"):
        parse_batch(canonical_json(value | {field: other[field]}), KNOWN)


def test_a_signature_over_a_batch_is_none_over_a_key_record() -> None:
    record = json.loads(KeyRecord(vkey=OLD.verifier.vkey, previous=None).sign([OLD]))
    batch = json.loads(BATCH.sign([OLD]))
    with pytest.raises(LogError):
        parse_key_record(canonical_json(record | {"signatures": batch["signatures"]}))
    with pytest.raises(LogError):
        parse_key_record(BATCH.sign([OLD]))


def test_a_key_is_appointed_by_the_one_before_and_shows_that_it_exists() -> None:
    record = KeyRecord(vkey=NEW.verifier.vkey, previous=OLD.verifier.vkey)

    assert parse_key_record(record.sign([OLD, NEW])) == record
    assert record.key == f"log/keys/city-example-muniment-city-{NEW.verifier.id.hex()}.json"
    for signers in ([OLD], [NEW], [OLD, STRANGER], [STRANGER, NEW], []):
        with pytest.raises(LogError, match="expected signatures by"):
            parse_key_record(record.sign(signers))


@pytest.mark.parametrize(
    "previous", ["", "no key", make_signing_key("other.example").verifier.vkey], ids=["nothing", "no key", "another's"]
)
def test_a_record_of_what_is_no_key_or_anothers_is_refused(previous: str) -> None:
    with pytest.raises(LogError, match="key record"):
        parse_key_record(KeyRecord(vkey=NEW.verifier.vkey, previous=previous).sign([NEW]))
