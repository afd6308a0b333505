"""The person who looks when very much vanishes at once, and says whether that was an outage. Knows the truth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from drills.product import ACCOUNTS
from drills.truth import VANISHED, Entry
from muniment.records.names import AccountId, SnapshotId
from muniment.workflows.changes.compare import open_shelf
from muniment.workflows.removed.decisions import enter_decision, read_decisions
from muniment.workflows.removed.earlier import list_runs, read_runs
from muniment.workflows.wiring import Workplace


def decide_masses(place: Workplace, entries: Sequence[Entry]) -> None:
    """Decide on each latest run of probes that found very much gone at once and waits for a person."""
    for account in ACCOUNTS:
        _decide(place, account, [entry for entry in entries if entry.account == account])


def _decide(place: Workplace, account: AccountId, entries: Sequence[Entry]) -> None:
    run = next(list_runs(place, account), None)
    if run is None:
        return
    with open_shelf(place) as shelf:
        rows = [row for row, _ in read_runs(place, [run], shelf.folder) if row.outage_snapshot is not None]
    told: dict[SnapshotId, set[str]] = {}
    for row in rows:
        told.setdefault(SnapshotId(str(row.outage_snapshot)), set()).add(row.item_id)
    for snapshot in told.keys() - read_decisions(place.vault).keys():
        gone = {entry.item_id for entry in entries if _is_away(entry, place.clock())}
        is_true = len(told[snapshot] & gone) * 2 > len(told[snapshot])
        enter_decision(place, account, snapshot, outage=not is_true, reason="looked", by="Drill Officer")


def _is_away(entry: Entry, at: datetime) -> bool:
    spans = [(event.at, event.until) for event in entry.events if event.kind in VANISHED]
    return any(since <= at and (until is None or at < until) for since, until in spans)
