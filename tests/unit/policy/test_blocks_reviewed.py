"""The check `blocks-reviewed`: every block follows a violation, and is reviewed by its day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.moderation import judge_blocks
from muniment.policy.moderation.cases import BlockReview, Entry, Reversal, Undoing
from tests.unit.policy.ledgers import AGO, action, block, decision, in_register
from tests.unit.policy.scenes import NOW, build_scene

HOUR = timedelta(hours=1)
BEFORE = (decision(AGO - HOUR, originator="@Loud.example"), action(AGO - HOUR))


def judge(*entries: Entry, earlier: tuple[Entry, ...] = BEFORE, **facts: object) -> Judgement:
    return judge_blocks(build_scene(events=in_register(block=entries, earlier=earlier), **facts))


def codes(judgement: Judgement) -> list[str]:
    return [finding.code for finding in judgement.findings]


def test_found() -> None:
    judgement = judge(*block(review_on=date(2026, 11, 17)))

    assert (judgement.outcome, codes(judgement)) == (Outcome.NOT_KEPT, ["M007"])
    assert judgement.findings[0].detail == "expected a review by 2026-11-17, found none"
    assert "loud" not in judgement.sentence


def test_sound() -> None:
    assert (judge(*block()).outcome, judge(*block()).findings) == (Outcome.KEPT, ())


def test_a_block_is_not_past_its_review_on_the_day_itself() -> None:
    assert judge(*block(review_on=date(2026, 11, 18))).outcome is Outcome.KEPT


def test_a_review_moves_the_day() -> None:
    reviewed = BlockReview(at=AGO + HOUR, reviewer="Ioan Marchetti", review_on=date(2027, 1, 1), reason="Went on")

    assert judge(*block(review_on=date(2026, 11, 17)), reviewed).outcome is Outcome.KEPT


def test_a_block_that_should_have_ended_is_found() -> None:
    judgement = judge(*block(ends_on=date(2026, 11, 17)))

    assert [(finding.code, finding.detail) for finding in judgement.findings] == [
        ("M007", "expected the block ended on 2026-11-17, found it standing")
    ]


def test_a_block_that_ended_needs_no_review() -> None:
    ended = Reversal(at=AGO + HOUR, how=Undoing.BLOCK_ENDED, reversed_by="Dana Okafor", reason="Its time was over")

    assert judge(*block(review_on=date(2026, 11, 17)), ended).outcome is Outcome.KEPT


@pytest.mark.parametrize(
    "earlier",
    [
        (),
        (decision(AGO - HOUR, originator="quiet.example"),),
        (decision(AGO + HOUR, originator="loud.example"),),
        (decision(AGO - HOUR, originator="loud.example", item=None),),
    ],
    ids=["nothing", "of another person", "after the block", "of no item"],
)
def test_a_block_without_a_violation_logged_before_is_found(earlier: tuple[Entry, ...]) -> None:
    assert codes(judge(*block(), earlier=earlier)) == ["M006"]


def test_the_blocks_own_decision_may_name_the_item_that_violated() -> None:
    assert codes(judge(*block(item="3kabcdefgh234"), earlier=())) == []


def test_a_block_of_long_ago_is_still_found_past_its_review() -> None:
    old = NOW - timedelta(days=300)

    assert codes(judge(*block(old, review_on=date(2026, 3, 1)), earlier=())) == ["M007"]
