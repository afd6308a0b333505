"""A signed repository: records in a Merkle search tree under a commit, as a CAR file.

https://atproto.com/specs/repository and https://atproto.com/specs/cryptography
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import pairwise

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from platform_simulator.dagcbor import Cid, Value, cid_of_block, encode, varint

# SEC 2 version 2 section 2.4.1: the order of secp256k1.
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def signing_key(seed: str, did: str) -> ec.EllipticCurvePrivateKey:
    """Return the key of *did*. It guards nothing: whoever reads the scenario can make it."""
    number = int.from_bytes(sha256(f"{seed}/key/{did}".encode()).digest(), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256K1())


def multikey(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the public half of *key* as a Multikey: base58btc of 0xe701 and the compressed point."""
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    number, text = int.from_bytes(b"\xe7\x01" + point, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "z" + text


def build_car(did: str, rev: str, records: Mapping[str, Value], key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the CAR of *records* (by ``collection/rkey``): the same arguments give the same bytes."""
    blocks: dict[Cid, bytes] = {}
    leaves = [(path.encode(), _add(blocks, records[path])) for path in sorted(records)]
    tree: dict[Cid, bytes] = {}
    root = _add_node(tree, leaves, max((_depth(path) for path, _ in leaves), default=0))
    content: dict[str, Value] = {"did": did, "version": 3, "data": root, "rev": rev, "prev": None}
    commit = encode({**content, "sig": _sign(key, encode(content))})
    commit_cid = cid_of_block(commit)
    header = encode({"roots": [commit_cid], "version": 1})
    return varint(len(header)) + header + _sections([(commit_cid, commit), *tree.items(), *blocks.items()])


def _sections(blocks: Iterable[tuple[Cid, bytes]]) -> bytes:
    return b"".join(varint(len(cid.raw) + len(block)) + cid.raw + block for cid, block in blocks)


def _add(blocks: dict[Cid, bytes], value: Value) -> Cid:
    block = encode(value)
    cid = cid_of_block(block)
    blocks[cid] = block
    return cid


def _depth(path: bytes) -> int:
    """Count the leading zeros of the path's SHA-256, two bits at a time."""
    number = int.from_bytes(sha256(path).digest(), "big")
    return (256 - number.bit_length()) // 2


def _add_node(blocks: dict[Cid, bytes], leaves: list[tuple[bytes, Cid]], depth: int) -> Cid:
    """Add the node of *leaves* at layer *depth* and what hangs below it; an empty layer holds one subtree."""
    splits = [index for index, (path, _) in enumerate(leaves) if _depth(path) == depth]
    edges = [-1, *splits, len(leaves)]
    between = [leaves[left + 1 : right] for left, right in pairwise(edges)]
    below = [_add_node(blocks, part, depth - 1) if part else None for part in between]
    entries: list[Value] = []
    before = b""
    for index, subtree in zip(splits, below[1:], strict=True):
        path, value = leaves[index]
        shared = _shared(before, path)
        entries.append({"p": shared, "k": path[shared:], "v": value, "t": subtree})
        before = path
    return _add(blocks, {"l": below[0], "e": entries})


def _shared(left: bytes, right: bytes) -> int:
    pairs = zip(left, right, strict=False)
    return next((index for index, (one, other) in enumerate(pairs) if one != other), min(len(left), len(right)))


def _sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    # RFC 6979: the same commit signs alike, so that an unchanged repository is the same bytes.
    signature = key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(signature)
    return r.to_bytes(32, "big") + min(s, _ORDER - s).to_bytes(32, "big")
