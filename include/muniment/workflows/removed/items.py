"""Items in full, as a snapshot lists them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from muniment.evidence.manifest import Manifest
from muniment.records.rows import ItemRow
from muniment.records.series import RowKind
from muniment.tables.parse_notes import ROW_SCHEMAS
from muniment.tables.removal_rows import list_out_of_sight, read_items
from muniment.workflows.changes.compare import Shelf

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
