"""The local time authority's own certificates: a root made once, and a signer for every calendar year.

Its names say what it is worth: it runs on the machine whose records it stamps, by that
machine's clock. It shows how the parts fit, and proves nothing to an outsider.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from muniment.embedded.secret_files import read_or_make_secret, write_secret_text
from muniment.errors import ServiceError

ROOT_NAME = "Muniment local time authority root, for demonstration only"
SIGNER_NAME = "Muniment local time authority, for demonstration only"
_ORGANIZATION = "Not an independent time authority"

_ROOT_DAYS, _SIGNER_DAYS = 7300, 1830
_CLOCK_SLACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def open_signer(folder: Path, now: datetime) -> Pair:
    """Return the signer of the year of *now* (aware), made on first use in *folder*, readable by its owner only.

    Writes ``root.pem``, the root's certificate without its key, where it is missing.

    Raises:
        ServiceError: a file is readable by others, or does not hold what it should.
    """
    root = _read_pair(folder / "root-with-key.pem", lambda: _make_root(now))
    public = folder / "root.pem"
    body = root.certificate.public_bytes(serialization.Encoding.PEM)
    if not public.exists() or public.read_bytes() != body:
        write_secret_text(public, body.decode("ascii"))
    year = now.astimezone(UTC).year
    return _read_pair(folder / f"signer-{year}-with-key.pem", lambda: _make_signer(root, now))


def _read_pair(path: Path, make: Callable[[], str]) -> Pair:
    text = read_or_make_secret(path, make).encode("ascii")
    try:
        key = serialization.load_pem_private_key(text, password=None)
        certificate = x509.load_pem_x509_certificate(text)
    except ValueError:
        raise ServiceError(f"{path}: expected a key and its certificate in PEM, found other bytes") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ServiceError(f"{path}: expected a key and its own certificate, found two that do not belong together")
    return Pair(certificate, key)


def _make_root(now: datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(ROOT_NAME)
    builder = _certificate(name, name, key.public_key(), now, timedelta(days=_ROOT_DAYS))
    return _spell(
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256()),
        key,
    )


def _make_signer(root: Pair, now: datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    builder = _certificate(
        _name(SIGNER_NAME), root.certificate.subject, key.public_key(), now, timedelta(days=_SIGNER_DAYS)
    )
    return _spell(
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        # RFC 3161 section 2.3: this purpose, critical, and no other.
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(issuer, critical=False)
        .sign(root.key, hashes.SHA256()),
        key,
    )


def _spell(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> str:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode("ascii")


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, valid: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now + valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
