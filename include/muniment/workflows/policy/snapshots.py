"""The finished snapshots of a span, as facts; and of each account and series the last before it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from muniment.evidence.layout import MANIFEST, SnapshotAddress, taken_at_of
from muniment.evidence.manifest import Manifest
from muniment.policy.scene import SnapshotFact
from muniment.records.names import AccountId, SeriesId, parse_instant
from muniment.workflows.history import count_listed, list_pairs, list_snapshots, list_volumes, read_manifest_or_none
from muniment.workflows.wiring import Workplace

_AT_ONCE = 8


def read_snapshots(place: Workplace, since: datetime, until: datetime) -> tuple[SnapshotFact, ...]:
    """Return the finished snapshots taken in [*since*, *until*), and of each account and series the last before.

    Raises:
        ManifestError: a manifest is not of its specified form.
        StoreUnavailableError: the store did not answer.
    """
    found: list[SnapshotFact] = []
    for account, series in list_pairs(place.vault):
        found += _of_pair(place, account, series, since, until)
    return tuple(found)


def _of_pair(
    place: Workplace, account: AccountId, series: SeriesId, since: datetime, until: datetime
) -> list[SnapshotFact]:
    addresses = [
        address
        for volume in list_volumes(place.vault, series, account)
        for address in list_snapshots(place.vault, volume)
        if taken_at_of(address.snapshot) < until
    ]
    within = [address for address in addresses if taken_at_of(address.snapshot) >= since]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        read = pool.map(lambda address: read_manifest_or_none(place.vault, address), within)
        found = [fact_of(manifest) for manifest in read if manifest is not None]
    before = next(_finished(place, [one for one in addresses if one not in set(within)]), None)
    return sorted([*([fact_of(before)] if before else []), *found], key=lambda fact: fact.snapshot)


def _finished(place: Workplace, addresses: list[SnapshotAddress]) -> Iterator[Manifest]:
    for address in sorted(addresses, key=lambda one: one.snapshot, reverse=True):
        manifest = read_manifest_or_none(place.vault, address)
        if manifest is not None:
            yield manifest


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
