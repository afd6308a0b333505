"""The trusted-system scorecard: the four elements and the two copies, each checked when it is asked for.

The rules: California Government Code 12168.7 and 34090.5; 2 CCR 22620.4 and 22620.7; AIIM
ARP1-2009 section 5.3.3, to which 22620.7 points. Nothing here is remembered: a row is as green
as the stores are now. What a person must answer for stays amber, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from muniment.custody.vault import Vault
from muniment.errors import CustodyError
from muniment.records.names import format_instant
from muniment.settings import Settings
from muniment.workflows.findings_register import Entry, list_entries
from muniment.workflows.scorecard_checks import (
    AMBER,
    GREEN,
    RED,
    Judgement,
    judge_audit,
    judge_first,
    judge_locks,
    judge_place,
    judge_procedures,
    judge_second,
)
from muniment.workflows.wiring import Workplace, now, open_second, open_workplace

_WORST = (GREEN, AMBER, RED)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: its number, what it asks, its state, today's evidence, what to do next."""

    id: str
    rule: str
    asks: str
    state: str
    evidence: str
    next: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The scorecard of one agency at one moment."""

    agency: str
    at: str
    rows: tuple[Row, ...]
    open_findings: int

    @property
    def state(self) -> str:
        """Return the worst of the rows' states."""
        return max((row.state for row in self.rows), key=_WORST.index)


Judge = Callable[[Workplace, Vault | None, tuple[Entry, ...], datetime], Judgement]

ROWS: tuple[tuple[str, str, str, Judge], ...] = (
    (
        "first-copy",
        "2 CCR 22620.7; GC 34090.5",
        "The first copy is whole, in a bucket that permits no additions, deletions or changes.",
        judge_first,
    ),
    (
        "second-copy",
        "2 CCR 22620.7",
        "There is a second, separate copy, and it has every object.",
        judge_second,
    ),
    (
        "element-1",
        "GC 12168.7; ARP1-2009 5.3.3",
        "Hardware, software and media prevent unauthorised additions, changes and deletions.",
        judge_locks,
    ),
    (
        "element-2",
        "GC 12168.7; ARP1-2009 5.3.3",
        "It can be verified by independent audit, and is.",
        judge_audit,
    ),
    (
        "element-3",
        "2 CCR 22620.7; ARP1-2009 5.3.3; GC 34090.5",
        "One copy at least is kept in a safe and separate place.",
        judge_place,
    ),
    (
        "element-4",
        "2 CCR 22620.4; ARP1-2009 5.3.3",
        "Policies and procedures are documented, and followed.",
        judge_procedures,
    ),
)


def take_scorecard(agency_id: str, settings: Settings | None = None) -> Scorecard:
    """Check every row now.

    Raises:
        AgencyFilesError: the agency's files have faults.
        StoreUnavailableError: the vault's store did not answer.
    """
    place, moment = open_workplace(agency_id, settings), now()
    second, entries = open_second(place.agency.id, place.settings), tuple(list_entries(place.vault))
    rows = []
    for name, rule, asks, judge in ROWS:
        try:
            found = judge(place, second, entries, moment)
        except CustodyError as error:
            found = Judgement(RED, f"could not be checked: {error}", "Bring the store back; then look again.")
        rows.append(Row(name, rule, asks, found.state, f"{moment:%Y-%m-%d %H:%M} UTC: {found.evidence}", found.next))
    return Scorecard(place.agency.id, format_instant(moment), tuple(rows), len(entries))
