"""pages.parquet: every exchange of one capture, byte for byte, and every gap.

A body that another snapshot of the volume already holds is a reference: its hash, its size
and that snapshot's name. A gap is a row with `gap_reason`; its time stands in `received_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import pyarrow as pa

from muniment.errors import ChecksumError
from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.tables.ahead import WriteBehind
from muniment.tables.body_column import body_column
from muniment.tables.parquet import WatchedFile, new_file, open_parquet, open_writer, read_batches
from muniment.tables.schemas import PAGES

FLUSH_BYTES = 16 << 20  # bodies waiting for a row group; one body more may be in memory
FLUSH_ROWS = 10_000
_READ_ROWS = 64

FetchBody = Callable[[str, bytes], bytes]


class _Record(NamedTuple):
    """A row of `schemas.PAGES`, in its order."""

    sequence: int
    purpose: str
    subject: str | None
    method: str | None
    url: str | None
    request_headers: tuple[tuple[str, str], ...] | None
    status: int | None
    response_headers: tuple[tuple[str, str], ...] | None
    requested_at: datetime | None
    received_at: datetime
    body_sha256: bytes | None
    body_size: int | None
    body_snapshot: str | None
    body: bytes | None
    gap_reason: str | None
    gap_detail: str | None


class PagesWriter:
    """Writes one capture's pages and gaps, in order, in bounded memory.

    *known_bodies* maps the SHA-256 (32 bytes) of bodies that the volume already holds to the
    snapshot that holds them. *watch* is given the file's bytes, in order, as they are written.
    The file takes its name when the ``with`` block ends well.
    """

    def __init__(
        self, path: Path, *, known_bodies: Mapping[bytes, str], watch: Callable[[bytes], object] | None = None
    ) -> None:
        self._path = path
        self._known = known_bodies
        self._watch = watch
        self._stack = ExitStack()
        self._waiting: list[_Record] = []
        self._waiting_bytes = 0
        self._next_sequence = 0

    def __enter__(self) -> Self:
        part = self._stack.enter_context(new_file(self._path, passing=True))
        file = part if self._watch is None else self._stack.enter_context(closing(WatchedFile(part, self._watch)))
        self._writer = self._stack.enter_context(
            open_writer(file, PAGES, delta=["url"], plain=["body_sha256"], bulky=["body"])
        )
        self._behind = self._stack.enter_context(WriteBehind())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:
            self._flush()
            self._behind.wait()

    def add(self, page: Page) -> None:
        """Add *page*; its body only when no other snapshot holds it."""
        digest = sha256(page.body).digest()
        holder = self._known.get(digest)
        self._next_sequence = page.sequence + 1
        self._put(
            _Record(
                sequence=page.sequence,
                purpose=page.purpose,
                subject=page.subject,
                method=page.method,
                url=page.url,
                request_headers=page.request_headers,
                status=page.status,
                response_headers=page.response_headers,
                requested_at=page.requested_at,
                received_at=page.received_at,
                body_sha256=digest,
                body_size=len(page.body),
                body_snapshot=holder,
                body=page.body if holder is None else None,
                gap_reason=None,
                gap_detail=None,
            )
        )

    def add_gap(self, gap: Gap) -> None:
        """Add *gap*; it carries the sequence of the page that comes next."""
        blank = _Record(*[None] * len(_Record._fields))  # type: ignore[arg-type]
        self._put(
            blank._replace(
                sequence=self._next_sequence,
                purpose=gap.purpose,
                subject=gap.subject,
                received_at=gap.noticed_at,
                gap_reason=gap.reason,
                gap_detail=gap.detail,
            )
        )

    def _put(self, record: _Record) -> None:
        self._waiting.append(record)
        self._waiting_bytes += len(record.body or b"")
        if self._waiting_bytes >= FLUSH_BYTES or len(self._waiting) >= FLUSH_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        self._behind.do(self._write, waiting)

    def _write(self, records: list[_Record]) -> None:
        columns = zip(*records, strict=True)
        arrays = [_column(cells, field) for cells, field in zip(columns, PAGES, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=PAGES))


def _column(cells: tuple[Any, ...], field: pa.Field) -> Any:
    return body_column(cells) if field.name == "body" else pa.array(cells, field.type)


def read_pages(
    path: Path,
    fetch_body: FetchBody,
    *,
    purposes: frozenset[Purpose] | None = None,
    groups: Sequence[int] | None = None,
) -> Iterator[Page | Gap]:
    """Yield the pages and gaps of the file at *path* in order, each body checked by its hash.

    *fetch_body* gets a body that another snapshot holds: (snapshot, SHA-256 as 32 bytes). With
    *groups*, only these row groups are read. With *purposes*, only pages of these are yielded,
    and row groups without one are not read.

    Raises:
        ParseError: the file is not a whole file of pages.
        ChecksumError: a body is not the one that its hash names.
    """
    if groups is None and purposes is not None:
        groups = _groups_with(path, purposes)
    for record in _read_records(path, groups):
        if purposes is not None and (record.gap_reason is not None or record.purpose not in purposes):
            continue
        yield _gap(record) if record.gap_reason is not None else _page(record, path, fetch_body)


def _read_records(path: Path, groups: Sequence[int] | None) -> Iterator[_Record]:
    for batch in read_batches(path, PAGES, rows=_READ_ROWS, groups=groups):
        # Bodies are taken out one by one: all at once would be in memory twice.
        columns = [_one_by_one(column) if name == "body" else column.to_pylist() for name, column in _named(batch)]
        for values in zip(*columns, strict=True):
            yield _Record(*values)


def _named(batch: Any) -> Iterator[tuple[str, Any]]:
    return zip(batch.schema.names, batch.columns, strict=True)


def _one_by_one(column: Any) -> Iterator[bytes | None]:
    return (value.as_py() for value in column)


def _groups_with(path: Path, purposes: frozenset[Purpose]) -> list[int]:
    with open_parquet(path, PAGES) as file:
        found = (
            (group, file.read_row_group(group, columns=["purpose"])[0].to_pylist())
            for group in range(file.metadata.num_row_groups)
        )
        return [group for group, words in found if purposes.intersection(words)]


def _gap(record: _Record) -> Gap:
    return Gap(
        purpose=record.purpose,
        subject=record.subject,
        reason=GapReason(record.gap_reason or ""),
        detail=record.gap_detail or "",
        noticed_at=record.received_at,
    )


def _page(record: _Record, path: Path, fetch_body: FetchBody) -> Page:
    digest = record.body_sha256 or b""
    body = record.body if record.body_snapshot is None else fetch_body(record.body_snapshot, digest)
    body = body if body is not None else b""
    check_body(body, digest, f"{path.name}: page {record.sequence}")
    return Page(
        sequence=record.sequence,
        purpose=Purpose(record.purpose),
        subject=record.subject,
        method=record.method or "",
        url=record.url or "",
        request_headers=_headers(record.request_headers),
        status=record.status or 0,
        response_headers=_headers(record.response_headers),
        requested_at=record.requested_at or record.received_at,
        received_at=record.received_at,
        body=body,
    )


def _headers(pairs: Any) -> tuple[tuple[str, str], ...]:
    return tuple((pair["name"], pair["value"]) for pair in pairs or ())


def check_body(body: bytes, digest: bytes, what: str) -> None:
    """Compare *body* with its SHA-256, 32 bytes.

    Raises:
        ChecksumError: it is another body.
    """
    found = sha256(body).digest()
    if found != digest:
        raise ChecksumError(f"{what}: expected a body of SHA-256 {digest.hex()}, found {found.hex()}")
