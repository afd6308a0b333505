"""What a manifest says of a snapshot's pages, and which bodies they are: from the file's small columns alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from muniment.evidence.manifest import GapCount
from muniment.tables.pages_file import FLUSH_ROWS
from muniment.tables.parquet import read_batches
from muniment.tables.schemas import PAGES

SIMULATOR_HEADER = "x-platform-simulator"
_COLUMNS = ("purpose", "requested_at", "received_at", "body_snapshot", "response_headers", "gap_reason")


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
    gaps: Counter[tuple[str, str]] = Counter()
    reads: set[str] = set()
    pages, simulator = 0, False
    for batch in read_batches(path, PAGES, rows=FLUSH_ROWS, columns=list(_COLUMNS)):
        values = batch.to_pydict()
        pages += len(batch) - len(found := _gaps(values))
        gaps.update(found)
        asked += [moment for moment in values["requested_at"] if moment is not None]
        answered += [moment for moment in values["received_at"] if moment is not None]
        reads.update(holder for holder in values["body_snapshot"] if holder is not None)
        simulator = simulator or any(_is_simulator(headers) for headers in values["response_headers"])
    return PagesSummary(
        pages=pages,
        gaps=tuple(GapCount(purpose=key[0], reason=key[1], count=gaps[key]) for key in sorted(gaps)),
        began_at=min(asked, default=None),
        ended_at=max(answered, default=None),
        reads=frozenset(reads),
        simulator=simulator,
    )


def _gaps(values: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = zip(values["purpose"], values["gap_reason"], strict=True)
    return [(purpose, reason) for purpose, reason in pairs if reason is not None]


def _is_simulator(headers: list[dict[str, str]] | None) -> bool:
    return any(header["name"].lower() == SIMULATOR_HEADER for header in headers or ())


def read_body_index(path: Path, snapshot: str) -> dict[bytes, str]:
    """Map the SHA-256 of each body that the file knows to the snapshot that holds it.

    *snapshot* is the file's own.
    """
    index: dict[bytes, str] = {}
    for batch in read_batches(path, PAGES, rows=FLUSH_ROWS, columns=["body_sha256", "body_snapshot"]):
        for digest, holder in zip(batch[0].to_pylist(), batch[1].to_pylist(), strict=True):
            if digest is not None:
                index[digest] = holder or snapshot
    return index
