"""media.parquet: every medium that one capture asked for: its object in the volume, or its gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from itertools import islice
from pathlib import Path

import pyarrow as pa

from muniment.records.page import GapReason, MediaExchange
from muniment.tables.parquet import new_file, open_writer, read_batches
from muniment.tables.schemas import MEDIA

_BATCH_ROWS = 10_000


def write_media(path: Path, exchanges: Iterable[MediaExchange]) -> int:
    """Write *exchanges* in order and return how many there were. The file appears whole or not at all."""
    count, pending = 0, iter(exchanges)
    with new_file(path) as part, open_writer(part, MEDIA) as writer:
        while batch := [astuple(exchange) for exchange in islice(pending, _BATCH_ROWS)]:
            columns = zip(*batch, strict=True)
            arrays = [pa.array(column, field.type) for column, field in zip(columns, MEDIA, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=MEDIA))
            count += len(batch)
    return count


def read_media(path: Path) -> Iterator[MediaExchange]:
    """Yield the exchanges of the file at *path* in order.

    Raises:
        ParseError: the file is not a whole file of media.
    """
    names = [field.name for field in fields(MediaExchange)]
    for batch in read_batches(path, MEDIA, rows=_BATCH_ROWS):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            row = dict(zip(names, values, strict=True))
            reason = row["gap_reason"]
            yield MediaExchange(**row | {"gap_reason": None if reason is None else GapReason(reason)})
