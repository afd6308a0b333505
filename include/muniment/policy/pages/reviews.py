"""Reviews of watched pages by persons: events of the register ``policy-reviews``, and what changed since.

A review names the clauses that were read by their hashes, so that what changed since is known
however long ago it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from muniment.evidence.register_event import RegisterEvent
from muniment.policy.pages.changes import Reading, diff_readings
from muniment.policy.scene import PageChange, PageFact
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant, parse_instant

REGISTER, REVIEWED = "policy-reviews", "reviewed"


class ReviewOutcome(StrEnum):
    """What a reviewer says of a page's text."""

    IN_ORDER = "in-order"  # the controls go by this text
    NEEDS_ACTION = "needs-action"  # something must follow from it, and has not yet


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReview:
    """A person's review of the text *sha256* of a page; `clauses` as in `PageFact`. `at` is aware UTC."""

    page: str
    sha256: str
    clauses: Mapping[str, str]
    reviewer: str
    outcome: ReviewOutcome
    note: str | None
    at: datetime


def build_review_event(review: PageReview) -> RegisterEvent:
    """Make the event that seals *review*."""
    facts: dict[str, JsonValue] = {
        "sha256": review.sha256,
        "clauses": dict(review.clauses),
        "reviewer": review.reviewer,
        "outcome": review.outcome.value,
        "note": review.note,
    }
    at = format_instant(review.at)
    stamp = "".join(filter(str.isdigit, at))
    return RegisterEvent(
        register=REGISTER,
        id=f"{REVIEWED}-{review.page}-{stamp}",
        event=REVIEWED,
        subject=review.page,
        at=at,
        by=review.reviewer,
        facts=facts,
    )


def latest_reviews(events: Iterable[RegisterEvent]) -> Mapping[str, PageReview]:
    """Return the latest review of each page, by the page's id; other events of the register are left out."""
    found: dict[str, PageReview] = {}
    for event in sorted(events, key=lambda one: (one.at, one.id)):
        if event.event == REVIEWED:
            found[event.subject] = _read(event)
    return found


def changes_since(review: PageReview, fact: PageFact) -> tuple[PageChange, ...]:
    """Return what is different in the page of *fact* from what *review* read.

    A page that cannot be read by clauses has changed whole.
    """
    return diff_readings(
        fact.page,
        Reading(sha256=review.sha256, clauses=review.clauses),
        Reading(sha256=fact.text_sha256 or "", clauses=fact.clauses),
        seen_at=fact.captured_at or review.at,
    )


def _read(event: RegisterEvent) -> PageReview:
    clauses = event.facts.get("clauses")
    outcome = str(event.facts.get("outcome"))
    note = event.facts.get("note")
    return PageReview(
        page=event.subject,
        sha256=str(event.facts.get("sha256")),
        clauses={str(label): str(value) for label, value in clauses.items()} if isinstance(clauses, dict) else {},
        reviewer=str(event.facts.get("reviewer", event.by)),
        # A word that this version does not know is no word of consent.
        outcome=ReviewOutcome(outcome) if outcome in set(ReviewOutcome) else ReviewOutcome.NEEDS_ACTION,
        note=None if note is None else str(note),
        at=parse_instant(event.at),
    )
