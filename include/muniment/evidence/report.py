"""The report of a verification: what was checked, what was not and why, what was found, what to compare by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from muniment.evidence.checks.sample import Sampling
from muniment.evidence.findings import Finding


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What was checked and what was found. Sound when nothing was found and nothing was left out by a sample."""

    scope: str
    snapshots: int
    objects: int
    size_bytes: int
    findings: tuple[Finding, ...]
    checks_made: tuple[str, ...]
    checks_not_made: tuple[str, ...]  # each with its reason
    heads: tuple[tuple[str, str], ...]  # the latest snapshots, and the SHA-256 of their manifests
    sampling: Sampling | None  # None when every object was read
    facts: tuple[str, ...]  # what whoever relies on the report must know, such as whose keys were believed
    by_hand: tuple[str, ...]  # what to compare with something kept elsewhere

    @property
    def outcome(self) -> str:
        """Return ``sound``, ``findings``, or ``sampled`` when nothing was found in a part of the objects."""
        if self.findings:
            return "findings"
        return "sound" if self.sampling is None else "sampled"


@dataclass(slots=True)
class Ledger:
    """What a running verification has seen so far."""

    findings: list[Finding] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    not_made: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    objects: int = 0
    size_bytes: int = 0

    def close(
        self, scope: str, *, snapshots: int, heads: tuple[tuple[str, str], ...], sampling: Sampling | None
    ) -> VerificationReport:
        """Return the report of what was seen, findings sorted."""
        return VerificationReport(
            scope=scope,
            snapshots=snapshots,
            objects=self.objects,
            size_bytes=self.size_bytes,
            findings=tuple(sorted(self.findings)),
            checks_made=tuple(dict.fromkeys(self.made)),
            checks_not_made=tuple(dict.fromkeys(self.not_made)),
            heads=heads,
            sampling=sampling,
            facts=tuple(self.facts),
            by_hand=tuple(self.by_hand),
        )
