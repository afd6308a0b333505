"""Bluesky's routes: what they show, page and refuse."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from platform_simulator.times import iso
from tests.unit.platform_simulator.asking import CITY, START, Asked, demo


def thread(asked: Asked, uri: str, **query: int) -> dict:
    return asked.read("/xrpc/app.bsky.feed.getPostThread", uri=uri, **query)


def uri_of(asked: Asked, text: str) -> str:
    return next(one["post"]["uri"] for one in asked.feed()["feed"] if one["post"]["record"]["text"].startswith(text))


def test_pages_hold_every_post_once_and_newest_first() -> None:
    asked, seen, cursor = demo(), [], {}
    while True:
        page = asked.feed(limit=7, **cursor)
        seen += [one["post"] for one in page["feed"]]
        if "cursor" not in page:
            break
        cursor = {"cursor": page["cursor"]}
    truth = asked.truth()["accounts"]["bluesky-city"]["visible"]
    assert sorted(one["uri"] for one in seen) == sorted(truth["posts"] + truth["own_replies"])
    assert [one["indexedAt"] for one in seen] == sorted((one["indexedAt"] for one in seen), reverse=True)


def test_a_full_last_page_carries_a_cursor_to_an_empty_one() -> None:
    asked = Asked()
    page = asked.feed(limit=3)
    assert len(page["feed"]) == 3
    assert asked.feed(limit=3, cursor=page["cursor"]) == {"feed": []}


@pytest.mark.parametrize(
    ("path", "query", "status", "error"),
    [
        ("app.bsky.feed.getAuthorFeed", {"actor": CITY, "cursor": "x"}, 400, "InvalidRequest"),
        ("app.bsky.feed.getAuthorFeed", {"actor": CITY, "limit": 101}, 400, "InvalidRequest"),
        ("app.bsky.feed.getAuthorFeed", {"actor": CITY, "filter": "x"}, 400, "InvalidRequest"),
        ("app.bsky.feed.getAuthorFeed", {"actor": "nobody.example"}, 400, "InvalidRequest"),
        ("app.bsky.actor.getProfile", {}, 400, "InvalidRequest"),
        ("app.bsky.feed.getPostThread", {"uri": "at://did:plc:x/app.bsky.feed.post/y"}, 400, "NotFound"),
        ("com.atproto.identity.resolveHandle", {"handle": "nobody.example"}, 400, "InvalidRequest"),
        ("com.atproto.sync.getBlob", {"cid": "bafy"}, 400, "BlobNotFound"),
        ("app.bsky.feed.sendPost", {}, 404, "XRPCNotSupported"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_the_platform_s_words(
    path: str, query: dict, status: int, error: str
) -> None:
    answer = Asked().ask(f"/xrpc/{path}", params=query)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_hidden_reply_stays_in_the_thread_and_is_named_by_the_gate() -> None:
    asked = Asked()
    uri = uri_of(asked, "Hello")
    told = thread(asked, uri)
    replies = {one["post"]["record"]["text"]: one["post"]["uri"] for one in told["thread"]["replies"]}
    assert list(replies) == ["Hi", "no", "bah"]
    assert told["threadgate"]["record"]["hiddenReplies"] == [replies["Hi"]]
    (other,) = asked.read("/xrpc/app.bsky.unspecced.getPostThreadOtherV2", anchor=uri)["thread"]
    assert (other["uri"], other["depth"], other["value"]["hiddenByThreadgate"]) == (replies["Hi"], 1, True)


def test_the_replies_of_a_blocked_person_leave_the_thread_but_answer_to_their_name() -> None:
    asked = Asked()
    uri = uri_of(asked, "Hello")
    troll = thread(asked, uri)["thread"]["replies"][2]["post"]
    asked.advance(2 * 3600)
    assert [one["post"]["record"]["text"] for one in thread(asked, uri)["thread"]["replies"]] == ["Hi", "no"]
    assert asked.read("/xrpc/app.bsky.feed.getPosts", uris=troll["uri"])["posts"][0]["uri"] == troll["uri"]
    did = asked.read("/xrpc/app.bsky.actor.getProfile", actor=CITY)["did"]
    told = asked.read("/xrpc/app.bsky.graph.getRelationships", actor=did, others=troll["author"]["did"])
    (relation,) = told["relationships"]
    assert {"followedBy", "blocking"} <= relation.keys()
    blocks = asked.read("/xrpc/com.atproto.repo.listRecords", repo=did, collection="app.bsky.graph.block")
    assert [one["uri"] for one in blocks["records"]] == [relation["blocking"]]
    assert blocks["records"][0]["value"]["subject"] == troll["author"]["did"]
    asked.advance(2 * 3600)
    assert asked.read("/xrpc/app.bsky.feed.getPosts", uris=troll["uri"]) == {"posts": []}


def test_a_thread_ends_at_its_depth() -> None:
    asked = Asked()
    (first, *_) = thread(asked, uri_of(asked, "Hello"), depth=1)["thread"]["replies"]
    assert "replies" not in first
    assert thread(asked, uri_of(asked, "Hello"), depth=0)["thread"].keys() == {"post", "threadContext", "$type"}


def test_an_edit_changes_the_cid_and_not_the_address() -> None:
    asked = demo()
    before = {one["post"]["uri"]: one["post"] for one in asked.feed(limit=100)["feed"]}
    asked.advance(7200)
    after = {one["post"]["uri"]: one["post"] for one in asked.feed(limit=100)["feed"]}
    changed = [uri for uri in before.keys() & after.keys() if before[uri]["cid"] != after[uri]["cid"]]
    assert len(changed) == 1
    assert after[changed[0]]["record"]["text"].startswith("LIFTED: the boil notice")
    assert len(before.keys() - after.keys()) == 1 + 0  # the post on Second Street; the answer under it stays
    assert len(after.keys() - before.keys()) == 1


def test_a_reply_holds_on_to_what_it_answered() -> None:
    asked = Asked()
    own = next(one for one in asked.feed()["feed"] if "reply" in one)
    assert own["post"]["record"]["reply"]["parent"]["uri"] == own["reply"]["parent"]["uri"]
    assert own["reply"]["root"]["record"]["text"] == "Hello again"
    # The answer was written before the edit, so it names the version before.
    assert own["post"]["record"]["reply"]["root"]["cid"] != own["reply"]["root"]["cid"]


def test_every_follower_is_listed_once() -> None:
    asked, seen, cursor = demo(), [], {}
    while True:
        page = asked.read("/xrpc/app.bsky.graph.getFollowers", actor=CITY, limit=40, **cursor)
        seen += [one["did"] for one in page["followers"]]
        if not page.get("cursor"):
            break
        cursor = {"cursor": page["cursor"]}
    assert sorted(seen) == sorted(asked.truth()["accounts"]["bluesky-city"]["visible"]["followers"])
    assert asked.read("/xrpc/app.bsky.actor.getProfile", actor=CITY)["followersCount"] == len(seen) == 147


def test_facets_count_bytes() -> None:
    asked = Asked()
    asked.advance(0)
    posts = {one["post"]["record"]["text"]: one["post"]["record"] for one in demo().feed(limit=100)["feed"]}
    text = next(text for text in posts if text.startswith("Our street tree inventory"))
    cut = [text.encode()[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in posts[text]["facets"]]
    assert cut == ["https://claremont.example/trees", "#UrbanForest"]


def test_pictures_are_served_where_the_views_say_and_a_missing_one_is_not() -> None:
    asked = Asked()
    post = next(one["post"] for one in asked.feed()["feed"] if "embed" in one["post"])
    sun, lost = post["embed"]["images"]
    picture = asked.ask(urlsplit(sun["fullsize"]).path)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    cid, did = sun["fullsize"].rsplit("/", 1)[1], post["author"]["did"]
    blob = asked.ask("/xrpc/com.atproto.sync.getBlob", params={"did": did, "cid": cid})
    assert blob.content == picture.content
    assert len(blob.content) == post["record"]["embed"]["images"][0]["image"]["size"]
    assert asked.ask(urlsplit(lost["fullsize"]).path).status_code == 404


def test_a_post_appears_at_its_time() -> None:
    asked = Asked()
    asked.advance(3599)
    assert "Three" not in [one["post"]["record"]["text"] for one in asked.feed()["feed"]]
    asked.advance(1)
    newest = asked.feed()["feed"][0]["post"]
    assert (newest["record"]["text"], newest["indexedAt"]) == ("Three", iso(START + timedelta(hours=1)))


def test_the_profile_says_that_it_is_a_simulator() -> None:
    answer = Asked().ask("/xrpc/app.bsky.actor.getProfile", params={"actor": CITY})
    assert "simulator" in answer.json()["description"]
    assert answer.headers["x-platform-simulator"] == "muniment"
