"""The shape of each file: which fields, of which kind. Pydantic judges; the words are ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from muniment.records.agency import Account, CaptureTimetable, Fixity, Notices, Officer, TimeAuthority
from muniment.records.names import AgencyId
from muniment.records.policy import AgencyPolicy
from muniment.records.privacy import PrivacyRules
from muniment.records.schedule import RetentionSchedule
from muniment.register.documents import Document, Place, Value

_STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyFile:
    """What ``agency.yaml`` says."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: AgencyId
    name: str
    zone: str
    email_domains: tuple[str, ...]
    in_service: bool
    invented_people: bool
    timetable: CaptureTimetable
    notices: Notices
    fixity: Fixity
    time_authorities: tuple[TimeAuthority, ...] = ()
    officers: tuple[Officer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsFile:
    """What ``accounts.yaml`` says: the register (claremont-social B.6)."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    accounts: tuple[Account, ...]


AGENCY = TypeAdapter(AgencyFile)
ACCOUNTS = TypeAdapter(AccountsFile)
SCHEDULE = TypeAdapter(RetentionSchedule)
POLICY = TypeAdapter(AgencyPolicy)
PRIVACY = TypeAdapter(PrivacyRules)

File = TypeVar("File")

_KINDS = {
    "missing": "this field",
    "string_type": "text (a number or a yes-or-no word needs quotes)",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "date_type": "a date, YYYY-MM-DD",
    "date_parsing": "a date that exists, YYYY-MM-DD",
    "tuple_type": "a list",
    "dict_type": "fields",
    "dataclass_type": "fields",
    "unexpected_keyword_argument": "only fields that this file has",
}
_SHOWN = frozenset({"enum", "date_parsing", "int_type", "bool_type"})  # whose values are nobody's name or secret


def build(document: Document, shape: TypeAdapter[File]) -> File | None:
    """Build the file's model; None when its shape has faults, which are noted in *document*."""
    if not document.whole:
        return None
    _note_unspoken(document, document.value, ())
    try:
        return shape.validate_json(json.dumps(document.value), strict=True)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _note(document, detail)
        return None


def _note(document: Document, detail: ErrorDetails) -> None:
    kind = detail["type"]
    expected = _KINDS.get(kind) or detail["msg"].removeprefix("Input should be ")
    document.fault(detail["loc"], expected, _found(kind, detail["input"]))


def _found(kind: str, value: Any) -> str:
    if kind == "missing":
        return "nothing"
    if kind == "unexpected_keyword_argument":
        return "one of another name"
    return describe(value, shown=kind in _SHOWN)


def describe(value: Value, *, shown: bool = False) -> str:
    """Say what *value* is; text is shown only on request, for it may be somebody's name."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int():
            return f"the number {value}"
        case str():
            return repr(value[:60]) if shown else "text"
        case list():
            return "a list"
        case _:
            return "fields"


def _note_unspoken(document: Document, value: Value, place: Place) -> None:
    # Pydantic takes blank text for text, and digits in quotes for a date (seconds since 1970).
    match value:
        case dict():
            for key, item in value.items():
                _note_unspoken(document, item, (*place, key))
        case list():
            for index, item in enumerate(value):
                _note_unspoken(document, item, (*place, index))
        case str() if not value.strip():
            document.fault(place, "text", "a blank")
        case str() if value.isdigit() and str(place[-1]).endswith(("_on", "_from", "_until")):
            document.fault(place, "a date, YYYY-MM-DD", repr(value[:60]))
