"""Canonical JSON (RFC 8785) for what Muniment hashes.

Floating-point numbers and integers past 2^53 are refused instead of rendered: nothing
that is hashed here needs them, and they are where implementations of RFC 8785 differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, Union

from muniment.errors import EvidenceError

JsonValue: TypeAlias = Union[str, int, bool, Sequence["JsonValue"], Mapping[str, "JsonValue"], None]  # noqa: UP007 - forward references

MAX_INTEGER = 2**53 - 1  # RFC 8785 section 3.2.2.3: numbers are IEEE 754 doubles

_spell = json.JSONEncoder(ensure_ascii=False).encode  # one for all: `json.dumps` makes another each time


def canonical_json(value: JsonValue) -> bytes:
    """Render *value* as RFC 8785 canonical JSON, UTF-8.

    Raises:
        EvidenceError: *value* holds a float, a too large integer, a lone surrogate,
            a key that is not text, or a type that JSON does not have.
    """
    try:
        return _render(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise EvidenceError(f"canonical JSON: lone surrogate in {error.object!r}") from None


def _render(value: JsonValue) -> str:
    if value is None or isinstance(value, bool | str):
        return _spell(value)
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise EvidenceError(f"canonical JSON: expected integers up to 2^53 - 1, found {value}")
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(key)}:{_render(value[key])}" for key in sorted(value, key=_utf16)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_render(item) for item in value) + "]"
    raise EvidenceError(f"canonical JSON: expected text, integers, lists and maps, found {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise EvidenceError(f"canonical JSON: expected text as key, found {key!r}")
    return _spell(key)


def _utf16(key: str) -> bytes:
    # RFC 8785 section 3.2.3: keys sort by UTF-16 code units, not by code points.
    return str(key).encode("utf-16-be", "surrogatepass")
