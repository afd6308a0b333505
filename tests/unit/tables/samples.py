"""Rows and pages for the tests of this folder, and how they become files."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.records.rows import (
    Declared,
    ItemKind,
    ItemRow,
    MediaRef,
    PageFault,
    ParsedPage,
    ProbeRef,
    RemovalRow,
    Row,
    SubscriberRow,
    Version,
    Visibility,
)
from muniment.records.series import RowKind
from muniment.tables.pages_file import PagesWriter
from muniment.tables.parse_notes import ParseNotes
from muniment.tables.rows_file import StagingWriter
from muniment.tables.sealed_rows import Basis, seal_rows

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_BASE32 = "234567abcdefghijklmnopqrstuvwxyz"


def page(sequence: int = 0, body: bytes = b"{}", **fields: object) -> Page:
    values: dict[str, object] = {
        "sequence": sequence,
        "purpose": Purpose.POSTS,
        "subject": None,
        "method": "GET",
        "url": f"https://social.example/posts?limit=100&cursor={sequence}",
        "request_headers": (("accept", "application/json"),),
        "status": 200,
        "response_headers": (("content-type", "application/json"), ("etag", '"1"')),
        "requested_at": NOON,
        "received_at": NOON + timedelta(milliseconds=120),
        "body": body,
    }
    return Page(**values | fields)  # type: ignore[arg-type]


def gap(**fields: object) -> Gap:
    values: dict[str, object] = {
        "purpose": "media",
        "subject": "picture-1",
        "reason": GapReason.NOT_FOUND,
        "detail": "expected status 200, found 404",
        "noticed_at": NOON,
    }
    return Gap(**values | fields)  # type: ignore[arg-type]


def item(name: str, text: str | None = "Water main repair", **fields: object) -> ItemRow:
    row = ItemRow(
        item_id=name,
        kind=ItemKind.POST,
        url=f"https://social.example/{name}",
        author_id="did:plc:city",
        author_handle="city.example",
        author_name="City",
        published_at=NOON - timedelta(days=1),
        published_text="2026-11-20T12:00:00Z",
        edited_at=None,
        language="en",
        text=text,
        reply_parent_id=None,
        reply_root_id=None,
        visibility=Visibility.PUBLIC,
        links=["https://city.example/water"],
        media=[MediaRef("picture-1", "https://cdn.example/1", "image", "A pipe")],
        versions=[Version(NOON - timedelta(days=2), "Water main", b'{"v":1}')],
        like_count=3,
        repost_count=0,
        reply_count=1,
        quote_count=None,
        page=0,
        raw=f'{{"id":"{name}"}}'.encode(),
    )
    return row._replace(**fields)  # type: ignore[arg-type]


def removal(name: str, **fields: object) -> RemovalRow:
    row = RemovalRow(
        *item(name),
        series="public-comments",
        change="removed",
        state="gone",
        confidence="unconfirmed",
        last_seen_at=NOON - timedelta(hours=1),
        first_missing_at=NOON,
        unlisted_at=NOON - timedelta(minutes=1),
        seen_snapshot="20261121T110000.000000Z-0123abcd",
        missing_snapshot="20261121T115900.000000Z-0123abcd",
        item_snapshot="20261101T110000.000000Z-0123abcd",
        outage_snapshot=None,
        unavailable_reason=None,
        probes=[ProbeRef(NOON - timedelta(seconds=1), NOON, "gone", "20261121T120000.000000Z-0123abcd", 3)],
    )
    return row._replace(**fields)  # type: ignore[arg-type]


def subscriber(name: str, **fields: object) -> SubscriberRow:
    row = SubscriberRow(
        subscriber_id=name,
        handle=None,
        display_name="Somebody",
        address=f"{name}@people.example",
        status="active",
        list_name="weekly",
        subscribed_at=NOON,
        subscribed_text="2026-11-21T12:00:00Z",
        page=0,
        raw=f'{{"email":"{name}@people.example"}}'.encode(),
    )
    return row._replace(**fields)  # type: ignore[arg-type]


def realistic_items(count: int, seed: int = 1) -> list[ItemRow]:
    """Posts of one account: at:// ids of random TIDs, about 2.3 KB of raw JSON that compresses as life's does."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(3_000)]
    did = "did:plc:" + "".join(chance.choices(_BASE32, k=24))
    rows = []
    for _ in range(count):
        name = f"at://{did}/app.bsky.feed.post/3{''.join(chance.choices(_BASE32, k=12))}"
        text = " ".join(chance.choices(words, k=chance.randint(10, 60)))
        token = "".join(chance.choices(_BASE32, k=200))
        raw = f'{{"uri":"{name}","cid":"bafyrei{token[:52]}","record":{{"text":"{text}"}},"sig":"{token}"'
        raw += ',"viewer":{"bookmarked":false,"threadMuted":false,"embeddingDisabled":false}' * 20 + "}"
        likes = int(chance.expovariate(0.05))
        rows.append(item(name, text, raw=raw.encode(), like_count=likes, links=[], media=[], versions=[]))
    return rows


def parsed(
    rows: Sequence[Row] = (),
    declared: Sequence[Declared] = (),
    unknown: Sequence[str] = (),
    faults: Sequence[PageFault] = (),
) -> ParsedPage:
    return ParsedPage(list(rows), list(declared), frozenset(unknown), list(faults))


def write_pages(path: Path, *entries: Page | Gap, known: Mapping[bytes, str] | None = None) -> Path:
    with PagesWriter(path, known_bodies=known or {}) as writer:
        for entry in entries:
            if isinstance(entry, Page):
                writer.add(entry)
            else:
                writer.add_gap(entry)
    return path


def stage(path: Path, *pages: ParsedPage, kind: RowKind = RowKind.ITEMS) -> Path:
    with StagingWriter(path, kind) as writer:
        for one in pages:
            writer.add(one)
    return path


@dataclass
class Volume:
    """A volume being captured again and again, on disk."""

    folder: Path
    kind: RowKind = RowKind.ITEMS
    files: dict[str, Path] = field(default_factory=dict)
    notes: dict[str, ParseNotes] = field(default_factory=dict)
    latest: str | None = None

    def capture(self, name: str, *rows: Row) -> ParseNotes:
        """Seal *rows* as the snapshot *name*, against the latest one."""
        staging = stage(self.folder / f"{name}.staging", parsed(rows), kind=self.kind)
        out = self.folder / f"{name}.parquet"
        notes = seal_rows(staging, out, kind=self.kind, basis=self._basis())
        self.files[name], self.notes[name], self.latest = out, notes, name
        return notes

    def holders(self, name: str) -> dict[str, Path]:
        """Return the files that the snapshot *name* says it reads."""
        return {holder: self.files[holder] for holder in self.notes[name].reads}

    def _basis(self) -> Basis | None:
        if self.latest is None:
            return None
        return Basis(snapshot=self.latest, rows=self.files[self.latest], holders=self.holders(self.latest))
