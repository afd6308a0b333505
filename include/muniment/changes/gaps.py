"""What was missed, as values: from when to when, why, what to do about it, and what shows it.

Three kinds: captures that were due and not made; captures whose snapshot was quarantined; and
what a capture that was made knew of and could not have. Each has an id of its own that is the
same whenever it is found, so that it is entered in the register of gaps once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from itertools import groupby

from muniment.changes.coverage import Captured, DueGrid, Slot, SlotOutcome, Term
from muniment.records.names import AccountId, SeriesId, SnapshotId, format_instant
from muniment.records.page import GapReason

MOST_EVIDENCE = 50  # keys of one gap: the first ones of an outage show it
NOT_KNOWN, NO_ATTEMPT, NOT_FINISHED = "not known", "no attempt was made", "begun and not finished"
_LOOK = "`muniment snapshots show` names the finding; the pages are sealed, and are parsed anew after an update"
REMEDIES = {
    NO_ATTEMPT: "see that the machine, its scheduler and the store run: `muniment status`",
    NOT_KNOWN: "look at the task's log in Airflow; the store may have been away when it failed",
    NOT_FINISHED: "the pages are sealed: the next run finishes the snapshot, or names what stops it",
    "TokenRefusedError": "renew the token's file and clear the task",
    "RateLimitedError": "nothing, where the platform answers again; else ask less often: the timetable",
    "PlatformUnavailableError": "nothing, where the platform answers again; else see whether it still exists",
    "NotFoundError": "see whether the account is still there under its handle: `muniment register check`",
    "StoreUnavailableError": "bring the store back: `muniment doctor`",
    "StoreUnfitError": "the store failed its test: `muniment doctor`",
    "TooLateError": "nothing: its day is over; see why the run began so late",
    "SubscriberListRefusedError": "write the privacy rules first",
    "AgencyFilesError": "mend the agency's files: `muniment register check`",
    "quarantined": _LOOK,
    GapReason.NOT_FOUND: "nothing: the platform no longer has it",
    GapReason.FORBIDDEN: "see whether the account may read it: its credentials' scopes",
    GapReason.UNREADABLE: _LOOK,
    GapReason.UNREACHABLE: "nothing, where the next capture has it",
    GapReason.TOO_LARGE: "take it by hand, and keep it with the records",
    GapReason.NOT_OFFERED: "ask the platform's own tools: it has no way to be asked for this",
    GapReason.REFUSED_ADDRESS: "nothing: the address leads where no capture goes",
}
_OTHER = "the task's log in Airflow names what failed; clear the task when it is mended"


class GapKind(StrEnum):
    """What kind of gap it is."""

    MISSED = "missed"
    QUARANTINED = "quarantined"
    PARTIAL = "partial"  # the capture was made, and something known could not be had


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """No whole, accepted capture from `begins` to `ends` (aware UTC); of an open one `ends` is as far as is known.

    `evidence` are keys in the vault. No personal data in any text.
    """

    account: AccountId
    series: SeriesId
    begins: datetime
    ends: datetime
    reason: str
    remedy: str
    evidence: tuple[str, ...]
    kind: GapKind = GapKind.MISSED
    closed: bool = True
    count: int = 1  # captures missed or quarantined; things that could not be had

    @property
    def id(self) -> str:
        """Name a closed gap: the same whenever and wherever it is found."""
        what = self.reason if self.kind is GapKind.PARTIAL else ""
        parts = (self.kind, self.account, self.series, format_instant(self.begins), format_instant(self.ends), what)
        return sha256("\0".join(parts).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A capture that failed for good, of all accounts where `account` is None; `error` is the class of the error."""

    account: AccountId | None
    series: SeriesId | None
    taken_at: datetime
    error: str
    key: str  # of the event


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What is known of captures of one account and series that did not come to a snapshot, by the number of the slot.

    `told` has the reason and the keys that show it. `ran` are the slots in which any capture of the
    agency was begun; it is whole only from `since` on.
    """

    grid: DueGrid
    told: Mapping[int, tuple[str, tuple[str, ...]]]
    ran: frozenset[int]
    since: datetime

    def of(self, slot: Slot) -> tuple[str, tuple[str, ...]] | None:
        """Return why nothing was made in *slot*, and what shows it; None where it lies before all that was read."""
        number = self.grid.number_at(slot.expected_at)
        if number in self.told:
            return self.told[number]
        if number in self.ran:
            return NOT_KNOWN, ()
        return None if slot.expected_at < self.since else (NO_ATTEMPT, ())


def trace(
    term: Term,
    grid: DueGrid,
    *,
    attempts: Iterable[Attempt],
    begun: Iterable[tuple[datetime, str]],
    ran: frozenset[int],
    since: datetime,
) -> Traces:
    """Return what is known of *term*: failed *attempts*, and taken-at and key of pages *begun* and not finished."""
    told: dict[int, tuple[str, tuple[str, ...]]] = {}
    for taken_at, key in begun:
        told[grid.number_at(taken_at)] = NOT_FINISHED, (key,)
    for one in sorted(attempts, key=lambda found: (found.taken_at, found.key)):
        if one.account is None or (one.account, one.series) == (term.account, term.series):
            number = grid.number_at(one.taken_at)
            told[number] = one.error, (*told.get(number, ("", ()))[1], one.key)
    return Traces(grid=grid, told=told, ran=ran, since=since)


def find_missed(
    slots: Sequence[Slot], began: Mapping[SnapshotId, datetime], traces: Traces, *, ends: datetime, closed: bool
) -> Iterator[Gap]:
    """Yield the gaps of one account and series: runs of its *slots* without a finished snapshot, earliest first.

    *began* maps each snapshot to its beginning, which ends the gap before it. What is missing at the end
    ends at *ends*, and is *closed* where the account is captured no longer.
    """
    runs = [(missed, list(run)) for missed, run in groupby(slots, lambda slot: slot.outcome is SlotOutcome.MISSED)]
    for at, (missed, run) in enumerate(runs):
        if not missed:
            continue
        after = runs[at + 1][1][0] if at + 1 < len(runs) else None
        reason, remedy, evidence = _explain(run, traces)
        yield Gap(
            account=run[0].account,
            series=run[0].series,
            begins=run[0].expected_at,
            ends=ends if after is None or after.made is None else began[after.made],
            reason=reason,
            remedy=remedy,
            evidence=evidence,
            closed=closed or after is not None,
            count=len(run),
        )


def _explain(run: Sequence[Slot], traces: Traces) -> tuple[str, str, tuple[str, ...]]:
    told = [found for found in map(traces.of, run) if found is not None]
    counts = Counter(reason for reason, _ in told) or Counter([NOT_KNOWN])
    ordered = [reason for reason, _ in counts.most_common()]
    words = "; ".join(f"{reason} ({counts[reason]})" if len(ordered) > 1 else reason for reason in ordered)
    remedy = "; ".join(dict.fromkeys(REMEDIES.get(reason, _OTHER) for reason in ordered))
    keys = dict.fromkeys(key for _, found in told for key in found)
    return words, remedy, tuple(keys)[:MOST_EVIDENCE]


def find_quarantined(
    slots: Sequence[Slot], captures: Sequence[Captured], *, ends: datetime, closed: bool
) -> Iterator[Gap]:
    """Yield the runs of *slots* of one account and series whose only snapshots were quarantined; as `find_missed`."""
    by_id = {one.snapshot: one for one in captures}
    runs = [
        (quarantined, list(run))
        for quarantined, run in groupby(slots, lambda slot: slot.outcome is SlotOutcome.QUARANTINED)
    ]
    for at, (quarantined, run) in enumerate(runs):
        if not quarantined:
            continue
        found = [by_id[slot.made] for slot in run if slot.made is not None]
        after = runs[at + 1][1][0] if at + 1 < len(runs) else None
        codes = dict.fromkeys(code for one in found for code in one.codes)
        yield Gap(
            account=run[0].account,
            series=run[0].series,
            begins=found[0].began_at,
            ends=ends if after is None else (after.expected_at if after.made is None else by_id[after.made].began_at),
            reason=f"quarantined: {', '.join(codes)}",
            remedy=_LOOK,
            evidence=tuple(one.key for one in found)[:MOST_EVIDENCE],
            kind=GapKind.QUARANTINED,
            closed=closed or after is not None,
            count=len(found),
        )


def find_partial(captures: Iterable[Captured], *, is_over: bool) -> Iterator[Gap]:
    """Yield what the accepted *captures* of one account, series and day knew of and could not have.

    Captures that follow each other and miss the same for the same reason make one gap; it does not
    reach past its day, so that it is the same however far back one looks.
    """
    ordered = sorted((one for one in captures if one.accepted), key=lambda one: (one.taken_at, one.snapshot))
    for purpose, reason in sorted({(purpose, reason) for one in ordered for purpose, reason, _ in one.gaps}):
        lacking = [(one, sum(n for p, r, n in one.gaps if (p, r) == (purpose, reason))) for one in ordered]
        runs = [(bool(missing), list(run)) for missing, run in groupby(lacking, lambda found: found[1] > 0)]
        for at, (missing, run) in enumerate(runs):
            if missing:
                first, last = run[0][0], run[-1][0]
                yield Gap(
                    account=first.account,
                    series=first.series,
                    begins=first.began_at,
                    ends=last.ended_at,
                    reason=f"{purpose}: {reason}",
                    remedy=REMEDIES.get(reason, _OTHER),
                    evidence=tuple(dict.fromkeys((first.key, last.key))),
                    kind=GapKind.PARTIAL,
                    closed=is_over or at + 1 < len(runs),
                    count=max(count for _, count in run),
                )
