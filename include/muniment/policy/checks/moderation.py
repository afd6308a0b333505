"""Checks of the moderation ledger: grounds, records of removals, notices, blocks, versions of the policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from muniment.evidence.layout import register_key
from muniment.policy.check import Check, Judgement
from muniment.policy.moderation.case_findings import (
    Docket,
    Look,
    block_past_review,
    block_without_violation,
    counsel_late,
    incomplete,
    look,
    not_agreed,
    notice_open,
    switched_off_ground,
    without_authorization,
    without_ground,
    without_second_reviewer,
    without_version,
)
from muniment.policy.moderation.ledger import REGISTER, fold_ledger
from muniment.policy.moderation.matching import Observed, count_explained, match_ledger
from muniment.policy.moderation.observations import item_key
from muniment.policy.scene import Scene, SnapshotFact
from muniment.policy.verdicts import cannot_tell, conclude, count_of, nothing_to_check
from muniment.records.names import AccountId, VolumeId
from muniment.records.rows import Visibility
from muniment.records.series import PUBLIC_COMMENTS

_NO_GROUNDS = "The agency's policy names no grounds of removal, and its ledger is empty."
_SEEN = frozenset({Visibility.PUBLIC.value, Visibility.UNLISTED.value})


def observe(scene: Scene) -> Observed:
    """Return what the captures of *scene* show of what the public wrote."""
    return Observed(
        agency=scene.agency,
        since=scene.since,
        changes=scene.changes,
        captured_at={account: one.began_at for account, one in _latest(scene).items()},
        find_items=lambda names: _find_items(scene, names),
    )


def _latest(scene: Scene) -> Mapping[AccountId, SnapshotFact]:
    captured = [one for one in scene.snapshots if one.accepted and one.series == PUBLIC_COMMENTS]
    return {one.account: one for one in sorted(captured, key=lambda one: one.began_at)}


def _find_items(scene: Scene, names: Collection[str]) -> Mapping[str, bool]:
    if not names:
        return {}
    wanted: dict[str, list[str]] = defaultdict(list)
    for name in names:
        wanted[item_key(name)].append(name)
    return {
        name: item.visibility in _SEEN
        for item in scene.comments()
        for key in {item_key(item.item_id), item_key(item.url or item.item_id)}
        for name in wanted.get(key, ())
    }


def _open(scene: Scene) -> tuple[Docket, tuple[str, ...]] | None:
    """Return the ledger as of now, and the key of its latest event; None where there is no ledger to keep."""
    events, policy = scene.events(REGISTER), scene.agency.policy
    if policy is None or not (policy.grounds or events):
        return None
    docket = Docket(ledger=fold_ledger(events), agency=scene.agency, policy=policy, since=scene.since, now=scene.now)
    latest = max(events, key=lambda event: (event.at, event.id), default=None)
    return docket, () if latest is None else (register_key(REGISTER, VolumeId(latest.at[:7]), latest.id),)


def _by_ledger(scene: Scene, *looks: Look) -> Judgement:
    opened = _open(scene)
    if opened is None:
        return nothing_to_check(_NO_GROUNDS)
    docket, evidence = opened
    cases = docket.ledger.cases.values()
    entries = sum(len(case.entered) for case in cases)
    return conclude(
        kept=f"The ledger was read: {count_of(len(cases), 'case')}, {count_of(entries, 'entry', 'entries')}.",
        findings=look(docket, looks),
        evidence=evidence,
        facts={"cases": len(cases), "entries": entries},
    )


def judge_grounds(scene: Scene) -> Judgement:
    """Judge whether every removal has its ground, and what the ground asks for (claremont-social C.7)."""
    return _by_ledger(
        scene,
        without_ground,
        without_second_reviewer,
        switched_off_ground,
        counsel_late,
        incomplete,
        not_agreed,
        without_authorization,
    )


def judge_notices(scene: Scene) -> Judgement:
    """Judge whether every notice was decided on (claremont-social D.2)."""
    return _by_ledger(scene, notice_open)


def judge_versions(scene: Scene) -> Judgement:
    """Judge whether decisions rest on the version of the policy in force (claremont-social A.5)."""
    return _by_ledger(scene, without_version)


def judge_blocks(scene: Scene) -> Judgement:
    """Judge whether every block follows a violation, and is reviewed in time (claremont-social C.9)."""
    return _by_ledger(scene, block_without_violation, block_past_review)


def judge_removals(scene: Scene) -> Judgement:
    """Judge whether ledger and captures tell the same of what was removed (claremont-social B.23, D.2)."""
    opened = _open(scene)
    if opened is None:
        return nothing_to_check(_NO_GROUNDS)
    ledger, observed = opened[0].ledger, observe(scene)
    if not observed.captured_at:
        return cannot_tell("No capture of what the public wrote was accepted, so nothing shows what was removed.")
    ours, explained = count_explained(ledger, observed)
    return conclude(
        kept=f"Of {count_of(ours, 'removal')} seen that the agency could have made, {explained} stand in the ledger.",
        findings=match_ledger(ledger, observed),
        evidence=[*opened[1], *(one.key for one in _latest(scene).values())],
        facts={"observed": ours, "explained": explained},
    )


CHECKS = (
    Check(
        name="moderation-grounds",
        sentence="Every removal names its ground, and has what the ground asks for",
        judge=judge_grounds,
    ),
    Check(
        name="removal-record",
        sentence="What captures show as removed, and what the ledger records, are the same",
        judge=judge_removals,
    ),
    Check(name="notices-closed", sentence="Every notice was decided on in time", judge=judge_notices),
    Check(
        name="blocks-reviewed",
        sentence="Every block follows a violation, and is reviewed by its day",
        judge=judge_blocks,
    ),
    Check(
        name="policy-version-in-force",
        sentence="Decisions rest on the version of the policy in force that day",
        judge=judge_versions,
    ),
)
