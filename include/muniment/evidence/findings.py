"""Findings: what a check found, each by a code of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from muniment.errors import EvidenceError
from muniment.evidence.finding_types import CATALOGUE, FindingType


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that a check found. `subject` is an id or a key; no personal data in either text."""

    code: str
    subject: str
    detail: str
    count: int = 1

    def __post_init__(self) -> None:
        if self.code not in CATALOGUE:
            raise EvidenceError(f"finding: code {self.code!r} is not in the catalogue")

    @property
    def type(self) -> FindingType:
        """Return what every finding of this code shares."""
        return CATALOGUE[self.code]
