"""The notice elements of Helena's statute over pages as they are served and parsed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import platform_simulator
from muniment.parsing.page_blocks import read_blocks
from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.notice_elements import judge_notice_elements
from platform_simulator.reading import read_scenario
from tests.unit.platform_simulator.asking import Asked
from tests.unit.policy.scenes import build_scene, claremont, page

SCENARIO = Path(platform_simulator.__file__).parent / "scenarios" / "side-by-side.yaml"


@cache
def served(name: str) -> str:
    return Asked(read_scenario(SCENARIO)).ask(f"/pages/helena/{name}.html").text


def judge(home: str, privacy: str) -> Judgement:
    facts = {}
    for name, html in (("website-home", home), ("privacy-policy", privacy)):
        found = read_blocks(html)
        facts[name] = page(name, text="\n".join([*(block.text for block in found.blocks), *found.surroundings]))
    return judge_notice_elements(build_scene(claremont("helena"), pages=facts))


def test_the_demonstrations_pages_tell_all_that_the_statute_asks_for() -> None:
    judgement = judge(served("home"), served("privacy-policy"))
    assert (judgement.outcome, judgement.findings) == (Outcome.KEPT, ())


def test_a_footer_without_the_telephone_number_is_found() -> None:
    pages = [served(name).replace("(406) 555-0142. ", "") for name in ("home", "privacy-policy")]
    assert [finding.code for finding in judge(pages[0], pages[1]).findings] == ["K072"]


def test_the_words_of_the_quoted_statute_describe_no_practice_of_the_city() -> None:
    privacy = served("privacy-policy")
    silent = privacy.partition("<h2>Information Collection")[0] + privacy.partition("<h2>Definitions</h2>")[2]
    assert [finding.code for finding in judge(served("home"), silent).findings] == ["K074", "K075"]
