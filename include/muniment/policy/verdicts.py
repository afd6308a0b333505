"""How findings and doubts make a judgement: one fault is not kept, one doubt is never kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from muniment.evidence.findings import Finding
from muniment.policy.check import Judgement, Outcome
from muniment.policy.scene import Scene
from muniment.records.canonical import JsonValue
from muniment.records.names import AccountId, SnapshotId

_MOST = 6  # findings that a sentence tells; the judgement has all


def conclude(
    *,
    kept: str,
    findings: Sequence[Finding],
    doubts: Sequence[str] = (),
    evidence: Iterable[str] = (),
    facts: Mapping[str, JsonValue] | None = None,
) -> Judgement:
    """Judge by what was found; *kept* says what was looked at. The sentence tells doubts beside faults."""
    outcome = Outcome.NOT_KEPT if findings else Outcome.CANNOT_TELL if doubts else Outcome.KEPT
    told = [f"{finding.subject}: {finding.detail}" for finding in findings[:_MOST]]
    told += [f"and {len(findings) - _MOST} more"] if len(findings) > _MOST else []
    parts = [kept, *([f"Found: {'; '.join(told)}."] if told else [])]
    parts += [f"Not known: {'; '.join(dict.fromkeys(doubts))}."] if doubts else []
    return Judgement(
        outcome=outcome,
        sentence=" ".join(parts),
        findings=tuple(findings),
        evidence=tuple(dict.fromkeys(evidence)),
        facts=dict(facts or {}),
    )


def manifest_keys(scene: Scene, seen: Iterable[tuple[AccountId, SnapshotId]]) -> tuple[str, ...]:
    """Return the keys of the manifests of the snapshots *seen*, by account and id."""
    wanted = set(seen)
    return tuple(sorted(fact.key for fact in scene.snapshots if (fact.account, fact.snapshot) in wanted))


def nothing_to_check(sentence: str) -> Judgement:
    """Return the judgement over what the agency does not have."""
    return Judgement(outcome=Outcome.NOTHING_TO_CHECK, sentence=sentence)


def cannot_tell(sentence: str) -> Judgement:
    """Return the judgement without the evidence that it needs."""
    return Judgement(outcome=Outcome.CANNOT_TELL, sentence=sentence)


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Spell *number* with its noun: ``1 post``, ``1,200 posts``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
