"""Reading the facts of a register's event, each of exactly the type that it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from muniment.records.canonical import JsonValue


def text_of(value: JsonValue) -> str:
    """Return *value* when it is text.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {type(value).__name__}")
    return value


def count_of(value: JsonValue) -> int:
    """Return *value* when it is a whole number.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"expected a whole number, found {type(value).__name__}")
    return value


def list_of(value: JsonValue) -> Sequence[JsonValue]:
    """Return *value* when it is a list.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, list | tuple):
        raise TypeError(f"expected a list, found {type(value).__name__}")
    return value


def texts_of(value: JsonValue) -> tuple[str, ...]:
    """Return *value* when it is a list of texts.

    Raises:
        TypeError: it is not.
    """
    return tuple(text_of(item) for item in list_of(value))


def fields_of(value: JsonValue) -> Mapping[str, JsonValue]:
    """Return *value* when it is a map.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(value, Mapping):
        raise TypeError(f"expected fields, found {type(value).__name__}")
    return value
