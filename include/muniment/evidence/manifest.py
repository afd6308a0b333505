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
from muniment.evidence.layout import SnapshotAddress, VolumeAddress, parse_record_key
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
    """The schedule row behind the lock, and the date sum step by step."""

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
        return canonical_json({"format": FORMAT, **asdict(self)})

    def sha256(self) -> str:
        """Return the SHA-256 of the canonical bytes, 64 lower hex digits."""
        return sha256_hex(self.to_bytes())


def parse_manifest(body: bytes) -> Manifest:
    """Read a manifest from its canonical bytes.

    Raises:
        ManifestError: the bytes are not canonical JSON, a field is missing, unknown or of
            another type, or an object lies outside the snapshot's volume.
    """
    try:
        value = json.loads(body)
    except ValueError as error:
        raise ManifestError(f"manifest: expected JSON, found {error}") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ManifestError(f"manifest: expected format {FORMAT}, found {str(value)[:80]!r}")
    if canonical_json(value) != body:
        raise ManifestError("manifest: expected canonical JSON (RFC 8785), found another spelling")
    manifest = _build(value)
    _check_within_volume(manifest)
    return manifest


def _build(value: dict[str, Any]) -> Manifest:
    try:
        fields = {key: item for key, item in value.items() if key != "format"}
        previous = fields["previous"]
        manifest = Manifest(
            **fields
            | {
                "origin": Origin(**fields["origin"]),
                "rows": RowCounts(**fields["rows"]),
                "declared": tuple(DeclaredCount(**item) for item in fields["declared"]),
                "gaps": tuple(GapCount(**item) for item in fields["gaps"]),
                "verdict": _verdict(fields["verdict"]),
                "retention": _retention(fields["retention"]),
                "objects": tuple(SealedObject(**item) for item in fields["objects"]),
                "reads": tuple(fields["reads"]),
                "previous": Previous(**previous) if previous is not None else None,
            }
        )
        for instant in (manifest.began_at, manifest.ended_at, manifest.sealed_at):
            parse_instant(instant)
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"manifest: a field is missing, unknown or of another type: {error}") from None
    return manifest


def _verdict(value: dict[str, Any]) -> Verdict:
    return Verdict(**value | {"findings": tuple(FindingCount(**item) for item in value["findings"])})


def _retention(value: dict[str, Any]) -> Retention:
    return Retention(**value | {"authority": tuple(value["authority"]), "steps": tuple(value["steps"])})


def _check_within_volume(manifest: Manifest) -> None:
    for sealed in manifest.objects:
        volume, snapshot, _ = parse_record_key(sealed.key)
        if volume != manifest.address.volume or snapshot not in (None, manifest.snapshot):
            raise ManifestError(f"manifest: expected objects of {manifest.address.prefix}, found {sealed.key}")
