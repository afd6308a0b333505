"""Entries of the ledger as the facts of an event, and back. What is not given is left out."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from muniment.errors import EvidenceError
from muniment.policy.moderation.cases import KINDS, Entry
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant, parse_instant

_HINTS = {kind: get_type_hints(kind) for kind in KINDS.values()}


def to_facts(entry: Entry) -> dict[str, JsonValue]:
    """Return *entry* as facts.

    Raises:
        EvidenceError: a time has no zone.
    """
    given = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return {name: _spell(value) for name, value in given.items() if value not in (None, ())}


def from_facts(kind: type[Entry], facts: Mapping[str, JsonValue]) -> Entry:
    """Return the entry of *kind* that *facts* tell.

    Raises:
        EvidenceError: a fact is unknown, missing, or not of its form.
    """
    hints = _HINTS[kind]
    if unknown := sorted(facts.keys() - hints.keys()):
        raise EvidenceError(f"expected only {', '.join(hints)}, found {unknown[0]}")
    known: dict[str, Field[Any]] = {field.name: field for field in fields(kind)}
    missing = [name for name, field in known.items() if name not in facts and field.default is MISSING]
    if missing:
        raise EvidenceError(f"expected {', '.join(missing)}, found none")
    values: dict[str, Any] = {name: _read(name, value, hints[name]) for name, value in facts.items()}
    return kind(**values)


def _spell(value: object) -> JsonValue:
    match value:
        case datetime():
            return format_instant(value)
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
        case tuple():
            return [str(item) for item in value]
        case bool() | int() | str():
            return value
        case _:
            raise EvidenceError(f"expected a plain value, found {type(value).__name__}")


def _read(name: str, value: JsonValue, hint: Any) -> object:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise EvidenceError(f"{name}: expected a list of texts, found {type(value).__name__}")
        return tuple(value)
    if hint in (bool, int):
        if type(value) is not hint:
            raise EvidenceError(f"{name}: expected {hint.__name__}, found {type(value).__name__}")
        return value
    if not isinstance(value, str):
        raise EvidenceError(f"{name}: expected text, found {type(value).__name__}")
    convert: Callable[[str], object] = _CONVERT.get(hint, hint)
    try:
        return convert(value)
    except ValueError:
        raise EvidenceError(f"{name}: expected {_expected(hint)}, found other text") from None


def _expected(hint: Any) -> str:
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return f"one of {', '.join(hint)}"
    return "a date, YYYY-MM-DD"


_CONVERT: Mapping[object, Callable[[str], object]] = {datetime: parse_instant, date: date.fromisoformat, str: str}
