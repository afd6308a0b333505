"""The part of verification that leans on the log and on time from outside."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from muniment.evidence.checks.chain import check_chain, check_clock, find_open_ends
from muniment.evidence.checks.contents import RECORDS, Listing
from muniment.evidence.checks.destruction import read_gone, state_gone
from muniment.evidence.checks.log import check_log
from muniment.evidence.checks.log_place import (
    Manifests,
    compare_with_place,
    find_incomplete,
    state_head,
    state_keys,
    state_vkeys,
)
from muniment.evidence.checks.proofs import are_there, check_proofs
from muniment.evidence.checks.times import check_sealed, check_stamps, select_findings, state_roots, state_stamps
from muniment.evidence.layout import MANIFEST, TIMESTAMPS, SnapshotAddress
from muniment.evidence.verify_run import LOGGED, OLDER, PROVED, TIMES, Run


def verify_log(run: Run, listing: Listing) -> None:
    """Check the log by itself and against what was brought along; the later checks lean on what it proves."""
    means, ledger = run.means, run.ledger
    if not listing.log and are_there(listing.beside):
        ledger.not_made += [f"{LOGGED}: this folder has proofs from it instead", f"{OLDER}: that takes the log itself"]
        return
    if not listing.log and not means.log_keys and not means.checkpoints:
        ledger.not_made.append(f"{LOGGED}: this place holds none")
        return
    run.log = check_log(run.reader, listing.log, means.log_keys, means.checkpoints)
    run.logged = {key: entry.sha256 for key, entry in run.log.entries.items()}
    run.incomplete = find_incomplete(run.log, listing)
    run.gone = read_gone(run.reader, run.log.entries)
    run.find((*run.log.findings, *run.gone.findings))
    ledger.facts += state_gone(run.gone)
    if run.log.vouched:
        ledger.made.append(LOGGED)
    else:
        ledger.not_made.append(f"{LOGGED}: only in part, as nothing vouches for all of its entries")
    if means.checkpoints:
        ledger.made.append(OLDER)
    else:
        ledger.not_made.append(f"{OLDER}: none was brought along")
    ledger.facts += state_keys(brought=run.log.keys.brought)
    ledger.by_hand += state_head(run.log)


def verify_proofs(run: Run, listing: Listing) -> set[SnapshotAddress]:
    """Check the proofs of a handed-over folder; return the snapshots whose manifest is not the one logged."""
    if run.log is not None or not are_there(listing.beside):
        return set()
    ledger = run.ledger
    proofs = check_proofs(run.reader, {at: link.sha256 for at, link in run.links.items()}, run.means.log_keys)
    run.find(proofs.findings)
    if proofs.proved:
        ledger.made.append(PROVED)
    ledger.not_made += [f"{PROVED}: there is none for {address.snapshot}" for address in proofs.unproved]
    ledger.facts += state_keys(brought=proofs.brought)
    ledger.by_hand += state_vkeys(proofs.keys)
    altered = {finding.subject for finding in proofs.findings if finding.code == "V015"}
    return {address for address in run.links if address.key(MANIFEST) in altered}


def verify_entries(run: Run, listing: Listing) -> set[SnapshotAddress]:
    """Compare log and place; return the snapshots whose manifest has a finding of its own."""
    blamed = set(run.unread)
    if run.log is None:
        return blamed
    found = {address.key(MANIFEST): link.sha256 for address, link in run.links.items()}
    place = Manifests(scope=run.scope, found=found, gone=run.gone.manifests)
    findings = [*compare_with_place(run.reader, run.log, listing, place)]
    run.find(findings)
    altered = {finding.subject for finding in findings if finding.code == "V015"}
    return blamed | {address for address in run.links if address.key(MANIFEST) in altered}


def verify_times(run: Run, listing: Listing) -> None:
    """Check the time stamps over the log, and the records' own times against them."""
    log, ledger = run.log, run.ledger
    if log is None or not any(key.startswith(TIMESTAMPS) for key in listing.log):
        ledger.not_made.append(f"{TIMES}: this place holds no time stamps")
        return
    now = run.means.now or datetime.now(UTC)
    stamps = check_stamps(run.reader, listing.log, run.means.time_roots, now)
    run.find(select_findings(stamps, log.checkpoints))
    run.find(check_sealed(run.links, log.covered, stamps))
    ledger.made.append(TIMES)
    ledger.facts += state_stamps(stamps, max(log.checkpoints, default=None))
    if run.means.time_roots is None:
        ledger.facts.append(
            "No root of a time authority was brought along: those kept beside the stamps were believed."
        )
        ledger.by_hand += state_roots(stamps)


def verify_links(run: Run, blamed: Collection[SnapshotAddress]) -> None:
    """Check the chain of snapshots and its clock; what hangs on a manifest in *blamed* is not found again."""
    whole = run.scope == RECORDS and (run.reader.keeps_locks or run.log is not None)
    run.find(check_chain(run.links, blamed=blamed, logged=run.logged, whole=whole))
    run.find(check_clock(run.links, blamed=blamed))
    if not whole:
        run.ledger.not_made += [
            f"the link from {address.snapshot} to {earlier.snapshot}: not in this scope"
            for address, earlier in find_open_ends(run.links, run.logged)
            if earlier not in run.unread
        ]
