"""What each host answers for an item that vanished: the same as on the real network."""

import pytest

from tests.unit.platform_simulator.asking import Asked

SCENARIO = """
scenario: 1
name: vanishing
seed: v
people:
  ana: {name: Ana}
  gone: {name: Gone, deleted: +1h}
  away: {name: Away, closed: +1h, reopened: +3h}
  banned: {name: Banned, suspended: +1h}
  troll: {name: Troll}
accounts:
  b:
    platform: bluesky
    handle: city.claremont.example
    name: City
    description: A city.
    created: -900d
    blocks: [{who: troll, since: +1h, until: +3h}]
  m: {platform: mastodon, handle: cityhall, name: City, description: A city., created: -900d}
posts:
  - id: one
    at: -2d
    text: Hello
    replies:
      - {by: ana, after: 1h, text: deleted, deleted: +1h}
      - {by: ana, after: 2h, text: taken down, taken_down: +1h}
      - {by: ana, after: 3h, text: withdrawn, withdrawn: +1h}
      - {by: gone, after: 4h, text: account deleted}
      - {by: away, after: 5h, text: account deactivated}
      - {by: banned, after: 6h, text: account suspended}
      - {by: troll, after: 7h, text: account blocked}
      - {by: ana, after: 8h, text: hidden, hidden: +1h}
"""


def _listed(asked: Asked) -> dict[str, str]:
    root = asked.feed()["feed"][0]["post"]["uri"]
    thread = asked.read("/xrpc/app.bsky.feed.getPostThread", uri=root)["thread"]
    return {reply["post"]["record"]["text"]: reply["post"]["uri"] for reply in thread["replies"]}


def _told(asked: Asked, uri: str) -> tuple[bool, int, str]:
    """Whether the view has it, and what its author's own host says of it."""
    repo, collection, rkey = uri.removeprefix("at://").split("/")
    query = {"repo": repo, "collection": collection, "rkey": rkey}
    answer = asked.ask("/xrpc/com.atproto.repo.getRecord", params=query)
    shown = asked.read("/xrpc/app.bsky.feed.getPosts", uris=uri)["posts"]
    return bool(shown), answer.status_code, answer.json().get("error", "")


@pytest.mark.parametrize(
    ("what", "told", "listed"),
    [
        ("deleted", (False, 400, "RecordNotFound"), False),
        ("taken down", (False, 200, ""), False),
        ("withdrawn", (True, 400, "RecordNotFound"), True),
        ("account deleted", (False, 400, "InvalidRequest"), False),
        ("account deactivated", (False, 400, "InvalidRequest"), False),
        ("account suspended", (False, 400, "InvalidRequest"), False),
        ("account blocked", (True, 200, ""), False),
        ("hidden", (True, 200, ""), True),
    ],
)
def test_the_two_hosts_of_bluesky_tell_one_vanishing_from_another(
    what: str, told: tuple[bool, int, str], listed: bool
) -> None:
    asked = Asked(SCENARIO)
    before = _listed(asked)
    assert len(before) == 8
    assert _told(asked, before[what]) == (True, 200, "")
    asked.advance(2 * 3600)
    assert (_told(asked, before[what]), what in _listed(asked)) == (told, listed)


@pytest.mark.parametrize(
    ("what", "status"),
    [("account deleted", None), ("account deactivated", "deactivated"), ("account suspended", "takendown")],
)
def test_the_host_says_how_an_account_stands(what: str, status: str | None) -> None:
    asked = Asked(SCENARIO)
    did = _listed(asked)[what].split("/")[2]
    assert asked.read("/xrpc/com.atproto.sync.getRepoStatus", did=did)["active"] is True
    asked.advance(2 * 3600)
    answer = asked.ask("/xrpc/com.atproto.sync.getRepoStatus", params={"did": did})
    assert (answer.status_code, answer.json().get("status")) == ((400, None) if status is None else (200, status))
    assert asked.read(f"/{did}")["id"] == did


def test_who_comes_back_or_is_no_longer_blocked_is_heard_again() -> None:
    asked = Asked(SCENARIO)
    asked.advance(4 * 3600)
    assert {"account deactivated", "account blocked"} <= set(_listed(asked))


def test_mastodon_says_that_an_account_is_suspended() -> None:
    asked = Asked(SCENARIO)
    statuses = asked.read(f"/api/v1/accounts/{asked.mastodon_id()}/statuses")
    replies = asked.read(f"/api/v1/statuses/{statuses[0]['id']}/context")["descendants"]
    by = {reply["account"]["username"]: reply for reply in replies}
    asked.advance(2 * 3600)
    for name, found in (("banned", (404, 200, True)), ("gone", (404, 404, None)), ("troll", (200, 200, None))):
        status = asked.ask(f"/api/v1/statuses/{by[name]['id']}")
        account = asked.ask(f"/api/v1/accounts/{by[name]['account']['id']}")
        assert (status.status_code, account.status_code, account.json().get("suspended")) == found


def test_the_truth_names_each_act() -> None:
    asked = Asked(SCENARIO)
    asked.advance(4 * 3600)
    acts = {event["what"] for event in asked.truth()["events"]}
    assert acts >= {
        "reply deleted",
        "reply taken down",
        "reply withdrawn",
        "reply hidden",
        "person blocked",
        "person unblocked",
        "account closed",
        "account reopened",
        "account deleted",
        "account suspended",
    }
