"""List what is concluded of the items of an account that vanished, a person's decisions taken in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from muniment.changes.conclusions import Sighting, conclude
from muniment.records.changes import Change, ChangeKind, Confidence, ItemState, Removal, Window
from muniment.records.names import AccountId, SeriesId, SnapshotId
from muniment.records.rows import RemovalRow
from muniment.retention.periods import find_first_instant
from muniment.workflows.removed.concluding import NEVER_CAPTURED
from muniment.workflows.removed.decisions import read_decisions
from muniment.workflows.removed.earlier import list_runs, read_runs
from muniment.workflows.removed.leads import apart_of, probes_of
from muniment.workflows.wiring import Workplace

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def list_removals(place: Workplace, account: AccountId, *, since: datetime, until: datetime) -> Iterator[Removal]:
    """Yield the latest conclusion on each item of *account* whose window ends in [*since*, *until*), by its end.

    What is asked for and still there is left out, unless it is hidden, or came back. The window of what no
    capture had begins when the account was opened: nobody saw it, and it cannot have vanished before that.

    Raises:
        ParseError: a run's rows cannot be read.
        CustodyError: they cannot be fetched.
    """
    decisions = read_decisions(place.vault)
    found: list[Removal] = []
    for row, run in _latest_rows(place, account, since):
        removal = _read(place, account, row, run, decisions)
        if removal is not None and since <= removal.change.window.first_missing < until:
            found.append(removal)
    yield from sorted(found, key=lambda one: (one.change.window.first_missing, one.change.item_id))


def _latest_rows(place: Workplace, account: AccountId, since: datetime) -> Iterator[tuple[RemovalRow, SnapshotId]]:
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    seen: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="removals-", dir=place.settings.scratch) as folder:
        # A window ends when an answer came: a run taken before that has none that ends in it.
        for row, run in read_runs(place, list_runs(place, account, since=since), Path(folder)):
            if row.item_id not in seen:
                seen.add(row.item_id)
                yield row, run


def _read(
    place: Workplace, account: AccountId, row: RemovalRow, run: SnapshotId, decisions: Mapping[str, bool]
) -> Removal | None:
    decided = decisions.get(row.outage_snapshot) if row.outage_snapshot is not None else None
    kind, confidence = ChangeKind(row.change), Confidence(row.confidence)
    began = row.last_seen_at or _opened(place, account)
    window = Window(last_seen=min(began, row.first_missing_at), first_missing=row.first_missing_at)
    state = ItemState(row.state)
    if decided is not None:
        # An outage told nothing: what came back in it is no evidence.
        probes = [one for one in probes_of(row) if not (decided and one.snapshot == row.outage_snapshot)]
        sighting = Sighting(last_seen=row.last_seen_at, unlisted=row.unlisted_at, is_listed=False)
        told = conclude(sighting, probes, asked_at=row.first_missing_at, apart=apart_of(place.agency))
        kind, confidence, window, state = told.kind, told.confidence, told.window, told.state
    if kind is ChangeKind.MISSING and state is ItemState.PRESENT:
        return None
    return Removal(
        change=Change(
            account=account,
            series=SeriesId(row.series),
            item_id=row.item_id,
            kind=kind,
            window=window,
            confidence=confidence,
            before=SnapshotId(row.seen_snapshot) if row.seen_snapshot else None,
            after=SnapshotId(row.missing_snapshot) if row.missing_snapshot else None,
            probes=probes_of(row),
        ),
        state=state,
        author_id=row.author_id,
        author_handle=row.author_handle,
        published_at=row.published_at,
        unavailable_reason=row.unavailable_reason,
        snapshot=run,
        captured_before=row.unavailable_reason != NEVER_CAPTURED,
    )


def _opened(place: Workplace, account: AccountId) -> datetime:
    """Return when *account* was opened; where the register is silent, when computers begin to count time."""
    days = [one.opened_on for one in place.agency.accounts if one.id == account and one.opened_on is not None]
    return find_first_instant(days[0], ZoneInfo(place.agency.zone)) if days else _BEGINNING
