"""Turn sealed pages into staged rows: in the task's own process, or a share of them in a worker.

Nothing here talks to the store, so that a worker starts in a third of a second.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from muniment.parsing.context import REFERENCE_PURPOSES, ParseContext
from muniment.parsing.platforms import PARSERS
from muniment.records.agency import Account
from muniment.records.names import SeriesId
from muniment.records.page import Gap, Page, Purpose
from muniment.records.rows import ItemRow, MediaRef, ParsedPage
from muniment.records.series import row_kind
from muniment.tables.ahead import read_ahead
from muniment.tables.held_bodies import HeldBodies
from muniment.tables.pages_file import FetchBody, read_pages
from muniment.tables.rows_file import StagingWriter

# Parses the pages of some row groups, or of all (None), into a file, and returns the media that their rows show.
Stage = Callable[[Path, Sequence[int] | None], dict[str, MediaRef]]

_BESIDE = REFERENCE_PURPOSES | {Purpose.HISTORY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A capture's pages on this machine: whose, where, and the pages of the snapshots that hold their other bodies.

    With *commits*, its rows are committed to as they are staged: right for a baseline, whose rows are sealed so.
    """

    account: Account
    series: SeriesId
    pages: Path
    holders: Mapping[str, Path]
    commits: bool = False


@contextmanager
def open_reading(reading: Reading, *, threads: bool = True) -> Iterator[Stage]:
    """Lend what stages *reading*, and keep open what every part of it is read beside.

    With *threads*, pages are read ahead and rows written behind: sooner done on a core to spare,
    for a tenth more work.

    Raises:
        ParseError: a file is not whole, or a row does not fit its columns.
        ChecksumError: a body is not the one that its hash names.
    """
    with open_holders(reading.holders.__getitem__) as fetch_body:
        context = read_context(reading.account, reading.series, reading.pages, fetch_body)

        def stage(staging: Path, groups: Sequence[int] | None) -> dict[str, MediaRef]:
            pages = read_pages(reading.pages, fetch_body, groups=groups)
            rows = StagingWriter(staging, row_kind(reading.series), threads=threads, commits=reading.commits)
            with _without_collector(), rows as writer:
                return _parse(read_ahead(pages) if threads else pages, context, writer)

        yield stage


def _parse(pages: Iterator[Page | Gap], context: ParseContext, writer: StagingWriter) -> dict[str, MediaRef]:
    parser = PARSERS[context.account.platform, context.series]
    media: dict[str, MediaRef] = {}
    for page in pages:
        if isinstance(page, Page):
            parsed = parser(page, context)
            writer.add(parsed)
            _note_media(parsed, media)
    return media


def _note_media(parsed: ParsedPage, media: dict[str, MediaRef]) -> None:
    for row in parsed.rows:
        if isinstance(row, ItemRow) and row.media:
            media.update((medium.media_id, medium) for medium in row.media)


@contextmanager
def _without_collector() -> Iterator[None]:
    # Rows hold no cycles, and looking for some in each page of them takes a fifth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def read_context(account: Account, series: SeriesId, pages: Path, fetch_body: FetchBody) -> ParseContext:
    """Read the small pages of the file *pages* that a parser needs beside the page in its hand."""
    beside = [page for page in read_pages(pages, fetch_body, purposes=_BESIDE) if isinstance(page, Page)]
    return ParseContext(
        account=account,
        series=series,
        reference={page.purpose: page for page in beside if page.purpose in REFERENCE_PURPOSES},
        history={page.subject: page for page in beside if page.purpose is Purpose.HISTORY and page.subject},
    )


@contextmanager
def open_holders(find_pages: Callable[[str], Path]) -> Iterator[FetchBody]:
    """Lend a function that finds a body by the snapshot that holds it and its hash.

    *find_pages* is asked once for the file of pages of each such snapshot.
    """
    with ExitStack() as stack:
        opened: dict[str, HeldBodies] = {}

        def fetch_body(snapshot: str, digest: bytes) -> bytes:
            if snapshot not in opened:
                opened[snapshot] = stack.enter_context(HeldBodies(find_pages(snapshot)))
            return opened[snapshot].find(digest)

        yield fetch_body
