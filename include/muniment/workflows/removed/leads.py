"""What a run of probes asks for: what listings no longer show, or show as hidden, and what is not yet confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from muniment.changes.conclusions import APART, VANISHED, Sighting, is_due
from muniment.evidence.layout import taken_at_of
from muniment.evidence.manifest import Manifest
from muniment.records.agency import Agency
from muniment.records.changes import SILENT, Change, ChangeKind, Confidence, ItemState, Probe, Window
from muniment.records.names import SeriesId, SnapshotId, parse_instant
from muniment.records.rows import ItemKind, ItemRow, RemovalRow, Visibility
from muniment.records.schedule import DRILL
from muniment.records.series import PUBLIC_COMMENTS
from muniment.workflows.changes.compare import Shelf
from muniment.workflows.changes.listing import EVER, find_first, list_missing, make_pairs, tell_changes
from muniment.workflows.history import read_span
from muniment.workflows.orders import Order
from muniment.workflows.removed.earlier import LISTED, find_latest_listing
from muniment.workflows.removed.items import find_never_listed, list_hidden, read_listed
from muniment.workflows.wiring import Workplace

_ALWAYS = datetime.max.replace(tzinfo=UTC)
_DRILL_APART = timedelta(seconds=5)
_SHOWN = frozenset({ChangeKind.HIDDEN, ChangeKind.UNHIDDEN, ChangeKind.TAKEN_DOWN, ChangeKind.REAPPEARED})
OUT_OF_SIGHT = {Visibility.HIDDEN: ChangeKind.HIDDEN, Visibility.WITHHELD: ChangeKind.TAKEN_DOWN}
_CLOSED = frozenset({ChangeKind.HIDDEN, ChangeKind.AUTHOR_BLOCKED})
_OPEN = VANISHED | {ChangeKind.MISSING, ChangeKind.HIDDEN, ChangeKind.AUTHOR_BLOCKED}

Earlier = Mapping[str, tuple[RemovalRow, SnapshotId]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """An item to ask for: what listings showed of it, and what earlier runs were told and concluded."""

    item_id: str
    series: SeriesId
    sighting: Sighting
    seen: SnapshotId | None  # the last that listed it
    missing: SnapshotId | None  # the first that did not
    earlier: RemovalRow | None = None
    is_hidden: bool = False

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Return the answers of earlier runs."""
        return probes_of(self.earlier) if self.earlier is not None else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listings:
    """The latest accepted snapshot of each series, and how many items each lists."""

    latest: Mapping[SeriesId, Manifest]
    leads: Mapping[str, Lead] = field(default_factory=dict)


def apart_of(agency: Agency) -> timedelta:
    """Return how far apart two answers must be that confirm: a day, in a drill some seconds."""
    return _DRILL_APART if agency.schedule.jurisdiction == DRILL else APART


def probes_of(row: RemovalRow) -> tuple[Probe, ...]:
    """Return the answers that *row* tells of."""
    return tuple(
        Probe(
            asked_at=probe.asked_at,
            at=probe.at,
            state=ItemState(probe.state),
            snapshot=SnapshotId(probe.snapshot),
            page=probe.page,
        )
        for probe in row.probes
    )


def gather_leads(place: Workplace, order: Order, shelf: Shelf, earlier: Earlier, *, since: datetime = EVER) -> Listings:
    """Return what the run of *order* is to ask for, by item; *since*: when listings were last gone through.

    The listings are those taken by the order's instant, so that a run repeated asks for the same.

    Raises:
        ParseError: a rows file cannot be read.
        CustodyError: it cannot be fetched.
    """
    latest: dict[SeriesId, Manifest] = {}
    leads: dict[str, Lead] = {}
    for series in LISTED:
        listing = find_latest_listing(place, order.account, series, order.taken_at)
        if listing is None:
            continue
        latest[series] = listing
        for lead in _of_series(place, order, shelf, earlier, listing=listing, since=since):
            # An answer of the account itself stands in two series: it is asked for once.
            leads.setdefault(lead.item_id, lead)
    if latest.keys() >= set(LISTED):
        for name in sorted(find_never_listed(shelf, latest) - leads.keys() - earlier.keys()):
            never = Sighting(last_seen=None, unlisted=None, is_listed=False)
            leads[name] = Lead(item_id=name, series=PUBLIC_COMMENTS, sighting=never, seen=None, missing=None)
    return Listings(latest=latest, leads=leads)


def _of_series(
    place: Workplace, order: Order, shelf: Shelf, earlier: Earlier, *, listing: Manifest, since: datetime
) -> Iterator[Lead]:
    series, apart = listing.series, apart_of(place.agency)
    mine = {name: row for name, (row, _) in earlier.items() if row.series == series and row.change in _OPEN}
    fresh = tuple(read_span(place.vault, series, order.account, since=since, until=_ALWAYS))
    shown = _list_shown(place, listing, fresh)
    yield from _newly_missing(place, listing, earlier, shown, fresh)
    wanted = {*mine, *shown, *_hidden_at_first(place, shelf, listing, since)}
    listed = {row.item_id: row for row, _ in read_listed(shelf, listing, wanted)} if wanted else {}
    for name in sorted(wanted):
        row, before = listed.get(name), mine.get(name)
        if row is None:
            if before is not None and _is_still_open(before, order.taken_at, apart):
                yield _again(before, series)
        elif (lead := _listed_lead(row, before, listing, shown.get(name))) is not None:
            yield lead


def _newly_missing(
    place: Workplace, listing: Manifest, earlier: Earlier, shown: Mapping[str, Change], fresh: Iterable[Manifest]
) -> Iterator[Lead]:
    pairs = tuple(make_pairs(fresh))
    first_without = {pair.before.snapshot: pair.after.snapshot for pair in pairs}
    for change in list_missing(place, (pair for pair in pairs if pair.after.snapshot <= listing.snapshot)):
        before = earlier.get(change.item_id, (None, None))[0]
        if before is not None and _knows(before, change):
            continue
        yield Lead(
            item_id=change.item_id,
            series=listing.series,
            sighting=Sighting(
                last_seen=change.window.last_seen,
                unlisted=change.window.first_missing,
                is_listed=False,
                opened=_opened(before, shown.get(change.item_id)),
            ),
            seen=change.before,
            missing=first_without.get(change.before) if change.before else None,
            earlier=before,
        )


def _opened(earlier: RemovalRow | None, shown: Change | None) -> datetime | None:
    """Return when a listing last began that showed the item openly; None: the last that listed it did, if any."""
    if shown is not None:
        return shown.window.last_seen if shown.kind is ChangeKind.HIDDEN else None
    return earlier.last_seen_at if earlier is not None and earlier.change in _CLOSED else None


def _knows(earlier: RemovalRow, change: Change) -> bool:
    """Tell whether *earlier* was concluded of this very absence."""
    return earlier.change in _OPEN and earlier.seen_snapshot == change.before


def _list_shown(place: Workplace, listing: Manifest, fresh: Iterable[Manifest]) -> dict[str, Change]:
    ended = parse_instant(listing.ended_at)
    pairs = make_pairs(manifest for manifest in fresh if taken_at_of(manifest.snapshot) <= ended)
    found = tell_changes(place, pairs, kinds=_SHOWN)
    return {change.item_id: change for change in found if change.after is not None and change.after <= listing.snapshot}


def _hidden_at_first(place: Workplace, shelf: Shelf, listing: Manifest, since: datetime) -> list[str]:
    """Return what the very first capture already found out of sight: no later one tells that it changed."""
    first = find_first(place, listing.account, listing.series) if since == EVER else None
    return [] if first is None else list_hidden(shelf, first)


def _is_still_open(row: RemovalRow, now: datetime, apart: timedelta) -> bool:
    return row.confidence != Confidence.CONFIRMED and is_due(probes_of(row), now=now, apart=apart)


def _again(row: RemovalRow, series: SeriesId) -> Lead:
    """Return the lead of what was asked for before and is still missing."""
    return Lead(
        item_id=row.item_id,
        series=series,
        sighting=Sighting(
            last_seen=row.last_seen_at, unlisted=row.unlisted_at, is_listed=False, opened=_opened(row, None)
        ),
        seen=SnapshotId(row.seen_snapshot) if row.seen_snapshot else None,
        missing=SnapshotId(row.missing_snapshot) if row.missing_snapshot else None,
        earlier=row,
    )


def _listed_lead(row: ItemRow, earlier: RemovalRow | None, listing: Manifest, shown: Change | None) -> Lead | None:
    """Return the lead of what the latest listing has: out of sight, or back in it; None where nothing is new."""
    began = parse_instant(listing.began_at)
    lead = Lead(
        item_id=row.item_id,
        series=listing.series,
        sighting=Sighting(last_seen=began, unlisted=None, is_listed=True),
        seen=listing.snapshot,
        missing=None,
        earlier=earlier,
        is_hidden=row.visibility is Visibility.HIDDEN,
    )
    ended = parse_instant(listing.ended_at)
    kind = OUT_OF_SIGHT.get(row.visibility)
    if kind is not None:
        if earlier is not None and earlier.change in {kind, ChangeKind.AUTHOR_BLOCKED}:
            return _asked_in_vain(lead, earlier, kind)
        # Where no list ever had it in sight, it was hidden at some moment since it was written.
        return _with(lead, kind, Window(last_seen=min(row.published_at or began, began), first_missing=ended), shown)
    if earlier is None or earlier.change == ChangeKind.MISSING:
        return None  # it reappeared, and was never told to be gone
    if earlier.change not in _OPEN and shown is not None and shown.window.last_seen < earlier.first_missing_at:
        return None  # it was told to be back
    was_hidden = earlier.change == ChangeKind.HIDDEN
    was_hidden |= earlier.change not in _OPEN and shown is not None and shown.kind is ChangeKind.UNHIDDEN
    back = ChangeKind.UNHIDDEN if was_hidden else ChangeKind.REAPPEARED
    return _with(lead, back, Window(last_seen=earlier.first_missing_at, first_missing=ended), shown)


def _asked_in_vain(lead: Lead, earlier: RemovalRow, kind: ChangeKind) -> Lead | None:
    """Return *lead* of what *earlier* was told of as out of sight, by *kind*, where nobody has answered for it yet."""
    if earlier.change != kind or earlier.last_seen_at is None or earlier.probes[-1].state not in SILENT:
        return None
    # Whether its author is blocked, an answer alone tells: until one comes, it is asked for in each run.
    window = Window(last_seen=earlier.last_seen_at, first_missing=earlier.first_missing_at)
    return replace(
        lead,
        sighting=replace(lead.sighting, shown=kind, window=window),
        seen=SnapshotId(earlier.seen_snapshot) if earlier.seen_snapshot else lead.seen,
        missing=SnapshotId(earlier.missing_snapshot) if earlier.missing_snapshot else None,
    )


def _with(lead: Lead, kind: ChangeKind, window: Window, shown: Change | None) -> Lead:
    return replace(
        lead,
        sighting=replace(lead.sighting, shown=kind, window=window if shown is None else shown.window),
        seen=shown.before if shown is not None and shown.before is not None else lead.seen,
        missing=shown.after if shown is not None else None,
    )


def is_askable(row: ItemRow) -> bool:
    """Tell whether *row* is of what can be asked for by name: no profile, and no repost without an address."""
    return row.kind is not ItemKind.PROFILE and not row.item_id.startswith("repost:")
