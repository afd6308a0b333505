"""The words of a post or an article as they are compared: links, tags, mentions and set phrases left out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

# What points elsewhere is no word of the text: addresses with and without a scheme, e-mail, mentions, hashtags.
_POINTERS = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w.-]{1,255}|(?<!\w)[@#]\w+(?:@[\w.-]+)?"
    r"|(?<![\w.])(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}/\S*",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_PART = re.compile(r"[\n.!?]+")

# A part that comes back in one post of twenty, and five times at least, is a habit of the account
# (a sign-off, an invitation to subscribe) and says nothing of what the post is about.
BOILERPLATE_SHARE = 0.05
BOILERPLATE_LEAST = 5

Boilerplate = frozenset[tuple[str, ...]]
NO_BOILERPLATE: Boilerplate = frozenset()


def fold_text(text: str) -> str:
    """Return *text* in compatibility form (Unicode NFKC) and one case, without what points elsewhere."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _POINTERS.sub(" ", folded).casefold()


def split_words(text: str | None, boilerplate: Boilerplate = NO_BOILERPLATE) -> tuple[str, ...]:
    """Return the words of *text* in order, those of its *boilerplate* parts left out."""
    if not text:
        return ()
    folded = fold_text(text)
    if not boilerplate:
        return tuple(_WORD.findall(folded))
    return tuple(word for part in _parts(folded) if part not in boilerplate for word in part)


def find_boilerplate(texts: Iterable[str | None]) -> Boilerplate:
    """Return the parts that the posts of one account, *texts*, say again and again."""
    seen: Counter[tuple[str, ...]] = Counter()
    posts = 0
    for text in texts:
        posts += 1
        seen.update(set(_parts(fold_text(text or ""))))
    least = max(BOILERPLATE_LEAST, BOILERPLATE_SHARE * posts)
    return frozenset(part for part, times in seen.items() if times >= least)


def _parts(folded: str) -> Iterator[tuple[str, ...]]:
    for part in _PART.split(folded):
        words = tuple(_WORD.findall(part))
        if words:
            yield words


def tells_apart(word: str) -> bool:
    """Tell whether *word* says something of its own: four letters or more, or a number."""
    return len(word) >= 4 or has_digit(word)


def has_digit(word: str) -> bool:
    """Tell whether *word* is, or holds, a number."""
    return any(letter.isdigit() for letter in word)
