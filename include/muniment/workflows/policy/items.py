"""The posts, comments and profiles of the latest accepted snapshots, read anew whenever they are asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muniment.evidence.layout import MANIFEST, MEDIA, ROWS, SnapshotAddress
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.policy.scene import ItemFact, ProfileFact, SnapshotFact
from muniment.records.names import AccountId, SnapshotId
from muniment.records.rows import ItemKind
from muniment.records.series import OFFICIAL_POSTS
from muniment.tables.item_scan import scan_items
from muniment.tables.media_file import read_media
from muniment.workflows.wiring import Workplace

COLUMNS = (
    "item_id",
    "kind",
    "url",
    "author_id",
    "author_handle",
    "published_at",
    "edited_at",
    "text",
    "reply_parent_id",
    "reply_root_id",
    "visibility",
    "links",
    "media",
    "author_name",
)
Media = dict[str, str | None]  # of each medium: its SHA-256, or None where it was not kept and a gap says why


@dataclass(frozen=True, slots=True)
class Held:
    """The files of one snapshot, fetched: its rows, those it points to, and what came of its media."""

    rows: Path
    holders: dict[str, Path]
    media: Media


def stream_items(place: Workplace, facts: Iterable[SnapshotFact]) -> Iterator[ItemFact]:
    """Yield every item that the snapshots of *facts* list, one at a time.

    Raises:
        ParseError: a rows file is not whole.
        CustodyError: it cannot be fetched.
    """
    for fact in facts:
        with tempfile.TemporaryDirectory(prefix="policy-", dir=_scratch(place)) as folder:
            yield from read_items(fact, _fetch(place, fact, Path(folder)), scratch=Path(folder))


def read_items(fact: SnapshotFact, held: Held, *, scratch: Path) -> Iterator[ItemFact]:
    """Yield every item of one snapshot whose files are fetched.

    Raises:
        ParseError: a rows file is not whole.
    """
    for batch in scan_items(held.rows, held.holders, COLUMNS, scratch=scratch):
        for row in batch:
            yield _item(fact, row, held.media)


def read_profiles(place: Workplace, facts: Iterable[SnapshotFact]) -> dict[AccountId, ProfileFact]:
    """Return what the profile of each account said in its snapshot among *facts*.

    Raises:
        ParseError: a rows file is not whole.
        CustodyError: it cannot be fetched.
    """
    found: dict[AccountId, ProfileFact] = {}
    for fact in facts:
        if fact.series != OFFICIAL_POSTS:
            continue
        with tempfile.TemporaryDirectory(prefix="policy-", dir=_scratch(place)) as folder:
            held = _fetch(place, fact, Path(folder))
            scanned = scan_items(held.rows, held.holders, COLUMNS, scratch=Path(folder), kind=ItemKind.PROFILE)
            for row in (row for batch in scanned for row in batch):
                found[fact.account] = _profile(fact, row, held.media)
    return found


def _scratch(place: Workplace) -> Path:
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place.settings.scratch


def _fetch(place: Workplace, fact: SnapshotFact, folder: Path) -> Held:
    manifest = parse_manifest(place.vault.read(fact.key))
    address = manifest.address
    rows = _download(place, address, ROWS, folder)
    holders: dict[str, Path] = {}
    for snapshot in manifest.reads:
        holders[snapshot] = _download(place, SnapshotAddress(address.volume, snapshot), ROWS, folder)
    media: Media = {}
    for snapshot in sorted(_with_media(place, manifest)):
        media |= _read_media(place, SnapshotAddress(address.volume, snapshot), folder)
    return Held(rows, holders, media)


def _download(place: Workplace, address: SnapshotAddress, name: str, folder: Path) -> Path:
    path = folder / f"{address.snapshot}-{name}"
    place.vault.download(address.key(name), path)
    return path


def _with_media(place: Workplace, manifest: Manifest) -> set[SnapshotId]:
    """Return the snapshots whose lists say what came of the media: this one asked for all that these do not have."""
    found = {manifest.snapshot, *manifest.reads}
    previous = manifest.previous
    if previous is not None and previous.volume == manifest.volume:
        before = SnapshotAddress(manifest.address.volume, previous.snapshot)
        found |= {previous.snapshot, *parse_manifest(place.vault.read(before.key(MANIFEST))).reads}
    return found


def _read_media(place: Workplace, address: SnapshotAddress, folder: Path) -> Media:
    if place.vault.find(address.key(MEDIA)) is None:
        return {}
    path = _download(place, address, MEDIA, folder)
    return {exchange.media_id: exchange.sha256 for exchange in read_media(path)}


def _item(fact: SnapshotFact, row: tuple[Any, ...], media: Media) -> ItemFact:
    refs = row[12] or ()
    kept = tuple(sha256 for ref in refs if (sha256 := media.get(ref)) is not None)
    missing = sum(1 for ref in refs if ref not in media)
    return ItemFact(
        account=fact.account,
        series=fact.series,
        snapshot=fact.snapshot,
        item_id=row[0],
        kind=row[1],
        url=row[2],
        author_id=row[3],
        author_handle=row[4],
        published_at=row[5],
        edited_at=row[6],
        text=row[7],
        reply_parent_id=row[8],
        reply_root_id=row[9],
        visibility=row[10],
        links=tuple(row[11] or ()),
        media=kept,
        media_explained=len(refs) - len(kept) - missing,
        media_missing=missing,
    )


def _profile(fact: SnapshotFact, row: tuple[Any, ...], media: Media) -> ProfileFact:
    item = _item(fact, row, media)
    return ProfileFact(
        account=fact.account,
        snapshot=fact.snapshot,
        key=fact.key,
        name=row[13],
        text=item.text,
        links=item.links,
        pictures=item.media,
        captured_at=fact.ended_at,
    )
