"""Ids that a scenario always gives again: DIDs, TIDs, Mastodon's snowflakes."""

from __future__ import annotations

from base64 import b32encode
from datetime import datetime
from hashlib import sha256

from platform_simulator.times import milliseconds

_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"  # https://atproto.com/specs/tid


def chance(*names: str) -> int:
    """Return a number below 2**64 that *names* always give again."""
    return int.from_bytes(sha256("\x1f".join(names).encode()).digest()[:8], "big")


def did(seed: str, name: str) -> str:
    """Return the did:plc of *name*: 24 characters of base32, as https://web.plc.directory/spec/v0.1/did-plc has it."""
    return "did:plc:" + b32encode(sha256(f"{seed}/did/{name}".encode()).digest())[:24].decode().lower()


def tid(at: datetime, name: str) -> str:
    """Return the TID of *at*; *name* gives the microseconds below a millisecond and the clock id."""
    noise = chance("tid", name)
    value = (milliseconds(at) * 1000 + noise % 1000) << 10 | (noise >> 16) % 1024
    return "".join(_SORTABLE[value >> shift & 31] for shift in range(60, -1, -5))


def snowflake(at: datetime, name: str) -> int:
    """Return a Mastodon id: milliseconds, then 16 bits that *name* gives."""
    return milliseconds(at) << 16 | chance("snowflake", name) % 65536
