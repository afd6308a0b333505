"""From the sealed pages of a run of probes to its rows: what each item was, and what is concluded of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from muniment.changes.conclusions import VANISHED, Conclusion, Sighting, conclude, is_mass
from muniment.changes.probing import judge_answer
from muniment.evidence.layout import SnapshotAddress, VolumeAddress
from muniment.evidence.manifest import Manifest
from muniment.records.changes import SILENT, Confidence, ItemState, Probe
from muniment.records.names import SeriesId, SnapshotId
from muniment.records.probes import Answer
from muniment.records.rows import ItemRow, ProbeRef, RemovalRow
from muniment.workflows.changes.compare import Shelf
from muniment.workflows.history import count_listed, list_volumes, read_manifest_or_none
from muniment.workflows.orders import Order
from muniment.workflows.removed.items import read_listed
from muniment.workflows.removed.leads import OUT_OF_SIGHT, Lead, Listings, apart_of, is_askable
from muniment.workflows.wiring import Workplace

NEVER_CAPTURED = "never-captured"
NOT_STATED = "not-stated"  # by the platform, when the item was captured
_BLANK: Mapping[str, Any] = dict.fromkeys(ItemRow._fields) | {"links": [], "media": [], "versions": []}


@dataclass(frozen=True, slots=True)
class Held:
    """An item as it was last seen, and the snapshot whose rows hold it in full."""

    row: ItemRow
    holder: str
    volume: VolumeAddress

    @property
    def author_id(self) -> str | None:
        """Return the author's id on the platform."""
        return self.row.author_id


@dataclass(frozen=True, slots=True)
class Unseen:
    """An item that is known by what answers it, and was never captured. On Bluesky its id names its author."""

    item_id: str

    @property
    def author_id(self) -> str | None:
        """Return the author's id on the platform, where the item's id holds it."""
        return self.item_id.split("/")[2] if self.item_id.startswith("at://did:") else None


def read_held(place: Workplace, shelf: Shelf, leads: Collection[Lead], order: Order) -> dict[str, Held | Unseen]:
    """Return, by item, what was last seen of each of *leads* that can be asked for.

    Raises:
        ParseError: the rows cannot be read.
        CustodyError: they cannot be fetched.
    """
    wanted: dict[tuple[SeriesId, SnapshotId], list[str]] = {}
    for lead in leads:
        if lead.seen is not None:
            wanted.setdefault((lead.series, lead.seen), []).append(lead.item_id)
    found: dict[str, Held] = {}
    for (series, seen), ids in wanted.items():
        listing = _find_manifest(place, order, series, seen)
        if listing is not None:
            volume = listing.address.volume
            found |= {row.item_id: Held(row, holder, volume) for row, holder in read_listed(shelf, listing, ids)}
    asked: dict[str, Held | Unseen] = {name: held for name, held in found.items() if is_askable(held.row)}
    return asked | {lead.item_id: Unseen(lead.item_id) for lead in leads if lead.seen is None}


def _find_manifest(place: Workplace, order: Order, series: SeriesId, snapshot: SnapshotId) -> Manifest | None:
    for volume in list_volumes(place.vault, series, order.account):
        manifest = read_manifest_or_none(place.vault, SnapshotAddress(volume, snapshot))
        if manifest is not None:
            return manifest
    return None


def make_rows(
    place: Workplace, order: Order, listings: Listings, held: Mapping[str, Held | Unseen], answers: Mapping[str, Answer]
) -> list[RemovalRow]:
    """Return a row for each item that was asked for, by id.

    One of very many that vanished at once is marked so: a person decides whether it was an outage.
    """
    rows = [_make_row(place, order, listings.leads[name], held[name], answers[name]) for name in sorted(answers)]
    fresh = Counter(row.series for row, since in rows if since == order.snapshot)
    listed = {series: count_listed(manifest) for series, manifest in listings.latest.items()}
    mass = {series for series, count in fresh.items() if is_mass(count, listed.get(SeriesId(series), 0))}
    return [_mark(row, order) if row.series in mass and since == order.snapshot else row for row, since in rows]


def _mark(row: RemovalRow, order: Order) -> RemovalRow:
    return row._replace(confidence=Confidence.OUTAGE, outage_snapshot=order.snapshot)


def _make_row(
    place: Workplace, order: Order, lead: Lead, held: Held | Unseen, answer: Answer
) -> tuple[RemovalRow, SnapshotId | None]:
    """Return the row of *lead*, and the run in which the item was first told to have vanished."""
    probe = Probe(
        asked_at=answer.asked_at,
        at=answer.at,
        state=judge_answer(answer, is_hidden=lead.is_hidden),
        snapshot=order.snapshot,
        page=answer.page,
    )
    probes = (*lead.probes, probe)
    told = conclude(_sighting(lead, held), probes, asked_at=answer.at, apart=apart_of(place.agency))
    since = told.since.snapshot if told.since is not None and told.kind in VANISHED else None
    outage = lead.earlier.outage_snapshot if lead.earlier is not None else None
    row = _row_of(lead, held, told, probes)
    if outage is not None and since == outage:
        row = row._replace(confidence=Confidence.OUTAGE, outage_snapshot=outage)
    return row, since


def _sighting(lead: Lead, held: Held | Unseen) -> Sighting:
    sighting = lead.sighting
    if sighting.opened is None and isinstance(held, Held) and held.row.visibility in OUT_OF_SIGHT:
        # No listing is known to have shown it openly: it was out of sight at some moment since it was written.
        return replace(sighting, opened=held.row.published_at)
    return sighting


def _row_of(lead: Lead, held: Held | Unseen, told: Conclusion, probes: tuple[Probe, ...]) -> RemovalRow:
    shown = held.row._asdict() if isinstance(held, Held) else {**_BLANK, "item_id": held.item_id}
    was_seen = lead.seen is not None or any(one.state is ItemState.PRESENT for one in probes)
    # An earlier answer that told otherwise of it begins the window too.
    was_seen |= told.since is not None and told.window.last_seen < told.since.asked_at
    known = shown["published_at"] is not None and held.author_id
    reason = NOT_STATED if isinstance(held, Held) else NEVER_CAPTURED
    return RemovalRow(
        **{**shown, "author_id": held.author_id},
        series=lead.series,
        change=told.kind,
        state=told.state,
        confidence=told.confidence,
        last_seen_at=told.window.last_seen if was_seen else None,
        first_missing_at=told.window.first_missing,
        unlisted_at=lead.sighting.unlisted,
        seen_snapshot=lead.seen,
        missing_snapshot=lead.missing,
        item_snapshot=held.holder if isinstance(held, Held) else None,
        outage_snapshot=None,
        unavailable_reason=None if known else reason,
        probes=[ProbeRef(one.asked_at, one.at, one.state, one.snapshot, one.page) for one in probes],
    )


def count_states(rows: Iterable[RemovalRow]) -> dict[str, int]:
    """Count *rows* by what is concluded, and how many have no answer."""
    counted = Counter(row.change for row in rows)
    return dict(sorted(counted.items()))


def list_unanswered(rows: Iterable[RemovalRow]) -> Iterator[RemovalRow]:
    """Yield those of *rows* that could not be asked for, or whose platform refused to say."""
    yield from (row for row in rows if row.probes[-1].state in SILENT)


def list_contradicting(rows: Iterable[RemovalRow]) -> Iterator[RemovalRow]:
    """Yield those of *rows* that were told of twice, and differently."""
    for row in rows:
        told = [probe.state for probe in row.probes if probe.state not in SILENT]
        if len(told) > 1 and told[-1] != told[-2]:
            yield row


def list_never_captured(rows: Iterable[RemovalRow]) -> Iterator[RemovalRow]:
    """Yield those of *rows* that vanished before any capture had them."""
    vanished = {kind.value for kind in VANISHED}
    yield from (row for row in rows if row.unavailable_reason == NEVER_CAPTURED and row.change in vanished)
