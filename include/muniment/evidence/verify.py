"""Verification: every byte that a manifest names is read again.

Kept apart from everything that writes. It takes no index's word, does not stop at the first
fault, and names a check that it could not make instead of passing it. The checks themselves
are in `muniment.evidence.checks`; this module says which are made, and in which order.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from muniment.evidence.checks.chain import find_heads, link_of
from muniment.evidence.checks.contents import RECORDS, Listing, Volume, find_misnamed, list_place, read_volumes
from muniment.evidence.checks.locks import check_hidden, check_lock
from muniment.evidence.checks.objects import find_missing, read_object
from muniment.evidence.checks.retention_sum import check_retention_sum, zone_of
from muniment.evidence.checks.rows import check_rows
from muniment.evidence.checks.sample import Sample, Sampling, describe, draw
from muniment.evidence.checks.strays import check_strays
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, ROWS
from muniment.evidence.log_proof import PROOFS
from muniment.evidence.manifest import Manifest, SealedObject
from muniment.evidence.readers import ObjectReader
from muniment.evidence.report import VerificationReport
from muniment.evidence.verify_proof import verify_entries, verify_links, verify_log, verify_proofs, verify_times
from muniment.evidence.verify_run import (
    CHAIN,
    CLOCK,
    FORM,
    HASHES,
    HIDDEN,
    LATEST,
    LOCKS,
    LOGGED,
    ROOTS,
    STRAYS,
    SUMS,
    TIMES,
    Means,
    Progress,
    Run,
)

__all__ = ["HIDDEN", "LATEST", "LOCKS", "LOGGED", "ROOTS", "TIMES", "Means", "Progress", "verify"]

_NAMES_SHOWN = 5
_READERS = min(4, os.cpu_count() or 1)  # more keep each other from the processors


def verify(
    reader: ObjectReader, prefix: str = RECORDS, *, means: Means | None = None, progress: Progress | None = None
) -> VerificationReport:
    """Check every snapshot under *prefix* against its manifest, by re-reading bytes."""
    means = means or Means(progress=progress)
    listing = list_place(reader, prefix)
    chosen, sampling = _choose(listing, means.sample)
    run = Run(reader, prefix, means, chosen)
    verify_log(run, listing)
    run.find(find_misnamed(listing.records))
    for volume in read_volumes(reader, listing.records):
        _check_volume(run, volume)
    run.ledger.made += [FORM, HASHES, STRAYS, CHAIN, CLOCK]
    if run.means.row_root is None:
        run.ledger.not_made.append(f"{ROOTS}: {run.means.why_no_roots}")
    else:
        run.ledger.made.append(ROOTS)
    verify_times(run, listing)
    verify_links(run, verify_entries(run, listing) | verify_proofs(run, listing))
    _check_beside(run, listing)
    _check_store(run)
    if not run.links and not run.gone.manifests:
        run.find([Finding("V009", prefix, "expected at least one manifest, found none")])
    return run.ledger.close(prefix, snapshots=len(run.links), heads=find_heads(run.links), sampling=sampling)


def _choose(listing: Listing, sample: Sample | None) -> tuple[Collection[str], Sampling | None]:
    objects = [key for key in listing.records if not key.endswith(f"/{MANIFEST}")]
    if sample is None:
        return frozenset(objects), None
    return draw(objects, sample), describe(sample, len(objects))


def _check_volume(run: Run, volume: Volume) -> None:
    run.find(volume.findings)
    for address, manifest in volume.manifests.items():
        run.links[address] = link_of(manifest, volume.digests[address])
        _check_manifest(run, manifest)
    run.unread |= volume.unread
    # What an altered manifest says of its objects is worth nothing: it is blamed, and they are not judged by it.
    volume = volume.doubting(run.logged)
    run.ledger.not_made += [
        f"the objects of {item.volume.series} {item.volume.account} {item.snapshot}: its manifest is in doubt"
        for item in sorted(volume.unread)
    ]
    run.find(check_strays(volume, run.logged, whole=volume.address.prefix not in run.incomplete))
    _check_objects(run, volume)


def _check_objects(run: Run, volume: Volume) -> None:
    present = {key for keys in volume.snapshots.values() for key in keys} | set(volume.media)
    rows = {address.key(ROWS): manifest for address, manifest in volume.manifests.items()}
    named = volume.named()
    missing = [sealed for key, sealed in named.items() if key not in present and key not in run.gone.objects]
    run.ledger.objects += len(missing)
    run.find(map(find_missing, missing))
    chosen = [sealed for key, sealed in named.items() if key in present and key in run.chosen]
    # Hashing and waiting for a store both let other threads go on.
    with ThreadPoolExecutor(_READERS) as pool:
        for read in pool.map(lambda sealed: _read(run, sealed, rows.get(sealed.key)), chosen):
            _count(run, *read)


def _count(run: Run, size_bytes: int, findings: list[Finding]) -> None:
    run.ledger.objects += 1
    run.ledger.size_bytes += size_bytes
    run.find(findings)
    if run.means.progress is not None:
        run.means.progress(run.ledger.objects, len(run.chosen))


def _read(run: Run, sealed: SealedObject, rows_of: Manifest | None) -> tuple[int, list[Finding]]:
    """Read one object; changes nothing of *run*, as other threads read too."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / ROWS if rows_of is not None and run.means.row_root is not None else None
        with nullcontext() if copy is None else copy.open("wb") as file:
            reading = read_object(run.reader, sealed, copy_to=file)
        findings = [reading.finding] if reading.finding else []
        if run.means.row_root is not None and rows_of is not None and copy is not None and not findings:
            # Only of the bytes that were sealed: others give another root, and are one fault and not two.
            findings += check_rows(rows_of, copy, run.means.row_root)
    if run.reader.keeps_locks:
        findings += check_lock(run.reader, sealed.key, sealed.locked_until)
    return reading.size_bytes, findings


def _check_manifest(run: Run, manifest: Manifest) -> None:
    zone = zone_of(manifest.zone)
    if zone is None:
        run.ledger.not_made.append(f"{SUMS}: this machine has no table of the time zone {manifest.zone}")
    else:
        run.ledger.made.append(SUMS)
        run.find(check_retention_sum(manifest, zone))
    if run.reader.keeps_locks:
        run.find(check_lock(run.reader, manifest.address.key(MANIFEST), manifest.retention.locked_until))


def _check_beside(run: Run, listing: Listing) -> None:
    if run.reader.keeps_locks:
        expected = f"expected keys under {RECORDS}, log/ or registers/ only"
        run.find(Finding("V005", key, f"{expected}, found this one") for key in listing.beside)
    elif names := sorted({key.partition("/")[0] for key in listing.beside if not key.startswith(PROOFS)}):
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        shown = ", ".join(names[:_NAMES_SHOWN])
        run.ledger.not_made.append(f"what no manifest names beside {RECORDS}: {shown}{more}")


def _check_store(run: Run) -> None:
    run.find(check_hidden(run.reader, "" if run.scope == RECORDS else run.scope))
    if run.reader.keeps_locks:
        for key, until in run.log.locked_until.items() if run.log else ():
            run.find(check_lock(run.reader, key, until))
        run.ledger.made += [LOCKS, HIDDEN]
    else:
        run.ledger.not_made += [f"{LOCKS}: this place keeps no locks", f"{HIDDEN}: this place keeps one version"]
    if run.links and not (run.log is not None and run.log.vouched and run.means.log_keys):
        run.ledger.not_made.append(LATEST)
