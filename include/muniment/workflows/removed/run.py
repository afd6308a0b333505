"""One run of probes of an account: ask, seal what came back, conclude, seal the rows, and tell what is found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from muniment.evidence.findings import Finding
from muniment.evidence.layout import PAGES, ROWS
from muniment.evidence.manifest import Manifest
from muniment.parsing.probe_answers import read_answers
from muniment.records.changes import Confidence
from muniment.records.names import AccountId
from muniment.records.page import Gap, Page
from muniment.records.probes import Answer, Question
from muniment.records.rows import ParsedPage, RemovalRow
from muniment.records.series import REMOVED_CONTENT, RowKind
from muniment.tables.pages_file import read_pages
from muniment.tables.removal_rows import read_removals
from muniment.tables.rows_file import StagingWriter
from muniment.tables.sealed_rows import seal_rows
from muniment.workflows.changes.compare import Shelf, open_shelf
from muniment.workflows.changes.listing import EVER
from muniment.workflows.connectors import ask_for_items
from muniment.workflows.findings_register import open_findings
from muniment.workflows.held_pages import fetch_holders
from muniment.workflows.history import read_manifest_or_none
from muniment.workflows.orders import Order, new_order
from muniment.workflows.removed.concluding import (
    Held,
    Unseen,
    count_states,
    list_contradicting,
    list_never_captured,
    list_unanswered,
    make_rows,
    read_held,
)
from muniment.workflows.removed.decisions import read_decisions
from muniment.workflows.removed.earlier import find_unread, list_runs, read_conclusions
from muniment.workflows.removed.leads import Listings, gather_leads
from muniment.workflows.removed.media import copy_media
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.snapshot import resume_orders
from muniment.workflows.staging import open_holders
from muniment.workflows.take_pages import PARQUET, take_pages
from muniment.workflows.wiring import Workplace

CHECK = "removed-content"
Json = dict[str, Any]


def probe_account(place: Workplace, account: AccountId, *, run_id: str, taken_at: datetime) -> Json:
    """Ask for what *account* no longer shows, and seal what came back and what is concluded; return counts.

    The same run seals the same once; what an earlier run began and did not end is ended first.
    Where there is nothing to ask, nothing is sealed.

    Raises:
        TooLateError: *taken_at* (aware) is more than a day past.
        CaptureError: the account's platform could not be asked; nothing is sealed.
        CustodyError: the store did not keep what it was given.
    """
    order = new_order(place.agency.id, account, REMOVED_CONTENT, run_id=run_id, taken_at=taken_at)
    for left in resume_orders(place, account, REMOVED_CONTENT, run_id=run_id, taken_at=taken_at):
        if left.snapshot != order.snapshot:
            _finish(place, left)
    return _finish(place, order)


def _finish(place: Workplace, order: Order) -> Json:
    manifest = read_manifest_or_none(place.vault, place.address(order))
    if manifest is None:
        _take(place, order)
        manifest = seal_snapshot(place, order)
    if manifest is None:
        return {"account": order.account, "snapshot": None, "asked": 0, "changes": {}, "verdict": None, "opened": []}
    return _tell(place, order, manifest)


def _take(place: Workplace, order: Order) -> None:
    """Seal the pages, media and rows of *order*, those of them that are not; nothing where nothing is to be asked."""
    address = place.address(order)
    if place.vault.find(address.key(ROWS)) is not None:
        return
    with open_shelf(place) as shelf:
        listings = _gather(place, order, shelf)
        held = read_held(place, shelf, list(listings.leads.values()), order)
        if place.vault.find(address.key(PAGES)) is None:
            questions = [Question(name, held[name].author_id) for name in sorted(held)]
            if not questions:
                return
            take_pages(place, order, ask=partial(ask_for_items, place, place.account(order.account), questions))
        _take_rows(place, order, listings, held)


def _gather(place: Workplace, order: Order, shelf: Shelf) -> Listings:
    latest = next(list_runs(place, order.account, before=order.snapshot), None)
    since = EVER if latest is None else find_unread(place, latest.address)
    decisions = read_decisions(place.vault)
    earlier = {
        name: (_decided(row, decisions), run)
        for name, (row, run) in read_conclusions(place, order.account, shelf.folder, before=order.snapshot).items()
    }
    return gather_leads(place, order, shelf, earlier, since=since)


def _decided(row: RemovalRow, decisions: Mapping[str, bool]) -> RemovalRow:
    """Return *row* as a person decided it: an outage told nothing, and its answers are no evidence."""
    if row.outage_snapshot is None or row.outage_snapshot not in decisions:
        return row
    outage = decisions[row.outage_snapshot]
    probes = [probe for probe in row.probes if not (outage and probe.snapshot == row.outage_snapshot)]
    return row._replace(probes=probes, outage_snapshot=None, confidence=Confidence.UNCONFIRMED)


def _take_rows(place: Workplace, order: Order, listings: Listings, held: Mapping[str, Held | Unseen]) -> None:
    address = place.address(order)
    with place.scratch(order) as folder:
        pages = folder / PAGES
        place.vault.download(address.key(PAGES), pages)
        answers = _read_answers(place, order, pages, held)
        known = {name: answer for name, answer in answers.items() if name in held}
        rows = make_rows(place, order, listings, held, known)
        seen = [one for row in rows if isinstance(one := held[row.item_id], Held)]
        copy_media(place, order, seen, folder)
        staging, out = folder / "staging.parquet", folder / ROWS
        with StagingWriter(staging, RowKind.REMOVALS, commits=True) as writer:
            writer.add(ParsedPage(list(rows), [], frozenset(), []))
        # A run tells of what it asked for: what it did not ask for is not gone from it.
        seal_rows(staging, out, kind=RowKind.REMOVALS, basis=None)
        place.vault.seal_file(address.key(ROWS), out, lock_until=place.locked_until(order), content_type=PARQUET)


def _read_answers(place: Workplace, order: Order, pages: Path, held: Mapping[str, Held | Unseen]) -> dict[str, Answer]:
    holders = fetch_holders(place.vault, place.address(order).volume, pages)
    authors = {name: one.author_id for name, one in held.items() if one.author_id}
    with open_holders(holders.__getitem__) as fetch_body:
        entries: list[Page | Gap] = list(read_pages(pages, fetch_body))
    return read_answers(entries, place.account(order.account).platform, authors)


def _tell(place: Workplace, order: Order, manifest: Manifest) -> Json:
    with place.scratch(order) as folder:
        place.vault.download(manifest.address.key(ROWS), folder / ROWS)
        rows = list(read_removals(folder / ROWS))
    opened = open_findings(place, _find(order, rows), check=CHECK)
    return {
        "account": order.account,
        "snapshot": manifest.snapshot,
        "asked": len(rows),
        "changes": count_states(rows),
        "verdict": manifest.verdict.outcome,
        "opened": opened,
    }


def _find(order: Order, rows: list[RemovalRow]) -> list[Finding]:
    """Return what a run found, by account and run and number; the items stand in the sealed rows."""
    subject = f"{order.account} {order.snapshot}"
    mass = [row for row in rows if row.confidence == Confidence.OUTAGE and row.outage_snapshot == order.snapshot]
    never = list(list_never_captured(rows))
    unanswered, contradicting = list(list_unanswered(rows)), list(list_contradicting(rows))
    found = (
        ("H001", mass, f"{len(mass)} of {len(rows)} items asked for vanished at once"),
        ("H002", never, f"{len(never)} of {len(rows)} items were removed before any capture had them"),
        ("H003", unanswered, f"{len(unanswered)} of {len(rows)} items could not be asked for"),
        ("H004", contradicting, f"{len(contradicting)} of {len(rows)} items are told of otherwise than before"),
    )
    return [Finding(code, subject, detail, len(items)) for code, items, detail in found if items]
