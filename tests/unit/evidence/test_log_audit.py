"""The tree is read whole; what is wrong is named, and nothing else."""

from __future__ import annotations

import pytest

from muniment.errors import ObjectMissingError
from muniment.evidence.log_audit import TreeAudit, audit_tree
from muniment.evidence.merkle import leaf_hash, nodes_of, root_of
from muniment.evidence.tiles import ENTRIES, Tile, encode_bundle, render_tile, tiles_between, tiles_of

LINES = [f"entry {number}".encode() for number in range(600)]
ROOT = root_of([leaf_hash(line) for line in LINES])
EARLIER = tuple(tiles_between(0, 300))


def written() -> dict[str, bytes]:
    nodes = nodes_of([leaf_hash(line) for line in LINES])
    return {
        tile.path: encode_bundle(LINES[tile.first : tile.first + tile.width])
        if tile.level == ENTRIES
        else render_tile(tile, nodes)
        for tile in (*tiles_of(600), *EARLIER)
    }


def audit(files: dict[str, bytes], root: bytes = ROOT) -> TreeAudit:
    def read(path: str) -> bytes:
        if path not in files:
            raise ObjectMissingError(f"{path}: none")
        return files[path]

    return audit_tree(read, 600, root, also=EARLIER)


def blamed(found: TreeAudit) -> list[str]:
    return [fault.path for fault in found.faults]


def test_a_whole_tree_has_no_faults() -> None:
    found = audit(written())

    assert (found.sound, found.faults, found.entries) == (True, (), tuple(LINES))


@pytest.mark.parametrize("path", sorted(written()))
@pytest.mark.parametrize("place", [0, -1])
def test_one_byte_flipped_blames_its_file_alone(path: str, place: int) -> None:
    files = written()
    body = bytearray(files[path])
    body[place] ^= 1
    files[path] = bytes(body)

    found = audit(files)

    assert (found.sound, blamed(found)) == (True, [path])


@pytest.mark.parametrize("path", sorted(written()))
def test_a_missing_file_is_told_as_missing_alone(path: str) -> None:
    files = written()
    del files[path]

    found = audit(files)

    assert (found.sound, blamed(found), [fault.missing for fault in found.faults]) == (True, [path], [True])


def test_an_altered_entry_is_not_among_those_vouched_for() -> None:
    files = written()
    files["tile/entries/000"] = encode_bundle([b"entry X", *LINES[1:256]])

    found = audit(files)

    assert found.entries[0] is None
    assert found.entries[1:] == tuple(LINES[1:])


def test_a_tree_recomputed_whole_around_an_altered_entry_does_not_lead_to_the_signed_root() -> None:
    files = written()
    lines = [b"entry X", *LINES[1:]]
    nodes = nodes_of([leaf_hash(line) for line in lines])
    for tile in (*tiles_of(600), *EARLIER):
        held = lines[tile.first : tile.first + tile.width]
        files[tile.path] = encode_bundle(held) if tile.level == ENTRIES else render_tile(tile, nodes)

    assert not audit(files).sound


def test_a_tile_past_the_tree_is_a_fault() -> None:
    found = audit_tree(lambda path: written()[path], 600, ROOT, also=[Tile(0, 2, 89)])

    assert [(fault.path, fault.found) for fault in found.faults] == [("tile/0/002.p/89", "a file")]
