"""From the certificate that signed a time stamp to a root that the agency trusts, as of the stamp's own time.

The checks of RFC 5280 section 6.1 that such a path can need: names, signatures, dates, who
may issue how far down. A critical extension that asks for more is refused, not passed over.
Nothing asks whether a certificate was revoked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from muniment.errors import TimestampError
from muniment.evidence.der import DerError
from muniment.evidence.timestamp_signer import read_certificate

UNSOUND, UNTRUSTED = "T003", "T004"

# RFC 5280 section 6.1.4 (o): every other critical extension must be refused. Policies bind nobody who asks for none.
_KNOWN = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
    }
)

Path = tuple[x509.Certificate, ...]
Kind = TypeVar("Kind", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom an authority's certificates must lead to, and certificates that may lie between."""

    roots: Path
    intermediates: Path = ()


def read_trust(pem: bytes) -> Trust:
    """Read certificates in PEM: those that sign themselves are roots, the others may lie between.

    Raises:
        TimestampError: T004, they cannot be read, or no root is among them.
    """
    certificates = read_certificates(pem)
    roots = tuple(item for item in certificates if item.issuer == item.subject)
    if not roots:
        raise TimestampError(UNTRUSTED, "certificates: expected one that signs itself, a root, found none")
    return Trust(roots, tuple(item for item in certificates if item not in roots))


def read_certificates(pem: bytes) -> Path:
    """Read the certificates of a PEM file, in its order.

    Raises:
        TimestampError: T004, they cannot be read.
    """
    try:
        found = x509.load_pem_x509_certificates(pem)
        return tuple(read_certificate(item.public_bytes(Encoding.DER)) for item in found)
    except (ValueError, x509.InvalidVersion, DerError):
        raise TimestampError(UNTRUSTED, "certificates: expected X.509 certificates in PEM, found other bytes") from None


def write_certificates(path: Iterable[x509.Certificate]) -> bytes:
    """Spell *path* in PEM, in its order."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in path)


def check_chain(pem: bytes, signer: x509.Certificate) -> None:
    """Check that a kept chain is nothing but certificates from *signer* up, each issued by the next.

    Raises:
        TimestampError: T004, it is not.
    """
    path = read_certificates(pem)
    linked = all(is_issued_by(lower, upper) for lower, upper in pairwise(path))
    if write_certificates(path) != pem or path[:1] != (signer,) or not linked:
        raise TimestampError(UNTRUSTED, "chain: expected the signer's certificate and those above it, found others")


def find_path(signer: x509.Certificate, carried: Iterable[x509.Certificate], trust: Trust) -> Path:
    """Find the shortest path from *signer* over certificates *carried* or known to one of the trusted roots.

    Raises:
        TimestampError: T004, there is none.
    """
    between = tuple(dict.fromkeys((*carried, *trust.intermediates)))
    paths: list[Path] = [(signer,)]
    seen = {signer}
    while paths:
        path = paths.pop(0)
        for root in trust.roots:
            if is_issued_by(path[-1], root):
                return (*path, root)
        for candidate in between:
            if candidate not in seen and is_issued_by(path[-1], candidate):
                seen.add(candidate)
                paths.append((*path, candidate))
    raise TimestampError(UNTRUSTED, "certificates: expected a path to a root that the agency trusts, found none")


@lru_cache(maxsize=256)  # thousands of stamps have the same few above them
def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether *issuer* names and signs *certificate*; cryptography takes no signature over SHA-1 any more."""
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def check_path(path: Sequence[x509.Certificate], at: datetime) -> None:
    """Check that every certificate of *path* was valid *at* that time, and that the issuers may issue.

    Raises:
        TimestampError: T004, one was not, or may not.
    """
    for depth, certificate in enumerate(path):
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not begins <= at <= ends:
            raise TimestampError(
                UNTRUSTED,
                f"certificate {_name(certificate)}: expected valid at {at.isoformat()}, "
                f"found {begins.isoformat()} to {ends.isoformat()}",
            )
        _check_extensions(certificate)
        if depth:
            _check_issuer(certificate, depth - 1)


def check_purpose(signer: x509.Certificate) -> None:
    """Check that *signer* may make time stamps, and nothing else (RFC 3161 section 2.3).

    Raises:
        TimestampError: T003, it may not, or it may do something else as well.
    """
    usage = _extension(signer, x509.ExtendedKeyUsage)
    if usage is None or not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        found = (
            "none" if usage is None else f"{[item.dotted_string for item in usage.value]}, critical {usage.critical}"
        )
        raise TimestampError(
            UNSOUND, f"certificate {_name(signer)}: expected time stamping as its one critical purpose, found {found}"
        )
    key_usage = _extension(signer, x509.KeyUsage)
    if key_usage is not None and not (key_usage.value.digital_signature or key_usage.value.content_commitment):
        raise TimestampError(
            UNSOUND, f"certificate {_name(signer)}: expected a key that may sign, found one that may not"
        )


def _check_extensions(certificate: x509.Certificate) -> None:
    unknown = [item.oid.dotted_string for item in certificate.extensions if item.critical and item.oid not in _KNOWN]
    if unknown:
        raise TimestampError(
            UNTRUSTED,
            f"certificate {_name(certificate)}: expected no critical extension that is not evaluated here, "
            f"found {', '.join(unknown)}",
        )


def _check_issuer(issuer: x509.Certificate, below: int) -> None:
    basic, usage = _extension(issuer, x509.BasicConstraints), _extension(issuer, x509.KeyUsage)
    if basic is None or not basic.value.ca:
        raise TimestampError(UNTRUSTED, f"certificate {_name(issuer)}: expected an authority's, found one that is none")
    if basic.value.path_length is not None and basic.value.path_length < below:
        raise TimestampError(
            UNTRUSTED,
            f"certificate {_name(issuer)}: expected at most {basic.value.path_length} below it, found {below}",
        )
    if usage is not None and not usage.value.key_cert_sign:
        raise TimestampError(UNTRUSTED, f"certificate {_name(issuer)}: expected one that may sign certificates")


def _extension(certificate: x509.Certificate, kind: type[Kind]) -> x509.Extension[Kind] | None:
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
