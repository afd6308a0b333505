"""Refuse a token that could do more than read (claremont-social D.1).

Mastodon's scopes: https://docs.joinmastodon.org/api/oauth-scopes/. Bluesky is read without a token.
"""

from __future__ import annotations

from collections.abc import Iterable

from muniment.errors import TokenRefusedError

_READ_ONLY = frozenset({"read", "profile"})


def check_scopes(scopes: Iterable[str], account_id: str) -> None:
    """Check that *scopes*, as the platform states them for the token of *account_id*, only read.

    Raises:
        TokenRefusedError: one of them does more, or there is none.
    """
    stated = sorted(scopes)
    beyond = [scope for scope in stated if scope not in _READ_ONLY and not scope.startswith("read:")]
    if beyond or not stated:
        found = ", ".join(beyond) if beyond else "none"
        raise TokenRefusedError(f"token of {account_id}: expected scopes that only read, found {found}")
