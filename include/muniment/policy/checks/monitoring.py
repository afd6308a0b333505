"""The check that monitoring is attested on every business day (claremont-social B.4, D.2)."""

from __future__ import annotations

from muniment.policy.attestations import REGISTER, find_unattested, fold_attestations, last_whole_day, list_days
from muniment.policy.business_days import local_day
from muniment.policy.check import Check, Judgement
from muniment.policy.scene import Scene
from muniment.policy.verdicts import conclude, count_of, nothing_to_check


def judge_monitoring(scene: Scene) -> Judgement:
    """Judge whether somebody attested every business day that is over."""
    agency = scene.agency
    if agency.policy is None or agency.policy.monitoring is None:
        return nothing_to_check("The agency's policy names no days on which monitoring is attested.")
    attested = fold_attestations(scene.events(REGISTER))
    first, last = local_day(agency, scene.since), last_whole_day(local_day(agency, scene.now))
    days = list_days(agency, attested, first=first, last=last)
    return conclude(
        kept=f"{count_of(len(days), 'day')} from {first} to {last} were looked at, by the agency's own calendar.",
        findings=find_unattested(days),
        facts={"days": len(days), "without": sum(bool(day.missing) for day in days)},
    )


CHECKS = (
    Check(
        name="monitoring-attested",
        sentence="On every business day somebody attested that the accounts were monitored",
        judge=judge_monitoring,
    ),
)
