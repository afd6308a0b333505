"""Merkle trees: hashing, roots, proofs and their checks, as RFC 9162 section 2.1 (and RFC 6962 before it) has them.

A tree is known by its leaf hashes. A proof is a list of hashes from the leaf upward. The checks
follow the published algorithms step by step and share no code with what makes the proofs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from muniment.errors import ProofError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
_LEAF, _NODE = b"\x00", b"\x01"

# The hash of the whole subtree of 2^level leaves that is number index of its level.
Nodes = Callable[[int, int], bytes]
# Leaves from the first number up to, without, the second.
LeafRange = tuple[int, int]


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf that holds *entry*."""
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over *left* and *right*."""
    return sha256(_NODE + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the tree over leaf hashes, in one pass a level. That of no leaves is SHA-256 of nothing."""
    level = list(leaves)
    while len(level) > 1:
        # A last node without a pair rises as it is: the same tree as splitting at powers of two.
        lone = level[-1:] if len(level) % 2 else []
        level = _pair(level) + lone
    return level[0] if level else EMPTY_ROOT


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf *index* is in the tree over *leaves*.

    Raises:
        ProofError: the tree has no such leaf.
    """
    nodes = nodes_of(leaves)
    return [range_root(nodes, found) for found in inclusion_ranges(index, len(leaves))]


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """Return the proof that the tree over the *first* leaves is the beginning of the tree over all.

    Raises:
        ProofError: there are fewer leaves.
    """
    nodes = nodes_of(leaves)
    return [range_root(nodes, found) for found in consistency_ranges(first, len(leaves))]


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that *proof* leads to from leaf hash *leaf* (RFC 9162 section 2.1.3.2).

    Raises:
        ProofError: no proof of that length belongs to that place, or a hash is not of 32 bytes.
    """
    if not 0 <= index < size:
        raise ProofError(f"inclusion: expected a leaf below {size}, found {index}")
    _check_hashes([leaf, *proof])
    place, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError(f"inclusion: expected fewer than {len(proof)} hashes for leaf {index} of {size}")
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            place, last = _rise_to_right_child(place, last)
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError(f"inclusion: expected more than {len(proof)} hashes for leaf {index} of {size}")
    return root


def check_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that leaf hash *leaf* is number *index* in the tree of *size* leaves with *root*.

    Raises:
        ProofError: the proof does not show it.
    """
    found = root_from_inclusion(leaf, index, size, proof)
    if found != root:
        raise ProofError(f"inclusion: expected root {root.hex()}, found {found.hex()}")


def check_consistency(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the first tree is the beginning of the second (RFC 9162 section 2.1.4.2).

    Raises:
        ProofError: the proof does not show it.
    """
    if not 0 <= first <= second:
        raise ProofError(f"consistency: expected sizes that grow, found {first} and {second}")
    _check_hashes([first_root, second_root, *proof])
    if first in (0, second):
        _check_trivial(first, first_root, second, second_root, proof)
        return
    # Where the first tree is a whole subtree of the second, its root is known and left out.
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        raise ProofError(f"consistency: expected hashes between {first} and {second}, found none")
    found_first, found_second = _walk_consistency(first, second, path)
    if found_first != first_root:
        raise ProofError(f"consistency: expected root {first_root.hex()} of {first}, found {found_first.hex()}")
    if found_second != second_root:
        raise ProofError(f"consistency: expected root {second_root.hex()} of {second}, found {found_second.hex()}")


def inclusion_ranges(index: int, size: int) -> list[LeafRange]:
    """Return the ranges of leaves whose roots prove leaf *index* of *size* (RFC 9162 section 2.1.3.1), upward.

    Raises:
        ProofError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"inclusion: expected a leaf below {size}, found {index}")
    low, high = 0, size
    ranges = []
    while high - low > 1:
        split = low + _split(high - low)
        if index < split:
            ranges.append((split, high))
            high = split
        else:
            ranges.append((low, split))
            low = split
    return ranges[::-1]


def consistency_ranges(first: int, second: int) -> list[LeafRange]:
    """Return the ranges of leaves whose roots prove *first* a beginning of *second* (RFC 9162 section 2.1.4.1).

    Raises:
        ProofError: the second tree is the smaller.
    """
    if not 0 <= first <= second:
        raise ProofError(f"consistency: expected sizes that grow, found {first} and {second}")
    if first == 0:
        return []
    low, high = 0, second
    ranges = []
    while first != high:
        split = low + _split(high - low)
        if first <= split:
            ranges.append((split, high))
            high = split
        else:
            ranges.append((low, split))
            low = split
    return ranges[::-1] if low == 0 else [(low, high), *ranges[::-1]]


def range_root(nodes: Nodes, leaves: LeafRange) -> bytes:
    """Return the root over a range of leaves that begins where a subtree of its size may."""
    low, high = leaves
    width = high - low
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return nodes(level, low >> level)
    split = low + _split(width)
    return node_hash(range_root(nodes, (low, split)), range_root(nodes, (split, high)))


def nodes_of(leaves: Sequence[bytes]) -> Nodes:
    """Return the whole subtrees of the tree over *leaves*, all hashed now."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        levels.append(_pair(levels[-1]))
    return lambda level, index: levels[level][index]


def _pair(level: Sequence[bytes]) -> list[bytes]:
    # Spelled out and not by `node_hash`: a call a node would cost a third of the time.
    return [
        sha256(_NODE + left + right).digest() for left, right in zip(level[0::2], level[1::2], strict=False)
    ]  # zip leaves a last one without a pair out


def _split(width: int) -> int:
    """Return the largest power of two below *width*."""
    return 1 << (width - 1).bit_length() - 1


def _rise_to_right_child(place: int, last: int) -> tuple[int, int]:
    """Pass the levels at which the node at the right edge has no sibling."""
    while place != 0 and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _walk_consistency(first: int, second: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of both trees that *path* leads to."""
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    root_first = root_second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError(f"consistency: expected fewer than {len(path)} hashes between {first} and {second}")
        if place & 1 or place == last:
            root_first, root_second = node_hash(sibling, root_first), node_hash(sibling, root_second)
            place, last = _rise_to_right_child(place, last)
        else:
            root_second = node_hash(root_second, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError(f"consistency: expected more than {len(path)} hashes between {first} and {second}")
    return root_first, root_second


def _check_trivial(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> None:
    expected = EMPTY_ROOT if first == 0 else second_root
    if second == 0 and second_root != EMPTY_ROOT:
        raise ProofError(f"consistency: expected the root of no leaves, found {second_root.hex()}")
    if first_root != expected:
        raise ProofError(f"consistency: expected root {expected.hex()} of {first}, found {first_root.hex()}")
    if proof:
        raise ProofError(f"consistency: expected no hashes between {first} and {second}, found {len(proof)}")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    for found in hashes:
        if len(found) != HASH_BYTES:
            raise ProofError(f"proof: expected hashes of {HASH_BYTES} bytes, found one of {len(found)}")
