"""How the items of a policy are numbered: A., 1., iv., (a), 2-17-552; and what comes after what."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

_ROMAN_DIGITS = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_SMALL = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_ROMAN = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_STYLES = {"upper-alpha": "A", "upper-latin": "A", "lower-alpha": "a", "lower-latin": "a", "lower-roman": "i"}


class MarkKind(StrEnum):
    """What a mark is made of."""

    WHOLE = "whole"  # says all of its label: B.6, 2-17-552
    UPPER = "upper"  # A.
    NUMBER = "number"  # 1.
    LOWER = "lower"  # a.
    ROMAN = "roman"  # iv.
    IN_NUMBER = "in-number"  # (1)
    IN_LOWER = "in-lower"  # (a)


class Mark(NamedTuple):
    """A mark before an item, and the rest of its text."""

    kind: MarkKind
    value: str  # without full stop or brackets
    rest: str


_FORMS = (
    (MarkKind.WHOLE, re.compile(r"(\d{1,3}-\d{1,3}-\d{1,4}|[A-Z]\.\d{1,3}|\d{1,3}(?:\.\d{1,3})+)[.:)]?(?:\s+|$)")),
    (MarkKind.UPPER, re.compile(r"([A-Z])[.)](?:\s+|$)")),
    (MarkKind.NUMBER, re.compile(r"(\d{1,3})[.)](?:\s+|$)")),
    (MarkKind.IN_NUMBER, re.compile(r"\((\d{1,3})\)\s*")),
    (MarkKind.IN_LOWER, re.compile(r"\(([a-z]{1,5})\)\s*")),
    (MarkKind.LOWER, re.compile(r"([a-z]{1,6})[.)](?:\s+|$)")),
)


def read_mark_or_none(text: str, previous: Mark | None = None) -> Mark | None:
    """Read the mark that *text* begins with; *previous*, a letter before it, tells the letter i from the Roman one."""
    for kind, form in _FORMS:
        match = form.match(text)
        if match is None:
            continue
        value, rest = match[1], text[match.end() :]
        if kind not in {MarkKind.LOWER, MarkKind.IN_LOWER} or _is_letter(value, previous):
            return Mark(kind, value, rest)
        if is_roman(value):
            return Mark(MarkKind.ROMAN if kind is MarkKind.LOWER else kind, value, rest)
    return None


def follows(mark: Mark, last: str | None) -> bool:
    """Tell whether *mark* begins a numbering, or is the next after *last* of its kind."""
    number = _number(mark.kind, mark.value)
    return number == 1 if last is None else number == (_number(mark.kind, last) or 0) + 1


def is_roman(text: str) -> bool:
    """Tell whether *text* is a Roman number in lower case."""
    return bool(text) and _ROMAN.fullmatch(text) is not None


def roman_of(number: int) -> str:
    """Spell *number* (1 to 3999) as a Roman number in lower case."""
    spelled = ""
    for value, digit in (*_ROMAN_DIGITS, *_ROMAN_SMALL):
        spelled += digit * (number // value)
        number %= value
    return spelled


def list_mark_or_none(number: int, kind: str | None, style: str) -> str | None:
    """Spell what a browser shows before item *number* of an ordered list (HTML section 4.4.5); None past its letters.

    *kind* is the list's attribute ``type``, *style* its CSS.
    """
    if "list-style" in style and "none" in style:
        return None
    kind = next((letter for name, letter in _STYLES.items() if name in style), kind or "1")
    if kind in {"i", "I"}:
        return f"{roman_of(number)}."
    if kind in {"a", "A"}:
        return f"{chr(ord(kind) + number - 1)}." if 1 <= number <= 26 else None
    return f"{number}."


def _is_letter(value: str, previous: Mark | None) -> bool:
    if len(value) != 1:
        return False
    if not is_roman(value):
        return True
    if previous is None or previous.kind not in {MarkKind.LOWER, MarkKind.IN_LOWER}:
        return value not in {"i", "v", "x"}
    return ord(value) == ord(previous.value[-1]) + 1


def _number(kind: MarkKind, value: str) -> int | None:
    if kind in {MarkKind.NUMBER, MarkKind.IN_NUMBER}:
        return int(value)
    if kind is MarkKind.UPPER:
        return ord(value) - ord("A") + 1
    if kind is MarkKind.ROMAN:
        return next((number for number in range(1, 200) if roman_of(number) == value), None)
    return ord(value) - ord("a") + 1 if len(value) == 1 else None
