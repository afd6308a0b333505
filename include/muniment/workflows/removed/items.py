"""Items in full, as a snapshot lists them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from muniment.evidence.manifest import Manifest
from muniment.records.names import SeriesId
from muniment.records.rows import ItemRow
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, RowKind
from muniment.tables.parse_notes import ROW_SCHEMAS
from muniment.tables.removal_rows import find_named, list_answered, list_out_of_sight, read_items
from muniment.workflows.changes.compare import Shelf

_ANSWERED = frozenset({"item_id", "row_state", "reply_parent_id", "reply_root_id"})
_SEEN = frozenset({"item_id", "row_state", "visibility"})
_WHOLE = {RowKind.ITEMS: frozenset(ROW_SCHEMAS[RowKind.ITEMS].names)}


def read_listed(shelf: Shelf, listing: Manifest, ids: Collection[str]) -> Iterator[tuple[ItemRow, str]]:
    """Yield those of *ids* that the snapshot of *listing* lists, in full, each with the snapshot that holds it.

    Raises:
        ParseError: the rows cannot be read.
        CustodyError: they cannot be fetched.
    """
    rows = shelf.listing(listing, _WHOLE)
    return read_items(rows.rows, rows.holders, ids, snapshot=listing.snapshot, scratch=shelf.folder)


def list_hidden(shelf: Shelf, listing: Manifest) -> list[str]:
    """Return the ids of the items that the snapshot of *listing*, a baseline, shows as out of sight.

    Raises:
        ParseError: its rows cannot be read.
        CustodyError: they cannot be fetched.
    """
    return list_out_of_sight(shelf.rows(listing.address, _SEEN))


def find_never_listed(shelf: Shelf, latest: Mapping[SeriesId, Manifest]) -> set[str]:
    """Return what items of the account's own threads answer, and no listing of *latest*, posts and comments, names.

    Raises:
        ParseError: the rows cannot be read.
        CustodyError: they cannot be fetched.
    """
    paths = {series: shelf.rows(listing.address, _ANSWERED) for series, listing in latest.items()}
    answered = {series: list_answered(path) for series, path in paths.items()}
    parents = {parent for parent, root in answered[PUBLIC_COMMENTS] if parent != root}
    own = answered[OFFICIAL_POSTS]
    # What the account says in the threads of others answers what was never its own to capture.
    roots = find_named(paths[OFFICIAL_POSTS], {root for _, root in own if root})
    parents |= {parent for parent, root in own if root in roots}
    for path in paths.values():
        parents -= find_named(path, parents)
    return parents
