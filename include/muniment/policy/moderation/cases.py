"""What the moderation ledger holds: the entries of a case, the case, and the ledger of all of them.

A case runs from a notice to its end: notice, decision, action, second review, counsel's sign-off,
reversal. Whichever was entered first begins it. Who is a person of the public stands in
`originator` and `item` alone, and in no id (claremont-social B.23, C.7, C.9, D.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar


class Verdict(StrEnum):
    """What was decided. `NO_VIOLATION` and `LEFT_UP` change nothing on the platform, and count all the same."""

    NO_VIOLATION = "no-violation"  # no ground applies
    LEFT_UP = "left-up"  # a ground was weighed, and the item stays
    REMOVE = "remove"
    HIDE = "hide"
    BLOCK = "block"
    WORD_FILTER = "word-filter"


TAKES_DOWN = frozenset({Verdict.REMOVE, Verdict.HIDE, Verdict.BLOCK, Verdict.WORD_FILTER})


class Deed(StrEnum):
    """What somebody did on the platform."""

    REMOVED = "removed"
    HIDDEN = "hidden"
    BLOCKED = "blocked"
    FILTERED = "filtered"


DEED_OF = {
    Verdict.REMOVE: Deed.REMOVED,
    Verdict.HIDE: Deed.HIDDEN,
    Verdict.BLOCK: Deed.BLOCKED,
    Verdict.WORD_FILTER: Deed.FILTERED,
}


class Undoing(StrEnum):
    """How an action was taken back."""

    RESTORED = "restored"
    UNHIDDEN = "unhidden"
    UNBLOCKED = "unblocked"  # because the block was wrong
    BLOCK_ENDED = "block-ended"  # because its time was over


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody told the agency, or staff saw for themselves, that something may break the policy."""

    at: datetime  # aware, as every time here
    how: str  # e-mail, telephone, counter, monitoring
    received_by: str
    account: str | None = None
    item: str | None = None  # the platform's id, or the address
    originator: str | None = None  # the author's name on the platform
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided, on which grounds, by whom, under which version of the policy.

    A ground is a code of the agency's policy, with its part after a slash: ``C7-i/threat``.
    """

    at: datetime
    verdict: Verdict
    decided_by: str
    grounds: tuple[str, ...] = ()
    policy_version: str | None = None
    rationale: str | None = None
    account: str | None = None
    item: str | None = None
    originator: str | None = None
    law: str | None = None  # law-cited
    reference: str | None = None  # notice-reference
    duplicates: int | None = None  # duplicate-count
    terms: str | None = None  # terms-snapshot
    referral: str | None = None
    scope: str | None = None  # of a block: where and from what
    review_on: date | None = None  # of a block
    ends_on: date | None = None  # of a block; None: until somebody ends it


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What was done on the platform. `unavailable` says why the originator's name is not known (B.23)."""

    at: datetime
    deed: Deed
    acted_by: str
    account: str
    item: str | None = None
    originator: str | None = None
    unavailable: str | None = None
    filter: str | None = None  # the filter or block list that did it


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the second reviewer says of the decision."""

    at: datetime
    reviewer: str
    agrees: bool
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """What counsel says. `override` lets a ground be used that is switched off."""

    at: datetime
    counsel: str
    agrees: bool
    override: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """An action was taken back, or a block ended."""

    at: datetime
    how: Undoing
    reversed_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockReview:
    """A block was reviewed and stands, until it is reviewed again on `review_on`."""

    at: datetime
    reviewer: str
    review_on: date
    reason: str


Entry: TypeAlias = Notice | Decision | Action | Review | SignOff | Reversal | BlockReview
KINDS: Mapping[str, type[Entry]] = {
    "notice": Notice,
    "decision": Decision,
    "action": Action,
    "review": Review,
    "counsel": SignOff,
    "reversal": Reversal,
    "block-review": BlockReview,
}
KIND_OF = {kind: name for name, kind in KINDS.items()}
Kind = TypeVar("Kind", Notice, Decision, Action, Review, SignOff, Reversal, BlockReview)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """An entry, with the event that holds it: when and by whom it was entered."""

    entry: Entry
    event: str
    entered_at: datetime
    entered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case: its entries by when they happened."""

    id: str
    entered: tuple[Entered, ...] = ()

    def all(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return its entries of *kind*, by when they happened."""
        return tuple(one.entry for one in self.entered if isinstance(one.entry, kind))

    @property
    def decision(self) -> Decision | None:
        """Return the decision that stands: the latest."""
        return decisions[-1] if (decisions := self.all(Decision)) else None

    @property
    def takes_down(self) -> Decision | None:
        """Return the decision that stands where something is to be removed, hidden, filtered or blocked."""
        decision = self.decision
        return decision if decision is not None and decision.verdict in TAKES_DOWN else None

    @property
    def stands(self) -> bool:
        """Tell whether what was done has not been taken back."""
        actions, reversals = self.all(Action), self.all(Reversal)
        return bool(actions) and (not reversals or reversals[-1].at < actions[-1].at)

    def first(self, name: str) -> str | None:
        """Return the first text that an entry gives as *name*: account, item or originator."""
        found = (getattr(one.entry, name, None) for one in self.entered)
        return next((text for text in found if isinstance(text, str)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterVersion:
    """One version of a list of words or of blocked accounts, in force from `since` until `until` (None: still)."""

    list: str
    kind: str  # words, accounts
    number: int  # counted from 1
    sha256: str  # of the file, 64 lower hex digits
    lines: tuple[str, ...]
    accounts: tuple[str, ...]  # on which it works
    since: datetime
    until: datetime | None
    added_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Every case by its id, and every version of every list."""

    cases: Mapping[str, Case]
    filters: tuple[FilterVersion, ...]
