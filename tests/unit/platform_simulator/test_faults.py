"""Each fault does what its name says, as often as it was told, and nothing after."""

import json
import re
import time
from typing import Any

import pytest

from platform_simulator.fault_answers import KINDS
from platform_simulator.scenario import FaultRule
from tests.unit.platform_simulator.asking import CITY, SMALL, Asked, demo

FEED, FOLLOWERS = "app.bsky.feed.getAuthorFeed", "app.bsky.graph.getFollowers"
LOOKUP = "/api/v1/accounts/lookup?acct=cityhall"


def feed(asked: Asked, **query: Any) -> Any:
    return asked.ask(f"/xrpc/{FEED}", params={"actor": CITY, **query})


def test_every_kind_that_a_scenario_may_name_is_answered() -> None:
    assert set(FaultRule.model_json_schema()["properties"]["kind"]["enum"]) == KINDS


def test_a_rate_limit_speaks_each_platform_s_headers() -> None:
    asked = Asked()
    for route in (FEED, "mastodon.lookup", "website.rss"):
        asked.fault(route, "rate-limit", seconds=7)
    bluesky, mastodon, website = feed(asked), asked.ask(LOOKUP), asked.ask("/news.rss")
    assert {answer.status_code for answer in (bluesky, mastodon, website)} == {429}
    assert bluesky.json()["error"] == "RateLimitExceeded"
    assert 0 < int(bluesky.headers["ratelimit-reset"]) - time.time() < 9
    assert bluesky.headers["ratelimit-remaining"] == mastodon.headers["x-ratelimit-remaining"] == "0"
    assert re.fullmatch(r"[\d-]{10}T[\d:.]{12}Z", mastodon.headers["x-ratelimit-reset"])
    assert website.headers["retry-after"] == "7"
    assert {answer.status_code for answer in (feed(asked), asked.ask(LOOKUP), asked.ask("/news.rss"))} == {200}


def test_an_expired_token_is_refused_in_each_platform_s_words() -> None:
    asked = Asked()
    asked.fault("*", "expired-token", times=3)
    answers = feed(asked), asked.ask(LOOKUP), asked.ask("/xrpc/com.atproto.sync.getRepo?did=x")
    assert [(one.status_code, one.json()["error"]) for one in answers] == [
        (401, "JwtExpired"),
        (401, "The access token expired"),
        (400, "ExpiredToken"),
    ]


@pytest.mark.parametrize(
    ("kind", "status", "starts"), [("server-error", 503, "<html>"), ("html", 200, "<!doctype"), ("empty", 200, "")]
)
def test_an_answer_that_is_no_json(kind: str, status: int, starts: str) -> None:
    asked = Asked()
    asked.fault("app.bsky.*", kind)
    answer = feed(asked)
    assert answer.status_code == status
    assert answer.text.startswith(starts)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert answer.headers["x-platform-simulator"] == "muniment"


def test_a_truncated_answer_is_half_of_the_good_one() -> None:
    asked = Asked()
    good = feed(asked)
    asked.fault(FEED, "truncated")
    cut = feed(asked)
    assert cut.status_code == 200
    assert cut.content == good.content[: len(good.content) // 2]
    assert cut.headers["content-length"] == str(len(cut.content))


def test_an_oversized_answer_is_as_large_as_told_and_still_json() -> None:
    asked = Asked()
    asked.fault(FEED, "oversize", size_bytes=100_000)
    answer = feed(asked)
    assert len(answer.content) == 100_000
    assert len(answer.json()["feed"]) == 3


def test_a_repeated_page_is_the_first_again_and_waits_for_a_later_one() -> None:
    asked = Asked()
    asked.fault(FEED, "repeated-page")
    first = feed(asked, limit=1).json()
    assert feed(asked, limit=1, cursor=first["cursor"]).json() == first
    assert feed(asked, limit=1, cursor=first["cursor"]).json() != first


def test_a_cursor_expires() -> None:
    asked = Asked()
    asked.fault(FEED, "expired-cursor")
    asked.fault("mastodon.followers", "expired-cursor")
    cursor = feed(asked, limit=1).json()["cursor"]
    assert feed(asked, limit=1, cursor=cursor).status_code == 400
    assert feed(asked, limit=1, cursor=cursor).status_code == 200
    path = f"/api/v1/accounts/{asked.mastodon_id()}/followers?max_id=50"
    assert [asked.ask(path).status_code for _ in range(2)] == [404, 200]


def test_a_list_of_bluesky_loops() -> None:
    asked, cursor, seen = demo(), {}, []
    asked.fault(FOLLOWERS, "loop", times=None)
    for _ in range(9):
        page = asked.read(f"/xrpc/{FOLLOWERS}", actor=CITY, limit=50, **cursor)
        cursor = {"cursor": page["cursor"]}
        seen.append(page["cursor"])
    assert len(set(seen)) < len(seen)


def test_a_list_of_mastodon_loops() -> None:
    asked, seen = demo(), []
    asked.fault("mastodon.followers", "loop", times=None)
    path = f"/api/v1/accounts/{asked.mastodon_id()}/followers?limit=80"
    for _ in range(5):
        link = re.search(r'<([^>]*)>; rel="next"', asked.ask(path).headers["link"])
        assert link is not None
        path = link[1]
        seen.append(path)
    assert len(set(seen)) < len(seen)


def test_a_link_leads_to_another_host() -> None:
    asked = demo()
    asked.fault("mastodon.statuses", "foreign-link")
    path = f"/api/v1/accounts/{asked.mastodon_id()}/statuses"
    assert "<http://elsewhere.example/api/" in asked.ask(path).headers["link"]
    assert "elsewhere" not in asked.ask(path).headers["link"]


def test_a_slow_answer_is_slow() -> None:
    asked = Asked()
    asked.fault(FEED, "slow", seconds=1)
    begun = time.monotonic()
    assert feed(asked).status_code == 200
    assert time.monotonic() - begun >= 1


def test_an_unknown_field_is_on_each_object_of_the_lists() -> None:
    asked = Asked()
    good = feed(asked).json()
    asked.fault(FEED, "unknown-field")
    odd = feed(asked).json()
    assert odd.pop("simulatedNovelty")
    assert all(one.pop("simulatedNovelty") for one in odd["feed"])
    assert odd == good


def test_a_fault_lets_the_first_answers_through_when_told() -> None:
    asked = Asked()
    asked.fault(FEED, "server-error", skip=2, times=2, status=502)
    assert [feed(asked).status_code for _ in range(5)] == [200, 200, 502, 502, 200]


def test_a_fault_of_the_scenario_waits_for_its_time() -> None:
    asked = Asked(f"{SMALL}\nfaults: [{{at: +1h, route: {FEED}, kind: server-error, times: null}}]")
    assert feed(asked).status_code == 200
    asked.advance(3600)
    assert [feed(asked).status_code for _ in range(3)] == [503] * 3
    assert asked.ask("/simulator/faults", method="DELETE").json() == {"faults": []}
    assert feed(asked).status_code == 200


def test_a_fault_ends_at_its_time_whatever_is_left_of_it() -> None:
    asked = Asked()
    asked.fault(FEED, "server-error", times=None, at="+60s", until="+180s")
    statuses = []
    for _ in range(4):
        statuses.append(feed(asked).status_code)
        asked.advance(60)
    assert statuses == [200, 503, 503, 200]


def test_a_fault_that_is_none_is_refused() -> None:
    asked = Asked()
    answer = asked.ask("/simulator/faults", method="POST", json={"route": FEED, "kind": "gremlins"})
    assert answer.status_code == 422
    assert "kind" in answer.json()["error"]
    assert asked.read("/simulator/faults") == {"faults": []}
