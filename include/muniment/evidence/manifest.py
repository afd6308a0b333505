"""The manifest: what a snapshot is, in canonical JSON, with the hash of its every object.

Format ``muniment.manifest/1``. Times are UTC with microseconds; ``zone`` is the agency's.
It holds no personal data: counts and codes, never a name, an address or a text.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from muniment.errors import ManifestError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import PAGES, ROWS, SnapshotAddress, VolumeAddress, parse_record_key
from muniment.evidence.row_commitment import Commitment, check_commitment
from muniment.evidence.typed import read_typed
from muniment.records.canonical import canonical_json
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId, parse_instant

FORMAT = "muniment.manifest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedObject:
    """One object as it was sealed. `locked_until` is spelled as an instant."""

    key: str
    size_bytes: int
    sha256: str
    content_type: str
    locked_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a snapshot came from: the account, the software that asked, the interface asked."""

    platform: str
    address: str
    api: str
    api_version: str
    connector: str
    parser: str
    software: str
    run_id: str
    simulator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredCount:
    """A count that the platform states, beside what was captured."""

    what: str
    declared: int
    captured: int | None  # None where no rows of the snapshot are what the platform counts


@dataclass(frozen=True, slots=True, kw_only=True)
class GapCount:
    """How many things of one kind were missed for one reason."""

    purpose: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """The rows by their state against the volume's previous snapshot."""

    new: int
    changed: int
    unchanged: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """One code of the verdict, how often, and whether it stops the seal."""

    code: str
    count: int
    detail: str
    stops_seal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What validation made of the rows: ``accepted`` or ``quarantined``."""

    outcome: str
    suite: str  # name and version of the rules applied
    rules_checked: int
    findings: tuple[FindingCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The schedule row behind the lock, and the date sum step by step; `floor` is a period, where it binds."""

    row: str
    schedule_version: str
    schedule_sha256: str
    title: str
    authority: tuple[str, ...]
    trigger: str
    period: str
    cutoff_at: str
    locked_until: str
    lock_mode: str
    steps: tuple[str, ...]
    floor: str | None = None  # not written where the row's own period is the longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The snapshot of the same account and series before this one."""

    volume: VolumeId
    snapshot: SnapshotId
    manifest_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A snapshot's manifest. `reads` are the snapshots of the same volume that its rows and pages point to."""

    agency: str
    zone: str
    series: SeriesId
    account: AccountId
    volume: VolumeId
    snapshot: SnapshotId
    began_at: str
    ended_at: str
    sealed_at: str
    origin: Origin
    scope: str
    pages: int
    rows: RowCounts
    row_schema: str
    commitment: Commitment
    declared: tuple[DeclaredCount, ...]
    gaps: tuple[GapCount, ...]
    verdict: Verdict
    retention: Retention
    objects: tuple[SealedObject, ...]
    reads: tuple[SnapshotId, ...]
    previous: Previous | None

    @property
    def address(self) -> SnapshotAddress:
        """Return where the snapshot lives."""
        return SnapshotAddress(VolumeAddress(self.series, self.account, self.volume), self.snapshot)

    def to_bytes(self) -> bytes:
        """Render the manifest as canonical JSON."""
        value = asdict(self)
        if self.retention.floor is None:
            del value["retention"]["floor"]
        return canonical_json({"format": FORMAT, **value})

    def sha256(self) -> str:
        """Return the SHA-256 of the canonical bytes, 64 lower hex digits."""
        return sha256_hex(self.to_bytes())


def parse_manifest(body: bytes) -> Manifest:
    """Read a manifest from its canonical bytes.

    Raises:
        EvidenceError: the bytes are not canonical JSON, a field is missing, unknown or of another
            type, an object lies outside the snapshot's volume or pages or rows are not among
            them, or what the manifest says in two places does not agree.
    """
    manifest: Manifest = read_typed(Manifest, _with_floor(_read_json(body)), "manifest")
    _check_instants(manifest)
    _check_objects(manifest)
    _check_links(manifest)
    _check_agreement(manifest)
    counts = manifest.rows
    check_commitment(manifest.commitment, counts.new + counts.changed + counts.unchanged + counts.gone)
    return manifest


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
        spelled = canonical_json(value)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"manifest: expected JSON, found {type(error).__name__}") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ManifestError(f"manifest: expected format {FORMAT}, found {str(value)[:80]!r}")
    if spelled != body:
        raise ManifestError("manifest: expected canonical JSON (RFC 8785), found another spelling")
    return {key: item for key, item in value.items() if key != "format"}


def _with_floor(value: dict[str, Any]) -> dict[str, Any]:
    kept = value.get("retention")
    if isinstance(kept, dict) and kept.get("floor", "") is None:
        raise ManifestError("manifest.retention.floor: expected a period or no field, found null")
    return {**value, "retention": {"floor": None, **kept}} if isinstance(kept, dict) else value


def _check_instants(manifest: Manifest) -> None:
    kept = manifest.retention
    for instant in (manifest.began_at, manifest.ended_at, manifest.sealed_at, kept.cutoff_at, kept.locked_until):
        parse_instant(instant)
    for sealed in manifest.objects:
        parse_instant(sealed.locked_until)


def _check_objects(manifest: Manifest) -> None:
    keys = [sealed.key for sealed in manifest.objects]
    if len(set(keys)) != len(keys):
        raise ManifestError("manifest: expected each object once, found one twice")
    for sealed in manifest.objects:
        volume, snapshot, _ = parse_record_key(sealed.key)
        if volume != manifest.address.volume or snapshot not in (None, manifest.snapshot):
            raise ManifestError(f"manifest: expected objects of {manifest.address.prefix}, found {sealed.key}")
    for name in (PAGES, ROWS):
        if manifest.address.key(name) not in keys:
            raise ManifestError(f"manifest: expected {name} among its objects, found {len(keys)} others")


def _check_links(manifest: Manifest) -> None:
    volume = manifest.address.volume
    for snapshot in manifest.reads:
        SnapshotAddress(volume, snapshot)
    if manifest.previous is not None:
        before = VolumeAddress(volume.series, volume.account, manifest.previous.volume)
        SnapshotAddress(before, manifest.previous.snapshot)


def _check_agreement(manifest: Manifest) -> None:
    verdict, kept = manifest.verdict, manifest.retention
    outcome = "quarantined" if any(finding.stops_seal for finding in verdict.findings) else "accepted"
    if verdict.outcome != outcome:
        raise ManifestError(f"manifest: expected the verdict {outcome} by its findings, found {verdict.outcome!r}")
    # One spelling of an instant, so that instants compare as text.
    if kept.locked_until < kept.cutoff_at:
        raise ManifestError(f"manifest: expected a lock past the cutoff {kept.cutoff_at}, found {kept.locked_until}")
    for sealed in manifest.objects:
        if sealed.locked_until < kept.locked_until:
            raise ManifestError(
                f"manifest: expected {sealed.key} locked until {kept.locked_until}, found {sealed.locked_until}"
            )
