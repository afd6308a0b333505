"""The control routes answer this machine alone, and the truth is what happened."""

import pytest

from platform_simulator.clock import Clock
from tests.unit.platform_simulator.asking import START, Asked, demo

ADVANCE = {"advance_seconds": 60}


def test_another_machine_is_refused() -> None:
    for path in ("/simulator/clock", "/simulator/truth", "/simulator/faults"):
        answer = Asked(client="192.0.2.7").ask(path)
        assert (answer.status_code, answer.json()["error"][:25]) == (403, "expected a request from t")
    assert Asked(client="192.0.2.7").ask("/news.rss").status_code == 200


def test_a_name_that_another_site_points_here_is_refused() -> None:
    assert Asked(base="http://rebound.example").ask("/simulator/truth").status_code == 403
    assert Asked(base="http://localhost").ask("/simulator/truth").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
    ],
)
def test_a_page_of_another_site_is_refused(headers: dict[str, str]) -> None:
    asked = Asked()
    body = b'{"advance_seconds": 60}'
    sent = {"Content-Type": "application/json", **headers}
    answer = asked.ask("/simulator/clock", method="POST", content=body, headers=sent)
    assert answer.status_code == 403
    assert asked.read("/simulator/clock")["now"] == "2026-11-21T19:00:00.000Z"


@pytest.mark.parametrize(
    "body", [{}, {"advance_seconds": -1}, {"advance_seconds": "60"}, {"advance_seconds": 1, "x": 2}]
)
def test_a_clock_goes_forward_and_by_whole_seconds(body: dict) -> None:
    asked = Asked()
    assert asked.ask("/simulator/clock", method="POST", json=body).status_code == 422
    assert asked.ask("/simulator/clock", method="POST", json=ADVANCE).json() == {
        "start": "2026-11-21T19:00:00.000Z",
        "now": "2026-11-21T19:01:00.000Z",
    }


def test_a_clock_refuses_to_go_back() -> None:
    clock = Clock(START)
    with pytest.raises(ValueError, match="expected seconds not below 0, found -1"):
        clock.advance(-1)
    assert clock.now() == START


def test_the_truth_of_the_demo_between_two_captures() -> None:
    asked = demo()
    before = asked.truth()
    asked.advance(7200)
    after = asked.truth()
    new = [one for one in after["events"] if one not in before["events"]]
    assert all(before["now"] < one["at"] <= after["now"] for one in new)
    happened = {(one["account"], one["what"]) for one in new}
    for city in ("bluesky-city", "mastodon-city"):
        assert {
            (city, what)
            for what in (
                "post edited",
                "post deleted",
                "reply written",
                "reply deleted",
                "follower joined",
                "follower left",
                "profile edited",
            )
        } <= happened
    assert ("bluesky-city", "reply hidden") in happened
    assert ("newsletter-weekly", "subscriber left") in happened
    assert ("website-news", "article written") in happened


def test_the_demo_is_as_large_as_a_small_city() -> None:
    told = demo().truth()
    for city in ("bluesky-city", "mastodon-city"):
        counts = told["accounts"][city]["counts"]
        assert 23 <= counts["posts"] <= 27
        assert 55 <= counts["replies"] <= 80
        assert 145 <= counts["followers"] <= 155
        assert counts["edited"] >= 1
    assert told["accounts"]["bluesky-city"]["counts"]["hidden"] >= 1
    assert told["accounts"]["newsletter-weekly"]["counts"] == {"subscribers": 40}
    assert all(one["at"] <= told["start"] for one in told["events"])


def test_every_event_of_the_demo_is_past_after_two_hours() -> None:
    asked = demo()
    asked.advance(7200)
    known = len(asked.truth()["events"])
    asked.advance(366 * 86400)
    assert len(asked.truth()["events"]) == known
