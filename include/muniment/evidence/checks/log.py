"""The whole log in one go: keys, history, tree, older checkpoints. What it proves is handed on to the other checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from muniment.errors import EvidenceError, NoteError, ObjectKeyError
from muniment.evidence.checkpoint import open_checkpoint
from muniment.evidence.checks.contents import LOG, read_whole
from muniment.evidence.checks.log_entries import check_twice
from muniment.evidence.checks.log_history import History, SignedCheckpoint, read_history
from muniment.evidence.checks.log_keys import KeyRing, read_keys
from muniment.evidence.checks.log_older import check_continues
from muniment.evidence.checks.log_tree import Tree, check_tree
from muniment.evidence.findings import Finding
from muniment.evidence.layout import (
    LOG_BATCHES,
    LOG_CHECKPOINTS,
    LOG_HEAD,
    LOG_KEYS,
    TIMESTAMPS,
    log_batch_key,
    log_checkpoint_key,
)
from muniment.evidence.log_records import LogEntry
from muniment.evidence.notes import VerifierKey
from muniment.evidence.readers import ObjectReader
from muniment.evidence.tiles import parse_tile

LOG_TILES = f"{LOG}tile/"
_SPECIFIED = re.compile(rf"{LOG_BATCHES}\d{{10}}\.json|{LOG_CHECKPOINTS}\d{{10}}|{LOG_KEYS}[^/]+\.json|{LOG_HEAD}")


@dataclass(frozen=True, slots=True)
class BroughtCheckpoint:
    """A checkpoint that an auditor kept from an earlier visit, and what to call it."""

    name: str
    note: bytes


@dataclass(frozen=True, slots=True)
class LogState:
    """A log as far as it is vouched for, with everything found wrong in it."""

    entries: dict[str, LogEntry]  # by the key of the object named
    checkpoints: dict[int, SignedCheckpoint]
    locked_until: dict[str, str]  # by key: what the batches say of the locks of batches, checkpoints, tiles and stamps
    covered: dict[str, int]  # by the key of the object named: the first batch that has it
    vouched: bool  # whether `entries` are all there are
    shorter: bool  # whether an older log was put back
    keys: KeyRing
    size: int
    findings: tuple[Finding, ...]


def check_log(
    reader: ObjectReader,
    keys: Sequence[str],
    brought_keys: Sequence[VerifierKey],
    brought: Sequence[BroughtCheckpoint],
) -> LogState:
    """Check the log whose objects are *keys*, all under ``log/``, against itself and against what was *brought*."""
    ring = read_keys(reader, keys, brought_keys)
    history = read_history(reader, keys, ring)
    tree = check_tree(reader, history)
    older = [finding for item in brought for finding in _check_older(item, history, tree, ring)]
    findings = (
        *ring.findings,
        *history.findings,
        *tree.findings,
        *check_twice(tree.entries),
        *older,
        *_check_head(reader, keys, history, tree, ring),
        *_find_strays(keys),
    )
    return LogState(
        entries={entry.key: entry for entry in reversed(tree.entries)},
        checkpoints=history.checkpoints,
        locked_until=_locks(history, keys),
        covered=_covered(history),
        vouched=tree.vouched,
        shorter=any(finding.code == "V021" for finding in older),
        keys=ring,
        size=len(tree.entries),
        findings=findings,
    )


def _check_older(item: BroughtCheckpoint, history: History, tree: Tree, ring: KeyRing) -> Iterator[Finding]:
    try:
        earlier = open_checkpoint(item.note, ring.known).checkpoint
    except NoteError as error:
        yield Finding("V023", item.name, f"the checkpoint brought along: {error}")
        return
    origin = history.origin()
    if origin is None:
        yield Finding("V021", item.name, f"expected at least {earlier.size} entries, found no log")
    elif tree.vouched:
        yield from check_continues(earlier, origin, tree.leaves, item.name)


def _check_head(
    reader: ObjectReader, keys: Sequence[str], history: History, tree: Tree, ring: KeyRing
) -> Iterator[Finding]:
    """Find a copy for other people's tools that is of none of the log's own checkpoints."""
    if LOG_HEAD not in keys or not tree.vouched:
        return
    roots = tree.roots | {(item.checkpoint.size, item.checkpoint.root) for item in history.checkpoints.values()}
    try:
        head = open_checkpoint(read_whole(reader, LOG_HEAD), ring.known).checkpoint
    except EvidenceError as error:
        yield Finding("V017", LOG_HEAD, str(error))
        return
    if (head.size, head.root) not in roots:
        yield Finding("V018", LOG_HEAD, f"expected a copy of one under {LOG_CHECKPOINTS}, found another")


def _find_strays(keys: Sequence[str]) -> Iterator[Finding]:
    for key in keys:
        if _SPECIFIED.fullmatch(key) or key.startswith(TIMESTAMPS):
            continue
        try:
            parse_tile(key.removeprefix(LOG))
        except ObjectKeyError:
            yield Finding("V005", key, "expected a key that the log's layout has, found this one")


def _locks(history: History, keys: Sequence[str]) -> dict[str, str]:
    stated = {
        key: batch.retention.locked_until
        for seq, batch in history.batches.items()
        for key in (log_batch_key(seq), log_checkpoint_key(seq))
    }
    # What was written with a batch or after one is locked no shorter than the first. A key may be older than that.
    first = min(stated.values(), default=None)
    later = [key for key in keys if key.startswith((LOG_TILES, TIMESTAMPS))]
    return stated if first is None else {**dict.fromkeys(later, first), **stated}


def _covered(history: History) -> dict[str, int]:
    covered: dict[str, int] = {}
    for seq, batch in sorted(history.batches.items()):
        for entry in batch.entries:
            covered.setdefault(entry.key, seq)
    return covered
