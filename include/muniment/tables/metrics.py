"""The numbers that a verdict rests on: one per question, by SQL, in bounded memory.

Rules are judged on what is new: the full rows of a file. What is unchanged was judged when it
came. None stands where a question cannot be asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import duckdb
import pyarrow as pa

from muniment.records.series import RowKind
from muniment.tables.engine import fetch_number, open_engine, open_pages, open_rows
from muniment.tables.parse_notes import ParseNotes, read_parse_notes

Metrics = dict[str, int | None]

FUTURE_TOLERANCE = timedelta(minutes=5)  # clocks of platforms and of those who post differ from ours by this much
ADDRESS_BYTES = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets

# Which columns of a rows file `measure` reads.
MEASURED = MappingProxyType(
    {
        RowKind.ITEMS: frozenset(
            {"item_id", "row_state", "kind", "author_id", "published_at", "edited_at", "reply_parent_id"}
        ),
        RowKind.SUBSCRIBERS: frozenset({"subscriber_id", "row_state", "address"}),
        RowKind.REMOVALS: frozenset({"item_id", "row_state", "author_id", "published_at", "unavailable_reason"}),
    }
)

# A fault without a number of its own counts as an unreadable page, which stops the seal.
_UNREADABLE = "unreadable_pages"
_FAULTS = MappingProxyType(
    {
        "G001": _UNREADABLE,
        "G004": "gaps",
        "G005": "unverified_repositories",
        "G006": "irregular_pages",
        "P001": "missing_ids",
        "S001": "missing_ids",
        "P003": "missing_times",
        "P006": "missing_authors",
        "S003": "malformed_rows",
        "S006": "malformed_addresses",
    }
)
# Where a page's place in a listing stands in its address: Bluesky, Mastodon.
_PLACES = "[?&](cursor|max_id|min_id|since_id|page|offset)=[^&]*"
_LISTS = ("posts", "thread", "hidden-replies", "history", "subscribers", "feed")
# What a whole series hangs on: the account's posts, its feed, its subscribers, the page itself.
_LISTINGS = ("posts", "feed", "subscribers", "web-page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the rows are measured against.

    `previous_total` is how many rows the latest accepted snapshot listed, `profile_id` the row of
    the account itself, which is there also when it shows nothing.
    `official_authors` are the account's own ids where every item must be by it, else None.
    `known_ids` are items that may be a reply's parent without being in the file; posts that a
    page was asked for are known without it. Times are aware UTC.
    """

    captured_until: datetime
    account_opened_at: datetime | None = None
    previous_total: int | None = None
    profile_id: str | None = None
    official_authors: frozenset[str] | None = None
    known_ids: frozenset[str] = frozenset()


def measure(rows: Path, pages: Path, *, kind: RowKind, against: Circumstances, gaps: int = 0) -> Metrics:
    """Measure a sealed rows file and the pages it was read from; *gaps* are those of media, counted elsewhere.

    Raises:
        ParseError: a file is not whole, or of another kind.
    """
    notes = read_parse_notes(rows, kind)
    with open_engine(rows.parent) as engine:
        open_rows(engine, "rows", rows, kind)
        open_pages(engine, "pages", pages)
        numbers: Metrics = _measure_common(engine, notes) | {"previous_total": against.previous_total}
        numbers["gaps"] = gaps + fetch_number(engine, "SELECT count(*) FROM pages WHERE gap_reason IS NOT NULL")
        numbers |= _MEASURES[kind](engine, notes, against)
        numbers["unlisted"] = _count_unlisted(engine)
    for code, count in notes.fault_counts.items():
        name = _FAULTS.get(code, _UNREADABLE)
        name = name if name in numbers else _UNREADABLE
        numbers[name] = (numbers[name] or 0) + count
    return numbers


def _measure_common(engine: duckdb.DuckDBPyConnection, notes: ParseNotes) -> Metrics:
    rows = notes.rows
    engine.execute("CREATE VIEW full_rows AS SELECT * FROM rows WHERE row_state IN ('new', 'changed')")
    return {
        "rows_new": rows.new,
        "rows_changed": rows.changed,
        "rows_unchanged": rows.unchanged,
        "rows_gone": rows.gone,
        "total": rows.new + rows.changed + rows.unchanged,
        "duplicates_dropped": notes.duplicates_dropped,
        "contradicting_duplicates": _count_contradicting(engine),
        "missing_ids": fetch_number(engine, "SELECT count(*) FROM full_rows WHERE id = ''"),
        "unknown_fields": len(notes.unknown_fields),
        _UNREADABLE: 0,
        "irregular_pages": 0,
        "repeated_pages": _count_repeated_pages(engine),
    }


def _count_contradicting(engine: duckdb.DuckDBPyConnection) -> int:
    # Identical copies are gone from the file, so an id that is there twice differs from itself.
    return fetch_number(
        engine,
        """
        SELECT count(*) FROM (SELECT id FROM full_rows WHERE id <> '' AND hash(id) IN
            (SELECT hash(id) FROM full_rows GROUP BY hash(id) HAVING count(*) > 1) GROUP BY id HAVING count(*) > 1)
        """,
    )


def _count_repeated_pages(engine: duckdb.DuckDBPyConnection) -> int:
    return fetch_number(
        engine,
        """
        SELECT sum(copies - 1) FROM (
            SELECT count(*) AS copies FROM pages WHERE list_contains($lists, purpose::VARCHAR) AND body_size > 0
            GROUP BY purpose, subject, replace(regexp_replace(url, $places, '', 'g'), '?', '&'), body_sha256)
        """,
        {"lists": list(_LISTS), "places": _PLACES},
    )


def _count_unlisted(engine: duckdb.DuckDBPyConnection) -> int:
    # A listing's own gap names nobody: it stands for everything that came after.
    return fetch_number(
        engine,
        """
        SELECT count(*) FILTER (gap_reason IS NOT NULL AND subject IS NULL)
            + (count(*) FILTER (gap_reason IS NULL) = 0)::INT
        FROM pages WHERE list_contains($listings, purpose::VARCHAR)
        """,
        {"listings": list(_LISTINGS)},
    )


def _measure_items(engine: duckdb.DuckDBPyConnection, notes: ParseNotes, against: Circumstances) -> Metrics:
    (found,) = engine.execute(
        """
        SELECT
            count(*) FILTER (published_at IS NULL AND kind <> 'profile'),
            count(*) FILTER (coalesce(author_id, '') = '' AND kind <> 'article'),
            count(*) FILTER (published_at > $latest OR edited_at > $latest),
            count(*) FILTER (published_at < $opened AND kind <> 'profile'),
            count(*) FILTER (kind <> 'repost' AND author_id <> '' AND NOT list_contains($authors, author_id))
        FROM full_rows
        """,
        {
            "latest": against.captured_until + FUTURE_TOLERANCE,
            "opened": against.account_opened_at,
            "authors": sorted(against.official_authors or ()),
        },
    ).fetchall()
    times, authors, future, early, foreign = (int(number) for number in found)
    return {
        "listed": fetch_number(
            engine,
            "SELECT count(*) FROM rows WHERE row_state <> 'gone' AND id <> $own AND kind IS DISTINCT FROM 'profile'",
            {"own": against.profile_id or ""},
        ),
        "missing_times": times,
        "missing_authors": authors,  # RSS 2.0 lets an article have none: it is the site's
        "future_items": future,
        "items_before_account": early if against.account_opened_at is not None else None,
        "foreign_authors": foreign if against.official_authors is not None else None,
        "missing_parents": _count_missing_parents(engine, against.known_ids),
        "declared_missing": _shortfall(notes),
        "unverified_repositories": 0,
    }


def _count_missing_parents(engine: duckdb.DuckDBPyConnection, known_ids: Iterable[str]) -> int:
    engine.register("known", pa.table({"id": pa.array(sorted(known_ids), pa.string())}))
    return fetch_number(
        engine,
        """
        WITH unknown AS (
            SELECT reply_parent_id AS parent, count(*) AS answers FROM full_rows WHERE reply_parent_id IS NOT NULL
                AND reply_parent_id NOT IN (SELECT id FROM known)
                AND reply_parent_id NOT IN (SELECT subject FROM pages WHERE subject IS NOT NULL AND gap_reason IS NULL)
            GROUP BY reply_parent_id),
        found AS (SELECT DISTINCT id FROM rows WHERE row_state <> 'gone' AND id IN (SELECT parent FROM unknown))
        SELECT sum(answers) FROM unknown WHERE parent NOT IN (SELECT id FROM found)
        """,
    )


def _measure_subscribers(engine: duckdb.DuckDBPyConnection, notes: ParseNotes, _: Circumstances) -> Metrics:
    return {
        "listed": notes.rows.new + notes.rows.changed + notes.rows.unchanged,
        "declared_difference": _difference(notes),
        "malformed_rows": 0,
        "malformed_addresses": fetch_number(
            engine,
            r"""
            SELECT count(*) FROM full_rows WHERE address IS NOT NULL
                AND NOT (regexp_full_match(address, '[^@\s]+@[^@\s.]+(\.[^@\s.]+)+') AND strlen(address) <= $bytes)
            """,
            {"bytes": ADDRESS_BYTES},
        ),
    }


def _shortfall(notes: ParseNotes) -> int | None:
    pairs = [(total.number, total.captured) for total in notes.declared if total.captured is not None]
    return sum(max(0, number - captured) for number, captured in pairs) if pairs else None


def _difference(notes: ParseNotes) -> int | None:
    pairs = [(total.number, total.captured) for total in notes.declared if total.captured is not None]
    return sum(abs(number - captured) for number, captured in pairs) if pairs else None


def _measure_removals(engine: duckdb.DuckDBPyConnection, _notes: ParseNotes, _: Circumstances) -> Metrics:
    # claremont-social B.23: time, date and user name of the originator, or the reason why one is not known.
    unexplained = "SELECT count(*) FROM full_rows WHERE unavailable_reason IS NULL AND "
    return {
        "missing_times": fetch_number(engine, f"{unexplained} published_at IS NULL"),
        "missing_authors": fetch_number(engine, f"{unexplained} coalesce(author_id, '') = ''"),
    }


_MEASURES = MappingProxyType(
    {
        RowKind.ITEMS: _measure_items,
        RowKind.SUBSCRIBERS: _measure_subscribers,
        RowKind.REMOVALS: _measure_removals,
    }
)
