"""Merkle trees against the published vectors of Certificate Transparency and the published definitions."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ProofError
from muniment.evidence.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_from_inclusion,
    root_of,
)

# Certificate Transparency: the inputs, roots and proofs of its reference implementation's tests
# (certificate-transparency, cpp/merkletree/merkle_tree_test.cc; transparency-dev/merkle, testonly).
INPUTS = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
INCLUSION = (
    (0, 1, ()),
    (
        0,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        5,
        8,
        (
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (2, 3, ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",)),
    (
        1,
        5,
        (
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
)
CONSISTENCY = (
    (1, 1, ()),
    (
        1,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        6,
        8,
        (
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (
        2,
        5,
        (
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
)
LEAVES = [leaf_hash(entry) for entry in INPUTS]
# Any 32 bytes are a leaf hash: these are the only trees in which no two subtrees are alike.
MANY = [sha256(number.to_bytes(4, "big")).digest() for number in range(300)]
EVERY_LEAF = [(size, index) for size in range(1, 34) for index in range(size)]
EVERY_PAIR = [(first, second) for second in range(34) for first in range(second + 1)]


def slow_root(leaves: list[bytes]) -> bytes:
    """Compute the tree head by the definition, RFC 9162 section 2.1.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_no_leaves_have_the_published_root() -> None:
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_trees_of_the_published_entries_have_the_published_roots(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_is_proved_with_the_published_hashes(index: int, size: int, proof: tuple[str, ...]) -> None:
    assert tuple(part.hex() for part in inclusion_proof(LEAVES[:size], index)) == proof
    found = root_from_inclusion(LEAVES[index], index, size, [bytes.fromhex(part) for part in proof])
    assert found.hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCY)
def test_consistency_is_proved_with_the_published_hashes(first: int, second: int, proof: tuple[str, ...]) -> None:
    assert tuple(part.hex() for part in consistency_proof(LEAVES[:second], first)) == proof
    roots = bytes.fromhex(ROOTS[first - 1]), bytes.fromhex(ROOTS[second - 1])
    check_consistency(first, roots[0], second, roots[1], [bytes.fromhex(part) for part in proof])


@pytest.mark.parametrize("size", range(300))
def test_roots_made_level_by_level_are_those_of_the_definition(size: int) -> None:
    assert root_of(MANY[:size]) == slow_root(MANY[:size])


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_a_leaf_outside_the_tree_is_not_proved(index: int, size: int) -> None:
    with pytest.raises(ProofError, match="expected a leaf below"):
        inclusion_proof(MANY[:size], index)
    with pytest.raises(ProofError, match="expected a leaf below"):
        root_from_inclusion(MANY[0], index, size, [])


def test_a_tree_that_shrank_is_not_consistent() -> None:
    with pytest.raises(ProofError, match="sizes that grow"):
        consistency_proof(MANY[:3], 4)
    with pytest.raises(ProofError, match="sizes that grow"):
        check_consistency(4, root_of(MANY[:4]), 3, root_of(MANY[:3]), [])


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ProofError, match="32 bytes, found one of 31"):
        root_from_inclusion(MANY[0], 0, 2, [MANY[1][:31]])
    with pytest.raises(ProofError, match="32 bytes, found one of 33"):
        root_from_inclusion(MANY[0] + b"\0", 0, 2, [MANY[1]])
    with pytest.raises(ProofError, match="32 bytes"):
        check_consistency(1, MANY[0], 2, root_of(MANY[:2]), [b""])


@pytest.mark.parametrize("sizes", [(0, 0), (0, 5), (5, 5)])
def test_the_empty_tree_and_the_same_tree_need_no_hashes_and_take_none(sizes: tuple[int, int]) -> None:
    first, second = sizes
    roots = root_of(MANY[:first]), root_of(MANY[:second])
    check_consistency(first, roots[0], second, roots[1], [])
    with pytest.raises(ProofError, match="expected no hashes"):
        check_consistency(first, roots[0], second, roots[1], [MANY[0]])
    with pytest.raises(ProofError, match="expected"):
        check_consistency(first, flipped(roots[0], 0), second, roots[1], [])


def test_a_root_of_no_leaves_is_not_made_up() -> None:
    with pytest.raises(ProofError, match="root of no leaves"):
        check_consistency(0, MANY[0], 0, MANY[0], [])


def test_a_node_is_never_taken_for_a_leaf() -> None:
    forged = leaf_hash(MANY[0] + MANY[1])

    assert forged != node_hash(MANY[0], MANY[1])


@pytest.mark.parametrize(("size", "index"), EVERY_LEAF)
def test_every_leaf_of_every_size_is_proved_and_only_at_its_place(size: int, index: int) -> None:
    leaves, root = MANY[:size], root_of(MANY[:size])
    proof = inclusion_proof(leaves, index)
    check_inclusion(leaves[index], index, size, root, proof)
    for other in (number for number in range(size) if number != index):
        with pytest.raises(ProofError):
            check_inclusion(leaves[index], other, size, root, proof)
        with pytest.raises(ProofError):
            check_inclusion(leaves[other], index, size, root, proof)


@pytest.mark.parametrize(("first", "second"), EVERY_PAIR)
def test_every_beginning_of_every_tree_is_proved_and_no_other(first: int, second: int) -> None:
    leaves = MANY[:second]
    proof, root = consistency_proof(leaves, first), root_of(leaves)
    check_consistency(first, root_of(leaves[:first]), second, root, proof)
    if first:
        with pytest.raises(ProofError):
            check_consistency(first, root_of(MANY[1 : first + 1]), second, root, proof)


@given(st.data())
def test_an_altered_proof_of_inclusion_shows_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    leaves, root = MANY[:size], root_of(MANY[:size])
    proof = inclusion_proof(leaves, index)
    check_inclusion(leaves[index], index, size, root, proof)
    altered = alter(data, proof)
    with pytest.raises(ProofError):
        check_inclusion(leaves[index], index, size, root, altered)
    with pytest.raises(ProofError):
        check_inclusion(flipped(leaves[index], data.draw(st.integers(0, 255))), index, size, root, proof)


@given(st.data())
def test_an_altered_proof_of_consistency_shows_nothing(data: st.DataObject) -> None:
    second = data.draw(st.integers(1, 300))
    first = data.draw(st.integers(1, second))
    roots = root_of(MANY[:first]), root_of(MANY[:second])
    proof = consistency_proof(MANY[:second], first)
    check_consistency(first, roots[0], second, roots[1], proof)
    altered = alter(data, proof)
    with pytest.raises(ProofError):
        check_consistency(first, roots[0], second, roots[1], altered)
    bit = data.draw(st.integers(0, 255))
    with pytest.raises(ProofError):
        check_consistency(first, flipped(roots[0], bit), second, roots[1], proof)
    with pytest.raises(ProofError):
        check_consistency(first, roots[0], second, flipped(roots[1], bit), proof)


def alter(data: st.DataObject, proof: list[bytes]) -> list[bytes]:
    """Flip a bit, drop, add, double or swap a hash."""
    extra = [*proof, data.draw(st.binary(min_size=32, max_size=32))]
    if not proof:
        return extra
    place = data.draw(st.integers(0, len(proof) - 1))
    bent = [*proof[:place], flipped(proof[place], data.draw(st.integers(0, 255))), *proof[place + 1 :]]
    dropped, doubled = proof[:place] + proof[place + 1 :], [*proof[: place + 1], *proof[place:]]
    ways = [extra, bent, dropped, doubled]
    if len(proof) > 1:
        ways.append([proof[-1], *proof[1:-1], proof[0]])
    return data.draw(st.sampled_from(ways))
