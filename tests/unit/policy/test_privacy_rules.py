"""The check of the privacy rules: what nobody stated is found, and so is a list that must not be kept."""

from __future__ import annotations

from dataclasses import replace

from muniment.policy.check import Judgement, Outcome
from muniment.policy.registry import CHECKS
from muniment.policy.scene import Scene
from muniment.records.privacy import ListRule
from muniment.records.series import SUBSCRIBER_LISTS
from tests.unit.policy.scenes import CITY, build_scene, claremont, snapshot


def judge(scene: Scene) -> Judgement:
    return CHECKS["privacy-rules"].judge(scene)


def test_found() -> None:
    judgement = judge(build_scene(replace(claremont("lathrop"), privacy=None)))

    assert judgement.outcome is Outcome.NOT_KEPT
    assert [(one.code, one.subject) for one in judgement.findings] == [("K023", "lathrop")]


def test_sound() -> None:
    judgement = judge(build_scene(claremont("lathrop")))

    assert judgement.outcome is Outcome.KEPT
    assert judgement.facts["children"] == "as-adults"


def test_a_list_that_the_rules_do_not_keep_is_found() -> None:
    rules = claremont().privacy
    assert rules is not None
    lists = (snapshot(CITY, SUBSCRIBER_LISTS), snapshot(CITY))
    agency = replace(claremont(), privacy=replace(rules, subscriber_lists=ListRule.NOT_KEPT))

    assert [(one.code, one.subject) for one in judge(build_scene(agency, snapshots=lists)).findings] == [("K024", CITY)]
    assert judge(build_scene(agency, snapshots=(snapshot(CITY),))).outcome is Outcome.KEPT
