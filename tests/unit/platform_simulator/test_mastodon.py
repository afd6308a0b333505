"""Mastodon's routes: what they show, page and refuse."""

import re
from urllib.parse import urlsplit

import pytest

from platform_simulator.mastodon_shapes import content_html
from tests.unit.platform_simulator.asking import Asked, demo


def walk(asked: Asked, path: str) -> list[dict]:
    """Follow the Link header to its end, as a client does."""
    found: list[dict] = []
    while path:
        answer = asked.ask(path)
        found += answer.json()
        link = re.search(r'<([^>]*)>; rel="next"', answer.headers.get("link", ""))
        path = f"{urlsplit(link[1]).path}?{urlsplit(link[1]).query}" if link else ""
    return found


def test_statuses_are_listed_once_newest_first() -> None:
    asked = demo()
    listed = [one["id"] for one in walk(asked, f"/api/v1/accounts/{asked.mastodon_id()}/statuses?limit=10")]
    truth = asked.truth()["accounts"]["mastodon-city"]["visible"]
    assert sorted(listed) == sorted(truth["posts"] + truth["own_replies"])
    assert listed == sorted(listed, key=int, reverse=True)


def test_a_page_holds_at_most_forty_statuses_and_eighty_followers() -> None:
    asked = demo()
    number = asked.mastodon_id()
    assert len(asked.read(f"/api/v1/accounts/{number}/statuses", limit=1000)) == 40
    assert len(asked.read(f"/api/v1/accounts/{number}/statuses")) == 20
    assert len(asked.read(f"/api/v1/accounts/{number}/followers", limit=1000)) == 80


def test_followers_are_listed_once() -> None:
    asked = demo()
    number = asked.mastodon_id()
    listed = [one["id"] for one in walk(asked, f"/api/v1/accounts/{number}/followers?limit=80")]
    assert sorted(listed) == sorted(asked.truth()["accounts"]["mastodon-city"]["visible"]["followers"])
    assert asked.read(f"/api/v1/accounts/{number}")["followers_count"] == len(listed) == 149


def test_the_contexts_of_all_posts_hold_all_replies() -> None:
    asked = demo()
    truth = asked.truth()["accounts"]["mastodon-city"]["visible"]
    found = [
        one["id"] for post in truth["posts"] for one in asked.read(f"/api/v1/statuses/{post}/context")["descendants"]
    ]
    assert sorted(found) == sorted(truth["replies"])


def test_without_a_token_a_context_ends_at_sixty_replies() -> None:
    many = ", ".join(f"{{by: ana, after: {index + 1}m, text: r{index}}}" for index in range(70))
    asked = Asked(
        "scenario: 1\nname: x\nseed: x\npeople: {ana: {name: Ana}}\n"
        "accounts: {m: {platform: mastodon, handle: cityhall, name: C, description: d, created: -90d}}\n"
        f"posts: [{{id: p, at: -2d, text: x, replies: [{many}]}}]"
    )
    (post,) = asked.truth()["accounts"]["m"]["visible"]["posts"]
    path = f"/api/v1/statuses/{post}/context"
    assert len(asked.read(path)["descendants"]) == 60
    trusted = asked.ask(path, headers={"Authorization": "Bearer sim-read"})
    assert len(trusted.json()["descendants"]) == 70
    assert asked.read(f"/api/v1/statuses/{post}")["replies_count"] == 70


def test_the_history_tells_every_version_oldest_first() -> None:
    asked = demo()
    (edited,) = asked.truth()["accounts"]["mastodon-city"]["visible"]["edited"]
    versions = asked.read(f"/api/v1/statuses/{edited}/history")
    assert ["5 to 0" in one["content"] for one in versions] == [True, False, False]
    assert versions[2]["content"].startswith("<p>Corrected:")
    status = asked.read(f"/api/v1/statuses/{edited}")
    assert status["edited_at"] == versions[2]["created_at"] > status["created_at"] == versions[0]["created_at"]


def test_what_is_deleted_is_not_found_and_its_replies_lose_their_parent() -> None:
    asked = demo()
    before = asked.truth()["accounts"]["mastodon-city"]["visible"]
    asked.advance(7200)
    after = asked.truth()["accounts"]["mastodon-city"]["visible"]
    (gone,) = set(before["posts"]) - set(after["posts"])
    answer = asked.ask(f"/api/v1/statuses/{gone}")
    assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})
    assert set(before["replies"]) - set(after["replies"])
    assert set(after["replies"]) - set(before["replies"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/accounts/lookup?acct=nobody", 404),
        ("/api/v1/accounts/1", 404),
        ("/api/v1/accounts/1/statuses", 404),
        ("/api/v1/accounts/1/followers", 404),
        ("/api/v1/statuses/1/context", 404),
        ("/api/v1/statuses/1/history", 404),
        ("/api/v1/apps/verify_credentials", 401),
        ("/api/v1/nothing", 404),
    ],
)
def test_what_is_not_there_is_refused(path: str, status: int) -> None:
    answer = Asked().ask(path)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_number_that_is_none_is_refused() -> None:
    asked = Asked()
    assert asked.ask(f"/api/v1/accounts/{asked.mastodon_id()}/statuses?max_id=x").status_code == 400


def test_a_token_tells_its_scopes() -> None:
    asked = Asked()
    for token, scopes in (("sim-read-write", ["read", "write"]), ("anything", ["read"])):
        answer = asked.ask("/api/v1/apps/verify_credentials", headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["scopes"] == scopes


def test_every_answer_tells_the_rate_limit() -> None:
    headers = Asked().ask("/api/v1/accounts/lookup?acct=cityhall").headers
    assert headers["x-ratelimit-limit"] == "300"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", headers["x-ratelimit-reset"])


def test_the_instance_says_that_it_is_a_simulator() -> None:
    instance = Asked().read("/api/v2/instance")
    assert "simulator" in instance["title"]
    assert "invented" in instance["description"]


def test_text_becomes_the_platform_s_html() -> None:
    assert content_html("http://x", "a & 'b'\nc\n\nd #Tag") == (
        "<p>a &amp; &#39;b&#39;<br />c</p><p>d "
        '<a href="http://x/tags/tag" class="mention hashtag" rel="tag">#<span>Tag</span></a></p>'
    )
    link = content_html("http://x", "see https://claremont.example/a-very-long-path/to/somewhere.")
    assert 'href="https://claremont.example/a-very-long-path/to/somewhere"' in link
    assert '<span class="ellipsis">claremont.example/a-very-long-</span>' in link
