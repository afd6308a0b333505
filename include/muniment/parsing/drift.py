"""Items against the fields we know. A field we do not know is reported and its item kept.

Types forbid unknown fields, so that an item of a known shape is decoded once, in C. An item
that drifted is read again without what is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any, Generic, TypeVar, get_args

import msgspec

from muniment.errors import ParseError
from muniment.parsing.decoding import shape_fault
from muniment.records.page import Page
from muniment.records.rows import PageFault

_T = TypeVar("_T")
_FIELD_NAME = re.compile(r"[A-Za-z$@_][A-Za-z0-9$@_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Shape(Generic[_T]):
    """A type of item, what its unknown fields are reported under, and its decoder."""

    name: str
    type: type[_T]
    decoder: msgspec.json.Decoder[_T]


def shape(name: str, type_: type[_T]) -> Shape[_T]:
    """Return the shape of *type_*; unknown fields are reported as ``name.field``."""
    return Shape(name, type_, msgspec.json.Decoder(type_))


def read_item(raw: msgspec.Raw | bytes, form: Shape[_T], unknown: set[str]) -> _T:
    """Read *raw* as *form*; the dotted paths of fields not known are added to *unknown*.

    Raises:
        ParseError: the item is not of that shape.
    """
    try:
        return form.decoder.decode(raw)
    except msgspec.ValidationError:
        return _read_drifted(raw, form, unknown)
    except msgspec.DecodeError:
        raise ParseError(f"{form.name}: expected JSON, found text that is not") from None
    except RecursionError:
        raise ParseError(f"{form.name}: expected JSON, found it nested too deep to read") from None


def each_item(
    page: Page, raws: Iterable[msgspec.Raw], form: Shape[_T], unknown: set[str], faults: list[PageFault]
) -> Iterator[tuple[_T, bytes]]:
    """Yield each of *raws* as *form* with its bytes; one that is of another shape becomes a fault."""
    decode = form.decoder.decode
    for number, raw in enumerate(raws, start=1):
        try:
            item = decode(raw)
        except (msgspec.DecodeError, RecursionError):
            try:
                item = read_item(raw, form, unknown)
            except ParseError as error:
                faults.append(PageFault(page.sequence, "G001", f"{page.purpose} page, item {number}: {error}"))
                continue
        yield item, bytes(raw)


def _read_drifted(raw: msgspec.Raw | bytes, form: Shape[_T], unknown: set[str]) -> _T:
    found: set[str] = set()
    try:
        pruned = _prune(msgspec.json.decode(raw), form.type, form.name, found)
        item = form.decoder.decode(msgspec.json.encode(pruned))
    except msgspec.ValidationError as error:
        raise ParseError(f"{form.name}: {shape_fault(error)}") from None
    except msgspec.DecodeError:
        raise ParseError(f"{form.name}: expected JSON, found text that is not") from None
    except RecursionError:
        raise ParseError(f"{form.name}: expected JSON, found it nested too deep to read") from None
    unknown |= found
    return item


def _prune(value: Any, type_: Any, path: str, unknown: set[str]) -> Any:
    if isinstance(value, list):
        element = next((args[0] for option in _options(type_) if (args := get_args(option))), None)
        return value if element is None else [_prune(each, element, path, unknown) for each in value]
    struct = next((option for option in _options(type_) if _is_struct(option)), None)
    if not isinstance(value, dict) or struct is None:
        return value
    known = _fields(struct)
    unknown.update(f"{path}.{_printable(key)}" for key in value if key not in known)
    return {key: _prune(value[key], known[key], f"{path}.{key}", unknown) for key in value if key in known}


def _options(type_: Any) -> list[Any]:
    args = get_args(type_)
    return [each for each in args if each is not NoneType] if NoneType in args else [type_]


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


@cache
def _fields(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return {each.encode_name: each.type for each in msgspec.structs.fields(struct)}


def _printable(key: str) -> str:
    # A map keyed by handles would put people into a report: only what looks like a field's name is named.
    return key if _FIELD_NAME.fullmatch(key) else "?"
