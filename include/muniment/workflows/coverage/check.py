"""The nightly check of coverage: enter each closed gap, say which were filled since, and raise what was missed."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from muniment.changes.gap_register import GAPS, filled_event, fold_gaps, gap_event
from muniment.changes.gaps import Gap, GapKind
from muniment.errors import AlreadySealedError
from muniment.evidence.findings import Finding
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import AccountStatus
from muniment.records.names import format_instant
from muniment.register.timetable import timetable_crons
from muniment.workflows.coverage.captures import Shelf
from muniment.workflows.coverage.events import read_months
from muniment.workflows.coverage.judged import Judged, checked_event, latest_check
from muniment.workflows.coverage.spans import list_terms
from muniment.workflows.coverage.view import View, take_view
from muniment.workflows.findings_register import open_findings
from muniment.workflows.registers import enter
from muniment.workflows.wiring import Workplace, open_workplace

Json = dict[str, Any]
CHECK = "check_coverage"
# A run may take half a day, and the next one finishes what it left: a gap is entered when it is a day old.
SETTLED = timedelta(days=1)
_AT_ONCE = 8
_AGAIN = timedelta(days=7)  # what was judged is looked at again so long, for a snapshot that was finished late


def check_coverage(agency_id: str) -> Json:
    """Check the agency's coverage; return ids and counts, and the findings that are new, for a notice.

    Raises:
        CustodyError: the vault did not keep an event.
        EvidenceError: an event of a register is not of its form.
    """
    return check_place(open_workplace(agency_id))


def check_place(place: Workplace) -> Json:
    """Check as `check_coverage` does, of an agency that is open."""
    now = place.clock()
    judged, crons = latest_check(place.vault), timetable_crons(place.agency.timetable)
    since, until, at = _since(place, judged, crons, now), now - SETTLED, format_instant(now)
    sealed = {gap.id: gap for gap in fold_gaps(read_months(place.vault, GAPS, since, now))}
    view = take_view(place, since, now)
    found = view.gaps()
    closed = [gap for gap in found if gap.closed and since < gap.ends <= until]
    fresh = [gap for gap in closed if gap.id not in sealed]
    still = {gap.id for gap in found}
    gone = [gap for gap in sealed.values() if since < gap.ends <= until and gap.id not in still]
    filled = [(gap, made) for gap in gone if (made := _finished_in(view, gap))]
    _enter(place, (gap_event(gap, at=at, by=CHECK) for gap in fresh))
    _enter(place, (filled_event(gap, made, at=at, by=CHECK) for gap, made in filled))
    # A task that is tried again finds its gaps entered, and what it has to tell of them perhaps not.
    untold = [gap for gap in closed if gap in fresh or judged is None or gap.ends > judged.until]
    opened = open_findings(place, [*_missed(untold), *_never_captured(place, now)], check=CHECK)
    counts = {"entered": len(fresh), "filled": len(filled), "open": sum(1 for gap in found if not gap.closed)}
    _enter(place, [checked_event(until, crons, at=now, by=CHECK, counts={**counts})])
    return {"agency": place.agency.id, "until": format_instant(until), **counts, "opened": opened}


def _since(place: Workplace, judged: Judged | None, crons: tuple[str, ...], now: datetime) -> datetime:
    """Return from when on captures are judged: what another timetable judged stands as it is."""
    if judged is None:
        begun = [term.begins for term in list_terms(place.agency) if term.begins is not None]
        taken = [Shelf(place.vault, place.agency.zone, term, {}).first_taken() for term in list_terms(place.agency)]
        return min([now, *begun, *(at for at in taken if at is not None)])
    return judged.until - (_AGAIN if judged.crons == crons else timedelta(0))


def _finished_in(view: View, gap: Gap) -> list[str]:
    """Return the keys of the snapshots that fill *gap*; none where the register alone made an end of it."""
    if gap.kind is not GapKind.MISSED:
        return []
    return [
        one.key
        for pair in view.pairs
        if (pair.term.account, pair.term.series) == (gap.account, gap.series)
        for one in pair.captures
        if gap.begins <= one.taken_at and one.began_at < gap.ends
    ]


def _enter(place: Workplace, events: Iterable[RegisterEvent]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda event: _enter_once(place, event), events))


def _enter_once(place: Workplace, event: RegisterEvent) -> None:
    # A task that is tried again says the same at another time.
    with suppress(AlreadySealedError):
        enter(place.vault, place.agency, event)


def _missed(gaps: Iterable[Gap]) -> Iterable[Finding]:
    for gap in gaps:
        if gap.kind is GapKind.MISSED:
            subject = f"{gap.account}/{gap.series}/{format_instant(gap.begins)}"
            yield Finding("U001", subject, f"until {format_instant(gap.ends)}: {gap.reason}", gap.count)


def _never_captured(place: Workplace, now: datetime) -> Iterable[Finding]:
    active = {one.id for one in place.agency.accounts if one.status is AccountStatus.ACTIVE}
    for term in list_terms(place.agency):
        if term.account not in active or (term.begins is not None and term.begins > now - SETTLED):
            continue
        if Shelf(place.vault, place.agency.zone, term, {}).first_taken() is None:
            yield Finding("U002", f"{term.account}/{term.series}", "expected a finished snapshot, found none")
