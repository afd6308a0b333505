"""The check `policy-version-in-force`: no decision rests on a version that was not in force that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.moderation import judge_versions
from muniment.records.policy import PolicyVersion
from tests.unit.policy.ledgers import AGO, decision, in_register
from tests.unit.policy.scenes import build_scene, claremont, policy_of, with_policy

OLD = PolicyVersion(
    id="old", policy="claremont-social", effective_from=date(2017, 6, 13), effective_until=date(2026, 11, 10)
)
NEW = PolicyVersion(id="new", policy="claremont-social", effective_from=date(2026, 11, 11))


def judge(**stated: str | None) -> Judgement:
    agency = with_policy(claremont(), versions=(OLD, NEW))
    return judge_versions(build_scene(agency, events=in_register(spam=[decision(AGO, **stated)])))


def test_found() -> None:
    assert_found("old")


@pytest.mark.parametrize("version", ["unheard-of", None])
def test_a_version_that_nobody_knows_is_found(version: str | None) -> None:
    assert_found(version)


def assert_found(version: str | None) -> None:
    judgement = judge(policy_version=version)

    assert judgement.outcome is Outcome.NOT_KEPT
    assert [finding.code for finding in judgement.findings] == ["M005"]
    assert f"expected a version in force on 2026-11-11, found {version or 'none'}" == judgement.findings[0].detail


def test_sound() -> None:
    assert judge(policy_version="new").outcome is Outcome.KEPT


def test_the_day_is_that_of_the_agency() -> None:
    """Seven in the evening of the 10th in Los Angeles is the 11th in UTC, and the old version still holds."""
    evening = AGO.replace(day=11, hour=3)
    agency = with_policy(claremont(), versions=(OLD, NEW))

    def outcome(version: str) -> Outcome:
        events = in_register(spam=[decision(evening, policy_version=version)])
        return judge_versions(build_scene(agency, events=events)).outcome

    assert (outcome("old"), outcome("new")) == (Outcome.KEPT, Outcome.NOT_KEPT)


def test_a_version_that_has_not_begun_is_not_in_force() -> None:
    late = replace(NEW, effective_from=NEW.effective_from + timedelta(days=1))
    agency = with_policy(claremont(), versions=(late,))

    judgement = judge_versions(build_scene(agency, events=in_register(spam=[decision(policy_version="new")])))

    assert judgement.outcome is Outcome.NOT_KEPT


def test_the_demonstrations_own_version_is_in_force() -> None:
    assert "claremont-social-2017" in {version.id for version in policy_of(claremont()).versions}
    assert judge_versions(build_scene(events=in_register(spam=[decision()]))).outcome is Outcome.KEPT
