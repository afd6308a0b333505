"""The pages of a run of probes, read: what each host said of each item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from muniment.errors import ParseError
from muniment.parsing.decoding import decode_whole
from muniment.records.agency import Platform
from muniment.records.page import Gap, Page, Purpose
from muniment.records.probes import Answer, Standing, Told

_T = TypeVar("_T")
_REFUSING = frozenset({401, 403})
_NOT_THERE = frozenset({404, 410})
_STANDINGS = MappingProxyType(
    {
        "deactivated": Standing.DEACTIVATED,
        "takendown": Standing.TAKEN_DOWN,
        "suspended": Standing.TAKEN_DOWN,
        "deleted": Standing.GONE,
    }
)


class _Author(msgspec.Struct):
    did: str


class _Post(msgspec.Struct):
    uri: str
    author: _Author


class _Posts(msgspec.Struct):
    posts: list[_Post]


class _Error(msgspec.Struct):
    error: str = ""


class _RepoStatus(msgspec.Struct):
    active: bool
    status: str | None = None


class _Block(msgspec.Struct):
    subject: str


class _BlockRecord(msgspec.Struct):
    value: _Block


class _Blocks(msgspec.Struct):
    records: list[_BlockRecord]


class _Account(msgspec.Struct):
    suspended: bool = False


@dataclass(slots=True)
class _Readings:
    """What the pages read so far say."""

    answers: dict[str, Answer] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)  # by item
    standings: dict[str, tuple[Standing, Page]] = field(default_factory=dict)  # by author
    blocked: dict[str, Page] = field(default_factory=dict)  # by author

    def note(self, item_id: str, page: Page, *, view: Told | None = None, host: Told | None = None) -> None:
        """Take down what *page* says of *item_id*; None: nothing."""
        known = self.answers.get(item_id)
        if known is None:
            known = Answer(item_id=item_id, asked_at=page.requested_at, at=page.received_at, page=page.sequence)
        self.answers[item_id] = replace(
            known,
            at=max(known.at, page.received_at),
            page=page.sequence,
            view=view or known.view,
            host=host or known.host,
        )

    def note_unasked(self, item_id: str, at: datetime, page: int) -> None:
        """Take down that *item_id* was to be asked for and could not be."""
        self.answers.setdefault(item_id, Answer(item_id=item_id, asked_at=at, at=at, page=page))


def read_answers(entries: Iterable[Page | Gap], platform: Platform, authors: Mapping[str, str]) -> dict[str, Answer]:
    """Return, by item, what the hosts said in one run of probes of *platform*; an unreadable page says nothing.

    *authors* are the authors of items by their ids, where a page does not name them.
    """
    readings, readers, last = _Readings(authors=dict(authors)), _READERS[platform], 0
    for entry in entries:
        if isinstance(entry, Gap):
            if entry.purpose == Purpose.PROBE and entry.subject is not None:
                readings.note_unasked(entry.subject, entry.noticed_at, last)
            continue
        last, reader = entry.sequence, readers.get(entry.purpose)
        if reader is not None:
            reader(entry, readings)
    return {item_id: _complete(answer, readings) for item_id, answer in readings.answers.items()}


def _complete(answer: Answer, readings: _Readings) -> Answer:
    author = readings.authors.get(answer.item_id, "")
    if answer.view is Told.THERE:
        page = readings.blocked.get(author)
        return answer if page is None else _later(replace(answer, is_blocked=True), page)
    standing = readings.standings.get(author)
    return answer if standing is None else _later(replace(answer, author=standing[0]), standing[1])


def _later(answer: Answer, page: Page) -> Answer:
    return replace(answer, at=max(answer.at, page.received_at), page=page.sequence)


def _read(page: Page, shape: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(decode_whole(page), type=shape)
    except (ParseError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _view_of_bluesky(page: Page, readings: _Readings) -> None:
    asked = parse_qs(urlsplit(page.url).query).get("uris", [])
    posts = _read(page, _Posts) if page.status == 200 else None
    shown = {} if posts is None else {post.uri: post.author.did for post in posts.posts}
    for uri in asked:
        readings.authors[uri] = uri.split("/")[2]
        if posts is not None:
            readings.note(uri, page, view=Told.THERE if uri in shown else Told.NOT_THERE)
        elif page.status in _REFUSING:
            readings.note(uri, page, view=Told.REFUSED)
        else:
            readings.note(uri, page)


def _host_of_bluesky(page: Page, readings: _Readings) -> None:
    uri = page.subject or ""
    readings.authors[uri] = uri.split("/")[2]
    error = _read(page, _Error)
    host: Told | None = None
    if page.status == 200:
        host = Told.THERE
    elif page.status in _REFUSING:
        host = Told.REFUSED
    elif error is not None and error.error == "RecordNotFound":
        host = Told.NOT_THERE
    # No view can be asked for a repost: whether it is there, its host says alone.
    view = None if uri in readings.answers else host or Told.NOT_THERE
    readings.note(uri, page, view=view, host=host)


def _author_of_bluesky(page: Page, readings: _Readings) -> None:
    if page.subject is None:
        return
    if page.status == 200 and (status := _read(page, _RepoStatus)) is not None:
        standing = Standing.ACTIVE if status.active else _STANDINGS.get(status.status or "")
    else:
        error = _read(page, _Error)
        standing = Standing.GONE if error is not None and error.error == "RepoNotFound" else None
    if standing is not None:
        readings.standings[page.subject] = (standing, page)


def _blocks_of_bluesky(page: Page, readings: _Readings) -> None:
    blocks = _read(page, _Blocks) if page.status == 200 else None
    for record in blocks.records if blocks else []:
        readings.blocked[record.value.subject] = page


class _StatusAccount(msgspec.Struct):
    id: str


class _Status(msgspec.Struct):
    account: _StatusAccount


def _view_of_mastodon(page: Page, readings: _Readings) -> None:
    item_id = page.subject or ""
    if page.status == 200:
        if _read(page, _Status) is not None:
            readings.note(item_id, page, view=Told.THERE, host=Told.THERE)
        else:
            readings.note(item_id, page)
    elif page.status in _NOT_THERE:
        readings.note(item_id, page, view=Told.NOT_THERE, host=Told.NOT_THERE)
    elif page.status in _REFUSING:
        readings.note(item_id, page, view=Told.REFUSED)
    else:
        readings.note(item_id, page)


def _author_of_mastodon(page: Page, readings: _Readings) -> None:
    standing: Standing | None = None
    if page.status in _NOT_THERE:
        standing = Standing.GONE
    elif page.status == 200 and (account := _read(page, _Account)) is not None:
        standing = Standing.TAKEN_DOWN if account.suspended else Standing.ACTIVE
    if standing is not None and page.subject is not None:
        readings.standings[page.subject] = (standing, page)


_Readers = Mapping[str, Callable[[Page, _Readings], None]]
_READERS: Mapping[Platform, _Readers] = MappingProxyType(
    {
        Platform.BLUESKY: {
            Purpose.PROBE: _view_of_bluesky,
            Purpose.PROBE_HOST: _host_of_bluesky,
            Purpose.PROBE_AUTHOR: _author_of_bluesky,
            Purpose.PROBE_BLOCKS: _blocks_of_bluesky,
        },
        Platform.MASTODON: {Purpose.PROBE: _view_of_mastodon, Purpose.PROBE_AUTHOR: _author_of_mastodon},
    }
)
