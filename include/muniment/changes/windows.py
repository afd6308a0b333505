"""Between which two moments a change happened: the sums over captures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from muniment.evidence.manifest import Manifest
from muniment.records.changes import Window
from muniment.records.names import parse_instant


def pair_accepted(manifests: Iterable[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Yield each accepted snapshot with the next accepted one, by the moment at which each capture began.

    What lies between and was quarantined is passed over: the window of the pair spans it. The
    order is not that of the names: a run that is made up for later keeps the name of its hour.
    """
    accepted = [manifest for manifest in manifests if manifest.verdict.outcome == "accepted"]
    return pairwise(sorted(accepted, key=lambda manifest: (manifest.began_at, manifest.snapshot)))


def window_between(before: Manifest, after: Manifest) -> Window:
    """Return the window of what *after* shows otherwise than *before*, the snapshot that began earlier.

    A capture looks at an item at some moment between its beginning and its end. So whatever
    changed after the one look and before the other lies in the window.
    """
    return Window(last_seen=parse_instant(before.began_at), first_missing=parse_instant(after.ended_at))
