"""Digests against published vectors, and the spelling of headers."""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.custody.digests import take_digests, take_file_digests


@pytest.mark.parametrize(
    ("body", "sha256", "md5"),
    [  # FIPS 180-4 examples and RFC 1321 appendix A.5
        (
            b"abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "900150983cd24fb0d6963f7d28e17f72",
        ),
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "d41d8cd98f00b204e9800998ecf8427e"),
    ],
)
def test_digests_are_those_published(body, sha256, md5, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(body)

    for found in (take_digests([body[:1], body[1:]]), take_file_digests(tmp_path / "body")):
        assert (found.sha256_hex, found.md5.hex(), found.size_bytes) == (sha256, md5, len(body))


def test_headers_are_spelled_in_base64() -> None:
    found = take_digests([b""])

    assert found.md5_base64 == "1B2M2Y8AsgTpgAmY7PhCfg=="
    assert found.sha256_base64 == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
