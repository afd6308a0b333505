"""Whether the signature of a time stamp is sound (RFC 5652 section 5.6), checked twice where it can be.

Once here, over the attributes exactly as they stand; and once by Sigstore's rfc3161-client
with OpenSSL under it, which walks the certificates again by rules of its own. That one reads
strict DER only, and large authorities send their attributes in an order that DER does not
have; such a stamp rests on the check here alone.
"""

from __future__ import annotations

import hashlib
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import TimeStampResponse, VerificationError, VerifierBuilder, decode_timestamp_response

from muniment.errors import TimestampError
from muniment.evidence.timestamp_response import Response
from muniment.evidence.timestamp_signer import Signer

_UNSOUND = "T003"
_HASHES: MappingProxyType[str, hashes.HashAlgorithm] = MappingProxyType(
    {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
)
# RFC 5754 section 3 and RFC 8419 section 2.3: the identifier of the signature, and the hash that it names, if any.
_RSA = MappingProxyType(
    {
        "1.2.840.113549.1.1.1": None,
        "1.2.840.113549.1.1.11": "sha256",
        "1.2.840.113549.1.1.12": "sha384",
        "1.2.840.113549.1.1.13": "sha512",
    }
)
_RSA_PSS = "1.2.840.113549.1.1.10"
_ECDSA = MappingProxyType(
    {"1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512"}
)
_ED25519 = "1.3.101.112"


def check_signature(response: bytes, parts: Response, path: tuple[x509.Certificate, ...]) -> None:
    """Check that the first certificate of *path* signed the stamp in *response*, of which *parts* were read.

    Raises:
        TimestampError: T003, it did not, or not in a way that is good enough.
    """
    signer = parts.signer
    if hashlib.new(signer.digest_name, parts.content).digest() != signer.digest:
        raise TimestampError(_UNSOUND, "stamp: expected the digest that is signed, found another")
    try:
        _verify(signer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise TimestampError(_UNSOUND, f"stamp: expected a sound signature, found {type(error).__name__}") from None
    decoded = _decode_or_none(response, parts)
    if decoded is not None:
        _check_again(decoded, parts, path)


def _verify(signer: Signer) -> None:
    key, algorithm = signer.certificate.public_key(), signer.algorithm
    if isinstance(key, rsa.RSAPublicKey) and algorithm in _RSA:
        under = _HASHES[_RSA[algorithm] or signer.digest_name]
        key.verify(signer.signature, signer.signed, padding.PKCS1v15(), under)
    elif isinstance(key, rsa.RSAPublicKey) and algorithm == _RSA_PSS:
        under = _HASHES[signer.digest_name]
        pss = padding.PSS(padding.MGF1(under), salt_length=padding.PSS.AUTO)
        key.verify(signer.signature, signer.signed, pss, under)
    elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm in _ECDSA:
        key.verify(signer.signature, signer.signed, ec.ECDSA(_HASHES[_ECDSA[algorithm]]))
    elif isinstance(key, ed25519.Ed25519PublicKey) and algorithm == _ED25519:
        key.verify(signer.signature, signer.signed)
    else:
        raise UnsupportedAlgorithm(algorithm)


def _decode_or_none(response: bytes, parts: Response) -> TimeStampResponse | None:
    # No signature covers the order of the certificates, so that much can be put in DER's (X.690 section 11.6).
    encoded = [certificate.public_bytes(Encoding.DER) for certificate in parts.certificates]
    try:
        return decode_timestamp_response(response.replace(b"".join(encoded), b"".join(sorted(encoded)), 1))
    except ValueError:
        return None


def _check_again(decoded: TimeStampResponse, parts: Response, path: tuple[x509.Certificate, ...]) -> None:
    # Every certificate given here counts as trusted there: so only those of the path that was found.
    verifier = VerifierBuilder(tsa_certificate=path[0], intermediates=list(path[1:-1]), roots=[path[-1]]).build()
    try:
        verifier.verify(decoded, parts.info.imprint)
    except (VerificationError, ValueError) as error:
        raise TimestampError(_UNSOUND, f"stamp: expected a sound signature, found: {error}") from None
