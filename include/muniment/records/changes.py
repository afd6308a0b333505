"""What happened to an item between two looks at it: the change, its window, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from muniment.records.names import AccountId, SeriesId, SnapshotId


class ChangeKind(StrEnum):
    """What happened. All but `MISSING` say it of the item; `MISSING` only of the listing."""

    APPEARED = "appeared"
    EDITED = "edited"
    HIDDEN = "hidden"  # by the account
    UNHIDDEN = "unhidden"
    MISSING = "missing"  # no longer listed: proves nothing before the item itself was asked for
    REMOVED = "removed"  # by its author or the account: the platform does not tell which
    TAKEN_DOWN = "taken-down"  # by the platform, where its hosts disagree
    REAPPEARED = "reappeared"
    AUTHOR_GONE = "author-gone"
    AUTHOR_DEACTIVATED = "author-deactivated"  # reversible: not the same as gone
    AUTHOR_BLOCKED = "author-blocked"  # by the account
    COUNTERS_MOVED = "counters-moved"


class ItemState(StrEnum):
    """What a platform answered when it was asked for one known item."""

    PRESENT = "present"
    GONE = "gone"
    HIDDEN = "hidden"
    HELD = "held"
    TAKEN_DOWN = "taken-down"
    AUTHOR_BLOCKED = "author-blocked"
    AUTHOR_GONE = "author-gone"
    AUTHOR_DEACTIVATED = "author-deactivated"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


SILENT = frozenset({ItemState.UNKNOWN, ItemState.FORBIDDEN})  # nobody answered, or would not say


class Confidence(StrEnum):
    """How much stands behind a change."""

    SEEN = "seen"  # both versions, or both lists, are sealed
    CONFIRMED = "confirmed"  # asked for twice, at least a day apart, with the same answer
    UNCONFIRMED = "unconfirmed"  # asked for once, or not yet
    OUTAGE = "outage"  # one of very many at once: an outage until a person says otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Between which two moments it happened: after `last_seen`, before `first_missing` (aware UTC).

    Each errs outward: the beginning of the capture that last saw the old state, and the end of
    the first that saw the new one.
    """

    last_seen: datetime
    first_missing: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field before and after, as text; None: absent."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question after one known item: when, what came back, and the sealed page with the answer.

    It was asked at `asked_at` and answered at `at` (aware UTC): the answer is true of some moment between.
    """

    asked_at: datetime
    at: datetime
    state: ItemState
    snapshot: SnapshotId  # of the series removed-content
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to one item of an account and series, with what shows it.

    `before` and `after` are the snapshots of the series whose pages hold the two states; `before`
    is None for what appeared and was never seen before, `after` for what no snapshot shows.
    """

    account: AccountId
    series: SeriesId
    item_id: str
    kind: ChangeKind
    window: Window
    confidence: Confidence
    before: SnapshotId | None
    after: SnapshotId | None
    probes: tuple[Probe, ...] = ()
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What is concluded of an item that vanished, with its originator (claremont-social B.23).

    `unavailable_reason` says why time or name of the originator is not known. `snapshot` is the one of the
    series removed-content that says so; not `captured_before`: the item was never captured.
    """

    change: Change
    state: ItemState
    author_id: str | None
    author_handle: str | None
    published_at: datetime | None
    unavailable_reason: str | None
    snapshot: SnapshotId
    captured_before: bool
