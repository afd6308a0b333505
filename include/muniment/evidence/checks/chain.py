"""The chain of snapshots: each names the one before it by hash, and may point to rows of earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, SnapshotAddress, VolumeAddress
from muniment.evidence.manifest import Manifest, Previous
from muniment.records.names import SnapshotId, parse_instant

# Two machines of one installation may differ by this much and no clock is blamed.
SLACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Link:
    """What is kept in memory of a snapshot once its volume is done."""

    sha256: str
    began_at: str
    ended_at: str
    sealed_at: str
    reads: tuple[SnapshotId, ...]
    previous: Previous | None


Links = Mapping[SnapshotAddress, Link]


def link_of(manifest: Manifest, digest: str) -> Link:
    """Return the link that *manifest*, whose bytes have the SHA-256 *digest*, is in its chain."""
    return Link(
        digest,
        manifest.began_at,
        manifest.ended_at,
        manifest.sealed_at,
        manifest.reads,
        manifest.previous,
    )


def before(address: SnapshotAddress, link: Link) -> SnapshotAddress | None:
    """Return the snapshot that *link*, of *address*, names as the one before it."""
    if link.previous is None:
        return None
    volume = VolumeAddress(address.volume.series, address.volume.account, link.previous.volume)
    return SnapshotAddress(volume, link.previous.snapshot)


def check_chain(
    links: Links, *, blamed: Collection[SnapshotAddress], logged: Mapping[str, str], whole: bool
) -> Iterator[Finding]:
    """Find broken links. What hangs on a manifest in *blamed* is that manifest's own finding.

    A predecessor that is not here is vouched for by its hash in *logged*, by key. *whole* tells
    that every snapshot should be here, so that one that is neither here nor logged is missing.
    """
    for address, link in links.items():
        for needed in link.reads:
            holder = SnapshotAddress(address.volume, needed)
            if holder not in links and holder not in blamed and holder.key(MANIFEST) not in logged:
                yield Finding(
                    "V006", address.prefix, f"expected snapshot {needed}, which its rows point to; found none"
                )
        earlier = before(address, link)
        if earlier is None or link.previous is None or earlier in blamed or address in blamed:
            continue
        found = links[earlier].sha256 if earlier in links else logged.get(earlier.key(MANIFEST))
        if found is None and whole:
            yield Finding("V006", address.prefix, f"expected snapshot {earlier.snapshot} before it, found none")
        elif found not in (None, link.previous.manifest_sha256):
            yield Finding("V006", address.prefix, "expected the hash of the manifest before it, found another")


def find_open_ends(links: Links, logged: Container[str]) -> Iterator[tuple[SnapshotAddress, SnapshotAddress]]:
    """Yield each snapshot whose predecessor is neither here nor *logged*, with the predecessor."""
    for address, link in links.items():
        earlier = before(address, link)
        if earlier is not None and earlier not in links and earlier.key(MANIFEST) not in logged:
            yield address, earlier


def find_heads(links: Links) -> tuple[tuple[str, str], ...]:
    """Return what no other manifest's hash vouches for: the snapshots that none follows, and their hashes."""
    followed = {before(address, link) for address, link in links.items()}
    return tuple((address.prefix, link.sha256) for address, link in sorted(links.items()) if address not in followed)


def check_clock(links: Links, *, blamed: Collection[SnapshotAddress]) -> Iterator[Finding]:
    """Find where the times that manifests claim run backwards by more than `SLACK`; not of those *blamed* already."""
    for address, link in links.items():
        if address in blamed:
            continue
        key, own = address.key(MANIFEST), [link.began_at, link.ended_at, link.sealed_at]
        if own != sorted(own) and _runs_back(own):
            yield Finding("V012", key, f"expected begun, ended and sealed in this order, found {', '.join(own)}")
        earlier = before(address, link)
        if (
            earlier is not None
            and earlier in links
            and earlier not in blamed
            and _runs_back([links[earlier].sealed_at, link.sealed_at])
        ):
            yield Finding(
                "V012",
                key,
                f"expected a time of sealing after {links[earlier].sealed_at} of the snapshot before it, "
                f"found {link.sealed_at}",
            )


def _runs_back(instants: list[str]) -> bool:
    moments = [parse_instant(instant) for instant in instants]
    return any(later < sooner - SLACK for sooner, later in pairwise(moments))
