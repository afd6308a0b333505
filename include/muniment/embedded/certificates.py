"""A certificate authority of the store's own, and one certificate for its parts to know each other by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_VALID = timedelta(days=3650)
_CLOCK_SLACK = timedelta(hours=1)


def make_certificates() -> dict[str, str]:
    """Return ``ca.crt``, ``node.crt`` and ``node.key``, each PEM, by name.

    The authority's own key is not kept: nobody can issue a second certificate.
    """
    authority, node = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name, node_name = _name("muniment store authority"), _name("muniment store node")
    ca = (
        _certificate(authority_name, authority_name, authority.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority, hashes.SHA256())
    )
    certificate = (
        _certificate(node_name, authority_name, node.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(authority, hashes.SHA256())
    )
    key = node.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "ca.crt": ca.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        "node.crt": certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        "node.key": key.decode("ascii"),
    }


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now + _VALID)
    )
