"""The parts of an RFC 3161 response, read strictly and completely before anything is believed.

Nothing here verifies: `timestamp` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from cryptography import x509

from muniment.errors import TimestampError
from muniment.evidence import der
from muniment.evidence.der import DerError, Element, Fields
from muniment.evidence.timestamp_signer import (
    TST_INFO,
    Signer,
    expect_oid,
    expect_version,
    only,
    read_certificate,
    read_hash,
    read_signer,
)

MAX_RESPONSE_BYTES = 100_000  # with a chain of four RSA-4096 certificates a response takes less than 10,000
MAX_CERTIFICATES = 20

UNREADABLE = "T001"

_SIGNED_DATA = "1.2.840.113549.1.7.2"  # RFC 5652 section 5.1
_STATUS = (
    "granted",
    "granted with changes",
    "rejected",
    "waiting",
    "revocation warning",
    "revocation notification",
)  # RFC 3161 section 2.4.2
_FAILURES = MappingProxyType(
    {
        0: "badAlg",
        2: "badRequest",
        5: "badDataFormat",
        14: "timeNotAvailable",
        15: "unacceptedPolicy",
        16: "unacceptedExtension",
        17: "addInfoNotAvailable",
        25: "systemFailure",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StampInfo:
    """What a token says (TSTInfo)."""

    policy: str
    hash_name: str  # of the message imprint
    imprint: bytes
    serial: int
    time: datetime
    accuracy: timedelta | None  # None when the token does not state one
    nonce: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One granted response, in parts."""

    info: StampInfo
    certificates: tuple[x509.Certificate, ...]
    signer: Signer
    content: bytes  # what is signed: the DER of `info`


def read_response(data: bytes) -> Response:
    """Read *data* as a granted response (RFC 3161 section 2.4.2) with exactly one signer.

    Raises:
        TimestampError: T001 it cannot be read or is not granted; T003 it names no certificate that it carries.
    """
    if len(data) > MAX_RESPONSE_BYTES:
        raise TimestampError(UNREADABLE, f"response: expected at most {MAX_RESPONSE_BYTES} bytes, found {len(data)}")
    try:
        fields = der.read_whole(data, der.SEQUENCE, "response")
        _check_granted(fields.take(der.SEQUENCE, "a status"))
        token = fields.take(der.SEQUENCE, "a token")
        fields.end()
        return _read_token(token)
    except DerError as error:
        raise TimestampError(UNREADABLE, str(error)) from None


def _check_granted(element: Element) -> None:
    fields = der.inside(element, "status")
    number = der.read_integer(fields.take(der.INTEGER, "a number"))
    fields.take_or_none(der.SEQUENCE)  # words of the authority's own: read by nobody, so shown to nobody
    failure = fields.take_or_none(der.BIT_STRING)
    fields.end()
    if number != 0:
        name = _STATUS[number] if 0 <= number < len(_STATUS) else str(number)
        raise TimestampError(UNREADABLE, f"response: expected status granted, found {name}{_reason(failure)}")


def _reason(failure: Element | None) -> str:
    bits = failure.value[1:] if failure else b""
    names = [name for bit, name in _FAILURES.items() if bit // 8 < len(bits) and bits[bit // 8] >> (7 - bit % 8) & 1]
    return f" ({', '.join(names)})" if names else ""


def _read_token(token: Element) -> Response:
    outer = der.inside(token, "token")
    expect_oid(outer.take(der.OID, "a content type"), _SIGNED_DATA, "token")
    fields = der.inside(
        only(outer.take(0xA0, "signed data"), der.SEQUENCE, "signed data"),
        "signed data",
    )
    outer.end()
    expect_version(fields.take(der.INTEGER, "a version"), 3, "signed data")
    digest = only(fields.take(der.SET, "digest algorithms"), der.SEQUENCE, "digest algorithms")
    content = _read_content(fields.take(der.SEQUENCE, "the stamp's content"))
    certificates = _read_certificates(fields.take_or_none(0xA0))
    fields.take_or_none(0xA1)  # revocation lists
    signer = only(fields.take(der.SET, "signers"), der.SEQUENCE, "signers")
    fields.end()
    named = read_signer(signer, certificates)
    if read_hash(digest, "digest algorithms") != named.digest_name:
        raise DerError(f"digest algorithms: expected {named.digest_name} as the signer has, found another")
    return Response(info=_read_info(content), certificates=certificates, signer=named, content=content)


def _read_content(element: Element) -> bytes:
    fields = der.inside(element, "content")
    expect_oid(fields.take(der.OID, "a content type"), TST_INFO, "content")
    octets = only(fields.take(0xA0, "content"), der.OCTET_STRING, "content")
    fields.end()
    return octets.value


def _read_info(content: bytes) -> StampInfo:
    fields = der.read_whole(content, der.SEQUENCE, "stamp")
    expect_version(fields.take(der.INTEGER, "a version"), 1, "stamp")
    policy = der.read_oid(fields.take(der.OID, "a policy"))
    hash_name, imprint = _read_imprint(fields.take(der.SEQUENCE, "a message imprint"))
    serial = der.read_integer(fields.take(der.INTEGER, "a serial number"))
    time = der.read_time(fields.take(der.GENERALIZED_TIME, "a time"))
    accuracy = fields.take_or_none(der.SEQUENCE)
    fields.take_or_none(der.BOOLEAN)  # ordering: never leaned on
    nonce = fields.take_or_none(der.INTEGER)
    fields.take_or_none(0xA0)  # the authority's name: the certificate says it under a signature that we check
    if fields.take_or_none(0xA1) is not None:
        raise DerError("stamp: expected no extensions, found some")  # RFC 3161 2.4.2: a critical one must be refused
    fields.end()
    return StampInfo(
        policy=policy,
        hash_name=hash_name,
        imprint=imprint,
        serial=serial,
        time=time,
        accuracy=_read_accuracy(accuracy) if accuracy else None,
        nonce=der.read_integer(nonce) if nonce else None,
    )


def _read_imprint(element: Element) -> tuple[str, bytes]:
    fields = der.inside(element, "message imprint")
    hash_name = read_hash(fields.take(der.SEQUENCE, "a hash algorithm"), "message imprint")
    octets = fields.take(der.OCTET_STRING, "a hash")
    fields.end()
    return hash_name, octets.value


def _read_accuracy(element: Element) -> timedelta:
    fields = der.inside(element, "accuracy")
    seconds, millis, micros = (fields.take_or_none(tag) for tag in (der.INTEGER, 0x80, 0x81))
    fields.end()
    numbers = [der.read_integer(part) if part else 0 for part in (seconds, millis, micros)]
    if not all(0 <= number < limit for number, limit in zip(numbers, (2**31, 1000, 1000), strict=True)):
        raise DerError("accuracy: expected seconds, milliseconds and microseconds, found numbers that are none")
    return timedelta(seconds=numbers[0], milliseconds=numbers[1], microseconds=numbers[2])


def _read_certificates(element: Element | None) -> tuple[x509.Certificate, ...]:
    fields = Fields(element.value if element else b"", "certificates")
    found: list[x509.Certificate] = []
    while fields.more:
        found.append(read_certificate(fields.take(der.SEQUENCE, "an X.509 certificate").encoded))
        if len(found) > MAX_CERTIFICATES:
            raise DerError(f"certificates: expected at most {MAX_CERTIFICATES}, found more")
    return tuple(found)
