"""A file of pages in shares of about one size, to be parsed at the same time."""

from __future__ import annotations

from pathlib import Path

from muniment.tables.parquet import open_parquet
from muniment.tables.schemas import PAGES


def split_pages(path: Path, *, share_bytes: int) -> list[tuple[int, ...]]:
    """Split the row groups of the file of pages at *path* into runs of at least *share_bytes* of bodies, in order.

    Raises:
        ParseError: the file is not a whole file of pages.
    """
    shares: list[tuple[int, ...]] = []
    share: list[int] = []
    waiting = 0
    for group, size in enumerate(_body_bytes(path)):
        share.append(group)
        waiting += size
        if waiting >= share_bytes:
            shares.append(tuple(share))
            share, waiting = [], 0
    return [*shares, tuple(share)] if share else shares


def list_holders(path: Path) -> list[str]:
    """List the snapshots, sorted, that hold bodies which the file of pages at *path* refers to.

    Raises:
        ParseError: the file is not a whole file of pages.
    """
    with open_parquet(path, PAGES) as file:
        holders = file.read(columns=["body_snapshot"])[0].unique().drop_null()
    return sorted(holders.to_pylist())


def _body_bytes(path: Path) -> list[int]:
    with open_parquet(path, PAGES) as file:
        groups = range(file.metadata.num_row_groups)
        sizes = [file.read_row_group(group, columns=["body_size"])[0] for group in groups]
    return [sum(size or 0 for size in column.to_pylist()) for column in sizes]
