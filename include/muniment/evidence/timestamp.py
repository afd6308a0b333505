"""Time stamps of RFC 3161: asked for, verified when they arrive, and verified again when they are kept.

A stamp is believed when all of this holds; the first that does not is raised:

1. the response is granted, whole, and has one signer (T001);
2. it answers this very request, when there is one: the nonce (T005);
3. its imprint is the hash of the bytes it is kept for (T002);
4. its signer is the certificate that its signed attributes name, which may make time stamps
   and nothing else (T003);
5. its certificates lead to a trusted root, all valid at the stamp's own time (T004);
6. the signature is sound (T003), which Sigstore's rfc3161-client, with OpenSSL under it, must
   find too, over that path and no other, wherever it can read the response.

The stamp's own time and not the clock's: a stamp must verify when its certificates have
long ended. Until when it can be leaned on is `Stamp.ages_out_at`. Pure: bytes in, values out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from muniment.errors import TimestampError
from muniment.evidence.timestamp_ages import find_ageing
from muniment.evidence.timestamp_chain import (
    Trust,
    check_path,
    check_purpose,
    find_path,
    read_certificates,
    read_trust,
    write_certificates,
)
from muniment.evidence.timestamp_response import Response, read_response
from muniment.evidence.timestamp_signature import check_signature

__all__ = [
    "CLOCK_TOLERANCE",
    "LOCAL_POLICY",
    "Request",
    "Stamp",
    "Trust",
    "make_request",
    "read_stamp",
    "read_trust",
    "verify_kept",
    "verify_response",
]

# Under the arc for UUIDs, which needs no registration (ITU-T X.667 section 7): the policy of the authority
# that runs on the agency's own machine. It proves nothing to an outsider.
LOCAL_POLICY = "2.25.18084505057327332413749346040386373496"

CLOCK_TOLERANCE = timedelta(minutes=5)  # between two honest clocks, with the way of an answer between them

_OTHER_BYTES, _OTHER_REQUEST = "T002", "T005"


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a stamp over `message`, in DER (RFC 3161 section 2.4.1)."""

    message: bytes
    encoded: bytes
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a verified stamp says. `path` goes from the signer's certificate to the root."""

    time: datetime  # aware UTC
    accuracy: timedelta | None  # None when the authority does not state one
    serial: int
    policy: str
    hash_name: str
    path: tuple[x509.Certificate, ...]
    ages_out_at: datetime
    ages_out_because: str

    @property
    def authority(self) -> str:
        """Return the name in the signer's certificate (RFC 4514)."""
        return self.path[0].subject.rfc4514_string()

    @property
    def is_local(self) -> bool:
        """Tell whether the agency's own machine made it, for demonstration: no outsider vouches for its time."""
        return self.policy == LOCAL_POLICY

    @property
    def chain(self) -> bytes:
        """Return `path` in PEM, as it is kept beside the stamp."""
        return write_certificates(self.path)


def make_request(message: bytes) -> Request:
    """Ask for a stamp over the SHA-256 of *message* (not empty), with a fresh nonce and the certificates."""
    request = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    if request.nonce is None:
        raise TimestampError(_OTHER_REQUEST, "request: expected a nonce, found none")
    return Request(message, request.as_bytes(), request.nonce)


def verify_response(response: bytes, request: Request, trust: Trust) -> Stamp:
    """Verify what an authority answered to *request*.

    Raises:
        TimestampError: it is not to be believed; `code` says why.
    """
    parts = read_response(response)
    if parts.info.nonce != request.nonce:
        raise TimestampError(_OTHER_REQUEST, "response: expected the request's nonce, found another or none")
    return _verify(response, parts, request.message, trust)


def verify_kept(response: bytes, message: bytes, trust: Trust, chain: bytes = b"") -> Stamp:
    """Verify a kept *response* over *message*, with the certificates kept beside it; offline, at any later time.

    The certificates of *chain* (PEM) may lie between, and are never trusted for being there.

    Raises:
        TimestampError: it is not to be believed; `code` says why.
    """
    kept = read_certificates(chain) if chain else ()
    return _verify(response, read_response(response), message, Trust(trust.roots, (*trust.intermediates, *kept)))


def read_stamp(response: bytes, message: bytes, chain: bytes) -> Stamp:
    """Verify a kept *response* against the root that was kept with it, for whoever has no other.

    That the stamp is sound then hangs on somebody's comparing `path[-1]` with the
    authority's published root.

    Raises:
        TimestampError: it is not to be believed even so; `code` says why.
    """
    return verify_kept(response, message, read_trust(chain), chain)


def _verify(response: bytes, parts: Response, message: bytes, trust: Trust) -> Stamp:
    info = parts.info
    if hashlib.new(info.hash_name, message).digest() != info.imprint:
        raise TimestampError(_OTHER_BYTES, f"stamp: expected the {info.hash_name} of the bytes, found another")
    check_purpose(parts.signer.certificate)
    path = find_path(parts.signer.certificate, parts.certificates, trust)
    check_path(path, info.time)
    check_signature(response, parts, path)
    ageing = find_ageing(path)
    return Stamp(
        time=info.time,
        accuracy=info.accuracy,
        serial=info.serial,
        policy=info.policy,
        hash_name=info.hash_name,
        path=path,
        ages_out_at=ageing.at,
        ages_out_because=ageing.because,
    )
