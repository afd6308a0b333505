"""The columns of a series' rows: what is kept of a person or an item, field by field."""

from __future__ import annotations

from muniment.records.names import SeriesId
from muniment.records.rows import ItemRow, RemovalRow, SubscriberRow
from muniment.records.series import RowKind, row_kind

_COLUMNS = {
    RowKind.ITEMS: ItemRow._fields,
    RowKind.SUBSCRIBERS: SubscriberRow._fields,
    RowKind.REMOVALS: RemovalRow._fields,
}


def columns_of(series: SeriesId) -> tuple[str, ...]:
    """Return the names of the columns that a row of *series* fills, in their order."""
    return _COLUMNS[row_kind(series)]
