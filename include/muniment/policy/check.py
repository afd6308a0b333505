"""What a check of a clause is, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from muniment.evidence.findings import Finding
from muniment.policy.scene import Scene
from muniment.records.canonical import JsonValue


class Outcome(StrEnum):
    """What a check found. `CANNOT_TELL` is never taken for `KEPT`."""

    KEPT = "kept"
    NOT_KEPT = "not-kept"
    CANNOT_TELL = "cannot-tell"  # the evidence that it needs is not there
    NOTHING_TO_CHECK = "nothing-to-check"  # the agency has nothing that the clause speaks of


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The outcome, what was found, and what it rests on. No personal data in any text."""

    outcome: Outcome
    sentence: str  # for a clerk: what was looked at, and what was found
    findings: tuple[Finding, ...] = ()
    evidence: tuple[str, ...] = ()  # keys in the vault
    facts: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check by its name; each clause that it watches names it in ``policy.yaml``."""

    name: str  # register-reconciliation
    sentence: str  # what it looks at
    judge: Callable[[Scene], Judgement]
