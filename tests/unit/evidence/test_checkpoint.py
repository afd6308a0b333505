"""Checkpoints: the specification's example, and what is not one."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest

from muniment.errors import NoteError
from muniment.evidence.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from muniment.evidence.notes import make_signing_key, parse_note, sign_note

# C2SP tlog-checkpoint, and the same with a second signature in tlog-witness.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
SECOND = (
    "— example.com/behind-the-sofa "
    "opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n"
)
ROOT = b64encode(sha256(b"").digest()).decode()
ORIGIN = "claremont.example/muniment/claremont"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "origin\n1\n",
        f"origin\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"origin\n\n{ROOT}\n",
        f"origin\n1\n{ROOT}\n\n",
        f"origin\n1\n{ROOT}\n\nextension\n",
        f"origin\n01\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n+1\n{ROOT}\n",
        f"origin\n1.0\n{ROOT}\n",
        f"origin\n\u0661\n{ROOT}\n",  # a digit, and not ASCII
        f"origin\n99999999999999999999\n{ROOT}\n",
        f"origin\n1\n{ROOT[:-1]}\n",
        f"origin\n1\n{ROOT[4:]}\n",
        f"origin\n1\n{ROOT} \n",
        f"origin\n1\n{sha256(b'').hexdigest()}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError, match="checkpoint"):
        parse_checkpoint(text)


def test_the_specifications_example_is_read() -> None:
    checkpoint = parse_checkpoint(parse_note(EXAMPLE.encode()).text)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert b64encode(checkpoint.root) == b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert checkpoint.extensions == ()
    assert EXAMPLE.startswith(checkpoint.to_text())


def test_the_specifications_example_with_two_signatures_is_read() -> None:
    note = parse_note((EXAMPLE + SECOND).encode())

    assert [line.key_id.hex() for line in note.signatures] == ["033de0ae", "a292ea05"]


def test_extension_lines_are_kept_and_signed() -> None:
    key = make_signing_key(ORIGIN)
    checkpoint = Checkpoint(ORIGIN, 0, sha256(b"").digest(), ("one", "two"))

    opened = open_checkpoint(sign_checkpoint(checkpoint, [key]), [key.verifier])

    assert opened.checkpoint == checkpoint
    assert opened.signed_by == (key.verifier,)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    key = make_signing_key(ORIGIN)
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, sha256(b"").digest()), [key])
    with pytest.raises(NoteError, match=r"expected one of other\.example/log, found one of .claremont"):
        open_checkpoint(note, [key.verifier], origin="other.example/log")


def test_a_note_that_is_signed_and_no_checkpoint_is_refused() -> None:
    key = make_signing_key(ORIGIN)
    with pytest.raises(NoteError, match="checkpoint"):
        open_checkpoint(sign_note("a letter\n", [key]).to_bytes(), [key.verifier])


def test_old_and_new_key_may_sign_together_and_either_is_enough() -> None:
    old, new, stranger = (make_signing_key(ORIGIN) for _ in range(3))
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, sha256(b"").digest()), [old, new])

    assert open_checkpoint(note, [old.verifier]).signed_by == (old.verifier,)
    assert open_checkpoint(note, [new.verifier, stranger.verifier]).signed_by == (new.verifier,)
    with pytest.raises(NoteError, match="known key"):
        open_checkpoint(note, [stranger.verifier])
