"""What a manifest says of a snapshot's pages, from the file's small columns alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from muniment.evidence.manifest import GapCount
from muniment.tables.pages_file import FLUSH_ROWS, count_gaps, count_pages
from muniment.tables.parquet import read_batches
from muniment.tables.schemas import PAGES

SIMULATOR_HEADER = "x-platform-simulator"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesSummary:
    """How many pages and gaps, when they were asked for, whose bodies they point to, and whether a simulator answered.

    Times are aware UTC; None when there is no page.
    """

    pages: int
    gaps: tuple[GapCount, ...]
    began_at: datetime | None
    ended_at: datetime | None
    reads: frozenset[str]
    simulator: bool


def summarize_pages(path: Path) -> PagesSummary:
    """Summarize the file of pages at *path*.

    Raises:
        ParseError: the file is not a whole file of pages.
    """
    asked: list[datetime] = []
    answered: list[datetime] = []
    reads: set[str] = set()
    simulator = False
    columns = ["requested_at", "received_at", "body_snapshot", "response_headers"]
    for batch in read_batches(path, PAGES, rows=FLUSH_ROWS, columns=columns):
        values = batch.to_pydict()
        asked += [moment for moment in values["requested_at"] if moment is not None]
        answered += [moment for moment in values["received_at"] if moment is not None]
        reads.update(holder for holder in values["body_snapshot"] if holder is not None)
        simulator = simulator or any(_is_simulator(headers) for headers in values["response_headers"])
    return PagesSummary(
        pages=count_pages(path),
        gaps=count_gaps(path),
        began_at=min(asked, default=None),
        ended_at=max(answered, default=None),
        reads=frozenset(reads),
        simulator=simulator,
    )


def _is_simulator(headers: list[dict[str, str]] | None) -> bool:
    return any(header["name"].lower() == SIMULATOR_HEADER for header in headers or ())
