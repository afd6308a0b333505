"""The certificate of a disposition: what went, by whose authority, what stayed, and how its absence was shown.

Format ``muniment.certificate-of-disposition/1``, canonical JSON, sealed once in the register
``certificates``. It holds no personal data of the records: ids, dates, counts, hashes, and the
officers who signed. Its own hash, its time and its signature are the log's: the certificate
is an entry of it, under `Certificate.log_entry`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from muniment.errors import EvidenceError
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.typed import read_typed
from muniment.records.canonical import canonical_json
from muniment.records.names import AccountId, AgencyId, SeriesId, VolumeId

CERTIFICATE_FORMAT = "muniment.certificate-of-disposition/1"
CERTIFICATES = "registers/certificates/"
WHOLE, PARTIAL = "whole", "partial"
GONE, PARTLY, KEPT = "gone", "partly", "kept"  # what became of a volume


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedManifest:
    """A manifest by its key and the SHA-256 of its bytes, which the log has too."""

    key: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """A version that was on the list, or came after it, and stayed; and the code of the gate that kept it."""

    copy: str
    key: str
    version_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedVolume:
    """What became of one volume: `outcome` is one of `GONE`, `PARTLY`, `KEPT`. `steps` is the sum of its due date.

    `manifests` are those that went. `gone` names the keys that went of a volume that went partly,
    and is empty for one that went whole.
    """

    series: SeriesId
    account: AccountId
    volume: VolumeId
    outcome: str
    cutoff_at: str
    due_at: str
    steps: tuple[str, ...]
    first_taken: str
    last_taken: str
    snapshots: int
    objects: int
    rows: int
    size_bytes: int
    versions: int
    manifests: tuple[CertifiedManifest, ...]
    gone: tuple[str, ...]
    kept: tuple[KeptVersion, ...]
    tombstone: str | None  # key of the event

    @property
    def address(self) -> VolumeAddress:
        """Return where the volume lived."""
        return VolumeAddress(self.series, self.account, self.volume)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedCopy:
    """One copy: where it lay, how many versions went, how many stayed, how many were shown to be absent."""

    name: str
    endpoint: str
    bucket: str
    destroyed: int
    kept: int
    size_bytes: int
    shown_absent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedApproval:
    """One step of the profile and who took it; a standing one was taken by the act that adopted the schedule."""

    step: str
    title: str
    question: str
    office: str
    standing: bool
    by: str | None
    name: str | None
    officer_title: str | None
    answered_at: str | None
    document: str | None  # which paper
    document_sha256: str | None
    reference: str | None
    reason: str | None
    recorded: str | None  # dag / run / task of the recorded response


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedExclusion:
    """One class of records that may not be destroyed, and what was answered: true is that some are of it."""

    id: str
    question: str
    authority: str
    excluded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedMatter:
    """A hold, request, claim, audit or project that was considered, open or released."""

    id: str
    kind: str
    is_open: bool
    over_the_list: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedTransfer:
    """The receiver's receipt of a transfer."""

    receiver: str
    bag_sha256: str
    acknowledged_by: str
    acknowledged_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate. Instants are spelled by `format_instant`; nothing in it is a default."""

    id: str
    agency: AgencyId
    agency_name: str
    zone: str
    departments: tuple[str, ...]
    outcome: str  # WHOLE or PARTIAL
    action: str
    series: SeriesId
    series_title: str
    row: str
    pii_class: str
    confidentiality: str
    schedule_version: str
    schedule_sha256: str
    adoption_resolution: str
    adopted_on: str
    authority: tuple[str, ...]
    route: str
    trigger: str
    below_floor: str | None  # the authority by which the floor does not bind: a duplicate, a reproduction
    first_taken: str
    last_taken: str
    snapshots: int
    objects: int
    rows: int
    size_bytes: int
    versions: int  # destroyed, both copies together
    copies: tuple[CertifiedCopy, ...]
    backups: str
    list_key: str
    list_sha256: str
    frozen_at: str
    proposed_by: str
    proposed_at: str
    statement: str  # why the records are no longer required, by the one who proposed
    approvals: tuple[CertifiedApproval, ...]
    exclusions: tuple[CertifiedExclusion, ...]
    authorized_at: str
    grace_until: str
    holds_checked_at: str
    holds_considered: tuple[CertifiedMatter, ...]
    method: str
    standard: str
    began_at: str
    ended_at: str
    executed_by: str
    run: str
    verified_by: str
    verification: str
    failures: tuple[str, ...]
    anomalies: tuple[str, ...]
    stops: tuple[str, ...]
    volumes: tuple[CertifiedVolume, ...]
    transfer: CertifiedTransfer | None
    distribution: tuple[str, ...]
    log_entry: str  # its own key, under which the log has it

    def to_bytes(self) -> bytes:
        """Render the certificate as canonical JSON."""
        return canonical_json({"format": CERTIFICATE_FORMAT, **asdict(self)})


def parse_certificate(body: bytes) -> Certificate:
    """Read a certificate from its canonical bytes.

    Raises:
        EvidenceError: the bytes are not canonical JSON of this format, or a volume's address is not of its form.
    """
    value = _read_json(body)
    if value.pop("format", None) != CERTIFICATE_FORMAT:
        raise EvidenceError(f"certificate: expected format {CERTIFICATE_FORMAT}, found another")
    certificate: Certificate = read_typed(Certificate, value, "certificate")
    for volume in certificate.volumes:
        prefix = volume.address.prefix
        inside = (*(manifest.key for manifest in volume.manifests), *volume.gone)
        if any(not key.startswith(prefix) for key in inside):
            raise EvidenceError(f"certificate {certificate.id}: expected keys of {prefix}, found others")
    return certificate


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
        canonical = canonical_json(value) == body
    except (ValueError, RecursionError):
        raise EvidenceError("certificate: expected JSON, found other bytes") from None
    if not canonical or not isinstance(value, dict):
        raise EvidenceError("certificate: expected canonical JSON (RFC 8785), found another spelling")
    return value
