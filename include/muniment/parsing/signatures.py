"""Signatures of AT Protocol accounts: keys out of DID documents, and what they signed.

https://atproto.com/specs/cryptography: ECDSA over SHA-256 on k256 or p256, 64 bytes r || s,
low-S; and https://atproto.com/specs/did#did-documents for the forms of the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from muniment.errors import ParseError

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_K256, _P256 = ec.SECP256K1(), ec.SECP256R1()

# SEC 2 sections 2.4.1 and 2.4.2: the order n of each curve's group.
_ORDER: Mapping[str, int] = MappingProxyType(
    {
        _K256.name: 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
        _P256.name: 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    }
)
# https://github.com/multiformats/multicodec/blob/master/table.csv: secp256k1-pub and p256-pub as varints.
_MULTIKEY: Mapping[bytes, ec.EllipticCurve] = MappingProxyType({b"\xe7\x01": _K256, b"\x80\x24": _P256})
_LEGACY: Mapping[str, ec.EllipticCurve] = MappingProxyType(
    {"EcdsaSecp256k1VerificationKey2019": _K256, "EcdsaSecp256r1VerificationKey2019": _P256}
)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An account's public signing key."""

    key: ec.EllipticCurvePublicKey

    def check_signature(self, signature: bytes, message: bytes) -> None:
        """Check that *signature* (64 bytes) is this key's over *message*.

        Raises:
            ParseError: it is not, or it is not low-S.
        """
        if len(signature) != 64:
            raise ParseError(f"signature: expected 64 bytes, found {len(signature)}")
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if s > _ORDER[self.key.curve.name] // 2:
            raise ParseError("signature: expected low-S, found high-S")
        try:
            self.key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise ParseError("signature: expected one by the account's key, found one that is not") from None


def parse_signing_key(type_: str, multibase: str) -> SigningKey:
    """Read a ``publicKeyMultibase`` of verification method *type_*.

    Raises:
        ParseError: the type or the key is not one that an account signs with.
    """
    raw = _base58(multibase)
    if type_ == "Multikey":
        curve, point = _MULTIKEY.get(raw[:2]), raw[2:]
    else:
        curve, point = _LEGACY.get(type_), raw
    if curve is None:
        raise ParseError("signing key: expected a k256 or p256 key, found another kind")
    try:
        return SigningKey(ec.EllipticCurvePublicKey.from_encoded_point(curve, point))
    except ValueError:
        raise ParseError("signing key: expected a point of its curve, found another value") from None


def _base58(multibase: str) -> bytes:
    digits = multibase[1:]
    if multibase[:1] != "z" or len(digits) > 200 or any(digit not in _BASE58 for digit in digits):
        raise ParseError("signing key: expected base58btc (z...), found another encoding")
    number = 0
    for digit in digits:
        number = number * 58 + _BASE58.index(digit)
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
