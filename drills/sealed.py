"""What the vault holds after a month: its snapshots, which ids each lists, and whether anything is there twice."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow.parquet as pq

from drills.living import Lived
from drills.oracle import Look
from muniment.evidence.layout import ROWS, SnapshotAddress, snapshot_stamp, taken_at_of
from muniment.evidence.manifest import Manifest
from muniment.records.names import AccountId, SeriesId, SnapshotId, parse_instant
from muniment.records.rows import RowState
from muniment.records.series import RowKind, row_kind
from muniment.workflows.history import find_unfinished, list_pairs, list_snapshots, list_volumes, read_manifest_or_none
from muniment.workflows.wiring import Workplace

# What a listing does not rest on, and what the platform never gives.
_BESIDE = frozenset({"media", "history", "did-document", "repository"})
_NEVER = "not-offered"


@dataclass(slots=True)
class Sealed:
    """The snapshots by account and series, by when they began; `seen` are the ids that accepted ones list."""

    manifests: dict[tuple[str, str], list[Manifest]] = field(default_factory=dict)
    seen: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    duplicates: int = 0

    def looks(self, account: str, series: str) -> list[Look]:
        """Return the accepted captures of *account*'s *series*."""
        return [
            Look(parse_instant(one.began_at), parse_instant(one.ended_at), is_whole=not _lacks(one))
            for one in self.manifests.get((account, series), [])
            if one.verdict.outcome == "accepted"
        ]

    def count(self, outcome: str) -> int:
        """Return how many snapshots of the captured series have the verdict *outcome*."""
        return sum(one.verdict.outcome == outcome for found in self.manifests.values() for one in found)


def read_sealed(place: Workplace, lived: Lived) -> Sealed:
    """Read everything sealed; what is there twice, unfinished or at another time than it was asked is a fault."""
    sealed = Sealed()
    for account, series in list_pairs(place.vault):
        found = list(_manifests(place, account, series, sealed))
        sealed.manifests[account, series] = sorted(found, key=lambda one: one.began_at)
        stamps = Counter(snapshot_stamp(taken_at_of(one.snapshot)) for one in found)
        for stamp, count in stamps.items():
            if count > 1:
                sealed.duplicates += count - 1
                sealed.faults.append(("duplicate", stamp, f"{account} {series}: {count} snapshots of one order"))
        for one in found:
            _check_rows(place, one, sealed)
            _check_instants(one, lived.asked, sealed)
    return sealed


def _manifests(place: Workplace, account: AccountId, series: SeriesId, sealed: Sealed) -> Iterator[Manifest]:
    for volume in list_volumes(place.vault, series, account):
        for address in list_snapshots(place.vault, volume):
            manifest = read_manifest_or_none(place.vault, address)
            if manifest is not None:
                yield manifest
        for left in find_unfinished(place.vault, volume):
            sealed.faults.append(("unfinished", left.snapshot, f"{account} {series}"))


def _check_rows(place: Workplace, manifest: Manifest, sealed: Sealed) -> None:
    address = SnapshotAddress(manifest.address.volume, manifest.snapshot)
    column = "subscriber_id" if row_kind(manifest.series) is RowKind.SUBSCRIBERS else "item_id"
    table = pq.read_table(io.BytesIO(place.vault.read(address.key(ROWS))), columns=[column, "row_state"])
    listed = [
        name for name, state in zip(*(table[name].to_pylist() for name in (column, "row_state")), strict=True)
        if state != RowState.GONE
    ]  # fmt: skip
    for name, count in Counter(listed).items():
        if count > 1:
            sealed.duplicates += count - 1
            sealed.faults.append(("duplicate", name, f"{manifest.snapshot}: {count} rows"))
    if manifest.verdict.outcome == "accepted":
        sealed.seen[manifest.account, manifest.series] |= set(listed)


def _check_instants(manifest: Manifest, asked: Mapping[SnapshotId, tuple[datetime, datetime]], sealed: Sealed) -> None:
    if manifest.snapshot not in asked:
        return
    begun, ended = asked[manifest.snapshot]
    if not begun <= parse_instant(manifest.began_at) <= parse_instant(manifest.ended_at) <= ended:
        detail = (
            f"began {manifest.began_at}, ended {manifest.ended_at}; asked {begun.isoformat()} to {ended.isoformat()}"
        )
        sealed.faults.append(("misdated", manifest.snapshot, detail))


def _lacks(manifest: Manifest) -> bool:
    return any(gap.purpose not in _BESIDE and gap.reason != _NEVER for gap in manifest.gaps)
