"""Every field that is captured has a ground on which it may be kept (U15)."""

from __future__ import annotations

from muniment.evidence.findings import Finding
from muniment.policy.bases import Lacking, captured_pairs, find_lacking
from muniment.policy.check import Check, Judgement
from muniment.policy.scene import Scene
from muniment.policy.verdicts import conclude, count_of, nothing_to_check
from muniment.records.agency import Platform
from muniment.records.names import SeriesId


def judge_bases(scene: Scene) -> Judgement:
    """Judge whether the basis register names a ground for every column of every series that is captured."""
    policy = scene.agency.policy
    if policy is None:
        finding = Finding("K082", scene.agency.id, "expected bases in policy.yaml, found no such file")
        return conclude(kept="The basis register was looked for.", findings=[finding])
    pairs = _pairs(scene)
    if not pairs:
        return nothing_to_check("Nothing is captured.")
    lacking = [found for platform, series in pairs for found in find_lacking(policy.bases, platform, series)]
    return conclude(
        kept=f"{count_of(len(pairs), 'kind', 'kinds')} of captured rows compared with the basis register.",
        findings=[_finding(found) for found in lacking],
        facts={"pairs": len(pairs), "bases": len(policy.bases)},
    )


def _finding(lacking: Lacking) -> Finding:
    what = "a note of counsel" if lacking.needs_note else "a basis"
    return Finding(
        "K081" if lacking.needs_note else "K080",
        f"{lacking.platform} {lacking.series}",
        f"expected {what}, found none for {', '.join(lacking.fields)}",
        len(lacking.fields),
    )


def _pairs(scene: Scene) -> tuple[tuple[Platform, SeriesId], ...]:
    """Return what the register has captured, and what the vault shows to have been."""
    sealed = [
        (account.platform, fact.series)
        for fact in scene.snapshots
        if (account := scene.agency.account(fact.account)) is not None
    ]
    return tuple(dict.fromkeys([*captured_pairs(scene.agency), *sealed]))


CHECKS = (
    Check(
        name="field-basis",
        sentence="Each captured field has a ground on which it may be kept, and counsel's note where the terms need it",
        judge=judge_bases,
    ),
)
