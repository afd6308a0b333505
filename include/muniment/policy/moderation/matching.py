"""The ledger held against what captures show: what is unexplained, what was not observed, what was never captured.

No finding names an item or a person: the items stand in the sealed rows, by account, series and snapshot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from muniment.evidence.findings import Finding
from muniment.policy.moderation.cases import Action, Case, Deed, Ledger
from muniment.policy.moderation.observations import DEEDS, TOLERANCE, explains, item_key, list_ours, same_item
from muniment.records.agency import Agency
from muniment.records.changes import Change, ChangeKind
from muniment.records.names import AccountId, format_instant

_SEEN_DEEDS = frozenset(
    {Deed.REMOVED, Deed.HIDDEN}
)  # what a capture must show; a block shows only where there are items
_GOING = frozenset(ChangeKind) - {ChangeKind.APPEARED, ChangeKind.EDITED, ChangeKind.COUNTERS_MOVED}
_Shown: TypeAlias = Mapping[tuple[str, str], Sequence[Change]]
_SERVER = "; its author may have removed it: the platform does not tell the two apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What captures show of the agency's accounts from `since` on.

    `captured_at` has, for each account, when the latest accepted capture of what the public wrote
    began; `find_items` tells, of those of the names asked for that this capture lists, whether
    the public still sees the item.
    """

    agency: Agency
    since: datetime
    changes: Collection[Change]
    captured_at: Mapping[AccountId, datetime]
    find_items: Callable[[Collection[str]], Mapping[str, bool]]


def match_ledger(ledger: Ledger, observed: Observed) -> tuple[Finding, ...]:
    """Return M001, M002 and M009, and M012 where nobody's name stands for what was never captured."""
    actions = [(case.id, action) for case in ledger.cases.values() for action in case.all(Action)]
    shown = _changes_by_item(observed.changes)
    waiting = list(_unmatched(actions, observed, shown))
    listed = observed.find_items({action.item for _, action in waiting if action.item is not None})
    unseen = [
        *((case, action) for case, action in waiting if action.item not in listed),
        *((case, action) for case, action in actions if _was_unseen(action, shown)),
    ]
    return (
        *_unexplained(_index(action for _, action in actions), observed),
        *(_not_done(case, action, observed) for case, action in waiting if listed.get(action.item or "")),
        *(_unseen(case, action) for case, action in unseen),
        *(_nameless(case) for case, action in unseen if not _is_named(ledger.cases[case], action)),
    )


def count_explained(ledger: Ledger, observed: Observed) -> tuple[int, int]:
    """Return how many observed changes the agency could have made, and how many of them the ledger explains."""
    actions = _index(action for case in ledger.cases.values() for action in case.all(Action))
    ours = list_ours(observed.changes, observed.agency)
    return len(ours), sum(any(explains(action, change) for action in actions.of(change)) for change in ours)


@dataclass(frozen=True, slots=True)
class _Actions:
    """Actions by account and item; a block is of a person, and may explain any item."""

    by_item: Mapping[tuple[str, str], Sequence[Action]]
    blocks: Sequence[Action]

    def of(self, change: Change) -> Iterator[Action]:
        """Yield those that might be what *change* shows."""
        yield from self.by_item.get((change.account, item_key(change.item_id)), ())
        yield from self.blocks


def _index(actions: Iterable[Action]) -> _Actions:
    by_item: dict[tuple[str, str], list[Action]] = defaultdict(list)
    blocks: list[Action] = []
    for action in actions:
        if action.item is not None:
            by_item[action.account, item_key(action.item)].append(action)
        if action.deed is Deed.BLOCKED:
            blocks.append(action)
    return _Actions(by_item, blocks)


def _unexplained(known: _Actions, observed: Observed) -> Iterator[Finding]:
    found: dict[tuple[str, str, str, ChangeKind], list[Change]] = defaultdict(list)
    for change in list_ours(observed.changes, observed.agency):
        if not any(explains(action, change) for action in known.of(change)):
            found[change.account, change.series, change.after or change.before or "none", change.kind].append(change)
    for (account, series, snapshot, kind), changes in found.items():
        begins, ends = _span(changes)
        elsewhen = sum(any(_is_elsewhen(action, change) for action in known.of(change)) for change in changes)
        told = f", of which {elsewhen} with an action of another time" if elsewhen else ""
        note = _SERVER if kind is ChangeKind.REMOVED else ""
        yield Finding(
            "M001",
            f"{account} {series} {snapshot} {kind}",
            f"expected an action in the ledger between {begins} and {ends} for each of {len(changes)} "
            f"{kind.value.replace('-', ' ')}, found none{told}{note}",
            len(changes),
        )


def _span(changes: Iterable[Change]) -> tuple[str, str]:
    windows = [change.window for change in changes]
    begins, ends = min(one.last_seen for one in windows), max(one.first_missing for one in windows)
    return _spell(begins), _spell(ends)


def _spell(moment: datetime) -> str:
    return f"{format_instant(moment)[:16]}Z"


def _is_elsewhen(action: Action, change: Change) -> bool:
    fits = action.account == change.account and action.deed in DEEDS.get(change.kind, frozenset())
    return fits and action.item is not None and same_item(action.item, change.item_id)


def _not_done(case: str, action: Action, observed: Observed) -> Finding:
    detail = (
        f"expected {action.account} without what was {action.deed} at {_spell(action.at)}, "
        f"found it shown by the capture of {_spell(observed.captured_at[AccountId(action.account)])}"
    )
    return Finding("M002", f"case {case}", detail)


def _changes_by_item(changes: Iterable[Change]) -> _Shown:
    found: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        if change.kind in _GOING:
            found[change.account, item_key(change.item_id)].append(change)
    return found


def _was_unseen(action: Action, shown: _Shown) -> bool:
    of_item = shown.get((action.account, item_key(action.item or "")), ())
    return any(change.before is None and explains(action, change) for change in of_item)


def _unseen(case: str, action: Action) -> Finding:
    when = _spell(action.at)
    detail = f"expected a capture of it on {action.account} from before it was {action.deed} at {when}, found none"
    return Finding("M009", f"case {case}", detail)


def _is_named(case: Case, action: Action) -> bool:
    return action.unavailable is not None or case.first("originator") is not None


def _nameless(case: str) -> Finding:
    detail = "expected the originator's name, or why it is not known, of what was never captured; found neither"
    return Finding("M012", f"case {case}", detail)


def _unmatched(
    actions: Iterable[tuple[str, Action]], observed: Observed, shown: _Shown
) -> Iterator[tuple[str, Action]]:
    """Yield actions that a capture could have shown, and of whose items no change was seen, not even a doubtful one."""
    for case, action in actions:
        captured = observed.captured_at.get(AccountId(action.account))
        if action.deed not in _SEEN_DEEDS or action.item is None or action.at < observed.since or captured is None:
            continue
        if captured > action.at + TOLERANCE and (action.account, item_key(action.item)) not in shown:
            yield case, action
