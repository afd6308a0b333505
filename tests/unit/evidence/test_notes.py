"""Signed notes against published ones: those of the specification, and those of Go's checksum database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import NoteError
from muniment.evidence.notes import (
    MAX_SIGNATURES,
    SigningKey,
    make_signing_key,
    open_note,
    parse_note,
    parse_skey,
    parse_vkey,
    sign_note,
)

# C2SP signed-note, "Verifier keys" and "Format".
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
SPEC_POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
).encode()
# golang.org/x/mod/sumdb/note, note_test.go.
PETER_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
BOTH = f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"text\n",
        b"text\n\n",
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        f"{TEXT}{PETER_LINE}".encode(),  # no empty line
        f"{TEXT}\n{PETER_LINE}"[:-1].encode(),  # no newline at the end
        f"{TEXT}\n{PETER_LINE}\n".encode(),  # an empty line after
        f"{TEXT}\n{PETER_LINE[1:]}".encode(),  # no dash
        f"{TEXT}\n-{PETER_LINE[1:]}".encode(),
        f"{TEXT}\n{PETER_LINE.replace('— ', '—')}".encode(),
        f"{TEXT}\n{PETER_LINE.replace('Neumann ', 'Neumann  ')}".encode(),
        f"{TEXT}\n{PETER_LINE.replace('Peter', 'Peter+')}".encode(),
        f"{TEXT}\n{PETER_LINE.replace('AM=', 'AN=')}".encode(),  # the same bytes, another spelling
        f"{TEXT}\n{PETER_LINE.replace('AM=', 'A')}".encode(),
        f"{TEXT}\n— PeterNeumann x08gow==\n".encode(),  # an id and no signature
        f"{TEXT}\n— \u00a0 x08go/ZJ\n".encode(),  # a name of spaces
        BOTH.replace(b"problem,", b"problem\t"),
        BOTH.replace(b"problem,", b"problem\r"),
        BOTH.replace(b"problem,", b"problem\x00"),
        BOTH.replace(b"problem,", b"problem\xff"),
        f"{TEXT}\n{PETER_LINE * (MAX_SIGNATURES + 1)}".encode(),
        b"x" * 1_000_001,
    ],
)
def test_what_is_no_note_is_refused(body: bytes) -> None:
    with pytest.raises(NoteError):
        open_note(body, [parse_vkey(PETER)])


def test_a_note_is_refused_when_no_known_key_signed_it() -> None:
    with pytest.raises(NoteError, match=r"one of 1 known key\(s\), found PeterNeumann\+c74f20a3"):
        open_note(f"{TEXT}\n{PETER_LINE}".encode(), [parse_vkey(ENOCH)])
    with pytest.raises(NoteError, match=r"one of 0 known key\(s\)"):
        open_note(BOTH, [])


@pytest.mark.parametrize("at", [0, 40, len(TEXT) - 2])
def test_an_altered_text_is_refused(at: int) -> None:
    altered = bytearray(BOTH)
    altered[at] ^= 1
    with pytest.raises(NoteError, match="found one that is not"):
        open_note(bytes(altered), [parse_vkey(PETER)])


def test_one_false_signature_of_a_known_key_spoils_the_note_whoever_else_signed_it() -> None:
    body = BOTH.replace(b"FYC2pZ", b"FYC2pA")
    with pytest.raises(NoteError, match=r"PeterNeumann\+c74f20a3, found one that is not"):
        open_note(body, [parse_vkey(ENOCH), parse_vkey(PETER)])


def test_what_a_stranger_signed_is_passed_over_whatever_it_says() -> None:
    body = BOTH.replace(b"FYC2pZ", b"FYC2pA")

    text, signed_by = open_note(body, [parse_vkey(ENOCH)])

    assert (text, [key.vkey for key in signed_by]) == (TEXT, [ENOCH])


def test_a_key_that_shares_name_or_id_but_not_both_is_a_stranger() -> None:
    other = make_signing_key("PeterNeumann")
    forged = sign_note(TEXT, [other]).to_bytes()
    with pytest.raises(NoteError, match="known key"):
        open_note(forged, [parse_vkey(PETER)])
    renamed = f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'PaulNeumann')}".encode()
    with pytest.raises(NoteError, match="known key"):
        open_note(renamed, [parse_vkey(PETER)])


def test_the_specifications_own_example_opens() -> None:
    text, signed_by = open_note(SPEC_NOTE, [parse_vkey(SPEC_VKEY)])

    assert (text, [key.name for key in signed_by]) == ("This is an example message.\n", ["example.com/foo"])


def test_a_text_may_have_empty_lines() -> None:
    note = parse_note(SPEC_POEM)

    assert note.text.endswith("di sole:\n\ned è subito sera.\n")
    assert [(line.name, line.key_id.hex()) for line in note.signatures] == [("quasimodo.example/salvatore", "367ba04b")]
    assert note.to_bytes() == SPEC_POEM


def test_a_note_that_two_signed_tells_which_of_the_known() -> None:
    keys = [parse_vkey(PETER), parse_vkey(ENOCH)]

    assert open_note(BOTH, keys) == (TEXT, tuple(keys))
    assert open_note(BOTH, keys[1:]) == (TEXT, (keys[1],))


def test_signing_gives_the_published_bytes() -> None:
    enoch = SigningKey("EnochRoot", bytes(32))  # the published key is that of 32 zero bytes

    assert (parse_skey(PETER_SKEY).verifier.vkey, enoch.verifier.vkey) == (PETER, ENOCH)
    assert sign_note(TEXT, [parse_skey(PETER_SKEY), enoch]).to_bytes() == BOTH


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("Peter", "Paul"),
        PETER.replace("Peter", "Peter "),
        PETER.replace("+ARpc", "+ZRpc"),
        PETER[:-1],
        PETER + "A",
        "+" + PETER,
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_what_is_no_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        parse_vkey(vkey)


@pytest.mark.parametrize(
    "skey", ["", PETER, PETER_SKEY[:-1], PETER_SKEY.replace("c74f", "c74e"), PETER_SKEY.replace("AYEK", "AZEK")]
)
def test_what_is_no_signing_key_is_refused_and_not_repeated(skey: str) -> None:
    with pytest.raises(NoteError) as refusal:
        parse_skey(skey)

    assert "hfZx09" not in str(refusal.value)


def test_a_signing_key_shows_no_secret() -> None:
    key = parse_skey(PETER_SKEY)

    assert key.seed.hex()[:8] not in repr(key)
    assert "seed" not in repr(key)
    assert key.skey == PETER_SKEY


@pytest.mark.parametrize("text", ["", "no newline", "a tab\tin it\n"])
def test_a_text_that_no_note_may_hold_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        sign_note(text, [parse_skey(PETER_SKEY)])


def test_a_note_is_not_made_without_a_key() -> None:
    with pytest.raises(NoteError, match="found none"):
        sign_note(TEXT, [])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]))), st.integers(1, 3))
def test_what_was_signed_opens_again(lines: list[str], signers: int) -> None:
    text = "".join(f"{line}\n" for line in lines) or "\n"
    keys = [make_signing_key(f"example.com/{number}") for number in range(signers)]

    opened, signed_by = open_note(sign_note(text, keys).to_bytes(), [key.verifier for key in keys])

    assert (opened, signed_by) == (text, tuple(key.verifier for key in keys))


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(body: bytes) -> None:
    with pytest.raises(NoteError):
        open_note(body, [parse_vkey(PETER)])
