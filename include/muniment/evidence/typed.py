"""From JSON to frozen dataclasses, with every field of exactly its declared type."""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, NewType, get_args, get_origin, get_type_hints

from muniment.errors import ManifestError


def read_typed(kind: Any, value: object, where: str) -> Any:
    """Read *value* as *kind*: text, integer, truth value, tuple of one type, dataclass, or one of these or None.

    Raises:
        ManifestError: a field is missing, unknown or of another type; the message has its place.
    """
    if isinstance(kind, NewType):
        kind = kind.__supertype__
    if is_dataclass(kind):
        return _read_fields(kind, value, where)
    if get_origin(kind) is tuple:
        return tuple(
            read_typed(get_args(kind)[0], item, f"{where}[{number}]")
            for number, item in enumerate(_expect(list, value, where))
        )
    if get_origin(kind) is UnionType:
        present = next(item for item in get_args(kind) if item is not type(None))
        return None if value is None else read_typed(present, value, where)
    return _expect(kind, value, where)


def _read_fields(kind: Any, value: object, where: str) -> Any:
    hints, given = _hints_of(kind), _expect(dict, value, where)
    if strange := sorted(hints.keys() ^ given.keys()):
        raise ManifestError(f"{where}: a field is missing or unknown: {', '.join(strange)}")
    return kind(**{name: read_typed(hint, given[name], f"{where}.{name}") for name, hint in hints.items()})


@cache
def _hints_of(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _expect(kind: type, value: object, where: str) -> Any:
    # A truth value is an integer to Python, and not to us.
    if type(value) is not kind:
        raise ManifestError(f"{where}: expected {kind.__name__}, found {type(value).__name__}")
    return value
