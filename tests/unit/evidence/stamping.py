"""A time authority to ask and to break: certificates of every kind, and the responses that they sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from muniment.embedded.time_authority_answers import answer
from muniment.embedded.time_authority_keys import Pair
from muniment.evidence.timestamp import Request, Trust

STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Authority:
    root: Pair
    signer: Pair

    @property
    def trust(self) -> Trust:
        return Trust((self.root.certificate,))

    def answer(self, request: Request, at: datetime = NOW) -> bytes:
        return answer(request.encoded, self.signer, at)


def make_authority(
    *,
    name: str = "A",
    purposes: tuple[x509.ObjectIdentifier, ...] | None = (STAMPING,),
    critical: bool = True,
    years: int = 3,
    root_is_authority: bool = True,
    signing_curve: ec.EllipticCurve | None = None,
) -> Authority:
    root = make_root(name, is_authority=root_is_authority)
    key = ec.generate_private_key(signing_curve or ec.SECP256R1())
    builder = begin_certificate(f"{name} signer", root.certificate.subject, key, years)
    if purposes is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    return Authority(root, Pair(builder.sign(root.key, hashes.SHA256()), key))


def make_root(name: str, *, is_authority: bool = True, issuer: Pair | None = None) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    by = issuer.certificate.subject if issuer else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} root")])
    builder = begin_certificate(f"{name} root", by, key, 20).add_extension(
        x509.BasicConstraints(ca=is_authority, path_length=None), critical=True
    )
    return Pair(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def make_signer(issuer: Pair, name: str = "A signer") -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = begin_certificate(name, issuer.certificate.subject, key, 3).add_extension(
        x509.ExtendedKeyUsage([STAMPING]), critical=True
    )
    return Pair(builder.sign(issuer.key, hashes.SHA256()), key)


def begin_certificate(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGIN)
        .not_valid_after(BEGIN + timedelta(days=365 * years))
    )
