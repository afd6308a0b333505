"""What one verification has at hand and has seen, and the names of its checks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from muniment.evidence.checks.chain import Link
from muniment.evidence.checks.destruction import Gone
from muniment.evidence.checks.log import BroughtCheckpoint, LogState
from muniment.evidence.checks.rows import RowRoot
from muniment.evidence.checks.sample import Sample
from muniment.evidence.findings import Finding
from muniment.evidence.layout import SnapshotAddress
from muniment.evidence.notes import VerifierKey
from muniment.evidence.readers import ObjectReader
from muniment.evidence.report import Ledger
from muniment.evidence.timestamp import Trust

Progress = Callable[[int, int], None]  # objects read so far, objects known so far

FORM = "manifest form"
HASHES = "object hashes by re-reading"
STRAYS = "objects that no manifest names"
CHAIN = "chain of snapshots"
CLOCK = "order of the times that manifests claim"
SUMS = "dates of locks by the manifests' own arithmetic"
LOCKS = "locks against the manifests' dates"
HIDDEN = "later versions and delete markers"
ROOTS = "roots of rows, computed again from the Parquet"
LOGGED = "the log: keys, batches, checkpoints, tree, and every manifest in it"
TIMES = "time stamps over the log's checkpoints, and the records' own times against them"
PROVED = "each manifest by its proof from the log, which travels with this folder"
OLDER = "whether the log continues a checkpoint seen earlier"
LATEST = "the latest manifests against a copy kept elsewhere: nothing here could contradict a rewritten one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a verification has at hand beside the place itself."""

    sample: Sample | None = None
    row_root: RowRoot | None = None
    why_no_roots: str = "nothing that reads Parquet was given"
    log_keys: tuple[VerifierKey, ...] = ()
    checkpoints: tuple[BroughtCheckpoint, ...] = ()
    time_roots: Trust | None = None
    now: datetime | None = None  # aware; None is this machine's clock. Time stamps age by it
    progress: Progress | None = None


@dataclass(slots=True)
class Run:
    """One verification over one place: what it has at hand, and what it has seen so far."""

    reader: ObjectReader
    scope: str
    means: Means
    chosen: Collection[str]  # keys of the objects to read
    log: LogState | None = None  # None where the place holds none
    ledger: Ledger = field(default_factory=Ledger)
    logged: Mapping[str, str] = field(default_factory=dict)  # what the log has: SHA-256 by key
    incomplete: frozenset[str] = frozenset()  # prefixes of the volumes that lack a manifest that is logged
    gone: Gone = field(default_factory=Gone)  # what certificates that are logged say was destroyed
    links: dict[SnapshotAddress, Link] = field(default_factory=dict)
    unread: set[SnapshotAddress] = field(default_factory=set)

    def find(self, findings: Iterable[Finding]) -> None:
        """Keep *findings* for the report."""
        self.ledger.findings.extend(findings)
