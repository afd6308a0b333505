"""The log against the place it vouches for, and what to say about whose keys were believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from muniment.evidence.checks.contents import Listing
from muniment.evidence.checks.log import LogState
from muniment.evidence.checks.log_entries import check_manifests, check_others, find_unlogged, volume_prefix
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, is_register_key
from muniment.evidence.log_records import MANIFEST_KIND
from muniment.evidence.notes import VerifierKey
from muniment.evidence.readers import ObjectReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """The manifests under `scope`: those `found`, and those certified to be `gone`, by key, each with its hash."""

    scope: str
    found: Mapping[str, str]
    gone: Mapping[str, str]


def compare_with_place(reader: ObjectReader, log: LogState, listing: Listing, place: Manifests) -> Iterator[Finding]:
    """Compare what *log* names with what is there.

    Manifests are compared under the place's scope only, everything else whole.
    """
    found, keys = place.found, frozenset(listing.records)
    manifests = {
        key: entry
        for key, entry in log.entries.items()
        if entry.kind == MANIFEST_KIND
        and key.startswith(place.scope)
        and (key in keys or place.gone.get(key) != entry.sha256)
    }
    sealed = [key for key in listing.records if key.endswith(f"/{MANIFEST}")]
    yield from check_manifests(manifests, found, frozenset((*sealed, *map(volume_prefix, listing.records))))
    told = {finding.subject for finding in log.findings}
    others = (entry for entry in log.entries.values() if entry.kind != MANIFEST_KIND and entry.key not in told)
    yield from check_others(reader, others)
    # What an older log cannot have, or a broken one no longer tells, is told by that finding.
    if log.vouched and not log.shorter:
        yield from find_unlogged(log.entries, [*found, *filter(is_register_key, listing.registers)])


def find_incomplete(log: LogState, listing: Listing) -> frozenset[str]:
    """Return the prefixes of the volumes of which *log* has a manifest that is not there."""
    present = set(listing.records)
    missing = (key for key, entry in log.entries.items() if entry.kind == MANIFEST_KIND and key not in present)
    return frozenset(map(volume_prefix, missing))


def state_keys(*, brought: bool) -> Iterator[str]:
    """Say whose keys were believed."""
    if not brought:
        yield "No key of the log was brought along: its own keys, as they lie beside it, were believed."


def state_head(log: LogState) -> Iterator[str]:
    """Say what of the log to compare with a copy kept elsewhere, and to keep for the next visit."""
    yield from state_vkeys(log.keys.known)
    if log.checkpoints:
        newest = log.checkpoints[max(log.checkpoints)].checkpoint
        yield f"the log's newest checkpoint, to keep for the next visit: {newest.size} entries, {newest.root.hex()}"


def state_vkeys(keys: Iterable[VerifierKey]) -> Iterator[str]:
    """Say which keys of the log to compare with those that the agency publishes."""
    for key in keys:
        yield f"the log's key, with the one that the agency publishes: {key.vkey}"
