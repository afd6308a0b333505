"""Verification: every byte that a manifest names is read again.

Kept apart from everything that writes. It takes no index's word, does not stop at the first
fault, and names a check that it could not make instead of passing it. The checks themselves
are in `muniment.evidence.checks`; this module says which are made, and in which order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from muniment.evidence.checks.chain import (
    Link,
    check_chain,
    check_clock,
    find_heads,
    find_open_ends,
    link_of,
)
from muniment.evidence.checks.contents import RECORDS, Listing, Volume, find_misnamed, list_place, read_volumes
from muniment.evidence.checks.locks import check_hidden, check_lock
from muniment.evidence.checks.log import BroughtCheckpoint, LogState, check_log
from muniment.evidence.checks.log_place import compare_with_place, state_head, state_keys
from muniment.evidence.checks.objects import find_missing, read_object
from muniment.evidence.checks.retention_sum import check_retention_sum, zone_of
from muniment.evidence.checks.sample import Sample, Sampling, describe, draw
from muniment.evidence.checks.strays import check_strays
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, SnapshotAddress
from muniment.evidence.log_records import LogEntry
from muniment.evidence.manifest import Manifest, SealedObject
from muniment.evidence.notes import VerifierKey
from muniment.evidence.readers import ObjectReader
from muniment.evidence.report import Ledger, VerificationReport

Progress = Callable[[int, int], None]  # objects read so far, objects known so far

FORM = "manifest form"
HASHES = "object hashes by re-reading"
STRAYS = "objects that no manifest names"
CHAIN = "chain of snapshots"
CLOCK = "order of the times that manifests claim"
SUMS = "dates of locks by the manifests' own arithmetic"
LOCKS = "locks against the manifests' dates"
HIDDEN = "later versions and delete markers"
LOGGED = "the log: keys, batches, checkpoints, tree, and every manifest in it"
OLDER = "whether the log continues a checkpoint seen earlier"
LATEST = "the latest manifests against a copy kept elsewhere: nothing here could contradict a rewritten one"
_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a verification has at hand beside the place itself."""

    sample: Sample | None = None
    log_keys: tuple[VerifierKey, ...] = ()
    checkpoints: tuple[BroughtCheckpoint, ...] = ()
    progress: Progress | None = None


@dataclass(slots=True)
class _Run:
    reader: ObjectReader
    scope: str
    means: Means
    chosen: Collection[str]  # keys of the objects to read
    log: LogState | None = None  # None where the place holds none
    ledger: Ledger = field(default_factory=Ledger)
    links: dict[SnapshotAddress, Link] = field(default_factory=dict)
    unread: set[SnapshotAddress] = field(default_factory=set)

    def find(self, findings: Iterable[Finding]) -> None:
        self.ledger.findings.extend(findings)

    @property
    def entries(self) -> Mapping[str, LogEntry]:
        return {} if self.log is None else self.log.entries


def verify(
    reader: ObjectReader, prefix: str = RECORDS, *, means: Means | None = None, progress: Progress | None = None
) -> VerificationReport:
    """Check every snapshot under *prefix* against its manifest, by re-reading bytes."""
    means = means or Means(progress=progress)
    listing = list_place(reader, prefix)
    chosen, sampling = _choose(listing, means.sample)
    run = _Run(reader, prefix, means, chosen)
    _check_log(run, listing)
    run.find(find_misnamed(listing.records))
    for volume in read_volumes(reader, listing.records):
        _check_volume(run, volume)
    run.ledger.made += [FORM, HASHES, STRAYS, CHAIN, CLOCK]
    _check_links(run, _check_entries(run, listing))
    _check_beside(run, listing)
    _check_store(run)
    if not run.links:
        run.find([Finding("V009", prefix, "expected at least one manifest, found none")])
    return run.ledger.close(prefix, snapshots=len(run.links), heads=find_heads(run.links), sampling=sampling)


def _choose(listing: Listing, sample: Sample | None) -> tuple[Collection[str], Sampling | None]:
    objects = [key for key in listing.records if not key.endswith(f"/{MANIFEST}")]
    if sample is None:
        return frozenset(objects), None
    return draw(objects, sample), describe(sample, len(objects))


def _check_volume(run: _Run, volume: Volume) -> None:
    run.find(volume.findings)
    run.find(check_strays(volume, run.entries))
    run.unread |= volume.unread
    present = {key for keys in volume.snapshots.values() for key in keys} | set(volume.media)
    for key, sealed in volume.named().items():
        if key not in present:
            run.ledger.objects += 1
            run.find([find_missing(sealed)])
        elif key in run.chosen:
            _check_object(run, sealed)
    for address, manifest in volume.manifests.items():
        run.links[address] = link_of(manifest)
        _check_manifest(run, manifest)


def _check_object(run: _Run, sealed: SealedObject) -> None:
    reading = read_object(run.reader, sealed)
    run.ledger.objects += 1
    run.ledger.size_bytes += reading.size_bytes
    run.find([reading.finding] if reading.finding else [])
    if run.reader.keeps_locks:
        run.find(check_lock(run.reader, sealed.key, sealed.locked_until))
    if run.means.progress is not None:
        run.means.progress(run.ledger.objects, len(run.chosen))


def _check_manifest(run: _Run, manifest: Manifest) -> None:
    zone = zone_of(manifest.zone)
    if zone is None:
        run.ledger.not_made.append(f"{SUMS}: this machine has no table of the time zone {manifest.zone}")
    else:
        run.ledger.made.append(SUMS)
        run.find(check_retention_sum(manifest, zone))
    if run.reader.keeps_locks:
        run.find(check_lock(run.reader, manifest.address.key(MANIFEST), manifest.retention.locked_until))


def _check_log(run: _Run, listing: Listing) -> None:
    means, ledger = run.means, run.ledger
    if not listing.log and not means.log_keys and not means.checkpoints:
        ledger.not_made.append(f"{LOGGED}: this place holds none")
        return
    run.log = check_log(run.reader, listing.log, means.log_keys, means.checkpoints)
    run.find(run.log.findings)
    if run.log.vouched:
        ledger.made.append(LOGGED)
    else:
        ledger.not_made.append(f"{LOGGED}: only in part, as nothing vouches for all of its entries")
    if means.checkpoints:
        ledger.made.append(OLDER)
    else:
        ledger.not_made.append(f"{OLDER}: none was brought along")
    ledger.facts += state_keys(run.log)
    ledger.by_hand += state_head(run.log)


def _check_entries(run: _Run, listing: Listing) -> set[SnapshotAddress]:
    """Compare log and place; return the snapshots whose manifest has a finding of its own."""
    blamed = set(run.unread)
    if run.log is None:
        return blamed
    found = {address.key(MANIFEST): link.sha256 for address, link in run.links.items()}
    findings = [*compare_with_place(run.reader, run.log, run.scope, listing, found)]
    run.find(findings)
    altered = {finding.subject for finding in findings if finding.code == "V015"}
    return blamed | {address for address in run.links if address.key(MANIFEST) in altered}


def _check_links(run: _Run, blamed: Collection[SnapshotAddress]) -> None:
    whole = run.scope == RECORDS and (run.reader.keeps_locks or run.log is not None)
    logged = {key: entry.sha256 for key, entry in run.entries.items()}
    run.find(check_chain(run.links, blamed=blamed, logged=logged, whole=whole))
    run.find(check_clock(run.links, blamed=blamed))
    if not whole:
        run.ledger.not_made += [
            f"the link from {address.snapshot} to {earlier.snapshot}: not in this scope"
            for address, earlier in find_open_ends(run.links, logged)
            if earlier not in run.unread
        ]


def _check_beside(run: _Run, listing: Listing) -> None:
    if run.reader.keeps_locks:
        expected = f"expected keys under {RECORDS}, log/ or registers/ only"
        run.find(Finding("V005", key, f"{expected}, found this one") for key in listing.beside)
    elif names := sorted({key.partition("/")[0] for key in listing.beside}):
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        shown = ", ".join(names[:_NAMES_SHOWN])
        run.ledger.not_made.append(f"what no manifest names beside {RECORDS}: {shown}{more}")


def _check_store(run: _Run) -> None:
    run.find(check_hidden(run.reader, "" if run.scope == RECORDS else run.scope))
    if run.reader.keeps_locks:
        run.ledger.made += [LOCKS, HIDDEN]
    else:
        run.ledger.not_made += [f"{LOCKS}: this place keeps no locks", f"{HIDDEN}: this place keeps one version"]
    if run.links and not (run.log is not None and run.log.vouched and run.means.log_keys):
        run.ledger.not_made.append(LATEST)
