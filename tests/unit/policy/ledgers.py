"""Ledgers built by hand: entries of a case, as events of the register."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from muniment.evidence.register_event import RegisterEvent
from muniment.policy.moderation.cases import Action, Decision, Deed, Entry, Notice, Review, SignOff, Verdict
from muniment.policy.moderation.ledger import entry_event, fold_ledger
from muniment.records.changes import Change, ChangeKind, Confidence, Window
from muniment.records.names import AccountId, SnapshotId
from muniment.records.series import PUBLIC_COMMENTS
from tests.unit.policy.scenes import CITY, NOW

VERSION = "claremont-social-2017"
REPLY = "at://did:plc:resident/app.bsky.feed.post/3kabcdefgh234"
DAY = timedelta(days=1)
AGO = NOW - 7 * DAY  # Wednesday of the week before; the 11th is a holiday


def notice(at: datetime = AGO, **changes: Any) -> Notice:
    return Notice(**{"at": at, "how": "e-mail", "received_by": "Dana Okafor", "account": CITY, **changes})


def decision(at: datetime = AGO, **changes: Any) -> Decision:
    """A comment is hidden as spam, everything that the ground asks for stated."""
    facts: dict[str, Any] = {
        "verdict": Verdict.HIDE,
        "decided_by": "Dana Okafor",
        "grounds": ("C7-v",),
        "policy_version": VERSION,
        "rationale": "The same advertisement under nine posts",
        "duplicates": 9,
        "account": CITY,
        "item": REPLY,
    }
    return Decision(at=at, **{**facts, **changes})


def action(at: datetime = AGO, **changes: Any) -> Action:
    facts: dict[str, Any] = {"deed": Deed.HIDDEN, "acted_by": "Teodoro Vance", "account": CITY, "item": REPLY}
    return Action(at=at, **{**facts, **changes})


def block(at: datetime = AGO, **changes: Any) -> tuple[Decision, Action]:
    """Somebody is blocked, and the decision to do so."""
    who = changes.pop("originator", "loud.example")
    facts: dict[str, Any] = {"scope": "bluesky-city", "review_on": date(2027, 1, 15), "item": None, **changes}
    decided = decision(at, verdict=Verdict.BLOCK, originator=who, **facts)
    return decided, action(at, deed=Deed.BLOCKED, item=None, originator=who)


def second(at: datetime = AGO, **changes: Any) -> Review:
    return Review(**{"at": at, "reviewer": "Ioan Marchetti", "agrees": True, **changes})


def counsel(at: datetime = AGO, **changes: Any) -> SignOff:
    return SignOff(**{"at": at, "counsel": "Benedikt Osei", "agrees": True, **changes})


def events_of(cases: dict[str, Iterable[Entry]], *, entered: datetime = NOW) -> list[RegisterEvent]:
    return [
        entry_event(case, entry, now=entered, by="Dana Okafor") for case, entries in cases.items() for entry in entries
    ]


def in_register(**cases: Iterable[Entry]) -> dict[str, list[RegisterEvent]]:
    """The register `moderation` with *cases*, for `build_scene`."""
    return {"moderation": events_of({name.replace("_", "-"): entries for name, entries in cases.items()})}


def ledger_of(**cases: Iterable[Entry]) -> Any:
    return fold_ledger(in_register(**cases)["moderation"])


def change(kind: ChangeKind = ChangeKind.HIDDEN, at: datetime = AGO, **changes: Any) -> Change:
    """A change of the public's reply, seen in a window of a quarter of an hour before and after *at*."""
    facts: dict[str, Any] = {
        "account": AccountId(CITY),
        "series": PUBLIC_COMMENTS,
        "item_id": REPLY,
        "window": Window(last_seen=at - timedelta(minutes=15), first_missing=at + timedelta(minutes=15)),
        "confidence": Confidence.SEEN,
        "before": SnapshotId("20261111T194500.000000Z-0123abcd"),
        "after": SnapshotId("20261111T201500.000000Z-0123abcd"),
    }
    return Change(kind=kind, **{**facts, **changes})
