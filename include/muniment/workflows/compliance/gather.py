"""Everything that a compliance report is made of, read once. What cannot be read fails the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from muniment.changes.coverage import Slot
from muniment.changes.exposure import Day, Exposure
from muniment.changes.gaps import Gap
from muniment.errors import ModerationError
from muniment.evidence.findings import Finding
from muniment.policy.moderation.ledger import REGISTER as MODERATION
from muniment.policy.moderation.ledger import fold_ledger
from muniment.records.agency import Agency
from muniment.records.changes import ChangeKind, Removal
from muniment.records.names import parse_instant
from muniment.records.series import PUBLIC_COMMENTS
from muniment.workflows.changes.listing import list_changes
from muniment.workflows.compliance.month import Month
from muniment.workflows.coverage import list_gaps
from muniment.workflows.coverage.spans import list_terms, local_days
from muniment.workflows.coverage.view import take_view
from muniment.workflows.findings_register import Entry, list_entries
from muniment.workflows.moderation.answers import Answer, Question, answer
from muniment.workflows.moderation.matching import match
from muniment.workflows.policy import PolicyStatus, policy_status
from muniment.workflows.registers import read_events
from muniment.workflows.removed import list_removals
from muniment.workflows.scorecard import Scorecard, take_scorecard
from muniment.workflows.wiring import Workplace

# What happened to an item, by account, series and kind.
ChangeCounts = Counter[tuple[str, str, ChangeKind]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a report is composed from. `made_at` is when it was read (aware): how policies and findings stood then."""

    agency: Agency
    month: Month
    made_at: datetime
    days: tuple[Day, ...]
    slots: tuple[Slot, ...]
    gaps: tuple[Gap, ...]
    exposures: tuple[Exposure, ...]
    changes: ChangeCounts
    removals: tuple[Removal, ...]
    moderated: tuple[Answer, ...]
    unmatched: (
        tuple[Finding, ...] | None
    )  # of the ledger against captures; None: there is no capture to hold it against
    status: PolicyStatus
    findings: tuple[Entry, ...]  # open at `made_at`, or opened or closed in the month
    scorecard: Scorecard


def gather(place: Workplace, month: Month) -> Facts:
    """Read the facts of *month*.

    Raises:
        MunimentError: a source did not answer, or what it holds is not of its form.
    """
    now = place.clock()
    since, until = month.begins, min(month.ends, now)
    ledger = fold_ledger(read_events(place.vault, MODERATION))
    view = take_view(place, since, until)
    accounts = [account.id for account in place.agency.accounts]
    return Facts(
        agency=place.agency,
        month=month,
        made_at=now,
        days=local_days(since, until, place.agency.zone),
        slots=tuple(view.slots()),
        gaps=list_gaps(place, since=since, until=until),
        exposures=tuple(view.exposures()),
        changes=Counter(_changes(place, since, until)),
        removals=tuple(one for account in accounts for one in list_removals(place, account, since=since, until=until)),
        moderated=answer(ledger, Question(since=since, until=until)),
        unmatched=_match(place, since, until),
        status=policy_status(place),
        findings=tuple(entry for entry in list_entries(place.vault, with_closed=True) if _concerns(entry, month, now)),
        scorecard=take_scorecard(place.agency.id, place.settings),
    )


def _changes(place: Workplace, since: datetime, until: datetime) -> Iterator[tuple[str, str, ChangeKind]]:
    for term in list_terms(place.agency):
        for change in list_changes(place, term.account, term.series, since=since, until=until):
            yield change.account, change.series, change.kind


def _match(place: Workplace, since: datetime, until: datetime) -> tuple[Finding, ...] | None:
    if not any(PUBLIC_COMMENTS in account.series for account in place.agency.accounts):
        return ()  # nobody writes there, so nothing is removed
    try:
        return match(place, since=since, until=until)
    except ModerationError:
        return None  # nothing of what the public wrote was captured; the report says so


def _concerns(entry: Entry, month: Month, now: datetime) -> bool:
    opened = parse_instant(entry.opened_at)
    if opened > now or opened >= month.ends:
        return False
    return entry.closed_at is None or parse_instant(entry.closed_at) >= month.begins
