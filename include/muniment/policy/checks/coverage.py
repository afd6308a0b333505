"""Whether the captures that were due were made (claremont-social B.20)."""

from __future__ import annotations

from datetime import timedelta

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.persons import active_accounts, local_day
from muniment.policy.scene import Scene
from muniment.policy.verdicts import cannot_tell, conclude, count_of, nothing_to_check

_LATELY = timedelta(days=1)
_CODES = ("U001", "U002")  # a capture that was missed, a series that was never captured: open until a person answers


def judge_coverage(scene: Scene) -> Judgement:
    """Hold the captures that were due against those that were made, and look for series without one of late."""
    if scene.coverage is None:
        return cannot_tell("Which captures were due was not gathered.")
    if not active_accounts(scene):
        return nothing_to_check("The register has no active account, and so nothing that is due.")
    due, accepted, quarantined, missed = (
        sum(getattr(fact, name) for fact in scene.coverage) for name in ("due", "accepted", "quarantined", "missed")
    )
    findings = [one for one in scene.open_findings if one.code in _CODES]
    findings += _without_one_lately(scene)
    kept = (
        f"{count_of(due, 'capture')} due since {local_day(scene, scene.since)}: {accepted:,} made and accepted, "
        f"{quarantined:,} quarantined, {missed:,} missed."
    )
    facts = {"due": due, "accepted": accepted, "quarantined": quarantined, "missed": missed}
    unsealed = sum(fact.unsealed for fact in scene.coverage)
    missing = f"why {count_of(unsealed, 'capture')} of more than a day ago were missed: no sealed gap tells"
    doubts = [missing] if unsealed else []
    keys = {(fact.account, fact.series): fact.key for fact in scene.snapshots if fact.accepted}
    return conclude(kept=kept, findings=findings, doubts=doubts, evidence=keys.values(), facts=facts)


def _without_one_lately(scene: Scene) -> list[Finding]:
    lately = {
        (fact.account, fact.series)
        for fact in scene.snapshots
        if fact.accepted and fact.ended_at >= scene.now - _LATELY
    }
    return [
        Finding("K022", f"{account.id}/{series}", "expected an accepted capture within a day, found none")
        for account in active_accounts(scene)
        if account.opened_on is None or account.opened_on < local_day(scene, scene.now - _LATELY)
        for series in account.series
        if (account.id, series) not in lately
    ]


CHECKS = (
    Check(
        name="coverage",
        sentence="Whether the captures that were due were made, and each series has an accepted one of the last day.",
        judge=judge_coverage,
    ),
)
