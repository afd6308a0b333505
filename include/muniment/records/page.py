"""A page: one HTTP exchange, kept whole; and a gap: one thing that could not be had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Headers = tuple[tuple[str, str], ...]


class Purpose(StrEnum):
    """What a connector asked a page for."""

    ACCOUNT = "account"  # the account's own profile
    POSTS = "posts"  # one page of its posts
    THREAD = "thread"  # the replies under one post; subject is the post's id
    HIDDEN_REPLIES = "hidden-replies"  # replies that the public view leaves out
    HISTORY = "history"  # the versions of one edited post; subject is the post's id
    SUBSCRIBERS = "subscribers"  # one page of followers, or the list file
    DID_DOCUMENT = "did-document"  # Bluesky: where the account lives and its signing key
    REPOSITORY = "repository"  # Bluesky: the account's signed repository (CAR)
    FEED = "feed"  # RSS or Atom
    PROBE = "probe"  # whether the platform shows items asked for by name; subject is the item, where it is one
    PROBE_HOST = "probe-host"  # whether the author's own host has the item; subject is the item
    PROBE_AUTHOR = "probe-author"  # how the author's account stands; subject is the author
    PROBE_BLOCKS = "probe-blocks"  # whom the account blocks
    WEB_PAGE = "web-page"  # one watched page, as a reader is shown it


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One HTTP exchange, kept whole, with secrets taken out of the request.

    `body` is the exact bytes of the answer's content as they came, before any content
    decoding. Times are aware UTC. `sequence` counts from 0 within one capture.
    """

    sequence: int
    purpose: Purpose
    subject: str | None
    method: str
    url: str
    request_headers: Headers
    status: int
    response_headers: Headers
    requested_at: datetime
    received_at: datetime
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the answer's first header *name* (any case), or None."""
        wanted = name.lower()
        return next((value for key, value in self.response_headers if key.lower() == wanted), None)


class GapReason(StrEnum):
    """Why something could not be had."""

    NOT_FOUND = "not-found"
    FORBIDDEN = "forbidden"
    UNREADABLE = "unreadable"  # the page was kept, but how to go on could not be read from it
    UNREACHABLE = "unreachable"
    TOO_LARGE = "too-large"
    NOT_OFFERED = "not-offered"  # the platform has no way to ask for it
    REFUSED_ADDRESS = "refused-address"  # the address leads where we do not go


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that the capture asked for, or knew of, and could not have."""

    purpose: str  # a Purpose, or "media"
    subject: str | None
    reason: GapReason
    detail: str
    noticed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaExchange:
    """One picture or other medium that was asked for: its object in the volume, or its gap.

    `sha256` is 64 lower hex digits of the bytes kept; None when `gap_reason` says why not.
    """

    media_id: str
    url: str
    fetched_at: datetime
    status: int | None
    content_type: str | None
    sha256: str | None
    size_bytes: int | None
    gap_reason: GapReason | None
    detail: str | None
