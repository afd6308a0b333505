"""List what happened to the items of an account and series from snapshot to snapshot, and what is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from muniment.changes.differences import (
    SaidRow,
    tell_appeared,
    tell_changed,
    tell_counters,
    tell_reappeared,
    window_since_written,
)
from muniment.changes.windows import pair_accepted
from muniment.errors import ConfigurationError
from muniment.evidence.manifest import Manifest
from muniment.records.changes import Change, ChangeKind, Confidence, FieldChange, Window
from muniment.records.names import AccountId, SeriesId, SnapshotId
from muniment.records.rows import RowState
from muniment.records.series import row_kind
from muniment.tables.row_changes import TOLD, RowChange
from muniment.workflows.changes.compare import (
    Pair,
    Shelf,
    list_counters,
    list_differences,
    list_row_changes,
    open_shelf,
)
from muniment.workflows.history import list_pairs as list_held
from muniment.workflows.history import list_snapshots, list_volumes, read_manifest_or_none, read_span
from muniment.workflows.wiring import Workplace

EVER = datetime.min.replace(tzinfo=UTC)
# What is told unless it is asked for otherwise: counters move everywhere all the time.
USUAL = frozenset(ChangeKind) - {ChangeKind.COUNTERS_MOVED}


def list_changes(
    place: Workplace,
    account: AccountId,
    series: SeriesId,
    *,
    since: datetime,
    until: datetime,
    kinds: Collection[ChangeKind] | None = None,
) -> Iterator[Change]:
    """Yield what happened between the accepted snapshots taken in [*since*, *until*), in their order.

    The last one before *since* is the basis of the first. A snapshot whose counts show no change
    is not opened, unless *kinds* ask for moved counters, which they must do by name.

    Raises:
        ParseError: a rows file cannot be read.
        CustodyError: it cannot be fetched.
        ManifestError: a manifest is not of its specified form.
    """
    return tell_changes(place, list_pairs(place, account, series, since=since, until=until), kinds=kinds)


def tell_changes(
    place: Workplace, pairs: Iterable[Pair], *, kinds: Collection[ChangeKind] | None = None
) -> Iterator[Change]:
    """Yield what happened between the snapshots of *pairs*, which are in their order; as `list_changes`."""
    wanted = USUAL if kinds is None else frozenset(kinds)
    tracker = Tracker()
    with open_shelf(place) as shelf:
        for pair in pairs:
            found = [] if pair.is_same else list_row_changes(shelf, pair)
            changes = (change for row in found for change in tracker.tell(pair, row))
            yield from (change for change in changes if change.kind in wanted)
            if ChangeKind.COUNTERS_MOVED in wanted:
                yield from _tell_counters(shelf, pair)


def list_missing(place: Workplace, pairs: Iterable[Pair]) -> tuple[Change, ...]:
    """Return the items that one of *pairs* lists and its last snapshot does not, by id, each with its last listing.

    What went missing before the first of them is left out; so is what the vault no longer holds.

    Raises:
        ParseError: a rows file cannot be read.
        CustodyError: it cannot be fetched.
    """
    missing: dict[str, Change] = {}
    with open_shelf(place) as shelf:
        for pair in pairs:
            for item_id, state in [] if pair.is_same else list_differences(shelf, pair):
                if state == RowState.GONE:
                    missing[item_id] = tell_missing(pair, item_id)
                elif state == RowState.NEW:
                    missing.pop(item_id, None)
    return tuple(missing[item_id] for item_id in sorted(missing))


def list_pairs(
    place: Workplace, account: AccountId, series: SeriesId, *, since: datetime, until: datetime
) -> Iterator[Pair]:
    """Yield each accepted snapshot taken in [*since*, *until*) with the one before it.

    Raises:
        ManifestError: a manifest is not of its specified form.
    """
    return make_pairs(read_span(place.vault, series, account, since=since, until=until))


def make_pairs(manifests: Iterable[Manifest]) -> Iterator[Pair]:
    """Yield each accepted snapshot of *manifests*, which are of one account and series, with the one before it."""
    return (Pair(before, after) for before, after in pair_accepted(manifests))


def choose_pairs(place: Workplace, *, account: str | None, series: str | None) -> list[tuple[AccountId, SeriesId]]:
    """Return each account and series of the vault whose snapshots are compared, those named where they are.

    Raises:
        ConfigurationError: the vault holds nothing of an account or series by that name.
    """
    held = [pair for pair in list_held(place.vault) if row_kind(pair[1]) in TOLD]
    for what, name, known in (("account", account, {a for a, _ in held}), ("series", series, {s for _, s in held})):
        if name is not None and name not in known:
            expected = f"one of which there are captures ({', '.join(sorted(known)) or 'none yet'})"
            raise ConfigurationError(f"{what}: expected {expected}, found {name!r}")
    chosen = [pair for pair in held if account in (None, pair[0]) and series in (None, pair[1])]
    if not chosen and account is not None and series is not None:
        raise ConfigurationError(f"{account}: expected captures of {series}, found none")
    return chosen


def find_first(place: Workplace, account: AccountId, series: SeriesId) -> Manifest | None:
    """Return the first accepted snapshot that the vault holds, or None."""
    for volume in reversed(list_volumes(place.vault, series, account)):
        for address in reversed(list_snapshots(place.vault, volume)):
            manifest = read_manifest_or_none(place.vault, address)
            if manifest is not None and manifest.verdict.outcome == "accepted":
                return manifest
    return None


def tell_missing(pair: Pair, item_id: str) -> Change:
    """Return that *item_id* is listed in the earlier snapshot of *pair* and not in the later."""
    return _change(pair, item_id, ChangeKind.MISSING, before=pair.before.snapshot)


@dataclass(frozen=True, slots=True)
class Absent:
    """An item that is not listed now: the last snapshot that listed it, when that one began, what it said there."""

    snapshot: SnapshotId
    last_seen: datetime
    said: SaidRow


@dataclass(slots=True)
class Tracker:
    """Where each item that is missing now was last listed, of those seen so far."""

    missing: dict[str, Absent] = field(default_factory=dict)

    def tell(self, pair: Pair, row: RowChange) -> Iterator[Change]:
        """Yield what happened to the item of *row* between the two of *pair*, which are told in their order."""
        if row.after is None:
            self.missing[row.item_id] = Absent(pair.before.snapshot, pair.window.last_seen, row.before or {})
            yield tell_missing(pair, row.item_id)
        elif row.before is not None:
            for kind, fields in tell_changed(row.before, row.after):
                yield _change(pair, row.item_id, kind, before=pair.before.snapshot, fields=fields)
        elif (absent := self.missing.pop(row.item_id, None)) is not None:
            yield from _tell_again(pair, row.item_id, absent, row.after)
        else:
            yield from _tell_first(pair, row.item_id, row.after)


def _tell_first(pair: Pair, item_id: str, after: SaidRow) -> Iterator[Change]:
    for kind, fields in tell_appeared(after, pair.window):
        told = _change(pair, item_id, kind, before=None, fields=fields)
        is_state = kind not in (ChangeKind.APPEARED, ChangeKind.EDITED)
        yield replace(told, window=window_since_written(after, pair.window)) if is_state else told


def _tell_again(pair: Pair, item_id: str, absent: Absent, after: SaidRow) -> Iterator[Change]:
    since = Window(last_seen=absent.last_seen, first_missing=pair.window.first_missing)
    for kind, fields in tell_reappeared(absent.said, after):
        told = _change(pair, item_id, kind, before=absent.snapshot, fields=fields)
        # What it says otherwise it may have said at any moment since it was last listed.
        yield told if kind is ChangeKind.REAPPEARED else replace(told, window=since)


def _tell_counters(shelf: Shelf, pair: Pair) -> Iterable[Change]:
    for moved in list_counters(shelf, pair):
        fields = tell_counters(moved.before, moved.after)
        yield _change(
            pair,
            moved.item_id,
            ChangeKind.COUNTERS_MOVED,
            before=pair.before.snapshot,
            fields=fields,
        )


def _change(
    pair: Pair,
    item_id: str,
    kind: ChangeKind,
    *,
    before: SnapshotId | None,
    fields: tuple[FieldChange, ...] = (),
) -> Change:
    return Change(
        account=pair.after.account,
        series=pair.after.series,
        item_id=item_id,
        kind=kind,
        window=pair.window,
        confidence=Confidence.UNCONFIRMED if kind is ChangeKind.MISSING else Confidence.SEEN,
        before=before,
        after=None if kind is ChangeKind.MISSING else pair.after.snapshot,
        fields=fields,
    )
