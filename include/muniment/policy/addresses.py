"""Addresses of the web as people write them: compared without scheme, ``www.`` and a slash at the end."""

from __future__ import annotations

import re

# What may stand around an address in a sentence and is no part of it.
_AROUND = "<>()[]{}\"'.,;:!?…"
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def fold_address(address: str) -> str:
    """Return *address* as it is compared: no scheme, ``www.``, query, fragment or slash at its end, in lower case.

    Paths may tell upper from lower case; no agency is known to give two pages such addresses.
    """
    bare = _SCHEME.sub("", address.strip(_AROUND + " ")).casefold()
    bare = bare.partition("#")[0].partition("?")[0].removeprefix("www.")
    return bare.rstrip("/" + _AROUND)


def addresses_in(text: str) -> frozenset[str]:
    """Return the folded words of *text* that may be addresses: those with a dot or an at sign inside."""
    words = (fold_address(word) for word in text.split())
    return frozenset(word for word in words if "." in word or "@" in word)


def host_of(address: str) -> str:
    """Return the host of *address*, without ``www.`` and a port."""
    return fold_address(address).partition("/")[0].partition(":")[0]
