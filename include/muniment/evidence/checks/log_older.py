"""The log against a checkpoint seen earlier: does it continue it, was it put back, or does it have two histories?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from muniment.evidence.checkpoint import Checkpoint
from muniment.evidence.findings import Finding
from muniment.evidence.merkle import root_of


def check_continues(earlier: Checkpoint, origin: str, leaves: Sequence[bytes], subject: str) -> Iterator[Finding]:
    """Find that the log of *origin* with *leaves* does not continue *earlier*; *subject* names that checkpoint."""
    if earlier.origin != origin:
        yield Finding("V022", subject, f"expected the log {earlier.origin}, found {origin}")
    elif earlier.size > len(leaves):
        yield Finding("V021", subject, f"expected at least {earlier.size} entries, found {len(leaves)}")
    elif (root := root_of(leaves[: earlier.size])) != earlier.root:
        expected = f"root {earlier.root.hex()} over the first {earlier.size} entries"
        yield Finding("V022", subject, f"expected {expected}, found {root.hex()}")
