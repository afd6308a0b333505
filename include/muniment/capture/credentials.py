"""A token for reading, and who gets it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credentials:
    """A bearer token, and the address that alone gets it."""

    home: str
    token: str

    def __repr__(self) -> str:
        return f"Credentials(home={self.home!r})"
