"""Somebody else's code reads our log: Sigstore's client, which knows nothing of this project."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint, verify_checkpoint
from sigstore.errors import VerificationError

from muniment.evidence.checkpoint import Checkpoint, sign_checkpoint
from muniment.evidence.log_records import MANIFEST_KIND, LogEntry
from muniment.evidence.merkle import inclusion_proof, leaf_hash, root_of
from muniment.evidence.notes import SigningKey, make_signing_key
from muniment.records.canonical import MAX_INTEGER, canonical_json

ORIGIN = "claremont.example/muniment/claremont"
ENTRIES = [LogEntry(MANIFEST_KIND, f"records/{number}", f"{number:064x}").to_bytes() for number in range(70)]
KEY = make_signing_key(ORIGIN)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


class Keyring:
    """The key of the log, as Sigstore's client asks for one."""

    def __init__(self, key: SigningKey) -> None:
        self.key = Ed25519PublicKey.from_public_bytes(key.verifier.public)

    def verify(self, *, key_id: bytes, signature: bytes, data: bytes) -> None:
        from cryptography.exceptions import InvalidSignature

        try:
            self.key.verify(signature, data)
        except InvalidSignature as error:
            raise VerificationError("signature") from error


def logged(index: int, size: int, key: SigningKey = KEY, body: bytes | None = None) -> SimpleNamespace:
    """Return entry *index* of the log of *size*, in the form that Sigstore's client knows."""
    leaves = [leaf_hash(entry) for entry in ENTRIES[:size]]
    note = sign_checkpoint(Checkpoint(ORIGIN, size, root_of(leaves)), [key])
    proof = SimpleNamespace(
        log_index=index,
        tree_size=size,
        root_hash=root_of(leaves),
        hashes=inclusion_proof(leaves, index),
        checkpoint=SimpleNamespace(envelope=note.decode("utf-8")),
    )
    inner = SimpleNamespace(
        inclusion_proof=proof,
        canonicalized_body=ENTRIES[index] if body is None else body,
        log_id=SimpleNamespace(key_id=KEY.verifier.id),
    )
    return SimpleNamespace(_inner=inner)


def test_sigstore_refuses_an_entry_that_is_not_in_our_log() -> None:
    with pytest.raises(VerificationError, match="root hash"):
        verify_merkle_inclusion(logged(3, 9, body=ENTRIES[4]))


def test_sigstore_refuses_a_checkpoint_that_another_key_signed() -> None:
    with pytest.raises(VerificationError, match="not found for log ID"):
        verify_checkpoint(Keyring(KEY), logged(3, 9, key=make_signing_key(ORIGIN)))
    with pytest.raises(VerificationError, match="invalid signature"):
        verify_checkpoint(Keyring(make_signing_key(ORIGIN)), logged(3, 9))


@pytest.mark.parametrize("size", [*range(1, 18), 69, 70])
def test_sigstore_accepts_every_entry_of_our_log(size: int) -> None:
    for index in range(size):
        entry = logged(index, size)
        verify_merkle_inclusion(entry)
        verify_checkpoint(Keyring(KEY), entry)


def test_sigstore_reads_our_checkpoint_as_we_wrote_it() -> None:
    note = logged(0, 9)._inner.inclusion_proof.checkpoint.envelope

    read = SignedCheckpoint.from_text(note)

    root = root_of([leaf_hash(entry) for entry in ENTRIES[:9]])
    assert (read.checkpoint.origin, read.checkpoint.log_size, read.checkpoint.log_hash) == (ORIGIN, 9, root.hex())
    assert [(item.name, item.sig_hash) for item in read.signed_note.signatures] == [(ORIGIN, KEY.verifier.id)]


@given(VALUES)
def test_another_implementation_spells_canonical_json_as_ours_does(value: object) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
