"""The posts, comments and profiles of the latest accepted snapshots, read anew whenever they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from muniment.policy.scene import ItemFact, ProfileFact, SnapshotFact
from muniment.records.names import AccountId
from muniment.records.rows import ItemKind
from muniment.records.series import OFFICIAL_POSTS
from muniment.tables.item_scan import scan_items
from muniment.workflows.policy.shelf import Held, Media, Shelf
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


def stream_items(place: Workplace, facts: Iterable[SnapshotFact], *, shelf: Shelf | None = None) -> Iterator[ItemFact]:
    """Yield every item that the snapshots of *facts* list, one at a time; their files stay on *shelf*, where given.

    Raises:
        ParseError: a rows file is not whole.
        CustodyError: it cannot be fetched.
    """
    shelf = shelf or Shelf(place)
    for fact in facts:
        yield from read_items(fact, shelf.fetch(fact), scratch=shelf.folder)


def read_items(fact: SnapshotFact, held: Held, *, scratch: Path) -> Iterator[ItemFact]:
    """Yield every item of one snapshot whose files are fetched.

    Raises:
        ParseError: a rows file is not whole.
    """
    for batch in scan_items(held.rows, held.holders, COLUMNS, scratch=scratch):
        for row in batch:
            yield _item(fact, row, held.media)


def read_profiles(
    place: Workplace, facts: Iterable[SnapshotFact], *, shelf: Shelf | None = None
) -> dict[AccountId, ProfileFact]:
    """Return what the profile of each account said in its snapshot among *facts*.

    Raises:
        ParseError: a rows file is not whole.
        CustodyError: it cannot be fetched.
    """
    shelf, found = shelf or Shelf(place), dict[AccountId, ProfileFact]()
    for fact in facts:
        if fact.series != OFFICIAL_POSTS:
            continue
        held = shelf.fetch(fact)
        scanned = scan_items(held.rows, held.holders, COLUMNS, scratch=shelf.folder, kind=ItemKind.PROFILE)
        for row in (row for batch in scanned for row in batch):
            found[fact.account] = _profile(fact, row, held.media)
    return found


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
