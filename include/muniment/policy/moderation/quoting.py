"""What an error message may show of what was found: a word or a number, and never a sentence somebody wrote."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z0-9-]{1,24}(?:/[a-z0-9-]{1,24})?")
_NUMBERS = re.compile(r"[0-9 :.,T+Z/-]{1,40}")


def quoted(text: str | None) -> str:
    """Return *text* in quotes where it is one word or a number, that it is other text, or that there is none.

    A cell of a CSV file may stand in the wrong column, and be what a resident wrote.
    """
    if not text:
        return "none"
    return repr(text) if _WORD.fullmatch(text) or _NUMBERS.fullmatch(text) else "other text"
