"""The check of coverage: a series without a capture of late is found, and so is every gap that nobody answered for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from muniment.evidence.findings import Finding
from muniment.policy.check import Judgement, Outcome
from muniment.policy.registry import CHECKS
from muniment.policy.scene import Scene
from muniment.records.agency import AccountStatus
from muniment.records.series import OFFICIAL_POSTS
from tests.unit.policy.scenes import (
    CITY,
    NOW,
    build_scene,
    claremont,
    coverage,
    snapshot,
    sound_scene,
    with_account,
)


def judge(scene: Scene) -> Judgement:
    return CHECKS["coverage"].judge(scene)


@pytest.mark.parametrize("last", [{"accepted": False}, {"ended_at": NOW - timedelta(days=1, seconds=1)}])
def test_found(last: dict[str, object]) -> None:
    scene = sound_scene()
    others = tuple(one for one in scene.snapshots if (one.account, one.series) != (CITY, OFFICIAL_POSTS))
    judgement = judge(replace(scene, snapshots=(*others, snapshot(**last))))

    assert judgement.outcome is Outcome.NOT_KEPT
    assert [(one.code, one.subject) for one in judgement.findings] == [("K022", f"{CITY}/official-posts")]


def test_sound() -> None:
    judgement = judge(sound_scene(coverage=(coverage(due=700, accepted=697, quarantined=1, missed=2),)))

    assert judgement.outcome is Outcome.KEPT
    assert judgement.facts == {"due": 700, "accepted": 697, "quarantined": 1, "missed": 2}


def test_a_missed_capture_that_nobody_answered_for_is_found_again() -> None:
    missed = Finding("U001", f"{CITY}/official-posts/then", "until now: platform-unavailable", 3)

    assert judge(sound_scene(open_findings=(missed,))).findings == (missed,)


def test_a_missed_capture_of_which_no_sealed_gap_tells_is_a_doubt() -> None:
    judgement = judge(sound_scene(coverage=(coverage(accepted=690, missed=10, unsealed=4),)))

    assert judgement.outcome is Outcome.CANNOT_TELL
    assert "why 4 captures" in judgement.sentence


def test_an_account_that_ended_or_was_opened_today_is_not_waited_for() -> None:
    ended = with_account(claremont(), CITY, status=AccountStatus.TERMINATED)
    young = with_account(ended, "mastodon-city", opened_on=NOW.date())
    rest = tuple(one for one in sound_scene().snapshots if one.account in ("website-news", "newsletter-weekly"))

    assert judge(sound_scene(young, snapshots=rest)).outcome is Outcome.KEPT


def test_without_the_captures_that_were_due_nothing_can_be_told() -> None:
    assert judge(build_scene()).outcome is Outcome.CANNOT_TELL
    assert judge(build_scene(replace(claremont(), accounts=()), coverage=())).outcome is Outcome.NOTHING_TO_CHECK
