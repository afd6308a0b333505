"""Until when the nightly check has judged the captures, and by which timetable, from the register of gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from muniment.changes.gap_register import CHECKED, GAPS
from muniment.custody.vault import Vault
from muniment.evidence.register_event import RegisterEvent
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant, parse_instant
from muniment.retention.facts import text_of, texts_of
from muniment.workflows.registers import read_event

_EVENT = re.compile(r"registers/gaps/[0-9-]+/checked-[0-9]{8}t[0-9]{12}z\.json")


@dataclass(frozen=True, slots=True)
class Judged:
    """Every gap that ended before `until` (aware) was entered, by the timetable of `crons`."""

    until: datetime
    crons: tuple[str, ...]


def checked_event(
    until: datetime, crons: Sequence[str], *, at: datetime, by: str, counts: dict[str, JsonValue]
) -> RegisterEvent:
    """Return the event that says that every gap that ended before *until* was entered, by the timetable of *crons*."""
    return RegisterEvent(
        register=GAPS,
        id=f"checked-{until:%Y%m%dt%H%M%S%f}z",
        event=CHECKED,
        subject="coverage",
        at=format_instant(at),
        by=by,
        facts={"until": format_instant(until), "crons": list(crons), **counts},
    )


def latest_check(vault: Vault) -> Judged | None:
    """Return what the latest check judged; None where none was made yet.

    Raises:
        EvidenceError: its event is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    months = sorted(vault.list_folders(f"registers/{GAPS}/"), reverse=True)
    for month in months:
        keys = [key for key in vault.list_keys(f"{month}checked-") if _EVENT.fullmatch(key)]
        if keys:
            event = read_event(vault, GAPS, max(keys, key=lambda key: key.rsplit("/", 1)[-1]))
            return Judged(parse_instant(text_of(event.facts["until"])), texts_of(event.facts["crons"]))
    return None
