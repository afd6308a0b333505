from __future__ import annotations

from dataclasses import replace

import pytest

from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.notice_elements import judge_notice_elements
from tests.unit.policy.scenes import build_scene, claremont, page, with_policy

HOME = (
    "Welcome\nCity of Helena, Montana\n316 Example Avenue, Helena, MT 59601\nCall (406) 555-0142\nclerk@helena.example"
)
PRIVACY = (
    "What we collect\nThe website collects personally identifiable information that you send us.\n"
    "It is protected by encryption.\nYour e-mail address will not be sold or given to any third party."
)


def judge(home: str | None = HOME, privacy: str | None = PRIVACY) -> Judgement:
    pages = [("website-home", home), ("privacy-policy", privacy)]
    return judge_notice_elements(
        build_scene(
            claremont("helena"), pages={name: page(name, text=text) for name, text in pages if text is not None}
        )
    )


def codes(judgement: Judgement) -> list[str]:
    return [finding.code for finding in judgement.findings]


def test_a_website_that_tells_all_that_the_statute_asks_for_is_kept() -> None:
    judgement = judge()

    assert (judgement.outcome, judgement.findings) == (Outcome.KEPT, ())


@pytest.mark.parametrize(
    ("gone", "code"),
    [
        ("City of Helena, Montana", "K070"),
        ("316 Example Avenue, Helena, MT 59601", "K071"),
        ("(406) 555-0142", "K072"),
        ("clerk@helena.example", "K073"),
    ],
)
def test_each_element_that_the_website_does_not_tell_is_found(gone: str, code: str) -> None:
    judgement = judge(home=HOME.replace(gone, "..."))

    assert codes(judgement) == [code]
    assert judgement.findings[0].subject == "helena"


def test_practices_that_are_not_described_are_found() -> None:
    assert codes(judge(privacy="Your e-mail address will not be sold to any third party.")) == ["K074"]


def test_another_use_without_asking_for_permission_is_found() -> None:
    silent = PRIVACY.replace(
        "Your e-mail address will not be sold or given to any third party.", "We send newsletters."
    )
    assert codes(judge(privacy=silent)) == ["K075"]
    asking = silent.replace("We send newsletters.", "Before other use we ask for your permission.")
    assert codes(judge(privacy=asking)) == []


def test_a_statute_that_the_page_quotes_is_no_word_of_the_agency() -> None:
    quoted = "2-17-552. Collection of information. (1) Protect it.\n(2) Ask for permission.\nThat is the law."
    assert codes(judge(privacy=quoted)) == ["K074", "K075"]


def test_a_page_that_could_not_be_read_leaves_it_untold() -> None:
    judgement = judge(privacy=None)
    assert codes(judgement) == ["K074", "K075"]
    assert judge(home=None, privacy=None).outcome is Outcome.CANNOT_TELL


def test_an_agency_with_neither_page_has_nothing_to_check() -> None:
    assert judge_notice_elements(build_scene(with_policy(claremont("helena"), pages=()))).outcome is (
        Outcome.NOTHING_TO_CHECK
    )
    without = replace(claremont("helena"), policy=None)
    assert judge_notice_elements(build_scene(without)).outcome is Outcome.CANNOT_TELL
