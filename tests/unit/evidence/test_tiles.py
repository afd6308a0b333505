"""The tree as files: names and widths by the specification's own examples, hashes by the tree's definition."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from muniment.errors import LogError, ObjectKeyError, ObjectMissingError
from muniment.evidence.merkle import inclusion_proof, leaf_hash, nodes_of, range_root, root_of
from muniment.evidence.tiles import (
    ENTRIES,
    Tile,
    TileNodes,
    decode_bundle,
    decode_tile,
    encode_bundle,
    parse_tile,
    read_entries,
    render_tile,
    tile_at,
    tiles_between,
    tiles_of,
)

SIZES = st.integers(0, 70_000)


def leaf(number: int) -> bytes:
    return sha256(number.to_bytes(4, "big")).digest()


def written(size: int) -> dict[str, bytes]:
    """Write the whole tree of *size* entries, each its own number."""
    entries = [number.to_bytes(4, "big") for number in range(size)]
    nodes = nodes_of([leaf_hash(entry) for entry in entries])
    return {
        tile.path: encode_bundle(entries[tile.first : tile.first + tile.width])
        if tile.level == ENTRIES
        else render_tile(tile, nodes)
        for tile in tiles_of(size)
    }


def reader(files: Mapping[str, bytes], seen: list[str] | None = None):
    def read(path: str) -> bytes:
        if seen is not None:
            seen.append(path)
        if path not in files:
            raise ObjectMissingError(path)
        return files[path]

    return read


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",  # a leading group of nothing
        "tile/0/001/234",
        "tile/0/x001/x234",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/entries/000.p/x",
        "tile/Entries/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/٠٠٠",
    ],
)
def test_what_names_no_tile_is_refused(path: str) -> None:
    with pytest.raises(ObjectKeyError):
        parse_tile(path)


@pytest.mark.parametrize(("level", "index", "width"), [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_is_not_named(level: int, index: int, width: int) -> None:
    with pytest.raises(ObjectKeyError):
        Tile(level, index, width)


@pytest.mark.parametrize(
    ("tile", "path"),
    [  # the first is the specification's example of an index
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 999, 17), "tile/1/999.p/17"),
        (Tile(2, 1000), "tile/2/x001/000"),
        (Tile(ENTRIES, 273, 112), "tile/entries/273.p/112"),
        (Tile(63, 5, 255), "tile/63/005.p/255"),
    ],
)
def test_tiles_are_named_as_specified(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile(path) == tile


def test_a_tree_of_70_000_has_the_tiles_of_the_specifications_example() -> None:
    tiles = list(tiles_of(70_000))

    found = {
        level: (
            sum(tile.width == 256 for tile in tiles if tile.level == level),
            [tile.width for tile in tiles if tile.level == level and tile.width < 256],
        )
        for level in {tile.level for tile in tiles}
    }
    assert found == {ENTRIES: (273, [112]), 0: (273, [112]), 1: (1, [17]), 2: (0, [1])}


def test_a_tree_of_256_has_a_full_tile_and_one_of_width_1_above() -> None:
    assert [tile.path for tile in tiles_of(256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]


def test_an_empty_tree_has_no_tiles() -> None:
    assert list(tiles_of(0)) == []


@given(SIZES, SIZES)
@example(255, 256)
@example(256, 256)
@example(65_535, 65_536)
def test_what_a_growth_adds_is_what_the_larger_tree_has_and_the_smaller_had_not(one: int, other: int) -> None:
    first, second = sorted((one, other))

    assert set(tiles_between(first, second)) == set(tiles_of(second)) - set(tiles_of(first))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 1000, 65_536 + 300])
def test_tiles_lead_to_the_root_of_the_tree(size: int) -> None:
    files = written(size)
    entries = [number.to_bytes(4, "big") for number in range(size)]

    assert range_root(TileNodes(reader(files), size), (0, size)) == root_of([leaf_hash(entry) for entry in entries])
    assert list(read_entries(reader(files), size)) == entries
    assert list(read_entries(reader(files), size, size - 1)) == entries[-1:]


@given(st.integers(1, 1500), st.data())
def test_every_subtree_comes_from_its_tile(size: int, data: st.DataObject) -> None:
    files = written(size)
    level = data.draw(st.integers(0, size.bit_length() - 1))
    index = data.draw(st.integers(0, (size >> level) - 1))
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(index << level, (index + 1) << level)]

    assert TileNodes(reader(files), size)(level, index) == root_of(leaves)


def test_a_subtree_that_the_tree_does_not_have_whole_is_refused() -> None:
    with pytest.raises(LogError, match="expected a whole subtree"):
        TileNodes(reader(written(5)), 5)(1, 2)


def test_a_tile_is_read_once() -> None:
    seen: list[str] = []
    nodes = TileNodes(reader(written(600), seen), 600)
    for index in range(600):
        nodes(0, index)

    assert sorted(seen) == ["tile/0/000", "tile/0/001", "tile/0/002.p/88"]


@pytest.mark.parametrize(("level", "index", "size"), [(0, 1, 256), (1, 0, 255), (ENTRIES, 0, 0), (0, 3, 600)])
def test_a_tile_that_a_tree_of_a_size_does_not_have_is_refused(level: int, index: int, size: int) -> None:
    with pytest.raises(LogError, match="expected one of a tree"):
        tile_at(level, index, size)


def test_the_specification_frames_entries_by_two_bytes_the_higher_first() -> None:
    assert encode_bundle([b"a", b"", b"x" * 258]) == b"\x00\x01a\x00\x00\x01\x02" + b"x" * 258


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_is_read_as_it_was_written(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


@pytest.mark.parametrize(
    ("body", "width"), [(b"\x00", 1), (b"\x00\x02a", 1), (b"\x00\x01a", 2), (b"\x00\x01a\x00", 1), (b"", 1)]
)
def test_a_bundle_that_ends_short_or_holds_another_number_is_refused(body: bytes, width: int) -> None:
    with pytest.raises(LogError):
        decode_bundle(body, width)


def test_an_entry_too_long_for_its_frame_is_refused() -> None:
    assert decode_bundle(encode_bundle([b"x" * 0xFFFF]), 1) == [b"x" * 0xFFFF]
    with pytest.raises(LogError, match="at most 65535 bytes, found 65536"):
        encode_bundle([b"x" * 0x10000])


@pytest.mark.parametrize("size", [0, 31, 33, 63])
def test_a_tile_of_other_than_whole_hashes_is_refused(size: int) -> None:
    with pytest.raises(LogError, match="expected 1 hashes"):
        decode_tile(b"x" * size, 1)


def test_a_proof_from_tiles_is_that_from_the_leaves() -> None:
    from muniment.evidence.log_proof import prove_inclusion

    files = written(700)
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(700)]

    for index in (0, 255, 256, 511, 512, 699):
        assert prove_inclusion(reader(files), index, 700) == inclusion_proof(leaves, index)
