"""The history of one item: what it said when it was first listed, and what happened to it since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from muniment.changes.differences import tell_fields
from muniment.errors import ConfigurationError
from muniment.evidence.manifest import Manifest
from muniment.records.changes import Change, FieldChange
from muniment.records.names import AccountId, SeriesId, parse_instant
from muniment.workflows.changes.compare import Pair, Shelf, list_row_changes, open_shelf, read_item
from muniment.workflows.changes.listing import EVER, Tracker, find_first, list_pairs
from muniment.workflows.wiring import Workplace


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHistory:
    """One item: the accepted snapshot that first lists it, what it said there, and every change since."""

    item_id: str
    first: Manifest
    fields: tuple[FieldChange, ...]
    changes: tuple[Change, ...]

    @property
    def first_seen(self) -> datetime:
        """Return the end (aware UTC) of the capture that first lists the item."""
        return parse_instant(self.first.ended_at)


def read_item_history(place: Workplace, account: AccountId, series: SeriesId, item_id: str) -> ItemHistory:
    """Return the history of *item_id* in the snapshots that the vault holds; moved counters are left out.

    Raises:
        ConfigurationError: no accepted snapshot lists it.
        ParseError: a rows file cannot be read.
        CustodyError: it cannot be fetched.
    """
    until, tracker = datetime.max.replace(tzinfo=UTC), Tracker()
    changes: list[Change] = []
    with open_shelf(place) as shelf:
        first = _read_or_none(shelf, find_first(place, account, series), item_id)
        for pair in list_pairs(place, account, series, since=EVER, until=until):
            found = list(_changes_of(shelf, pair, tracker, item_id))
            changes += found
            if first is None and found:
                first = _read_or_none(shelf, pair.after, item_id)
    if first is None:
        raise ConfigurationError(f"{account} {series}: expected an item that was listed once, found none by that id")
    return ItemHistory(item_id=item_id, first=first[0], fields=first[1], changes=tuple(changes))


def _changes_of(shelf: Shelf, pair: Pair, tracker: Tracker, item_id: str) -> Iterator[Change]:
    for row in [] if pair.is_same else list_row_changes(shelf, pair, only=item_id):
        yield from tracker.tell(pair, row)


def _read_or_none(
    shelf: Shelf, manifest: Manifest | None, item_id: str
) -> tuple[Manifest, tuple[FieldChange, ...]] | None:
    row = None if manifest is None else read_item(shelf, manifest, item_id)
    return None if manifest is None or row is None else (manifest, tell_fields(row))
