"""Base64 in one spelling (RFC 4648 section 4): what is signed or compared has no second one."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error

from muniment.errors import NoteError


def encode_base64(value: bytes) -> str:
    """Spell *value*."""
    return b64encode(value).decode("ascii")


def decode_base64(text: str, what: str) -> bytes:
    """Read base64 (RFC 4648 section 4) in its one spelling.

    Raises:
        NoteError: it is another spelling, or none.
    """
    try:
        value = b64decode(text.encode("ascii"), validate=True)
    except (Base64Error, ValueError):
        raise NoteError(f"{what}: expected base64, found other text") from None
    if encode_base64(value) != text:
        raise NoteError(f"{what}: expected base64 as RFC 4648 section 4 spells it, found another spelling")
    return value
