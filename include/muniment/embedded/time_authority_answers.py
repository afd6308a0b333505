"""What the local time authority answers: a request of RFC 3161 in, a response out, both in DER."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from muniment.embedded.time_authority_keys import Pair
from muniment.evidence import der
from muniment.evidence.der import DerError
from muniment.evidence.timestamp import LOCAL_POLICY

_BAD_ALGORITHM, _BAD_REQUEST, _BAD_FORMAT, _OTHER_POLICY = 0, 2, 5, 15  # RFC 3161 section 2.4.2, PKIFailureInfo
_DIGEST_BYTES = {"2.16.840.1.101.3.4.2.1": 32, "2.16.840.1.101.3.4.2.2": 48, "2.16.840.1.101.3.4.2.3": 64}
_SHA256, _ECDSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"


class _RefusedError(Exception):
    """The request is not one that we answer; `failure` is the bit of PKIFailureInfo that says why."""

    def __init__(self, failure: int) -> None:
        self.failure = failure
        super().__init__(str(failure))


@dataclass(frozen=True, slots=True)
class _Asked:
    imprint: bytes  # as it stood in the request, in DER
    nonce: bytes
    with_certificates: bool


def answer(request: bytes, signer: Pair, now: datetime) -> bytes:
    """Answer *request* with a stamp of *now* (aware), or with a refusal where it is none that can be answered."""
    try:
        asked = _read(request)
    except _RefusedError as refused:
        return _refusal(refused.failure)
    except DerError:
        return _refusal(_BAD_FORMAT)
    info = _info(asked, now)
    certificates = _put(0xA0, signer.certificate.public_bytes(Encoding.DER)) if asked.with_certificates else b""
    signed = _put(
        der.SEQUENCE,
        _integer(3),  # RFC 5652 section 5.1
        _put(der.SET, _algorithm(_SHA256)),
        _put(der.SEQUENCE, _oid(_TST_INFO), _put(0xA0, _put(der.OCTET_STRING, info))),
        certificates,
        _put(der.SET, _signer_info(signer, info)),
    )
    token = _put(der.SEQUENCE, _oid(_SIGNED_DATA), _put(0xA0, signed))
    return _put(der.SEQUENCE, _put(der.SEQUENCE, _integer(0)), token)


def _read(request: bytes) -> _Asked:
    fields = der.read_whole(request, der.SEQUENCE, "request")
    if der.read_integer(fields.take(der.INTEGER, "a version")) != 1:
        raise _RefusedError(_BAD_REQUEST)
    imprint = fields.take(der.SEQUENCE, "a message imprint")
    _check_imprint(imprint)
    policy = fields.take_or_none(der.OID)
    nonce = fields.take_or_none(der.INTEGER)
    with_certificates = fields.take_or_none(der.BOOLEAN)
    fields.end()
    if policy is not None and der.read_oid(policy) != LOCAL_POLICY:
        raise _RefusedError(_OTHER_POLICY)
    return _Asked(
        imprint.encoded,
        nonce.encoded if nonce else b"",
        with_certificates is not None and with_certificates.value == b"\xff",
    )


def _check_imprint(element: der.Element) -> None:
    fields = der.inside(element, "message imprint")
    algorithm = der.inside(fields.take(der.SEQUENCE, "an algorithm"), "algorithm")
    size = _DIGEST_BYTES.get(der.read_oid(algorithm.take(der.OID, "an algorithm")))
    digest = fields.take(der.OCTET_STRING, "a hash")
    fields.end()
    if size is None:
        raise _RefusedError(_BAD_ALGORITHM)
    if len(digest.value) != size:
        raise _RefusedError(_BAD_FORMAT)


def _refusal(failure: int) -> bytes:
    bits = bytearray(failure // 8 + 1)
    bits[failure // 8] = 0x80 >> failure % 8
    unused = bytes([7 - failure % 8])
    status = _put(der.SEQUENCE, _integer(2), _put(der.BIT_STRING, unused, bytes(bits)))
    return _put(der.SEQUENCE, status)


def _info(asked: _Asked, now: datetime) -> bytes:
    return _put(
        der.SEQUENCE,
        _integer(1),
        _oid(LOCAL_POLICY),
        asked.imprint,
        _integer(secrets.randbits(120)),  # RFC 3161 section 2.4.2: unique, at most 160 bits
        _put(der.GENERALIZED_TIME, now.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode("ascii")),
        _put(der.SEQUENCE, _integer(1)),  # seconds: what cutting off the fraction costs
        asked.nonce,
    )


def _signer_info(signer: Pair, info: bytes) -> bytes:
    certificate = signer.certificate
    attributes = sorted(  # X.690 section 11.6
        (
            _attribute(_CONTENT_TYPE, _oid(_TST_INFO)),
            _attribute(_MESSAGE_DIGEST, _put(der.OCTET_STRING, hashlib.sha256(info).digest())),
            _attribute(_SIGNING_CERTIFICATE_V2, _certificate_id(certificate)),
        )
    )
    # RFC 5652 section 5.4: signed as a SET, though it is written with the tag of its field.
    signature = signer.key.sign(_put(der.SET, *attributes), ec.ECDSA(hashes.SHA256()))
    return _put(
        der.SEQUENCE,
        _integer(1),
        _put(der.SEQUENCE, certificate.issuer.public_bytes(), _integer(certificate.serial_number)),
        _algorithm(_SHA256),
        _put(0xA0, *attributes),
        _algorithm(_ECDSA_SHA256),
        _put(der.OCTET_STRING, signature),
    )


def _certificate_id(certificate: x509.Certificate) -> bytes:
    """Name *certificate* by its SHA-256, the default that is not written (RFC 5035 section 4)."""
    digest = _put(der.OCTET_STRING, certificate.fingerprint(hashes.SHA256()))
    return _put(der.SEQUENCE, _put(der.SEQUENCE, _put(der.SEQUENCE, digest)))


def _attribute(name: str, value: bytes) -> bytes:
    return _put(der.SEQUENCE, _oid(name), _put(der.SET, value))


def _algorithm(identifier: str) -> bytes:
    return _put(der.SEQUENCE, _oid(identifier))


def _integer(number: int) -> bytes:
    return _put(der.INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _oid(dotted: str) -> bytes:
    first, second, *others = (int(arc) for arc in dotted.split("."))
    return _put(der.OID, *(_arc(number) for number in (40 * first + second, *others)))


def _arc(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(number & 0x7F | 0x80)
    return bytes(reversed(octets))


def _put(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    spelled = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(spelled)]) + spelled + value
