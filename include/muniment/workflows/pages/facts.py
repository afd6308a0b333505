"""What the checks know of watched pages: each as it was last captured, and what changed from capture to capture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from muniment.evidence.layout import MANIFEST, taken_at_of
from muniment.evidence.manifest import Manifest
from muniment.policy.pages.changes import diff_readings
from muniment.policy.scene import PageChange, PageFact
from muniment.records.names import parse_instant
from muniment.records.watched_pages import watched_pages
from muniment.validation.judge import ACCEPTED
from muniment.workflows.pages.readings import list_page_manifests, read_page_text, was_shown
from muniment.workflows.wiring import Workplace


def read_page_facts(place: Workplace, *, until: datetime | None = None) -> Mapping[str, PageFact]:
    """Return each watched page as its latest capture before *until* (aware) has it; one never captured is left out.

    A page that the server did not show has no status, no text and no clauses.

    Raises:
        ManifestError: a manifest is not of its specified form.
        ParseError: a rows file is not whole.
        CustodyError: the store did not answer, or something is missing.
    """
    found: dict[str, PageFact] = {}
    for page in watched_pages(place.agency):
        latest = next(list_page_manifests(place, page.id, until=until), None)
        if latest is not None:
            found[page.id] = _fact(place, page.id, latest)
    return found


def list_page_changes(place: Workplace, *, since: datetime, until: datetime | None = None) -> tuple[PageChange, ...]:
    """Return what changed in watched pages between accepted captures in [*since*, *until*), by page and time.

    The last capture before *since* is compared with too; a page's first capture changes nothing.

    Raises:
        as `read_page_facts`.
    """
    return tuple(change for page in watched_pages(place.agency) for change in _changes(place, page.id, since, until))


def _fact(place: Workplace, page: str, manifest: Manifest) -> PageFact:
    text = read_page_text(place, manifest) if was_shown(manifest) else None
    reading = text.reading() if text is not None and text.whole is not None else None
    return PageFact(
        page=page,
        status=200 if text is not None else None,
        text_sha256=reading.sha256 if reading else None,
        text="\n".join(filter(None, (text.whole, text.surroundings))) if text and reading else None,
        captured_at=parse_instant(manifest.ended_at),
        key=manifest.address.key(MANIFEST),
        clauses=reading.clauses if reading else {},
    )


def _changes(place: Workplace, page: str, since: datetime, until: datetime | None) -> Iterator[PageChange]:
    accepted = _accepted(place, page, since, until)
    before = None
    for manifest in accepted:
        # A capture whose rows are all unchanged reads as the one before it.
        moved = manifest.rows.new or manifest.rows.changed or manifest.rows.gone
        if before is None or moved:
            after = read_page_text(place, manifest).reading()
            if before is not None:
                yield from diff_readings(page, before, after, seen_at=parse_instant(manifest.ended_at))
            before = after


def _accepted(place: Workplace, page: str, since: datetime, until: datetime | None) -> list[Manifest]:
    """Return the accepted captures of the span and the last one before it, earliest first."""
    found: list[Manifest] = []
    for manifest in list_page_manifests(place, page, until=until):
        if manifest.verdict.outcome == ACCEPTED:
            found.append(manifest)
            if taken_at_of(manifest.snapshot) < since:
                break
    return found[::-1]
