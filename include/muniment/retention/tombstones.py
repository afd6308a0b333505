"""The tombstone of a volume: what is left to say of it after it went, without anything personal.

Format ``muniment.tombstone/1``, canonical JSON, sealed once in the register ``tombstones``:
ids, series, dates, counts, the authority, and the hash of every manifest that went, by which
the log still proves that the volume was there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from muniment.evidence.destruction_certificate import CertifiedManifest
from muniment.records.canonical import canonical_json
from muniment.records.names import AccountId, AgencyId, SeriesId, VolumeId

TOMBSTONE_FORMAT = "muniment.tombstone/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What is left of one volume. `outcome` is that of the certificate's volume; instants as elsewhere."""

    agency: AgencyId
    disposition: str
    series: SeriesId
    account: AccountId
    volume: VolumeId
    outcome: str
    action: str
    row: str
    authority: tuple[str, ...]
    schedule_version: str
    schedule_sha256: str
    adoption_resolution: str
    adopted_on: str
    cutoff_at: str
    due_at: str
    first_taken: str
    last_taken: str
    snapshots: int
    objects: int
    rows: int
    size_bytes: int
    versions: int
    manifests: tuple[CertifiedManifest, ...]
    list_sha256: str
    proposed_at: str
    authorized_at: str
    began_at: str

    def to_bytes(self) -> bytes:
        """Render the tombstone as canonical JSON."""
        return canonical_json({"format": TOMBSTONE_FORMAT, **asdict(self)})
