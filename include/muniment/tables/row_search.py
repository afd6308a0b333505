"""Count the rows of a rows file that are of some person, or that have some words. Held within a memory limit."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from muniment.records.series import RowKind
from muniment.tables.engine import fetch_number, open_engine, open_rows

_PERSON_COLUMNS = {
    RowKind.ITEMS: ("author_id", "author_handle"),
    RowKind.REMOVALS: ("author_id", "author_handle"),
    RowKind.SUBSCRIBERS: ("subscriber_id", "handle", "address"),
}
_ITEM_TEXTS = ("text", "author_handle", "author_name", "url", "links", "media", "versions")
_TEXT_COLUMNS = {
    RowKind.ITEMS: _ITEM_TEXTS,
    RowKind.REMOVALS: _ITEM_TEXTS,
    RowKind.SUBSCRIBERS: ("handle", "display_name", "address", "list_name"),
}
_SPELLED = {
    "links": "array_to_string(links, ' ')",
    "media": "array_to_string([coalesce(m.alt, '') for m in media], ' ')",
    "versions": "array_to_string([coalesce(v.text, '') for v in versions], ' ')",
}
# What a search reads, for `copy_columns`; the id is there because every view of rows shows it.
SEARCHED = {
    RowKind.ITEMS: frozenset({"item_id", *_PERSON_COLUMNS[RowKind.ITEMS], *_ITEM_TEXTS}),
    RowKind.REMOVALS: frozenset({"item_id", *_PERSON_COLUMNS[RowKind.REMOVALS], *_ITEM_TEXTS}),
    RowKind.SUBSCRIBERS: frozenset({*_PERSON_COLUMNS[RowKind.SUBSCRIBERS], *_TEXT_COLUMNS[RowKind.SUBSCRIBERS]}),
}


def count_matches(path: Path, kind: RowKind, *, persons: Sequence[str], search: str | None) -> int:
    """Count the full rows that are of one of *persons* (handle, id or address), or have every word of *search*.

    Upper and lower case are one, and so are the spellings of a letter in Unicode (NFC). A word is
    found within a longer one. The raw item is not searched, nor are media.

    Raises:
        ParseError: the file cannot be read.
    """
    people, words = [_fold(person).lstrip("@") for person in persons], _fold(search or "").split()
    tests, parameters = [], dict[str, object]()
    if people:
        parameters["people"] = people
        tests += [f"list_contains($people, ltrim({_folded(name)}, '@'))" for name in _PERSON_COLUMNS[kind]]
    if words:
        parameters |= {f"word{number}": word for number, word in enumerate(words)}
        spelled = ", ".join(_SPELLED.get(name, f"CAST({name} AS VARCHAR)") for name in _TEXT_COLUMNS[kind])
        text = _folded(f"concat_ws(' ', {spelled})")
        tests.append(" AND ".join(f"contains({text}, $word{number})" for number in range(len(words))))
    if not tests:
        return 0
    with open_engine(path.parent) as engine:
        open_rows(engine, "rows", path, kind)
        # A test of a null is null, which is no match.
        matches = " OR ".join(f"coalesce({test}, false)" for test in tests)
        return fetch_number(engine, f"SELECT count(*) FROM rows WHERE {matches}", parameters)  # noqa: S608 - columns of ours


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower()).strip()


def _folded(column: str) -> str:
    return f"nfc_normalize(lower(nfc_normalize(CAST({column} AS VARCHAR))))"
