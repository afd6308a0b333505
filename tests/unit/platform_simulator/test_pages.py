from __future__ import annotations

import pytest

from platform_simulator.errors import ScenarioError
from platform_simulator.reading import parse_scenario
from tests.unit.platform_simulator.asking import SMALL, Asked

PAGES = (
    SMALL
    + """
pages:
  rules.html:
    title: Rules & more
    navigation: [Home]
    footer: Town Hall
    text: |
      # A. Aim
      1. Be <kind>.
    edits:
      - {at: +1h, banner: Closed}
      - {at: +2h, replace: {"Be <kind>": Be brief}, navigation: [Start]}
    gone: +3h
  plain/rules.txt: {title: Rules, text: "1. Be kind."}
"""
)


def test_a_page_shows_its_words_and_its_furniture_apart() -> None:
    answer = Asked(PAGES).ask("/pages/rules.html")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    main = answer.text.partition("<main>")[2].partition("</main>")[0]
    assert "<h1>Rules &amp; more</h1>\n<h2>A. Aim</h2>\n<p>1. Be &lt;kind&gt;.</p>" in main
    assert "Town Hall" in answer.text.partition("</main>")[2]
    assert "Home" in answer.text.partition("<main>")[0]


def test_its_acts_come_with_the_clock() -> None:
    asked = Asked(PAGES)
    assert "Closed" not in asked.ask("/pages/rules.html").text
    asked.advance(3600)
    assert '<div role="alert">Closed</div>' in asked.ask("/pages/rules.html").text
    asked.advance(3600)
    later = asked.ask("/pages/rules.html").text
    assert "Be brief" in later
    assert "kind" not in later
    assert "Start" in later
    asked.advance(3600)
    assert asked.ask("/pages/rules.html").status_code == 404


def test_plain_text_is_served_as_such() -> None:
    answer = Asked(PAGES).ask("/pages/plain/rules.txt")
    assert (answer.text, answer.headers["content-type"]) == ("1. Be kind.", "text/plain; charset=utf-8")


@pytest.mark.parametrize("path", ["none.html", "rules", "plain"])
def test_what_is_no_page_is_not_found(path: str) -> None:
    assert Asked(PAGES).ask(f"/pages/{path}").status_code == 404


def test_an_act_that_finds_no_words_to_replace_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"pages.rules.html.edits\[1\].replace: expected words of the text"):
        parse_scenario(PAGES.replace('"Be <kind>"', '"Be loud"'), "x")
    with pytest.raises(ScenarioError, match=r"edits\[1\].at: expected a time after the edit before"):
        parse_scenario(PAGES.replace("at: +2h, replace", "at: +1h, replace"), "x")
