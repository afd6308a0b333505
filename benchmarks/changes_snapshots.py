"""Snapshots of very many items, a month apart, as the product itself writes rows: made up, the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path

import pyarrow as pa

from muniment.records.rows import ItemKind, ItemRow, Visibility
from muniment.records.series import RowKind
from muniment.tables.parquet import new_file
from muniment.tables.rows_file import BATCH_ROWS, GROUP_ROWS, make_batch, open_rows_writer
from muniment.tables.schemas import ITEMS
from muniment.tables.sealed_rows import COUNTERS

HUNDREDTH = 100  # of a hundred items one has changed, one is gone, one is new
BASELINE = "20261001T070000.000000Z-0123abcd"  # the snapshot that the last of its month points to
_CHANGED, _GONE = 3, 7
_PUBLISHED = datetime(2026, 9, 1, tzinfo=UTC)
_AUTHORS = 50_000


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The rows files: a month's baseline, its last snapshot (which points to it), the next month's baseline."""

    before: Path
    before_pointing: Path
    after: Path


def snapshots_of(folder: Path, items: int) -> Snapshots:
    """Return the snapshots of *items* items in *folder*, made where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    named = Snapshots(*(folder / f"{items}-{name}.parquet" for name in ("before", "pointing", "after")))
    words = _make_words()
    if not named.before.exists():
        _write(named.before, (make_item(number, words) for number in range(items)))
    if not named.before_pointing.exists():
        _write_pointing(named.before_pointing, items)
    if not named.after.exists():
        _write(named.after, _month_later(items, words))
    return named


def _month_later(items: int, words: list[str]) -> Iterator[ItemRow]:
    # The newest come first, as platforms list them.
    yield from (make_item(number, words) for number in range(items, items + items // HUNDREDTH))
    for number in range(items):
        if number % HUNDREDTH != _GONE:
            yield make_item(number, words, edited=number % HUNDREDTH == _CHANGED)


def make_item(number: int, words: list[str], *, edited: bool = False) -> ItemRow:
    """Make the comment *number*, always the same: of one of 50,000 people, some 30 words."""
    digest = _digest(number)
    first, said = digest[0] * 11, 5 + digest[1] % 50
    text = " ".join(words[first : first + said]) + (" (corrected)" if edited else f" {number}")
    return ItemRow(
        item_id=item_id_of(number),
        kind=ItemKind.REPLY,
        url=None,
        author_id=_author_of(number),
        author_handle=f"resident-{number % _AUTHORS}.example",
        author_name=f"Resident {number % _AUTHORS}",
        published_at=_PUBLISHED,
        published_text="2026-09-01T00:00:00Z",
        edited_at=None,
        language="en",
        text=text,
        reply_parent_id="at://did:plc:city/app.bsky.feed.post/3k",
        reply_root_id="at://did:plc:city/app.bsky.feed.post/3k",
        visibility=Visibility.PUBLIC,
        links=[],
        media=[],
        versions=[],
        like_count=number % 97,
        repost_count=0,
        reply_count=0,
        quote_count=0,
        page=number // 4_000,
        raw=b'{"text":"' + text.encode() + b'"}',
    )


def item_id_of(number: int) -> str:
    """Return the id of the comment *number*, as long and as random as a record's on Bluesky."""
    return f"at://{_author_of(number)}/app.bsky.feed.post/3{_digest(number).hex()[:12]}"


@lru_cache(_AUTHORS)
def _author(number: int) -> str:
    return f"did:plc:{sha256(b'author %d' % number).hexdigest()[:24]}"


def _author_of(number: int) -> str:
    return _author(number % _AUTHORS)


def _digest(number: int) -> bytes:
    return sha256(b"%d" % number).digest()


def _make_words() -> list[str]:
    chance = random.Random(1)
    return ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(3_000)]


def _write(path: Path, rows: Iterable[ItemRow]) -> None:
    batches, left = GROUP_ROWS // BATCH_ROWS, iter(rows)
    with new_file(path) as part, open_rows_writer(part, RowKind.ITEMS) as writer:
        while group := list(islice(left, batches * BATCH_ROWS)):
            shares = (group[first : first + BATCH_ROWS] for first in range(0, len(group), BATCH_ROWS))
            made = [make_batch(share, RowKind.ITEMS) for share in shares]
            writer.write_table(pa.Table.from_batches(made, schema=ITEMS))


def _write_pointing(path: Path, items: int) -> None:
    """Write the snapshot in which every item is unchanged: ids by order, pointers and counters."""
    names = sorted(item_id_of(number) for number in range(items))
    with new_file(path) as part, open_rows_writer(part, RowKind.ITEMS) as writer:
        for first in range(0, items, GROUP_ROWS):
            ids = names[first : first + GROUP_ROWS]
            given = {
                "item_id": pa.array(ids),
                "row_state": pa.array(["unchanged"] * len(ids)),
                "row_snapshot": pa.array([BASELINE] * len(ids)),
                **{name: pa.array([0] * len(ids)) for name in COUNTERS},
            }
            columns = [
                given[field.name].cast(field.type) if field.name in given else pa.nulls(len(ids), field.type)
                for field in ITEMS
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=ITEMS))
