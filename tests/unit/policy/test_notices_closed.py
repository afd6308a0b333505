"""The check `notices-closed`: every notice was decided on, and the decision carried out."""

from __future__ import annotations

from datetime import timedelta

from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.moderation import judge_notices
from muniment.policy.moderation.cases import Entry, Verdict
from tests.unit.policy.ledgers import AGO, action, decision, in_register, notice
from tests.unit.policy.scenes import NOW, build_scene

HOUR = timedelta(hours=1)


def judge(*entries: Entry) -> Judgement:
    return judge_notices(build_scene(events=in_register(spam=entries)))


def test_found() -> None:
    judgement = judge(notice())

    assert judgement.outcome is Outcome.NOT_KEPT
    assert [(finding.code, finding.detail) for finding in judgement.findings] == [
        ("M008", "expected a decision by 2026-11-12 18:00, found none")
    ]


def test_sound() -> None:
    judgement = judge(notice(), decision(AGO + HOUR), action(AGO + HOUR))

    assert (judgement.outcome, judgement.findings) == (Outcome.KEPT, ())


def test_no_violation_closes_a_notice() -> None:
    nothing = decision(AGO + HOUR, verdict=Verdict.NO_VIOLATION, grounds=())

    assert judge(notice(), nothing).outcome is Outcome.KEPT


def test_a_notice_of_today_may_wait() -> None:
    assert judge(notice(NOW - HOUR)).outcome is Outcome.KEPT


def test_a_decision_before_the_notice_does_not_close_it() -> None:
    assert [finding.code for finding in judge(decision(AGO - HOUR), action(AGO - HOUR), notice()).findings] == ["M008"]


def test_a_decision_to_act_that_nobody_carried_out_leaves_the_notice_open() -> None:
    (finding,) = judge(notice(), decision()).findings

    assert (finding.code, finding.detail) == ("M008", "expected the action that was decided (hide), found none")
