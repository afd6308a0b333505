"""The log's tree against its history: tiles, bundles and signed roots, and the entries that they vouch for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from muniment.errors import LogError, StoreUnavailableError
from muniment.evidence.checks.contents import LOG, read_whole
from muniment.evidence.checks.log_history import History, check_roots, roots_of
from muniment.evidence.findings import Finding
from muniment.evidence.layout import log_batch_key, log_checkpoint_key
from muniment.evidence.log_audit import TreeAudit, audit_tree
from muniment.evidence.log_records import LogEntry, parse_entry
from muniment.evidence.merkle import leaf_hash
from muniment.evidence.readers import ObjectReader
from muniment.evidence.tiles import Tile, tiles_between

Root = tuple[int, bytes]  # a size, and the root of the tree of that size


@dataclass(frozen=True, slots=True)
class Tree:
    """The entries of the log in order, as far as they are vouched for, and their leaf hashes."""

    entries: tuple[LogEntry, ...]
    leaves: tuple[bytes, ...]
    vouched: bool  # whether these are all the entries, by signed batches or a signed root
    roots: frozenset[Root]  # those after each batch, where every batch is there
    findings: tuple[Finding, ...]


def check_tree(reader: ObjectReader, history: History) -> Tree:
    """Find what in the tree is not as the *history* makes it; where a batch is lost, the tree gives its entries."""
    findings, audit = _check_tail(reader, history)
    roots: dict[int, Root] = {}
    if history.whole:
        roots = {seq: (size, root) for seq, size, root in roots_of(history)}
        findings += check_roots(history, roots)
    newest = history.newest()
    if roots:
        audit = _audit(reader, *roots[max(roots)], _partial_tiles(history))
    elif audit is None and newest is not None:
        audit = _audit(reader, newest.checkpoint.size, newest.checkpoint.root, _partial_tiles(history))
    if audit is None:
        return _of_batches(history, roots, findings)
    findings += [
        Finding("V020", f"{LOG}{fault.path}", f"expected {fault.expected}, found {fault.found}")
        for fault in audit.faults
    ]
    return _of_audit(audit, findings) if audit.sound and not roots else _of_batches(history, roots, findings)


def _check_tail(reader: ObjectReader, history: History) -> tuple[list[Finding], TreeAudit | None]:
    """Tell what signed checkpoints past the last batch are: traces of batches that are gone, or forged."""
    tail = [seq for seq in history.checkpoints if seq >= history.length]
    if not tail:
        return [], None
    newest = history.checkpoints[max(tail)].checkpoint
    audit = _audit(reader, newest.size, newest.root, _partial_tiles(history))
    if audit.sound:
        gone = range(history.length, max(tail) + 1)
        history.length = max(tail) + 1
        return [Finding("V019", log_batch_key(seq), "expected a batch, found none") for seq in gone], audit
    findings = []
    for seq in tail:
        del history.checkpoints[seq]
        findings.append(Finding("V018", log_checkpoint_key(seq), f"expected batch {seq} under it, found none"))
    return findings, None


def _partial_tiles(history: History) -> list[Tile]:
    sizes = [0, *(batch.size for _, batch in sorted(history.batches.items()))]
    return [tile for first, second in pairwise(sizes) for tile in tiles_between(first, second)]


def _audit(reader: ObjectReader, size: int, root: bytes, also: Sequence[Tile]) -> TreeAudit:
    outages: list[StoreUnavailableError] = []

    def read(path: str) -> bytes:
        try:
            return read_whole(reader, f"{LOG}{path}")
        except StoreUnavailableError as error:  # an outage is no fault of the log's
            outages.append(error)
            raise

    audit = audit_tree(read, size, root, also=also)
    if outages:
        raise outages[0]
    return audit


def _of_batches(history: History, roots: Mapping[int, Root], findings: Sequence[Finding]) -> Tree:
    entries = tuple(entry for _, batch in sorted(history.batches.items()) for entry in batch.entries)
    leaves = tuple(leaf_hash(entry.to_bytes()) for entry in entries)
    whole = history.whole and bool(entries)
    return Tree(entries, leaves if whole else (), whole, frozenset(roots.values()), tuple(findings))


def _of_audit(audit: TreeAudit, findings: Sequence[Finding]) -> Tree:
    bodies = [body for body in audit.entries if body is not None]
    entries = []
    for body in bodies:
        try:
            entries.append(parse_entry(body))
        except LogError:  # signed, and of a kind that this version does not know
            continue
    whole = len(bodies) == len(audit.entries)
    leaves = tuple(leaf_hash(body) for body in bodies) if whole else ()
    return Tree(tuple(entries), leaves, whole, frozenset(), tuple(findings))
