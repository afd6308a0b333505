"""Proofs that travel: written, read again, altered."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import EvidenceError, NoteError, ObjectMissingError, ProofError
from muniment.evidence.checkpoint import Checkpoint, sign_checkpoint
from muniment.evidence.log_proof import LogProof, check_continues, check_log_proof, parse_log_proof, prove_consistency
from muniment.evidence.log_records import MANIFEST_KIND, LogEntry
from muniment.evidence.merkle import consistency_proof, inclusion_proof, leaf_hash, nodes_of, root_of
from muniment.evidence.notes import make_signing_key
from muniment.evidence.tiles import ENTRIES, encode_bundle, render_tile, tiles_of

ORIGIN = "claremont.example/muniment/claremont"
KEY = make_signing_key(ORIGIN)
LINES = [LogEntry(MANIFEST_KIND, f"records/{number}", f"{number:064x}").to_bytes() for number in range(600)]
LEAVES = [leaf_hash(line) for line in LINES]


def checkpoint(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_of(LEAVES[:size]))


def proof_of(index: int, size: int) -> LogProof:
    note = sign_checkpoint(checkpoint(size), [KEY])
    return LogProof(LINES[index], index, tuple(inclusion_proof(LEAVES[:size], index)), note)


def tree(size: int):
    nodes = nodes_of(LEAVES[:size])
    files = {
        tile.path: encode_bundle(LINES[tile.first : tile.first + tile.width])
        if tile.level == ENTRIES
        else render_tile(tile, nodes)
        for tile in tiles_of(size)
    }

    def read(path: str) -> bytes:
        if path not in files:
            raise ObjectMissingError(path)
        return files[path]

    return read


@pytest.mark.parametrize(
    ("what", "value"),
    [("entry", LINES[4]), ("index", 4), ("index", 2), ("hashes", ()), ("hashes", (LEAVES[0],) * 4)],
)
def test_an_altered_proof_is_refused(what: str, value: object) -> None:
    with pytest.raises(ProofError):
        check_log_proof(replace(proof_of(3, 9), **{what: value}), [KEY.verifier])


def test_a_proof_under_a_checkpoint_of_an_unknown_key_or_another_log_is_refused() -> None:
    with pytest.raises(NoteError, match="known key"):
        check_log_proof(proof_of(3, 9), [make_signing_key(ORIGIN).verifier])
    with pytest.raises(NoteError, match="expected one of other"):
        check_log_proof(proof_of(3, 9), [KEY.verifier], origin="other.example")


@given(st.integers(1, 600), st.data())
def test_a_proof_is_read_as_it_was_written_and_shows_its_entry(size: int, data: st.DataObject) -> None:
    proof = proof_of(data.draw(st.integers(0, size - 1)), size)

    read = parse_log_proof(proof.to_bytes())

    assert read == proof
    assert check_log_proof(read, [KEY.verifier], origin=ORIGIN).checkpoint == checkpoint(size)


@given(st.data())
def test_a_flipped_bit_anywhere_in_a_proof_is_found(data: st.DataObject) -> None:
    proof = proof_of(300, 600)
    body = bytearray(proof.to_bytes())
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        read = parse_log_proof(bytes(body))
        opened = check_log_proof(read, [KEY.verifier], origin=ORIGIN)
    except EvidenceError:
        return
    assert (read.entry, read.index, opened.checkpoint) == (proof.entry, proof.index, checkpoint(600))
    raise AssertionError("an altered proof was taken for a whole one")


def test_a_proof_has_the_form_that_c2sp_specifies() -> None:
    proof = proof_of(2, 3)
    lines = proof.to_bytes().decode("utf-8").split("\n")

    assert lines[:3] == ["c2sp.org/tlog-proof@v1", f"extra {b64encode(LINES[2]).decode()}", "index 2"]
    assert lines[3:5] == [b64encode(root_of(LEAVES[:2])).decode(), ""]
    assert "\n".join(lines[5:]).encode("utf-8") == sign_checkpoint(checkpoint(3), [KEY])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\n",
        b"c2sp.org/tlog-proof@v2\nextra YQ==\nindex 0\n\nnote",
        b"c2sp.org/tlog-proof@v1\nindex 0\n\nnote",
        b"c2sp.org/tlog-proof@v1\nextra YQ==\nindex 00\n\nnote",
        b"c2sp.org/tlog-proof@v1\nextra YQ==\nindex -1\n\nnote",
        b"c2sp.org/tlog-proof@v1\nextra YQ=\nindex 0\n\nnote",
        b"c2sp.org/tlog-proof@v1\nextra YQ==\nindex 0\nnot base64\n\nnote",
        b"c2sp.org/tlog-proof@v1\nextra YQ==\nindex 0\n" + b"YQ==\n" * 64 + b"\nnote",
    ],
)
def test_what_is_no_proof_is_refused(body: bytes) -> None:
    with pytest.raises(ProofError):
        parse_log_proof(body)


@given(st.integers(0, 600), st.integers(0, 600))
def test_consistency_from_tiles_is_that_from_the_leaves(one: int, other: int) -> None:
    first, second = sorted((one, other))

    assert prove_consistency(tree(second), first, second) == consistency_proof(LEAVES[:second], first)
    check_continues(tree(second), checkpoint(first), checkpoint(second))


def test_a_fork_and_a_rollback_are_told() -> None:
    forked = replace(checkpoint(5), root=root_of(LEAVES[1:6]))
    with pytest.raises(ProofError, match="expected root"):
        check_continues(tree(9), forked, checkpoint(9))
    with pytest.raises(ProofError, match="expected 9 entries or more, found 5"):
        check_continues(tree(5), checkpoint(9), checkpoint(5))
