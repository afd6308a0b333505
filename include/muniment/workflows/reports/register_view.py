"""The registers of events as anybody in the office may read them: without the persons in a matter's scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError
from muniment.evidence.layout import is_register_key
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.moderation.ledger import REGISTER as MODERATION
from muniment.records.canonical import JsonValue
from muniment.records.names import parse_instant
from muniment.retention.holds import REGISTER as HOLDS
from muniment.settings import Settings
from muniment.workflows.registers import read_events
from muniment.workflows.reports.compose import instant_of
from muniment.workflows.wiring import now, open_workplace

_ROOT = "registers/"
# What lies beside the registers of events, in forms of its own, and the command that shows it.
OTHERS = {
    "certificates": "muniment dispose certificate",
    "compliance-reports": "muniment compliance show",
    "disposition-lists": "muniment dispose show",
    "findings": "muniment findings list",
    "fixity": "muniment scorecard",
    "second-copies": "muniment scorecard",
    "store-checks": "muniment scorecard",
    "store-truth": "muniment scorecard",
    "tombstones": "muniment dispose show",
}


@dataclass(frozen=True, slots=True)
class RegisterSummary:
    """One register: how many entries, in which months."""

    register: str
    entries: int
    first_month: str
    last_month: str


def list_registers(agency_id: str, settings: Settings | None = None) -> list[RegisterSummary]:
    """Return every register that the agency's vault has.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    vault = open_workplace(agency_id, settings).vault
    names = [folder.removeprefix(_ROOT).rstrip("/") for folder in vault.list_folders(_ROOT)]
    return [found for name in names if (found := _summarize(vault, name)) is not None]


def show_register(
    agency_id: str, register: str, day: date | None = None, settings: Settings | None = None
) -> list[RegisterEvent]:
    """Return the events of *register* by the end of *day* there, or all of them, without persons in scope.

    Raises:
        ConfigurationError: there is no such register, or *day* is not over yet.
        EvidenceError: an event is not of its form.
    """
    if register in OTHERS:
        raise ConfigurationError(
            f"register {register}: expected one of events; this one is shown by {OTHERS[register]}"
        )
    place = open_workplace(agency_id, settings)
    moment = instant_of(day, zone=place.agency.zone, now=now()).moment
    known = {summary.register for summary in list_registers(agency_id, settings)}
    if register not in known:
        spelled = ", ".join(sorted(known - OTHERS.keys())) or "none yet"
        raise ConfigurationError(f"register: expected one that has events ({spelled}), found {register!r}")
    events = (event for event in read_events(place.vault, register) if parse_instant(event.at) <= moment)
    return without_persons(events)


def without_persons(events: Iterable[RegisterEvent]) -> list[RegisterEvent]:
    """Return *events* without persons: `muniment hold show` and `muniment moderation show` have them.

    What a matter looks for is told by its number alone; of a case of moderation, whose item it was is left out.
    """
    return [
        replace(event, facts=_HIDE[event.register](event.facts)) if event.register in _HIDE else event
        for event in events
    ]


def _hide(facts: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    scope: Any = facts.get("scope")
    if not isinstance(scope, Mapping):
        return dict(facts)
    persons = scope.get("persons")
    hidden: dict[str, JsonValue] = {
        **scope,
        "persons": len(persons) if isinstance(persons, list) else 0,
        "search": None if scope.get("search") is None else "given",
    }
    return {**facts, "scope": hidden}


def _hide_public(facts: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: "given" if name in _OF_THE_PUBLIC else value for name, value in facts.items()}


# An item's id names its author on some platforms; a rationale or a note may quote; a block list is of persons.
_OF_THE_PUBLIC = frozenset({"item", "originator", "lines", "note", "rationale"})
_HIDE = {HOLDS: _hide, MODERATION: _hide_public}


def _summarize(vault: Vault, register: str) -> RegisterSummary | None:
    months = [key.split("/")[2] for key in vault.list_keys(f"{_ROOT}{register}/") if is_register_key(key)]
    return RegisterSummary(register, len(months), min(months), max(months)) if months else None
