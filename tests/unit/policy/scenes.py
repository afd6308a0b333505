"""Scenes built by hand: what a check judges, without a store. Everything that is not named is empty.

`claremont` is the demonstration city as its files have it; `build_scene` makes a scene of it, and
`sound_scene` one in which every account was captured an hour ago and nothing is amiss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from muniment.evidence.register_event import RegisterEvent
from muniment.policy.scene import CoverageFact, ItemFact, KeepingFact, PageFact, ProfileFact, Scene, SnapshotFact
from muniment.records.agency import Account, AccountStatus, Agency
from muniment.records.changes import Change, ChangeKind, Confidence, Window
from muniment.records.names import AccountId, SeriesId, SnapshotId, format_instant
from muniment.records.policy import AgencyPolicy
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS
from muniment.register.load import load_agency

ROOT = Path(__file__).resolve().parents[3]
AGENCIES = ROOT / "include" / "agencies"
NOW = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)  # a Wednesday, noon in Los Angeles
SINCE = NOW - timedelta(days=31)
SNAPSHOT = SnapshotId("2026-11-18t190000z-0000000000")
CITY = AccountId("bluesky-city")
NEWS = AccountId("website-news")


@cache
def claremont(name: str = "claremont") -> Agency:
    """Return the agency *name* as its own files have it."""
    return load_agency(AGENCIES / name, simulator="http://127.0.0.1:9")


def with_account(agency: Agency, account_id: str, **changes: Any) -> Agency:
    """Return *agency* with fields of one account changed."""
    return replace(
        agency,
        accounts=tuple(replace(one, **changes) if one.id == account_id else one for one in agency.accounts),
    )


def with_policy(agency: Agency, **changes: Any) -> Agency:
    """Return *agency* with fields of its policy changed."""
    assert agency.policy is not None
    return replace(agency, policy=replace(agency.policy, **changes))


def policy_of(agency: Agency) -> AgencyPolicy:
    assert agency.policy is not None
    return agency.policy


def account_of(agency: Agency, account_id: str) -> Account:
    found = agency.account(AccountId(account_id))
    assert found is not None
    return found


def build_scene(
    agency: Agency | None = None,
    *,
    posts: Iterable[ItemFact] = (),
    comments: Iterable[ItemFact] = (),
    events: Mapping[str, Iterable[RegisterEvent]] | None = None,
    **facts: Any,
) -> Scene:
    """Return a scene of *agency* with the facts given; everything else is empty.

    *events* maps a register to its events; *facts* are other fields of `Scene`.
    """
    kept_posts, kept_comments = tuple(posts), tuple(comments)
    registers = {name: tuple(found) for name, found in (events or {}).items()}
    empty: dict[str, Any] = {
        "since": SINCE,
        "now": NOW,
        "snapshots": (),
        "profiles": {},
        "changes": (),
        "pages": {},
        "page_changes": (),
        "open_findings": (),
        "scopes": {},
    }
    return Scene(
        agency=agency or claremont(),
        posts=lambda: iter(kept_posts),
        comments=lambda: iter(kept_comments),
        events=lambda register: registers.get(register, ()),
        **{**empty, **facts},
    )


def snapshot(account: str = CITY, series: str = OFFICIAL_POSTS, **changes: Any) -> SnapshotFact:
    """Return an accepted snapshot, taken an hour ago."""
    facts: dict[str, Any] = {
        "snapshot": SNAPSHOT,
        "key": f"records/series={series}/account={account}/volume=2026-11/snapshot={SNAPSHOT}/manifest.json",
        "began_at": NOW - timedelta(hours=1),
        "ended_at": NOW - timedelta(hours=1) + timedelta(minutes=1),
        "accepted": True,
        "listed": 12,
        "gaps": 0,
    }
    return SnapshotFact(account=AccountId(account), series=SeriesId(series), **{**facts, **changes})


def profile(account: str = CITY, **changes: Any) -> ProfileFact:
    """Return a profile that says what the agency's file asks for, captured an hour ago."""
    asked = policy_of(claremont()).profile
    assert asked is not None
    said = ". ".join([*asked.officially_maintained[:1], *asked.complies_with_policy[:1], *asked.contact[:1]])
    links = (*asked.website[:1], *asked.policy_links)
    facts: dict[str, Any] = {
        "snapshot": SNAPSHOT,
        "key": snapshot(account).key,
        "name": "City of Claremont (demonstration)",
        "text": f"{said}. {' '.join(links)}",
        "links": links,
        "pictures": asked.logo_sha256[:1],
        "captured_at": NOW - timedelta(hours=1),
    }
    return ProfileFact(account=AccountId(account), **{**facts, **changes})


def post(item_id: str = "post-1", account: str = CITY, **changes: Any) -> ItemFact:
    """Return an official post of the account, published yesterday."""
    facts: dict[str, Any] = {
        "series": OFFICIAL_POSTS,
        "snapshot": SNAPSHOT,
        "kind": "post",
        "url": f"https://{account}.example/{item_id}",
        "author_id": f"did:plc:{account}",
        "author_handle": account_of(claremont(), account).handle,
        "published_at": NOW - timedelta(days=1),
        "edited_at": None,
        "text": "Crews replace the water main on Second Street between Yale and Harvard.",
        "reply_parent_id": None,
        "reply_root_id": None,
        "visibility": "public",
        "links": (),
        "media": (),
    }
    return ItemFact(account=AccountId(account), item_id=item_id, **{**facts, **changes})


def article(item_id: str = "article-1", **changes: Any) -> ItemFact:
    """Return an article of the City's website."""
    return post(item_id, NEWS, **{"kind": "article", **changes})


def comment(item_id: str = "comment-1", account: str = CITY, **changes: Any) -> ItemFact:
    """Return a comment by a resident under a post of the account."""
    facts: dict[str, Any] = {
        "series": PUBLIC_COMMENTS,
        "kind": "reply",
        "author_id": "did:plc:resident",
        "author_handle": "resident.example",
        "text": "Thank you for the notice.",
        "reply_parent_id": "post-1",
        "reply_root_id": "post-1",
    }
    return post(item_id, account, **{**facts, **changes})


def page(page_id: str = "social-media-policy", **changes: Any) -> PageFact:
    """Return a watched page as it was captured this morning."""
    text = changes.get("text", f"The text of {page_id}.")
    facts: dict[str, Any] = {
        "status": 200,
        "text": text,
        "text_sha256": sha256(text.encode()).hexdigest() if text is not None else None,
        "captured_at": NOW - timedelta(hours=6),
        "key": snapshot(page_id, "policies").key,
        "clauses": {"B.6": "0" * 64},
    }
    return PageFact(page=page_id, **{**facts, **changes})


def event(register: str, what: str, subject: str, **changes: Any) -> RegisterEvent:
    """Return an event of *register* of yesterday."""
    facts: dict[str, Any] = {
        "id": f"{what}-{subject}",
        "at": format_instant(NOW - timedelta(days=1)),
        "by": "pio",
        "facts": {},
    }
    return RegisterEvent(register=register, event=what, subject=subject, **{**facts, **changes})


def change(kind: ChangeKind, item_id: str = "post-1", account: str = CITY, **changes: Any) -> Change:
    """Return what happened to an item between two captures of yesterday."""
    facts: dict[str, Any] = {
        "series": OFFICIAL_POSTS,
        "window": Window(last_seen=NOW - timedelta(hours=30), first_missing=NOW - timedelta(hours=29)),
        "confidence": Confidence.SEEN,
        "before": SnapshotId("2026-11-17t140000z-0000000000"),
        "after": SnapshotId("2026-11-17t150000z-0000000000"),
    }
    return Change(account=AccountId(account), item_id=item_id, kind=kind, **{**facts, **changes})


def sound_scene(agency: Agency | None = None, **facts: Any) -> Scene:
    """Return a scene in which every active account was captured, and its website has what it posts."""
    agency = agency or claremont()
    active = [one for one in agency.accounts if one.status is AccountStatus.ACTIVE]
    with_profiles = [one.id for one in active if one.platform in ("bluesky", "mastodon")]
    sound: dict[str, Any] = {
        "snapshots": tuple(snapshot(one.id, series) for one in active for series in one.series),
        "profiles": {name: profile(name) for name in with_profiles},
        "posts": [article(), *(post(f"post-{name}", name) for name in with_profiles)],
        "comments": [comment(f"comment-{name}", name) for name in with_profiles],
        "pages": {one.id: page(one.id) for one in policy_of(agency).pages},
        "keeping": sound_keeping(),
        "coverage": tuple(coverage(one.id, series) for one in active for series in one.series),
    }
    return build_scene(agency, **{**sound, **facts})


def coverage(account: str = CITY, series: str = OFFICIAL_POSTS, **changes: Any) -> CoverageFact:
    """Return the captures of a span in which none was missed."""
    facts: dict[str, Any] = {"due": 700, "accepted": 700, "quarantined": 0, "missed": 0}
    return CoverageFact(account=AccountId(account), series=SeriesId(series), **{**facts, **changes})


def sound_keeping(**changes: Any) -> KeepingFact:
    """Return a vault that was read again, tried and compared last night."""
    facts: dict[str, Any] = {
        "units": 40,
        "overdue": 0,
        "reread_within_days": 30,
        "second_copy": True,
        "examined_at": NOW - timedelta(hours=17),
        "examined_passed": True,
        "compared_at": NOW - timedelta(hours=17),
    }
    return KeepingFact(**{**facts, **changes})
