"""A person's last word on single items: sealed with name and reason, and told without what nobody asked to see."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from muniment.cli.classify import act, configure
from muniment.errors import ConfigurationError
from muniment.policy.checks.interactions import judge_statute_rule
from muniment.policy.checks.parity import judge_originality
from muniment.policy.checks.personal_data import judge_personal_data
from muniment.policy.content.similarity import Label
from muniment.policy.scene import ItemFact, Scene
from muniment.records.policy import Member
from muniment.workflows.policy.reviewing import Opinion, decide_class, name_of
from muniment.workflows.registers import read_events
from tests.unit.policy.items import AT, article, item
from tests.unit.policy.scenes import build_scene
from tests.unit.workflows.moderation_office import Office

WORDS = "Found near Memorial Park: one tortoise, calm, fond of hibiscus."
HOURS = article(
    "New library hours\n\nFrom December the library opens at 9 a.m.", "https://www.claremont.example/news/hours"
)
PICTURE = item("📚", "picture")
TORTOISE = item(WORDS, "tortoise", published_at=AT - timedelta(days=1))
CALL = item("The pool's desk: 909-555-0177 and 909-555-0178.", "call")
SAID = [
    item("One.", "at://x/1", series="public-comments", kind="reply", author_id="did:plc:one"),
    item(
        "Two.", "at://x/2", series="public-comments", kind="reply", author_id="did:plc:two", reply_parent_id="at://x/1"
    ),
]
MEMBERS = tuple(
    Member(name=name, body="City Council", accounts=(f"did:plc:{name}",), valid_from=AT.date())
    for name in ("one", "two")
)
WHO = ("--by", "D. Okafor", "--reason", "Said nowhere else")


@dataclass
class Desk:
    """Somebody at a terminal, over posts in memory and a vault in memory."""

    office: Office
    posts: tuple[ItemFact, ...] = (HOURS, PICTURE, TORTOISE, CALL)

    def scene(self) -> Scene:
        place = self.office.place
        scene = build_scene(place.agency, posts=self.posts, comments=SAID)
        events = partial(read_events, place.vault)
        return Scene(**{name: getattr(scene, name) for name in scene.__dataclass_fields__} | {"events": events})

    def type(self, *words: str) -> int:
        parser = argparse.ArgumentParser()
        configure(parser)
        args = parser.parse_args([words[0], "--agency", "claremont", *words[1:]])
        return act(args, self.office.place, self.scene())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Office(tmp_path).with_policy(members=MEMBERS))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--item", "0123456", "--class", "original"), "expected 8 to 64 lower hex digits"),
        (("--item", "ABCDEF0123", "--class", "original"), "expected 8 to 64 lower hex digits"),
        (("--item", "0" * 12, "--class", "original"), "expected one that `muniment classify` lists, found none"),
        (("--item", name_of(PICTURE), "--class", "reflects-official-source"), "expected the article that it reflects"),
        (
            ("--item", name_of(PICTURE), "--class", "mixed", "--article", "https://elsewhere.example/x"),
            "article https://elsewhere.example/x: expected one",
        ),
    ],
)
def test_a_decision_that_names_nothing_is_refused_and_nothing_is_sealed(
    desk: Desk, words: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected.replace("(", r"\(")):
        desk.type("decide", *words, *WHO)

    assert desk.office.keys() == []


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("who", " "), ("who", "a\nb")])
def test_a_decision_without_name_or_reason_is_refused(by: str, reason: str) -> None:
    with pytest.raises(ConfigurationError):
        Opinion(by=by, reason=reason)


def test_the_list_shows_what_waits_and_no_text_and_ends_with_1(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.type("list") == 1

    shown = capsys.readouterr().out
    assert name_of(PICTURE)[:12] in shown
    assert name_of(TORTOISE)[:12] not in shown
    assert "📚" not in shown
    assert desk.type("list", "--all", "--json") == 1
    assert {one["class"] for one in json.loads(capsys.readouterr().out)} == {"original", "undetermined"}


def test_a_decision_is_sealed_and_the_post_waits_no_more(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    source = ("--article", "https://www.claremont.example/news/hours/")
    assert (
        desk.type("decide", "--item", name_of(PICTURE)[:8], "--class", "reflects-official-source", *source, *WHO) == 0
    )
    capsys.readouterr()

    assert desk.type("list") == 0
    assert "No post waits for a person" in capsys.readouterr().out
    (event,) = desk.scene().events("policy-reviews")
    assert (event.event, event.subject, event.by) == ("classified", "bluesky-city", "D. Okafor")
    assert event.facts["article"] == HOURS.item_id
    assert event.facts["article_at"] == "2026-11-17T20:00:00.000000Z"
    assert judge_originality(desk.scene()).facts["accounts"] == {
        "bluesky-city": {"reflects-official-source": 1, "original": 2}
    }


def test_an_original_names_no_article(desk: Desk) -> None:
    opinion = Opinion(by="D. Okafor", reason="Ours")
    decide_class(
        desk.office.place, desk.scene(), name_of(TORTOISE), label=Label.ORIGINAL, article=None, opinion=opinion
    )

    assert desk.scene().events("policy-reviews")[0].facts["article"] is None


def test_show_puts_a_post_beside_its_nearest_article(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.posts = (HOURS, item("From December the library opens at 9 a.m.", "p"))

    assert desk.type("show", "--item", name_of(desk.posts[1])) == 0
    shown = capsys.readouterr().out
    assert "reflects-official-source, by text" in shown
    assert "New library hours" in shown


def test_a_false_alarm_is_allowed_by_kind_and_may_be_taken_back(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.type("matches") == 1
    shown = capsys.readouterr().out
    assert "2 telephone-number" in shown
    assert "0177" not in shown

    with pytest.raises(ConfigurationError, match="expected one of telephone-number; found 'home-address'"):
        desk.type("allow", "--item", name_of(CALL), "--kind", "home-address", *WHO)
    assert desk.type("allow", "--item", name_of(CALL), "--kind", "telephone-number", *WHO) == 0
    assert desk.type("matches") == 0
    assert judge_personal_data(desk.scene()).findings == ()

    match = str(desk.scene().events("policy-reviews")[0].facts["match"])
    desk.office.clock.now += timedelta(minutes=1)
    assert desk.type("withdraw", "--match", match[:10], *WHO) == 0
    assert [one.count for one in judge_personal_data(desk.scene()).findings] == [1]


def test_counsels_review_ends_a_flag_under_its_rule_alone(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.type("flags", "--json") == 1
    shown = capsys.readouterr().out
    assert [one["rule"] for one in json.loads(shown)] == ["policy", "policy", "statute"]
    assert "did:plc" not in shown

    assert desk.type("review", "--item", name_of(SAID[1]), "--rule", "statute", *WHO) == 0
    assert judge_statute_rule(desk.scene()).findings == ()
    assert desk.type("flags", "--rule", "statute") == 0
    assert desk.type("flags", "--rule", "policy") == 1
