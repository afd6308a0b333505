"""The record series that Muniment knows how to fill.

A series is records kept under one rule. Its slug is the same in every jurisdiction; the
row of the agency's schedule that governs it is named in the agency's ``retention.yaml``.
"""

from __future__ import annotations

from enum import StrEnum

from muniment.records.names import SeriesId

OFFICIAL_POSTS = SeriesId("official-posts")
REFLECTED_POSTS = SeriesId("reflected-posts")
PUBLIC_COMMENTS = SeriesId("public-comments")
HELD_COMMUNICATIONS = SeriesId("held-communications")
REMOVED_CONTENT = SeriesId("removed-content")
SUBSCRIBER_LISTS = SeriesId("subscriber-lists")
DIRECT_MESSAGES = SeriesId("direct-messages")

SERIES = (
    OFFICIAL_POSTS,
    REFLECTED_POSTS,
    PUBLIC_COMMENTS,
    HELD_COMMUNICATIONS,
    REMOVED_CONTENT,
    SUBSCRIBER_LISTS,
    DIRECT_MESSAGES,
)

# The proof's own records: what attests the others. No account is captured for it.
LOG_SERIES = SeriesId("log")
SCHEDULED = (*SERIES, LOG_SERIES)


class RowKind(StrEnum):
    """Which table a series' rows form."""

    ITEMS = "items"
    SUBSCRIBERS = "subscribers"


def row_kind(series: SeriesId) -> RowKind:
    """Return the table that *series* fills."""
    return RowKind.SUBSCRIBERS if series == SUBSCRIBER_LISTS else RowKind.ITEMS
