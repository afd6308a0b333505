"""What no manifest names: foreign objects, and snapshots that were begun and not finished."""

from __future__ import annotations

from collections.abc import Container, Iterator

from muniment.evidence.checks.contents import Volume
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST


def check_strays(volume: Volume, logged: Container[str] = (), *, whole: bool = True) -> Iterator[Finding]:
    """Find the objects of *volume* that no manifest names.

    A manifest that is *logged* and not there has a finding of the log's: that snapshot was finished.
    *whole* tells that no logged manifest of the volume is missing.
    """
    named = volume.named()
    for address, keys in volume.snapshots.items():
        if address in volume.manifests:
            strays = [key for key in keys if key not in named and key != address.key(MANIFEST)]
            for key in strays:
                yield Finding("V005", key, "expected the manifest beside it to name it, found that it does not")
        elif address not in volume.unread and address.key(MANIFEST) not in logged:
            yield Finding("V007", address.prefix, f"expected a manifest, found {len(keys)} object(s) without one")
    # What a volume's unreadable, unfinished or missing snapshot may name is told by that snapshot's own finding.
    if whole and volume.snapshots.keys() == volume.manifests.keys():
        for key in volume.media:
            if key not in named:
                yield Finding("V005", key, "expected a manifest of its volume to name it, found none")
