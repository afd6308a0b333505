"""Is a log's tree what its entries make it? Every tile and bundle is read, every hash computed again.

Where tiles and bundles disagree, the signed root says which of them is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from muniment.errors import CustodyError, LogError
from muniment.evidence.merkle import Nodes, leaf_hash, nodes_of, root_of
from muniment.evidence.tiles import (
    ENTRIES,
    WIDTH,
    Read,
    Tile,
    decode_bundle,
    decode_tile,
    render_tile,
    tile_at,
    tiles_of,
)


@dataclass(frozen=True, slots=True, order=True)
class TreeFault:
    """One file of the tree that is missing or is not what it should be."""

    path: str
    expected: str
    found: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class TreeAudit:
    """What became of an audit.

    `entries` are those that the root vouches for; where it vouches for none, `sound` is
    False and they are what the bundles hold.
    """

    entries: tuple[bytes | None, ...]  # None where a bundle could not be read
    faults: tuple[TreeFault, ...]
    sound: bool  # whether entries or leaf hashes lead to the root


def audit_tree(read: Read, size: int, root: bytes, *, also: Iterable[Tile] = ()) -> TreeAudit:
    """Check every tile and bundle of the tree of *size* with *root*, and *also* those of earlier sizes.

    It does not stop at a fault, and blames a file only for what is wrong in itself.
    """
    faults: dict[str, TreeFault] = {}
    wanted = sorted({*tiles_of(size), *(tile for tile in also if _fits(tile, size, faults))})
    bodies = {tile: body for tile in wanted if (body := _read(read, tile, faults)) is not None}
    entries = _entries(bodies, size, faults)
    hashes = _leaf_hashes(bodies, size)
    from_entries = [hashes[place] if entry is None else leaf_hash(entry) for place, entry in enumerate(entries)]
    leaves = next((found for found in (from_entries, hashes) if _leads(found, root)), None)
    if leaves is not None:
        entries = [entry if entry is None or leaf_hash(entry) == leaves[place] else None
                   for place, entry in enumerate(entries)]  # fmt: skip
        _compare(bodies, [leaf for leaf in leaves if leaf is not None], faults)
    return TreeAudit(tuple(entries), tuple(sorted(faults.values())), leaves is not None)


def _fits(tile: Tile, size: int, faults: dict[str, TreeFault]) -> bool:
    if (tile.first + tile.width) * WIDTH ** max(tile.level, 0) <= size:
        return True
    faults[tile.path] = TreeFault(tile.path, f"nothing past a tree of {size}", "a file")
    return False


def _read(read: Read, tile: Tile, faults: dict[str, TreeFault]) -> bytes | None:
    try:
        return read(tile.path)
    except CustodyError as error:
        faults[tile.path] = TreeFault(tile.path, "its bytes", str(error), missing=True)
        return None


def _entries(bodies: Mapping[Tile, bytes], size: int, faults: dict[str, TreeFault]) -> list[bytes | None]:
    entries: list[bytes | None] = []
    for number in range(-(-size // WIDTH)):
        bundle = tile_at(ENTRIES, number, size)
        try:
            entries += decode_bundle(bodies[bundle], bundle.width)
        except LogError as error:
            faults[bundle.path] = TreeFault(bundle.path, f"{bundle.width} entries", str(error))
            entries += [None] * bundle.width
        except KeyError:  # missing, and noted as such
            entries += [None] * bundle.width
    return entries


def _leaf_hashes(bodies: Mapping[Tile, bytes], size: int) -> list[bytes | None]:
    hashes: list[bytes | None] = []
    for number in range(-(-size // WIDTH)):
        tile = tile_at(0, number, size)
        try:
            hashes += decode_tile(bodies[tile], tile.width)
        except (KeyError, LogError):
            hashes += [None] * tile.width
    return hashes


def _leads(leaves: list[bytes | None], root: bytes) -> bool:
    known = [leaf for leaf in leaves if leaf is not None]
    return len(known) == len(leaves) and root_of(known) == root


def _holds(bundle: Tile, body: bytes, leaves: list[bytes]) -> bool:
    """Tell whether *bundle* holds its entries, by their leaf hashes: each size's bundle is judged by itself."""
    try:
        hashes = [leaf_hash(entry) for entry in decode_bundle(body, bundle.width)]
    except LogError:
        return False
    return hashes == leaves[bundle.first : bundle.first + bundle.width]


def _compare(bodies: Mapping[Tile, bytes], leaves: list[bytes], faults: dict[str, TreeFault]) -> None:
    nodes: Nodes = nodes_of(leaves)
    for tile, body in bodies.items():
        if not (_holds(tile, body, leaves) if tile.level == ENTRIES else render_tile(tile, nodes) == body):
            faults.setdefault(tile.path, TreeFault(tile.path, "what the signed root vouches for", "other bytes"))
