"""What a parser may know besides the page in its hand, and how it turns a page away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from muniment.errors import ParseError
from muniment.records.agency import Account
from muniment.records.names import SeriesId
from muniment.records.page import Page, Purpose
from muniment.records.rows import PageFault, ParsedPage

# Small pages of the same snapshot that other pages need: the last page of each of these purposes.
REFERENCE_PURPOSES = frozenset({Purpose.ACCOUNT, Purpose.DID_DOCUMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseContext:
    """The account and series a page was captured for, and the pages it is read beside.

    `reference` holds the snapshot's pages of `REFERENCE_PURPOSES`; `history` its pages of
    `Purpose.HISTORY` by subject, so that a post's row carries the post's earlier versions.
    """

    account: Account
    series: SeriesId
    reference: Mapping[Purpose, Page] = field(default_factory=dict)
    history: Mapping[str, Page] = field(default_factory=dict)


Parser = Callable[[Page, ParseContext], ParsedPage]


def parse_by_purpose(page: Page, context: ParseContext, readers: Mapping[Purpose, Parser]) -> ParsedPage:
    """Parse *page* by the reader of its purpose; what cannot be read becomes a fault, never an error."""
    try:
        return _reader(page, context, readers)(page, context)
    except ParseError as error:
        return ParsedPage([], [], frozenset(), [PageFault(page.sequence, "G001", str(error))])


def _reader(page: Page, context: ParseContext, readers: Mapping[Purpose, Parser]) -> Parser:
    if page.purpose not in readers:
        expected = ", ".join(sorted(readers))
        raise ParseError(f"{context.series}: expected pages of {expected}, found one of {page.purpose}")
    if page.status != 200:
        raise ParseError(f"{page.purpose} page: expected status 200, found {page.status}")
    return readers[page.purpose]
