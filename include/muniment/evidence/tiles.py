"""A log's tree as files (C2SP tlog-tiles, https://c2sp.org/tlog-tiles): their names, and their bytes.

A tile holds up to 256 hashes of one level, a bundle the entries below a tile of level 0. Full
ones never change. At the right edge a tree of each size has partial ones of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from muniment.errors import LogError, ObjectKeyError
from muniment.evidence.merkle import HASH_BYTES, Nodes, nodes_of

WIDTH = 256  # hashes in a full tile, entries in a full bundle
HEIGHT = 8  # levels of the tree that a tile spans
ENTRIES = -1  # the level of a bundle, which lies below that of the leaf hashes
_MAX_LEVEL = 63
_MAX_ENTRY_BYTES = 0xFFFF
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)

Read = Callable[[str], bytes]  # the bytes of a file by its path; raises ObjectMissingError


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The name of a tile or, at level `ENTRIES`, of a bundle: which of its level, and how many it holds."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level <= _MAX_LEVEL and self.index >= 0 and 1 <= self.width <= WIDTH):
            raise ObjectKeyError(f"tile: expected a level, an index and a width, found {self.level}, {self.index}")

    @property
    def path(self) -> str:
        """Return the path below the log's prefix."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        return f"tile/{level}/{_spell_index(self.index)}{partial}"

    @property
    def first(self) -> int:
        """Return the number of the first hash or entry among those of the level."""
        return self.index * WIDTH


def parse_tile(path: str) -> Tile:
    """Read the name of a tile or bundle from its path.

    Raises:
        ObjectKeyError: *path* is not of that form.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise ObjectKeyError(f"tile: expected tile/<level>/<index>, found {path!r}")
    level = ENTRIES if match["level"] == "entries" else int(match["level"])
    tile = Tile(level, int(re.sub("[x/]", "", match["index"])), int(match["width"] or WIDTH))
    if tile.path != path:
        raise ObjectKeyError(f"tile: expected {tile.path}, found {path!r}")
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile and bundle of a tree of *size* leaves."""
    return tiles_between(0, size)


def tiles_between(first: int, second: int) -> Iterator[Tile]:
    """Yield what a tree that grew from *first* to *second* leaves has and had not: bundles, then level by level."""
    yield from _of_level(ENTRIES, first, second)
    level = 0
    while second:
        yield from _of_level(level, first, second)
        first, second, level = first // WIDTH, second // WIDTH, level + 1


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Render entries: before each its length in two bytes, the higher first.

    Raises:
        LogError: an entry is too long.
    """
    parts = []
    for entry in entries:
        if len(entry) > _MAX_ENTRY_BYTES:
            raise LogError(f"entry: expected at most {_MAX_ENTRY_BYTES} bytes, found {len(entry)}")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def decode_bundle(body: bytes, width: int) -> list[bytes]:
    """Read *width* entries.

    Raises:
        LogError: there are others than *width*, or the bytes end within one.
    """
    entries: list[bytes] = []
    place = 0
    while place < len(body):
        size = int.from_bytes(body[place : place + 2], "big")
        entry = body[place + 2 : place + 2 + size]
        if place + 2 > len(body) or len(entry) != size:
            raise LogError(f"bundle: expected whole entries, found an end within number {len(entries)}")
        entries.append(entry)
        place += 2 + size
    if len(entries) != width:
        raise LogError(f"bundle: expected {width} entries, found {len(entries)}")
    return entries


def decode_tile(body: bytes, width: int) -> list[bytes]:
    """Read *width* hashes.

    Raises:
        LogError: the bytes are not as many.
    """
    if len(body) != width * HASH_BYTES:
        raise LogError(f"tile: expected {width} hashes, found {len(body)} bytes")
    return [body[place : place + HASH_BYTES] for place in range(0, len(body), HASH_BYTES)]


def render_tile(tile: Tile, nodes: Nodes) -> bytes:
    """Return the bytes of *tile* of a tree, given its *nodes*."""
    level = tile.level * HEIGHT
    return b"".join(nodes(level, tile.first + place) for place in range(tile.width))


def tile_at(level: int, index: int, size: int) -> Tile:
    """Return the tile or bundle number *index* of *level* as a tree of *size* leaves has it.

    Raises:
        LogError: such a tree has none.
    """
    width = min(WIDTH, (size >> HEIGHT * max(level, 0)) - index * WIDTH)
    if width < 1:
        raise LogError(f"tile: expected one of a tree of {size}, found level {level}, number {index}")
    return Tile(level, index, width)


class TileNodes:
    """The whole subtrees of a tree of *size* leaves, from its tiles. Reads a tile once.

    Nothing in a tile is believed for standing there: compare a root that was computed from it
    with a signed one.
    """

    def __init__(self, read: Read, size: int) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], Nodes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Return the hash of subtree *index* of *level*.

        Raises:
            LogError: the tree has no such subtree, or a tile is not of its form.
            ObjectMissingError: a tile is missing.
        """
        above, inner = divmod(level, HEIGHT)
        number, place = divmod(index, WIDTH >> inner)
        if (index + 1) << level > self.size:
            raise LogError(f"tree of {self.size}: expected a whole subtree, found level {level}, number {index}")
        if (above, number) not in self._tiles:
            tile = tile_at(above, number, self.size)
            self._tiles[above, number] = nodes_of(decode_tile(self._read(tile.path), tile.width))
        return self._tiles[above, number](inner, place)


def read_entries(read: Read, size: int, start: int = 0) -> Iterator[bytes]:
    """Yield the entries of a tree of *size* leaves, from number *start* on, a bundle read at a time.

    Raises:
        LogError: a bundle is not of its form.
        ObjectMissingError: a bundle is missing.
    """
    for number in range(start // WIDTH, -(-size // WIDTH)):
        bundle = tile_at(ENTRIES, number, size)
        yield from read_bundle(read, bundle)[max(0, start - bundle.first) :]


def read_bundle(read: Read, bundle: Tile) -> Sequence[bytes]:
    """Return the entries of *bundle*.

    Raises:
        LogError: it is not of its form.
        ObjectMissingError: it is missing.
    """
    return decode_bundle(read(bundle.path), bundle.width)


def _of_level(level: int, first: int, second: int) -> Iterator[Tile]:
    for index in range(first // WIDTH, second // WIDTH):
        yield Tile(level, index)
    if second % WIDTH and second != first:
        yield Tile(level, second // WIDTH, second % WIDTH)


def _spell_index(index: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
