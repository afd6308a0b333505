"""Seal: judge the rows, and write the manifest that makes a snapshot whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from muniment import __version__
from muniment.capture.platforms import connector_for
from muniment.capture.probes import prober_for
from muniment.errors import ObjectMissingError
from muniment.evidence.layout import MANIFEST, MEDIA, PAGES, ROWS, SnapshotAddress
from muniment.evidence.manifest import (
    DeclaredCount,
    GapCount,
    Manifest,
    Origin,
    Previous,
    SealedObject,
    Verdict,
)
from muniment.evidence.row_commitment import Commitment
from muniment.evidence.row_fields import SCHEME
from muniment.parsing.platforms import PARSER_VERSIONS
from muniment.records.names import SnapshotId, format_instant
from muniment.records.series import OFFICIAL_POSTS, REMOVED_CONTENT, row_kind
from muniment.tables.media_file import read_media
from muniment.tables.metrics import MEASURED, Circumstances, measure
from muniment.tables.pages_summary import PagesSummary, summarize_pages
from muniment.tables.parse_notes import ROW_SCHEMAS, ParseNotes, read_parse_notes
from muniment.tables.row_commitments import read_commitment
from muniment.tables.schemas import schema_name
from muniment.tables.some_columns import copy_columns
from muniment.validation.judge import judge, judge_at_hand
from muniment.workflows.held_pages import read_profile_or_none
from muniment.workflows.history import count_listed, find_accepted, find_previous, read_manifest_or_none
from muniment.workflows.holds.new_snapshots import hold_new
from muniment.workflows.orders import Order
from muniment.workflows.wiring import Workplace


def seal_snapshot(place: Workplace, order: Order) -> Manifest | None:
    """Judge and seal the snapshot of *order*; return its manifest, or None when it has no rows yet.

    Where an open matter covers it, it is held at once.

    Raises:
        ParseError: a sealed object cannot be read back as what it should be.
        CustodyError: the store did not keep what it was given.
    """
    address = place.address(order)
    done = read_manifest_or_none(place.vault, address)
    if done is not None:
        hold_new(place, address, done)  # what was interrupted between the sealing and the holding
        return done
    if place.vault.find(address.key(ROWS)) is None:
        return None
    with place.scratch(order) as folder, judge_at_hand():
        manifest = _build_manifest(place, order, folder)
    place.vault.seal_bytes(
        address.key(MANIFEST),
        manifest.to_bytes(),
        lock_until=place.locked_until(order),
        content_type="application/json",
    )
    hold_new(place, address, manifest)
    return manifest


def _build_manifest(place: Workplace, order: Order, folder: Path) -> Manifest:
    address, kind = place.address(order), row_kind(order.series)
    pages = summarize_pages(_download(place, address, PAGES, folder))
    rows = folder / ROWS
    size, read = place.vault.open_ranges(address.key(ROWS))
    copy_columns(read, size, rows, MEASURED[kind])
    notes, schema = read_parse_notes(rows, kind), schema_name(ROW_SCHEMAS[kind])
    committed = read_commitment(rows, schema)
    previous = find_previous(place.vault, address)
    return Manifest(
        agency=order.agency,
        zone=place.agency.zone,
        series=order.series,
        account=order.account,
        volume=address.volume.volume,
        snapshot=address.snapshot,
        began_at=format_instant(pages.began_at or order.taken_at),
        ended_at=format_instant(pages.ended_at or order.taken_at),
        sealed_at=format_instant(place.clock()),
        origin=_origin(place, order, pages),
        scope=_scope(order),
        pages=pages.pages,
        rows=notes.rows,
        row_schema=schema,
        commitment=Commitment(scheme=SCHEME, rows=committed.rows, root=committed.root.hex()),
        declared=tuple(
            DeclaredCount(what=total.what, declared=total.number, captured=total.captured) for total in notes.declared
        ),
        gaps=pages.gaps + _media_gaps(place, address, folder),
        verdict=_judge(place, order, folder, pages),
        retention=place.retention(order),
        objects=_objects(place, address, folder),
        reads=_reads(notes, pages, frozenset(_media_holders(place, address, notes, folder))),
        previous=_link(previous),
    )


def _scope(order: Order) -> str:
    if order.series == REMOVED_CONTENT:
        return f"what {order.account} once showed and no longer did, asked for by name"
    return f"all of {order.series} that {order.account} showed"


def _reads(notes: ParseNotes, pages: PagesSummary, holders: frozenset[str]) -> tuple[SnapshotId, ...]:
    return tuple(SnapshotId(snapshot) for snapshot in sorted({*notes.reads, *pages.reads, *holders}))


def _media_holders(place: Workplace, address: SnapshotAddress, notes: ParseNotes, folder: Path) -> Iterator[SnapshotId]:
    """Yield the snapshots that took media which are not taken again: a copy of this one needs them."""
    if notes.previous is None:
        return
    basis = read_manifest_or_none(place.vault, SnapshotAddress(address.volume, SnapshotId(notes.previous)))
    for snapshot in (SnapshotId(notes.previous), *(basis.reads if basis else ())):
        holder = SnapshotAddress(address.volume, snapshot)
        if place.vault.find(holder.key(MEDIA)) is not None:
            path = folder / f"{snapshot}-{MEDIA}"
            place.vault.download(holder.key(MEDIA), path)
            if any(line.sha256 for line in read_media(path)):
                yield snapshot


def _link(previous: Manifest | None) -> Previous | None:
    if previous is None:
        return None
    return Previous(volume=previous.volume, snapshot=previous.snapshot, manifest_sha256=previous.sha256())


def _origin(place: Workplace, order: Order, pages: PagesSummary) -> Origin:
    account = place.account(order.account)
    is_probe = order.series == REMOVED_CONTENT
    connector = prober_for(account.platform) if is_probe else connector_for(account.platform, order.series)
    return Origin(
        platform=account.platform.value,
        address=account.address,
        api=account.api,
        api_version=connector.api_version,
        connector=connector.label,
        parser=PARSER_VERSIONS[account.platform],
        software=f"muniment {__version__}",
        run_id=order.run_id,
        simulator=pages.simulator,
    )


def _judge(place: Workplace, order: Order, folder: Path, pages: PagesSummary) -> Verdict:
    address = place.address(order)
    before = find_accepted(place.vault, address)
    profile = read_profile_or_none(place, order, folder / PAGES, folder)
    opened = profile.published_at if profile else None
    own = {profile.author_id} if profile and profile.author_id else set()
    metrics = measure(
        folder / ROWS,
        folder / PAGES,
        kind=row_kind(order.series),
        against=Circumstances(
            captured_until=pages.ended_at or order.taken_at,
            account_opened_at=opened,
            previous_total=count_listed(before) if before else None,
            profile_id=profile.item_id if profile else None,
            official_authors=frozenset(own) if own and order.series == OFFICIAL_POSTS else None,
        ),
        gaps=sum(gap.count for gap in _media_gaps(place, address, folder)),
    )
    return judge(order.series, metrics)


def _objects(place: Workplace, address: SnapshotAddress, folder: Path) -> tuple[SealedObject, ...]:
    found = [place.vault.find(address.key(name)) for name in (PAGES, MEDIA, ROWS)]
    for sha256 in sorted(_media_hashes(place, address, folder)):
        sealed = place.vault.find(address.volume.media_key(sha256))
        if sealed is None:
            raise ObjectMissingError(f"{address.volume.media_key(sha256)}: expected a medium, found no object")
        found.append(sealed)
    return tuple(sealed for sealed in found if sealed is not None)


def _media_hashes(place: Workplace, address: SnapshotAddress, folder: Path) -> set[str]:
    if place.vault.find(address.key(MEDIA)) is None:
        return set()
    return {exchange.sha256 for exchange in read_media(_download(place, address, MEDIA, folder)) if exchange.sha256}


def _media_gaps(place: Workplace, address: SnapshotAddress, folder: Path) -> tuple[GapCount, ...]:
    if place.vault.find(address.key(MEDIA)) is None:
        return ()
    reasons = [item.gap_reason for item in read_media(_download(place, address, MEDIA, folder)) if item.gap_reason]
    return tuple(
        GapCount(purpose="media", reason=reason.value, count=reasons.count(reason)) for reason in sorted(set(reasons))
    )


def _download(place: Workplace, address: SnapshotAddress, name: str, folder: Path) -> Path:
    path = folder / name
    if not path.exists():
        place.vault.download(address.key(name), path)
    return path
