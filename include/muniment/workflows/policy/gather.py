"""Gather one agency's evidence for the checks of its clauses, from the vault and from nowhere else but its files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache

from muniment.policy.scene import ItemFact, Scene, SnapshotFact
from muniment.records.changes import Change, ChangeKind
from muniment.records.names import SeriesId
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, REMOVED_CONTENT
from muniment.workflows.changes.listing import make_pairs, tell_changes
from muniment.workflows.findings_register import list_entries
from muniment.workflows.history import list_pairs, read_span
from muniment.workflows.pages.facts import list_page_changes, read_page_facts
from muniment.workflows.policy.articles import read_articles
from muniment.workflows.policy.captures import count_captures
from muniment.workflows.policy.items import read_profiles, stream_items
from muniment.workflows.policy.keeping import read_keeping, read_scopes
from muniment.workflows.policy.shelf import Shelf
from muniment.workflows.policy.snapshots import list_facts
from muniment.workflows.registers import read_events
from muniment.workflows.removed import list_removals
from muniment.workflows.wiring import Workplace

# What checks judge of the changes. What appeared, and counters that moved, are too many to hold,
# and no clause speaks of them.
_KINDS = frozenset(ChangeKind) - {ChangeKind.APPEARED, ChangeKind.COUNTERS_MOVED}
_CHANGING = (OFFICIAL_POSTS, PUBLIC_COMMENTS)


def gather_scene(place: Workplace, *, since: datetime, until: datetime | None = None) -> Scene:
    """Return the evidence of [*since*, *until*) (aware; *until* is now where it is left out).

    Items are not held: each call of `posts` or `comments` reads the latest accepted snapshots anew,
    whose files are fetched once and go with the scene.

    Raises:
        EvidenceError: a manifest or an event is not of its form.
        ParseError: a rows file is not whole.
        StoreUnavailableError: the store did not answer.
    """
    now = until or place.clock()
    snapshots, changes = _read_captures(place, since, now)
    latest, shelf = _latest_accepted(snapshots), Shelf(place)

    def items(series: SeriesId) -> Iterator[ItemFact]:
        return stream_items(place, [fact for fact in latest if fact.series == series], shelf=shelf)

    return Scene(
        agency=place.agency,
        since=since,
        now=now,
        snapshots=snapshots,
        profiles=read_profiles(place, latest, shelf=shelf),
        posts=lambda: items(OFFICIAL_POSTS),
        comments=lambda: items(PUBLIC_COMMENTS),
        changes=changes,
        events=cache(lambda register: read_events(place.vault, register)),
        pages=read_page_facts(place, until=now),
        page_changes=list_page_changes(place, since=since, until=now),
        open_findings=tuple(entry.finding for entry in list_entries(place.vault)),
        scopes=read_scopes(place),
        keeping=read_keeping(place),
        seen_articles=cache(lambda: read_articles(place, snapshots)),
        coverage=tuple(count_captures(place, since, now)),
    )


def _latest_accepted(snapshots: tuple[SnapshotFact, ...]) -> list[SnapshotFact]:
    found = {(fact.account, fact.series): fact for fact in snapshots if fact.accepted}  # in their order: the last stays
    return list(found.values())


def _read_captures(
    place: Workplace, since: datetime, until: datetime
) -> tuple[tuple[SnapshotFact, ...], tuple[Change, ...]]:
    """Return the snapshots as facts, and what changed from each to the next; each manifest is read once."""
    snapshots: list[SnapshotFact] = []
    changes: list[Change] = []
    for account, series in list_pairs(place.vault):
        manifests = tuple(read_span(place.vault, series, account, since=since, until=until))
        snapshots += list_facts(manifests, since)
        if series in _CHANGING:
            changes += tell_changes(place, make_pairs(manifests), kinds=_KINDS)
        elif series == REMOVED_CONTENT and manifests:
            changes += (one.change for one in list_removals(place, account, since=since, until=until))
    return tuple(snapshots), tuple(changes)
