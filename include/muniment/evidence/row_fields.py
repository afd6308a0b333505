"""The fields of rows: which columns are shown or withheld together, and of which type each is.

The tables are those of docs/spec/commitments.md. A field is added by a new version of the
schema, never in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from muniment.errors import ProofError

SCHEME = "muniment.rows/1"


class Scalar(StrEnum):
    """A type of single values, by the letter that begins its encoding."""

    TEXT = "T"
    BYTES = "B"
    NUMBER = "N"
    INSTANT = "I"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A type of lists."""

    element: Type


@dataclass(frozen=True, slots=True)
class StructOf:
    """A type of structs, by their members in order."""

    members: tuple[tuple[str, Type], ...]


Type = Scalar | ListOf | StructOf


@dataclass(frozen=True, slots=True)
class Field:
    """One column, or several that are shown or withheld together."""

    name: str
    columns: tuple[tuple[str, Type], ...]


def _field(name: str, **columns: Type) -> Field:
    return Field(name, tuple(columns.items()))


_TEXT, _BYTES, _NUMBER, _INSTANT = Scalar.TEXT, Scalar.BYTES, Scalar.NUMBER, Scalar.INSTANT
_MEDIUM = StructOf((("media_id", _TEXT), ("url", _TEXT), ("kind", _TEXT), ("alt", _TEXT)))
_VERSION = StructOf((("at", _INSTANT), ("text", _TEXT), ("raw", _TEXT)))
_PROBE = StructOf((("asked_at", _INSTANT), ("at", _INSTANT), ("state", _TEXT), ("snapshot", _TEXT), ("page", _NUMBER)))

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "items/1": (
        _field("item_id", item_id=_TEXT),
        _field("author", url=_TEXT, author_id=_TEXT, author_handle=_TEXT, author_name=_TEXT),
        _field(
            "circumstances",
            row_state=_TEXT,
            row_snapshot=_TEXT,
            kind=_TEXT,
            published_at=_INSTANT,
            published_text=_TEXT,
            edited_at=_INSTANT,
            language=_TEXT,
            visibility=_TEXT,
            like_count=_NUMBER,
            repost_count=_NUMBER,
            reply_count=_NUMBER,
            quote_count=_NUMBER,
            page=_NUMBER,
        ),
        _field("thread", reply_parent_id=_TEXT, reply_root_id=_TEXT),
        _field("text", text=_TEXT, links=ListOf(_TEXT)),
        _field("media", media=ListOf(_MEDIUM)),
        _field("versions", versions=ListOf(_VERSION)),
        _field("raw", content_sha256=_BYTES, raw=_TEXT),
    ),
    "removals/1": (
        _field("item_id", item_id=_TEXT),
        _field("author", url=_TEXT, author_id=_TEXT, author_handle=_TEXT, author_name=_TEXT),
        _field(
            "circumstances",
            row_state=_TEXT,
            row_snapshot=_TEXT,
            kind=_TEXT,
            published_at=_INSTANT,
            published_text=_TEXT,
            edited_at=_INSTANT,
            language=_TEXT,
            visibility=_TEXT,
            like_count=_NUMBER,
            repost_count=_NUMBER,
            reply_count=_NUMBER,
            quote_count=_NUMBER,
            page=_NUMBER,
        ),
        _field("thread", reply_parent_id=_TEXT, reply_root_id=_TEXT),
        _field("text", text=_TEXT, links=ListOf(_TEXT)),
        _field("media", media=ListOf(_MEDIUM)),
        _field("versions", versions=ListOf(_VERSION)),
        _field("raw", content_sha256=_BYTES, raw=_TEXT),
        _field(
            "removal",
            series=_TEXT,
            change=_TEXT,
            state=_TEXT,
            confidence=_TEXT,
            last_seen_at=_INSTANT,
            first_missing_at=_INSTANT,
            unlisted_at=_INSTANT,
            seen_snapshot=_TEXT,
            missing_snapshot=_TEXT,
            item_snapshot=_TEXT,
            outage_snapshot=_TEXT,
            unavailable_reason=_TEXT,
        ),
        _field("probes", probes=ListOf(_PROBE)),
    ),
    "subscribers/1": (
        _field("subscriber_id", subscriber_id=_TEXT),
        _field("name", handle=_TEXT, display_name=_TEXT),
        _field("address", address=_TEXT),
        _field(
            "circumstances",
            row_state=_TEXT,
            row_snapshot=_TEXT,
            status=_TEXT,
            list_name=_TEXT,
            subscribed_at=_INSTANT,
            subscribed_text=_TEXT,
            page=_NUMBER,
        ),
        _field("raw", content_sha256=_BYTES, raw=_TEXT),
    ),
}


def fields_of(schema: str) -> tuple[Field, ...]:
    """Return the fields of the rows of *schema*, as ``items/1``, in the order of the specification.

    Raises:
        ProofError: the specification has no such schema.
    """
    if schema not in FIELDS:
        raise ProofError(f"commitments: expected rows of {', '.join(FIELDS)}, found {schema[:40]!r}")
    return FIELDS[schema]
