"""A place in a file, for checks across fields.

Checks read the raw values, not the models, so that a file with a fault of shape in one
field still hears of every other fault at once. Each accessor answers None (or nothing)
where the value is not of its kind: the shape has spoken of that already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from muniment.register.documents import Document, Place, Value


@dataclass(frozen=True, slots=True)
class Entry:
    """One group of fields in a document."""

    document: Document
    place: Place
    fields: dict[str, Value]

    def has(self, name: str) -> bool:
        """Tell whether the field is there with a value."""
        return self.fields.get(name) is not None

    def text(self, name: str) -> str | None:
        """Return the field when it is text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) and value.strip() else None

    def number(self, name: str) -> int | None:
        """Return the field when it is a number."""
        value = self.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def day(self, name: str) -> date | None:
        """Return the field when it is a date."""
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value is not None and len(value) == len("YYYY-MM-DD") else None
        except ValueError:
            return None

    def texts(self, name: str) -> list[tuple[int, str]]:
        """Return the texts of a list field, with their places in it."""
        value = self.fields.get(name)
        if not isinstance(value, list):
            return []
        return [(index, item) for index, item in enumerate(value) if isinstance(item, str) and item.strip()]

    def group(self, name: str) -> Entry | None:
        """Return the group of fields under *name*."""
        value = self.fields.get(name)
        return Entry(self.document, (*self.place, name), value) if isinstance(value, dict) else None

    def groups(self, name: str) -> Iterator[Entry]:
        """Iterate over the groups in a list field."""
        value = self.fields.get(name)
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, dict):
                yield Entry(self.document, (*self.place, name, index), item)

    def fault(self, name: str, expected: str, found: str, *, index: int | None = None) -> None:
        """Note a fault of the field *name*, or of one item of it."""
        place = (*self.place, name) if index is None else (*self.place, name, index)
        self.document.fault(place, expected, found)


def whole(document: Document) -> Entry:
    """Return the document as an entry; without fields when it has none."""
    return Entry(document, (), document.value if isinstance(document.value, dict) else {})


def check_order(first: Entry, first_name: str, second: Entry, second_name: str) -> None:
    """Note the second date when it is before the first."""
    before, after = first.day(first_name), second.day(second_name)
    if before is not None and after is not None and after < before:
        second.fault(second_name, f"a date not before {first_name}, {before}", str(after))


def is_in_force(entry: Entry, today: date) -> bool:
    """Tell whether nothing in `valid_from` and `valid_until` says that *entry* is not in force on *today*."""
    begins, ends = entry.day("valid_from"), entry.day("valid_until")
    return (begins is None or begins <= today) and (ends is None or today <= ends)


def note_repeated(entries: list[Entry], name: str) -> None:
    """Note every entry whose field *name* is that of an entry before it."""
    seen: set[str] = set()
    for entry in entries:
        value = entry.text(name)
        if value in seen:
            entry.fault(name, "one that no other entry of the list has", repr(value[:60]))
        elif value is not None:
            seen.add(value)


def note_repeated_items(entry: Entry, name: str) -> None:
    """Note every text of the list *name* that stands in it before."""
    seen: set[str] = set()
    for index, value in entry.texts(name):
        if value in seen:
            entry.fault(name, "each item once", f"{value[:60]!r} again", index=index)
        seen.add(value)
