"""What the schedule and the policies' versions say: periods, locks, and what is in force."""

from __future__ import annotations

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.persons import local_day
from muniment.policy.scene import Scene
from muniment.policy.verdicts import cannot_tell, conclude, count_of, nothing_to_check
from muniment.records.period import parse_period
from muniment.records.policy import PageKind
from muniment.records.schedule import PERMANENT, LockMode, ScheduleRow
from muniment.records.series import REMOVED_CONTENT

_POLICIES = (PageKind.POLICY, PageKind.COMMENT_POLICY, PageKind.PRIVACY_POLICY)
_MONTH_DAYS = 30.436875  # of a Gregorian month, on average
_FLOOR_DAYS = 24 * _MONTH_DAYS  # Government Code 34090(d): records less than two years old


def judge_schedule(scene: Scene) -> Judgement:
    """Look at the row for removed content: its period, its floor, its lock; and say what is retain-only."""
    schedule = scene.agency.schedule
    row = schedule.row_for(REMOVED_CONTENT)
    if row is None:
        finding = Finding("K015", REMOVED_CONTENT, "expected a row of the schedule, found none")
        return conclude(kept="The schedule's row for removed content.", findings=[finding])
    findings = [Finding("K015", row.id, detail) for detail in _faults_of(row)]
    standing = "nothing is disposed of (retain-only)" if schedule.is_retain_only else "its profile of gates is complete"
    adopted = f"adopted by {schedule.adoption.resolution}" if schedule.adoption else "no act that adopted it is named"
    kept = f"{row.id}: {row.period}, lock {row.lock_mode.value}. Schedule {schedule.version}: {adopted}; {standing}."
    return conclude(kept=kept, findings=findings, facts={"row": row.id, "period": row.period})


def _faults_of(row: ScheduleRow) -> list[str]:
    faults = []
    if row.lock_mode is not LockMode.COMPLIANCE:
        faults.append(f"expected lock COMPLIANCE, found {row.lock_mode.value}")
    if row.period != PERMANENT and _days(row.period) < _FLOOR_DAYS and row.below_floor is None:
        faults.append(f"expected two years or the authority for less, found {row.period}")
    return faults


def _days(period: str) -> float:
    years, months, weeks, days, _ = parse_period(period, drill=True)
    return (years * 12 + months) * _MONTH_DAYS + weeks * 7 + days


def judge_lockless(scene: Scene) -> Judgement:
    """Look for snapshots of a series that may lie under no lock."""
    rows = [row for row in scene.agency.schedule.rows if row.lock_mode is LockMode.NONE]
    if not rows:
        return nothing_to_check("Every series of the schedule may lie under a lock.")
    lockless = {row.series for row in rows}
    kept_there = [fact for fact in scene.snapshots if fact.series in lockless]
    names = sorted({(fact.account, fact.series) for fact in kept_there})
    findings = [
        Finding("K016", f"{account}/{series}", "expected nothing of it kept, found snapshots")
        for account, series in names
    ]
    kept = f"{count_of(len(rows), 'series', 'series')} that may lie under no lock: nothing of them is captured."
    return conclude(kept=kept, findings=findings, evidence=[fact.key for fact in kept_there[:20]])


def judge_versions(scene: Scene) -> Judgement:
    """Look for policies that are watched, or that clauses cite, and have no version in force today."""
    policy = scene.agency.policy
    if policy is None:
        return cannot_tell("The agency has no policy.yaml.")
    today = local_day(scene, scene.now)
    named = {page.policy for page in policy.pages if page.kind in _POLICIES and page.policy}
    named |= {version.policy for version in policy.versions}
    if not named:
        return nothing_to_check("No policy is watched or has a version.")
    in_force = {
        version.policy: version
        for version in policy.versions
        if version.effective_from <= today and (version.effective_until is None or today <= version.effective_until)
    }
    findings = [
        Finding("K017", name, f"expected a version in force on {today}, found none")
        for name in sorted(named - set(in_force))
    ]
    unadopted = sorted(version.id for version in in_force.values() if version.adopted_on is None)
    kept = f"{count_of(len(named), 'policy', 'policies')}, each with a version in force."
    if findings:
        kept = f"The versions of {count_of(len(named), 'policy', 'policies')}."
    if unadopted:
        kept += f" Adoption not evidenced (T-16): {', '.join(unadopted)}."
    return conclude(kept=kept, findings=findings, facts={"adoption_not_evidenced": [*unadopted]})


CHECKS = (
    Check(
        name="schedule-and-locks",
        sentence="Whether removed content has a period that somebody wrote, and lies under a lock.",
        judge=judge_schedule,
    ),
    Check(
        name="lockless-absent",
        sentence="Whether nothing is kept of a series that may lie under no lock.",
        judge=judge_lockless,
    ),
    Check(
        name="versions-in-force",
        sentence="Whether each policy that is watched has a version in force.",
        judge=judge_versions,
    ),
)
