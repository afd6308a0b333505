"""The certificate of a disposition; its form is part of the evidence, so that verification can read it alone."""

from __future__ import annotations

from muniment.evidence.destruction_certificate import (
    CERTIFICATE_FORMAT,
    CERTIFICATES,
    GONE,
    KEPT,
    PARTIAL,
    PARTLY,
    WHOLE,
    Certificate,
    CertifiedApproval,
    CertifiedCopy,
    CertifiedExclusion,
    CertifiedManifest,
    CertifiedMatter,
    CertifiedTransfer,
    CertifiedVolume,
    KeptVersion,
    parse_certificate,
)

__all__ = [
    "CERTIFICATES",
    "CERTIFICATE_FORMAT",
    "GONE",
    "KEPT",
    "PARTIAL",
    "PARTLY",
    "WHOLE",
    "Certificate",
    "CertifiedApproval",
    "CertifiedCopy",
    "CertifiedExclusion",
    "CertifiedManifest",
    "CertifiedMatter",
    "CertifiedTransfer",
    "CertifiedVolume",
    "KeptVersion",
    "parse_certificate",
]
