"""Until when a time stamp can be leaned on: the ends of its certificates, and of what its keys and hashes are good for.

A stamp is verified as of its own time, and so verifies for ever. But once a certificate
has ended, nobody answers for its key any more, and once an algorithm is weak anyone may
forge: from then on the stamp proves nothing, unless another was laid over it before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from muniment.errors import TimestampError

UNSOUND = "T003"

# NIST IR 8547 (initial public draft, November 2024), section 4.1.1, table 2: signatures of 112 bits of
# strength are deprecated after 2030, all of RSA, ECDSA and EdDSA are disallowed after 2035.
# The hashes SHA-256, SHA-384 and SHA-512 have no end there (section 4.1.3).
_WEAKER_END = datetime(2031, 1, 1, tzinfo=UTC)
_STRONGER_END = datetime(2036, 1, 1, tzinfo=UTC)
_STATED_IN = "NIST IR 8547"


class Ageing(NamedTuple):
    """From when on a stamp proves nothing by itself (aware UTC), and why."""

    at: datetime
    because: str


def find_ageing(path: Iterable[x509.Certificate]) -> Ageing:
    """Find when a stamp signed by the first certificate of *path* ages out.

    Raises:
        TimestampError: T003, a key is too weak already, or of a kind that nobody keeps a date for.
    """
    return min(_ends(path))


def _ends(path: Iterable[x509.Certificate]) -> Iterator[Ageing]:
    for certificate in path:
        name = certificate.subject.rfc4514_string()
        yield Ageing(certificate.not_valid_after_utc, f"the certificate of {name} ends")
        kind, bits = _strength(certificate)
        if bits < 112:
            raise TimestampError(UNSOUND, f"certificate {name}: expected a key of 112 bits of strength, found {kind}")
        yield Ageing(_WEAKER_END if bits < 128 else _STRONGER_END, f"{kind} may no longer be used ({_STATED_IN})")


def _strength(certificate: x509.Certificate) -> tuple[str, int]:
    """Return the kind of key and its strength in bits (NIST SP 800-57 part 1 revision 5, table 2)."""
    match certificate.public_key():
        case rsa.RSAPublicKey(key_size=size):
            return f"RSA-{size}", 128 if size >= 3072 else 112 if size >= 2048 else 80
        case ec.EllipticCurvePublicKey(key_size=size):
            return f"ECDSA on {size} bits", size // 2
        case ed25519.Ed25519PublicKey():
            return "Ed25519", 128
        case ed448.Ed448PublicKey():
            return "Ed448", 224
        case dsa.DSAPublicKey(key_size=size):
            return f"DSA-{size}", 0  # FIPS 186-5: withdrawn
        case other:
            return type(other).__name__, 0
