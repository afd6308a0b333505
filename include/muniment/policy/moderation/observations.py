"""Which observed changes the agency itself could have made, and which entry of the ledger speaks of which item.

An author's own deletion looks like a removal. Where the platform tells the two apart, only what
the agency has the power to do is held against its ledger:

- On Bluesky an account cannot delete what others wrote. Their records are gone when their own
  host lacks them, by their own hand. The account can hide replies under its threads, and block.
- On Mastodon an account cannot delete what others wrote either, but whoever runs the server can.
  So it counts where the account's server is under the agency's own domains; even there the
  author may have been the one, and the finding says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from muniment.policy.moderation.cases import Action, Deed
from muniment.records.agency import Account, Agency, Platform
from muniment.records.changes import Change, ChangeKind, Confidence
from muniment.records.series import OFFICIAL_POSTS, SUBSCRIBER_LISTS

TOLERANCE = timedelta(minutes=15)  # a person writes down a time to the quarter of an hour
_SHORTEST_NAME = 8  # of an item within its author's: anything shorter is no id of these platforms

DEEDS = {
    ChangeKind.HIDDEN: frozenset(Deed),
    ChangeKind.REMOVED: frozenset({Deed.REMOVED, Deed.FILTERED}),
    ChangeKind.AUTHOR_BLOCKED: frozenset({Deed.BLOCKED}),
}
_SURE = frozenset({Confidence.SEEN, Confidence.CONFIRMED})


def could_be_ours(change: Change, agency: Agency) -> bool:
    """Tell whether *change* is sure, is of what the public wrote, and is one that the agency had the power to make."""
    account = agency.account(change.account)
    if account is None or change.confidence not in _SURE or change.series in (OFFICIAL_POSTS, SUBSCRIBER_LISTS):
        return False
    if change.kind in (ChangeKind.HIDDEN, ChangeKind.AUTHOR_BLOCKED):
        return True
    return change.kind is ChangeKind.REMOVED and runs_server(account, agency)


def list_ours(changes: Iterable[Change], agency: Agency) -> tuple[Change, ...]:
    """Return the *changes* that the agency could have made, each once.

    A listing and a probe may both show what happened to an item, and a listing shows what a blocked
    author wrote as hidden: of those at one time a block is kept, else the narrower window.
    """
    kept: list[Change] = []
    told: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in sorted((one for one in changes if could_be_ours(one, agency)), key=_rank):
        same = told[change.account, change.item_id]
        if not any(_overlap(change, other) for other in same):
            same.append(change)
            kept.append(change)
    return tuple(sorted(kept, key=lambda one: (one.window.first_missing, one.account, one.item_id)))


def _rank(change: Change) -> tuple[bool, timedelta]:
    return change.kind is not ChangeKind.AUTHOR_BLOCKED, change.window.first_missing - change.window.last_seen


def _overlap(one: Change, other: Change) -> bool:
    return one.window.last_seen <= other.window.first_missing and other.window.last_seen <= one.window.first_missing


def runs_server(account: Account, agency: Agency) -> bool:
    """Tell whether the agency runs the server that *account* lives on: a Mastodon server under its own domains."""
    host = urlsplit(account.address).hostname or ""
    own = any(host == domain or host.endswith(f".{domain}") for domain in agency.email_domains)
    return account.platform is Platform.MASTODON and own


def explains(action: Action, change: Change) -> bool:
    """Tell whether *action* is what *change* shows: the same account and item, the fitting deed, the right time."""
    return (
        action.account == change.account
        and action.deed in DEEDS.get(change.kind, frozenset())
        and within(action.at, change)
        and _is_about(action, change)
    )


def within(moment: datetime, change: Change) -> bool:
    """Tell whether *moment* lies in the window of *change*, give or take `TOLERANCE`."""
    window = change.window
    return window.last_seen - TOLERANCE <= moment <= window.first_missing + TOLERANCE


def same_item(one: str, other: str) -> bool:
    """Tell whether two names are of one item: the same id, or an id and the address that ends in it."""
    return item_key(one) == item_key(other)


def item_key(text: str) -> str:
    """Return what an item's id and its address have in common: the end of the path, where that is long enough."""
    end = text.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return end if len(end) >= _SHORTEST_NAME else text


def _is_about(action: Action, change: Change) -> bool:
    if action.item is not None and same_item(action.item, change.item_id):
        return True
    if action.deed is not Deed.BLOCKED:
        return False
    # A block is of a person: every item of theirs changes with it. A DID can be compared with an
    # item's id; a handle cannot, and then the account and the time must do, for what is known to be a block.
    who = action.originator or ""
    if who.startswith("did:"):
        return who in change.item_id
    return change.kind is ChangeKind.AUTHOR_BLOCKED
