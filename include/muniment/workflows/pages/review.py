"""A person's review of a watched page: sealed in the register ``policy-reviews``, over the very text that was read."""

from __future__ import annotations

from muniment.errors import ConfigurationError
from muniment.policy.pages.reviews import PageReview, ReviewOutcome, build_review_event
from muniment.policy.scene import PageFact
from muniment.records.watched_pages import watched_pages
from muniment.workflows.pages.facts import read_page_facts
from muniment.workflows.registers import enter
from muniment.workflows.wiring import Workplace

_SHORTEST = 12  # digits of a hash that a person may give for the whole


def review_page(
    place: Workplace, page: str, *, sha256: str, outcome: ReviewOutcome, by: str, note: str | None = None
) -> str:
    """Seal that *by* reviewed *page* as captured last, and return the event's key.

    *sha256* is the digest of what was read, or its first 12 digits or more: a text that has changed
    since the reviewer saw it is not reviewed.

    Raises:
        ConfigurationError: the page is not watched or was never had, its text is another, or a
            name or note is blank.
        CustodyError: the vault did not keep the event.
    """
    fact = _find(place, page)
    if fact.text_sha256 is None:
        raise ConfigurationError(f"page {page}: expected a capture with text, found none")
    if len(sha256) < _SHORTEST or not fact.text_sha256.startswith(sha256.lower()):
        raise ConfigurationError(
            f"page {page}: expected the digest {fact.text_sha256} of its last capture, found another"
        )
    for what, text in (("name", by), ("note", note)):
        if text is not None and not (text.strip() and text.isprintable()):
            raise ConfigurationError(f"page {page}: expected a {what} in words, found none")
    review = PageReview(
        page=page,
        sha256=fact.text_sha256,
        clauses=fact.clauses,
        reviewer=by.strip(),
        outcome=outcome,
        note=note.strip() if note else None,
        at=place.clock(),
    )
    return enter(place.vault, place.agency, build_review_event(review))


def _find(place: Workplace, page: str) -> PageFact:
    known = [watched.id for watched in watched_pages(place.agency)]
    if page not in known:
        raise ConfigurationError(f"page: expected one of {', '.join(known) or 'none'}; found {page!r}")
    facts = read_page_facts(place)
    if page not in facts:
        raise ConfigurationError(f"page {page}: expected a capture of it, found none")
    return facts[page]
