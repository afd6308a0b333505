"""The batches of a destruction: the frozen list cut into pieces, the same pieces each time it is cut.

All versions of a key, in both copies, go in one batch; a batch is of one volume; and the
manifests of a volume go last of it, so that what is left of it can be read until the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import VolumeAddress, is_manifest_key
from muniment.records.canonical import canonical_json
from muniment.retention.frozen_list import FrozenList, ListedVersion

BATCH_VERSIONS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is deleted together; batches are counted from 1."""

    number: int
    volume: VolumeAddress
    versions: tuple[ListedVersion, ...]

    @property
    def sha256(self) -> str:
        """Return the SHA-256 (lower hex) of the versions' names."""
        return sha256_hex(canonical_json([[one.copy, one.key, one.version_id] for one in self.versions]))


def cut_batches(frozen: FrozenList, most: int = BATCH_VERSIONS) -> tuple[Batch, ...]:
    """Cut the list into batches of at most *most* versions, or of one key where that has more."""
    pieces = [
        (volume.address, piece)
        for volume in sorted(frozen.volumes, key=attrgetter("address"))
        for piece in _cut(volume.versions, most)
    ]
    return tuple(
        Batch(number=number, volume=address, versions=piece) for number, (address, piece) in enumerate(pieces, 1)
    )


def _cut(versions: Iterable[ListedVersion], most: int) -> Iterator[tuple[ListedVersion, ...]]:
    ordered = sorted(versions, key=lambda one: (is_manifest_key(one.key), one.key, one.copy, one.version_id))
    piece: list[ListedVersion] = []
    manifests = False
    for key, same in groupby(ordered, attrgetter("key")):
        more = list(same)
        # A batch of manifests begins when everything else of the volume is gone.
        if piece and (len(piece) + len(more) > most or is_manifest_key(key) is not manifests):
            yield tuple(piece)
            piece = []
        manifests = is_manifest_key(key)
        piece += more
    if piece:
        yield tuple(piece)
