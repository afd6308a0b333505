"""One row of a CSV drop as entries of a case: an entry is there when one of its own columns is filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any

from muniment.errors import ModerationError
from muniment.policy.moderation.cases import (
    Action,
    BlockReview,
    Decision,
    Deed,
    Entry,
    Notice,
    Reversal,
    Review,
    SignOff,
    Undoing,
    Verdict,
)
from muniment.policy.moderation.quoting import quoted
from muniment.policy.moderation.times import read_day, read_time

Convert = Callable[[str], object]
_SHARED = ("account", "item", "originator")
_YES, _NO = frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOf:
    """One row: its case, if it names one, and its entries in the order in which they are to be taken."""

    case: str | None
    entries: tuple[Entry, ...]


def _flag(text: str) -> bool:
    word = text.casefold()
    if word not in _YES | _NO:
        raise ModerationError("flag", [f"expected yes or no, found {quoted(text)}"])
    return word in _YES


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ModerationError("number", [f"expected a whole number, found {quoted(text)}"])
    return int(text)


def _word(words: type[StrEnum]) -> Convert:
    def convert(text: str) -> object:
        try:
            return words(text.casefold().replace(" ", "-"))
        except ValueError:
            raise ModerationError("word", [f"expected one of {', '.join(words)}, found {quoted(text)}"]) from None

    return convert


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.replace(";", " ").replace(",", " ").split())


# Of each kind: its columns, each with the field that it fills, and how its text is read.
_KINDS: Mapping[type[Entry], Mapping[str, tuple[str, Convert]]] = {
    Notice: {
        "notice_how": ("how", str),
        "received_by": ("received_by", str),
        "notice_note": ("note", str),
    },
    Decision: {
        "decision": ("verdict", _word(Verdict)),
        "decided_by": ("decided_by", str),
        "grounds": ("grounds", _codes),
        "policy_version": ("policy_version", str),
        "rationale": ("rationale", str),
        "law": ("law", str),
        "reference": ("reference", str),
        "duplicates": ("duplicates", _number),
        "terms": ("terms", str),
        "referral": ("referral", str),
        "scope": ("scope", str),
        "review_on": ("review_on", read_day),
        "ends_on": ("ends_on", read_day),
    },
    Action: {
        "action": ("deed", _word(Deed)),
        "acted_by": ("acted_by", str),
        "unavailable": ("unavailable", str),
        "filter": ("filter", str),
    },
    Review: {
        "reviewer": ("reviewer", str),
        "review_agrees": ("agrees", _flag),
        "review_note": ("note", str),
    },
    SignOff: {
        "counsel": ("counsel", str),
        "counsel_agrees": ("agrees", _flag),
        "counsel_override": ("override", _flag),
        "counsel_note": ("note", str),
    },
    Reversal: {
        "reversal": ("how", _word(Undoing)),
        "reversed_by": ("reversed_by", str),
        "reversal_reason": ("reason", str),
    },
    BlockReview: {
        "block_reviewer": ("reviewer", str),
        "block_review_on": ("review_on", read_day),
        "block_review_reason": ("reason", str),
    },
}
_TIMES: Mapping[type[Entry], str] = {
    Notice: "noticed_at",
    Decision: "decided_at",
    Action: "acted_at",
    Review: "reviewed_at",
    SignOff: "counsel_at",
    Reversal: "reversed_at",
    BlockReview: "block_reviewed_at",
}
COLUMNS = ("case", *_SHARED, *(column for kind, own in _KINDS.items() for column in (_TIMES[kind], *own)))


def read_row(values: Mapping[str, str], zone: str) -> RowOf:
    """Read the entries of a row; a time without an offset is by the clock in *zone*.

    Raises:
        ModerationError: the row has no entry, or an entry is not of its form; every fault is told, by its column.
    """
    faults: list[str] = []
    entries = [entry for kind in _KINDS if (entry := _entry(kind, values, zone, faults)) is not None]
    if not entries and not faults:
        faults.append(f"expected a time in one of {', '.join(_TIMES.values())}, found none")
    if faults:
        raise ModerationError("row", faults)
    # What counsel overrides comes before the decision that uses it.
    entries.sort(key=lambda entry: not (isinstance(entry, SignOff) and entry.override))
    return RowOf(case=values.get("case"), entries=tuple(entries))


def _entry(kind: type[Entry], values: Mapping[str, str], zone: str, faults: list[str]) -> Entry | None:
    own: dict[str, tuple[str, Convert]] = {_TIMES[kind]: ("at", lambda text: read_time(text, zone)), **_KINDS[kind]}
    if not own.keys() & values.keys():
        return None
    known = {field.name: field for field in fields(kind)}
    shared: dict[str, tuple[str, Convert]] = {name: (name, str) for name in _SHARED if name in known}
    before, found = len(faults), dict[str, Any]()
    for column, (name, convert) in {**own, **shared}.items():
        if column in values:
            found[name] = _convert(column, values[column], convert, faults)
        elif known[name].default is MISSING:
            faults.append(f"{column}: expected it with the other columns of its kind, found none")
    return kind(**found) if len(faults) == before else None


def _convert(column: str, text: str, convert: Convert, faults: list[str]) -> object:
    try:
        return convert(text)
    except ModerationError as error:
        faults += [f"{column}: {fault}" for fault in error.faults]
        return None
