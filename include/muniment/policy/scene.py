"""What the checks of the clauses judge: one agency's evidence over a span of time, read before they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from muniment.evidence.findings import Finding
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency
from muniment.records.changes import Change
from muniment.records.names import AccountId, SeriesId, SnapshotId


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFact:
    """One finished snapshot, as its manifest tells it. `key` is the manifest's."""

    account: AccountId
    series: SeriesId
    snapshot: SnapshotId
    key: str
    began_at: datetime
    ended_at: datetime
    accepted: bool
    listed: int  # rows that were there
    gaps: int
    fresh: int = 0  # of these, new or changed since the snapshot before


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFact:
    """What an account's profile said at the latest accepted capture."""

    account: AccountId
    snapshot: SnapshotId
    key: str  # of the manifest
    name: str | None
    text: str | None
    links: tuple[str, ...]
    pictures: tuple[str, ...]  # SHA-256 of the media kept, 64 lower hex digits
    captured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFact:
    """One post, comment or article as the latest accepted snapshot has it."""

    account: AccountId
    series: SeriesId
    snapshot: SnapshotId
    item_id: str
    kind: str
    url: str | None
    author_id: str | None
    author_handle: str | None
    published_at: datetime | None
    edited_at: datetime | None
    text: str | None
    reply_parent_id: str | None
    reply_root_id: str | None
    visibility: str
    links: tuple[str, ...]
    media: tuple[str, ...]  # SHA-256 of those that were kept
    media_explained: int = 0  # not kept, with a gap that says why
    media_missing: int = 0  # neither kept nor explained


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFact:
    """A watched page at its latest capture; `status` None when it could not be had.

    `clauses` maps the label of each clause found in it (``B.6``) to the SHA-256 of its text.
    """

    page: str  # the id of the WatchedPage
    status: int | None
    text_sha256: str | None
    text: str | None
    captured_at: datetime | None
    key: str | None
    clauses: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageChange:
    """A clause of a watched page that appeared, changed or went between two captures."""

    page: str
    label: str  # B.6
    kind: str  # appeared, changed, gone
    before_sha256: str | None
    after_sha256: str | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingFact:
    """How the vault is kept: what was read again, and when its stores were last tried and compared.

    A unit is a snapshot or a part of the log; `overdue` counts those, in every copy, that nobody
    read within the agency's own period.
    """

    units: int
    overdue: int
    reread_within_days: int
    second_copy: bool
    examined_at: datetime | None  # None: never
    examined_passed: bool
    compared_at: datetime | None  # None: never


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFact:
    """How many captures of an account's series were due in the span, and what became of them.

    `unsealed` counts those that were missed more than a day ago and of which no sealed gap tells.
    """

    account: AccountId
    series: SeriesId
    due: int
    accepted: int
    quarantined: int
    missed: int
    unsealed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One agency's evidence from `since` until `now` (aware UTC).

    What may be long is read anew on each call: `posts` (series official-posts, articles of the
    website among them) and `comments` yield items one at a time; `events` returns a register.
    """

    agency: Agency
    since: datetime
    now: datetime
    snapshots: tuple[SnapshotFact, ...]
    profiles: Mapping[AccountId, ProfileFact]
    posts: Callable[[], Iterator[ItemFact]]
    comments: Callable[[], Iterator[ItemFact]]
    changes: tuple[Change, ...]
    events: Callable[[str], tuple[RegisterEvent, ...]]
    pages: Mapping[str, PageFact]
    page_changes: tuple[PageChange, ...]
    open_findings: tuple[Finding, ...]
    scopes: Mapping[AccountId, tuple[str, ...]]  # of credentials, as the platform told them; absent: no credentials
    keeping: KeepingFact | None = None  # None: not gathered
    coverage: tuple[CoverageFact, ...] | None = None  # None: not gathered
    # Articles of the website that any capture since then saw, each as last seen: a feed lists its newest
    # only. None: not gathered, and `posts` has those that are listed now.
    seen_articles: Callable[[], tuple[ItemFact, ...]] | None = None
