"""The finished snapshots of a span, as facts; and of each account and series the last before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from muniment.evidence.layout import MANIFEST, taken_at_of
from muniment.evidence.manifest import Manifest
from muniment.policy.scene import SnapshotFact
from muniment.records.names import parse_instant
from muniment.workflows.history import count_listed, list_pairs, read_span
from muniment.workflows.wiring import Workplace


def read_snapshots(place: Workplace, since: datetime, until: datetime) -> tuple[SnapshotFact, ...]:
    """Return the finished snapshots taken in [*since*, *until*), and of each account and series the last before.

    Raises:
        ManifestError: a manifest is not of its specified form.
        StoreUnavailableError: the store did not answer.
    """
    found: list[SnapshotFact] = []
    for account, series in list_pairs(place.vault):
        found += list_facts(read_span(place.vault, series, account, since=since, until=until), since)
    return tuple(found)


def list_facts(manifests: Iterable[Manifest], since: datetime) -> list[SnapshotFact]:
    """Return the facts of *manifests*, latest first, by snapshot: those from *since* on, and the last before."""
    found: list[SnapshotFact] = []
    for manifest in manifests:
        found.append(fact_of(manifest))
        if taken_at_of(manifest.snapshot) < since:
            break
    return sorted(found, key=lambda fact: fact.snapshot)


def fact_of(manifest: Manifest) -> SnapshotFact:
    """Return what checks know of the snapshot."""
    return SnapshotFact(
        account=manifest.account,
        series=manifest.series,
        snapshot=manifest.snapshot,
        key=manifest.address.key(MANIFEST),
        began_at=parse_instant(manifest.began_at),
        ended_at=parse_instant(manifest.ended_at),
        accepted=manifest.verdict.outcome == "accepted",
        listed=count_listed(manifest),
        gaps=sum(gap.count for gap in manifest.gaps),
        fresh=manifest.rows.new + manifest.rows.changed,
    )
