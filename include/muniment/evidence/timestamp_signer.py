"""The one signer of a time stamp: which hash it signed with, and which certificate its attributes name."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from muniment.errors import TimestampError
from muniment.evidence import der
from muniment.evidence.der import DerError, Element, Fields

UNSOUND = "T003"
TST_INFO = "1.2.840.113549.1.9.16.1.4"  # RFC 3161 section 2.4.2

# The hashes that a stamp may be made with, by identifier (RFC 5754 section 2).
HASHES = MappingProxyType(
    {
        "2.16.840.1.101.3.4.2.1": "sha256",
        "2.16.840.1.101.3.4.2.2": "sha384",
        "2.16.840.1.101.3.4.2.3": "sha512",
    }
)
_CONTENT_TYPE = "1.2.840.113549.1.9.3"  # RFC 5652 section 11.1
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"  # RFC 5652 section 11.2
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"  # RFC 2634 section 5.4
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"  # RFC 5035 section 3
_FINGERPRINTS: MappingProxyType[str, hashes.HashAlgorithm] = MappingProxyType(
    {
        # RFC 2634 knows no other hash for this one purpose, and authorities still use it (RFC 5816 section 2.2.1).
        "sha1": hashes.SHA1(),  # noqa: S303
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
)


class Signer(NamedTuple):
    """Who signed, by the signature's own word, what, and how."""

    certificate: x509.Certificate
    digest_name: str  # the hash of the content
    digest: bytes
    signed: bytes  # the attributes, as the signature covers them
    algorithm: str  # of the signature, by identifier
    signature: bytes


def read_signer(element: Element, certificates: tuple[x509.Certificate, ...]) -> Signer:
    """Read a SignerInfo (RFC 5652 section 5.3) and find its certificate among *certificates*.

    Raises:
        DerError: it cannot be read.
        TimestampError: T003, its attributes name no certificate, none of these, or another than it does.
    """
    fields = der.inside(element, "signer")
    expect_version(fields.take(der.INTEGER, "a version"), 1, "signer")
    issuer_and_number = fields.take(der.SEQUENCE, "the certificate's issuer and number")
    digest_name = read_hash(fields.take(der.SEQUENCE, "a digest algorithm"), "signer")
    signed = fields.take(0xA0, "signed attributes")
    algorithm = der.inside(fields.take(der.SEQUENCE, "a signature algorithm"), "signature algorithm")
    signature = fields.take(der.OCTET_STRING, "a signature").value
    fields.take_or_none(0xA1)  # unsigned attributes: prove nothing
    fields.end()
    attributes = _read_attributes(signed)
    expect_oid(_attribute(attributes, _CONTENT_TYPE, der.OID), TST_INFO, "signer")
    certificate = _named_certificate(attributes, certificates)
    if issuer_and_number.value != _issuer_and_number(certificate):
        raise TimestampError(UNSOUND, "signer: expected the certificate that its attributes name, found another")
    return Signer(
        certificate=certificate,
        digest_name=digest_name,
        digest=_attribute(attributes, _MESSAGE_DIGEST, der.OCTET_STRING).value,
        # RFC 5652 section 5.4: signed as a SET, though written with the tag of its field.
        signed=bytes([der.SET]) + signed.encoded[1:],
        algorithm=der.read_oid(algorithm.take(der.OID, "a signature algorithm")),
        signature=signature,
    )


@lru_cache(maxsize=256)  # thousands of stamps carry the same few
def read_certificate(encoded: bytes) -> x509.Certificate:
    """Read an X.509 certificate, every part of it that is looked at later.

    Raises:
        DerError: it cannot be read.
    """
    try:
        certificate = x509.load_der_x509_certificate(encoded)
        # cryptography reads a part when it is asked for: what cannot be read is to be found here.
        for part in ("issuer", "subject", "extensions", "not_valid_before_utc", "not_valid_after_utc"):
            getattr(certificate, part)
        certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension) as error:
        raise DerError(f"certificate: expected X.509, found {type(error).__name__}") from None
    return certificate


def read_hash(element: Element, where: str) -> str:
    """Read an AlgorithmIdentifier as the name of a hash that is good enough (`HASHES`)."""
    fields = der.inside(element, where)
    identifier = der.read_oid(fields.take(der.OID, "a hash algorithm"))
    null = fields.take_or_none(der.NULL)  # which some write and some leave out (RFC 5754 section 2)
    fields.end()
    if null is not None and null.value:
        raise DerError(f"{where}: expected no parameters of the hash, found some")
    if identifier not in HASHES:
        raise DerError(f"{where}: expected a hash of {', '.join(HASHES.values())}, found {identifier}")
    return HASHES[identifier]


def expect_oid(element: Element, expected: str, where: str) -> None:
    """Return when *element* is the identifier *expected*."""
    found = der.read_oid(element)
    if found != expected:
        raise DerError(f"{where}: expected type {expected}, found {found}")


def expect_version(element: Element, expected: int, where: str) -> None:
    """Return when *element* is the number *expected*."""
    found = der.read_integer(element)
    if found != expected:
        raise DerError(f"{where}: expected version {expected}, found {found}")


def only(element: Element, tag: int, where: str) -> Element:
    """Return the one thing that stands in *element*, which must have *tag*."""
    fields = der.inside(element, where)
    found = fields.take(tag, "one value")
    fields.end()
    return found


def _read_attributes(element: Element) -> dict[str, Element]:
    fields = Fields(element.value, "signed attributes")
    found: dict[str, Element] = {}
    while fields.more:
        attribute = der.inside(fields.take(der.SEQUENCE, "an attribute"), "signed attribute")
        name = der.read_oid(attribute.take(der.OID, "a name"))
        values = attribute.take(der.SET, "values")
        attribute.end()
        if name in found:
            raise DerError(f"signed attributes: expected {name} once, found it twice")
        found[name] = values
    return found


def _attribute(attributes: dict[str, Element], name: str, tag: int) -> Element:
    if name not in attributes:
        raise DerError(f"signed attributes: expected {name}, found none")
    return only(attributes[name], tag, "signed attribute")


def _named_certificate(attributes: dict[str, Element], certificates: tuple[x509.Certificate, ...]) -> x509.Certificate:
    hash_name, digest = _certificate_id(attributes)
    for certificate in certificates:
        if certificate.fingerprint(_FINGERPRINTS[hash_name]) == digest:
            return certificate
    raise TimestampError(UNSOUND, "signer: expected the certificate that its attributes name, found none such")


def _certificate_id(attributes: dict[str, Element]) -> tuple[str, bytes]:
    """Return the hash of the signing certificate: the first of the list (RFC 5035 section 5.4.1)."""
    name = _SIGNING_CERTIFICATE_V2 if _SIGNING_CERTIFICATE_V2 in attributes else _SIGNING_CERTIFICATE
    if name not in attributes:
        raise TimestampError(UNSOUND, "signer: expected a signing-certificate attribute, found none")
    where = "signing certificate"
    listed = der.inside(_attribute(attributes, name, der.SEQUENCE), where).take(der.SEQUENCE, "a list")
    first = der.inside(der.inside(listed, where).take(der.SEQUENCE, "a certificate"), where)
    if name == _SIGNING_CERTIFICATE:
        return "sha1", first.take(der.OCTET_STRING, "a hash").value
    algorithm = first.take_or_none(der.SEQUENCE)
    return read_hash(algorithm, where) if algorithm else "sha256", first.take(der.OCTET_STRING, "a hash").value


def _issuer_and_number(certificate: x509.Certificate) -> bytes:
    """Return issuer and serial number as they stand in *certificate* (RFC 5280 section 4.1)."""
    fields = der.read_whole(certificate.tbs_certificate_bytes, der.SEQUENCE, "certificate")
    fields.take_or_none(0xA0)  # the version
    number = fields.take(der.INTEGER, "a serial number")
    fields.take(der.SEQUENCE, "a signature algorithm")
    return fields.take(der.SEQUENCE, "an issuer").encoded + number.encoded
