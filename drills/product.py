"""What the product says of a month: the one place where a drill asks it. A broken product can be put in its stead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from drills.city import BLUESKY, MASTODON, TAKEN
from muniment.changes.exposure import Exposure, Unseen, list_unseen, missed_share
from muniment.records.changes import Change, ChangeKind, Confidence, Window
from muniment.records.names import AccountId, SeriesId
from muniment.records.rows import RemovalRow
from muniment.workflows.changes.compare import open_shelf
from muniment.workflows.changes.listing import list_changes
from muniment.workflows.coverage import list_exposure
from muniment.workflows.removed import list_removals
from muniment.workflows.removed.decisions import read_decisions
from muniment.workflows.removed.earlier import list_runs, read_runs
from muniment.workflows.wiring import Workplace

ACCOUNTS = (AccountId(BLUESKY), AccountId(MASTODON))
_TOLD = (
    ChangeKind.EDITED,
    ChangeKind.HIDDEN,
    ChangeKind.UNHIDDEN,
    ChangeKind.MISSING,
)


class Source(StrEnum):
    """How a change was told."""

    LISTING = "listing"
    REMOVAL = "removal"
    EARLIER = "earlier conclusion"


@dataclass(frozen=True, slots=True)
class Told:
    """A change, and how it was told: from listings, as the latest conclusion on the item, or as one before that."""

    change: Change
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a drill scores.

    `tell` returns every change and removal between two instants; `exposure` the longest time in
    which something could go unseen, by account, series and day; `unseen` the stretches within which
    something could, of captures from beginning to end; `share` the bound on what is missed of a lifetime.
    """

    tell: Callable[[Workplace, datetime, datetime], Iterable[Told]]
    exposure: Callable[[Workplace, datetime, datetime], Iterable[Exposure]]
    unseen: Callable[[list[tuple[datetime, datetime]]], Sequence[Unseen]]
    share: Callable[[list[tuple[datetime, datetime]], timedelta], float]


def _tell(place: Workplace, since: datetime, until: datetime) -> Iterable[Told]:
    for account in ACCOUNTS:
        for series in TAKEN:
            listed = list_changes(place, account, SeriesId(series), since=since, until=until, kinds=_TOLD)
            yield from (Told(change, Source.LISTING) for change in listed)
        removals = list_removals(place, account, since=since, until=until)
        yield from (Told(removal.change, Source.REMOVAL) for removal in removals)
        yield from (Told(change, Source.EARLIER) for change in _concluded(place, account, since))


def _concluded(place: Workplace, account: AccountId, since: datetime) -> Iterator[Change]:
    """Yield every conclusion that was ever sealed, as a person decided, also those since replaced."""
    decisions = read_decisions(place.vault)
    with open_shelf(place) as shelf:
        for row, _ in read_runs(place, list_runs(place, account, since=since), shelf.folder):
            yield Change(
                account=account,
                series=SeriesId(row.series),
                item_id=row.item_id,
                kind=ChangeKind(row.change),
                window=Window(last_seen=row.last_seen_at or since, first_missing=row.first_missing_at),
                confidence=_decided(row, decisions),
                before=None,
                after=None,
            )


def _decided(row: RemovalRow, decisions: Mapping[str, bool]) -> Confidence:
    # Very much at once waits for a person: who says that it is real has it told, though it soon came back.
    is_real = row.outage_snapshot is not None and decisions.get(row.outage_snapshot) is False
    return Confidence.UNCONFIRMED if is_real and row.confidence == Confidence.OUTAGE else Confidence(row.confidence)


def _exposure(place: Workplace, since: datetime, until: datetime) -> Iterable[Exposure]:
    return list_exposure(place, since=since, until=until)


def _unseen(instants: list[tuple[datetime, datetime]]) -> Sequence[Unseen]:
    return list_unseen(instants, opened=None, until=max(ended for _, ended in instants))


MUNIMENT = Product(tell=_tell, exposure=_exposure, unseen=_unseen, share=missed_share)
