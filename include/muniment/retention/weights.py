"""What each snapshot of a volume brought with it, so that a sum as of a past day can be made again.

A medium is one object of its volume, whichever snapshots list it: it counts with the first
of them that was sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from muniment.evidence.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Weight:
    """A snapshot's manifest, and how many objects and bytes came with it, the manifest among them."""

    manifest: Manifest
    objects: int
    size_bytes: int

    @property
    def least_until(self) -> str:
        """Return the instant at which the first lock on its objects ends, as its manifest states them."""
        kept = self.manifest.retention.locked_until
        return min((kept, *(sealed.locked_until for sealed in self.manifest.objects)))


def weigh(manifests: Iterable[Manifest]) -> Iterator[Weight]:
    """Yield the weight of each of *manifests*, which are all those of one volume, in the order of their sealing."""
    seen: set[str] = set()
    for manifest in sorted(manifests, key=lambda one: (one.sealed_at, one.snapshot)):
        brought = [sealed for sealed in manifest.objects if sealed.key not in seen]
        seen.update(sealed.key for sealed in brought)
        own = len(manifest.to_bytes())
        yield Weight(manifest, len(brought) + 1, sum(sealed.size_bytes for sealed in brought) + own)
