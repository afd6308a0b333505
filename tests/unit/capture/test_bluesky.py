import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from muniment.capture.platforms import Source, capture
from muniment.errors import PagingError, PlatformUnavailableError, RateLimitedError
from muniment.records.agency import Platform
from muniment.records.names import SeriesId
from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.unit.capture.doubles import HOME, Handler, account, again, client_of, raw_reply

DID = "did:plc:city"
ROOT = f"at://{DID}/app.bsky.feed.post/root"
HIDDEN = "at://did:plc:rude/app.bsky.feed.post/hidden"
CITY = account(Platform.BLUESKY, directory=HOME)

Answer = bytes | httpx.Response | Callable[[httpx.Request], httpx.Response]


def post(
    uri: str = ROOT, *, author: str = DID, replies: int = 1, hidden: tuple[str, ...] = (), parent: str = ""
) -> dict:
    reply = {"reply": {"root": {"uri": parent}, "parent": {"uri": parent}}} if parent else {}
    gate = {"threadgate": {"record": {"hiddenReplies": list(hidden)}}} if hidden else {}
    return {"post": {"uri": uri, "author": {"did": author}, "record": reply, "replyCount": replies} | gate}


def platform(**changes: Answer) -> Handler:
    """A platform whose every method answers something; *changes* by the method's last word."""
    answers: dict[str, Answer] = {
        "getProfile": b'{"did": "%s"}' % DID.encode(),
        "getAuthorFeed": json.dumps({"feed": [post()]}).encode(),
        "getPostThread": b'{"thread": {}}',
        "getFollowers": b'{"followers": []}',
        "listRecords": b'{"records": []}',
        "getRepo": b"a repository",
        DID: json.dumps({"service": [{"type": "AtprotoPersonalDataServer", "serviceEndpoint": HOME}]}).encode(),
    } | changes

    def handler(request: httpx.Request) -> httpx.Response:
        answer = answers.get(request.url.path.rpartition("/")[2].rpartition(".")[2])
        if callable(answer):
            return answer(request)
        if isinstance(answer, httpx.Response):
            return again(answer)
        return raw_reply(body=answer) if answer is not None else raw_reply(501, b'{"error":"MethodNotImplemented"}')

    return handler


def found(handler: Handler, series: SeriesId) -> list[Page | Gap]:
    return list(capture(Source(account=CITY, drop=Path("none"), invented_people=True), series, client_of(handler)))


def gaps(items: list[Page | Gap]) -> list[tuple[str, str | None, GapReason]]:
    return [(str(item.purpose), item.subject, item.reason) for item in items if isinstance(item, Gap)]


@pytest.mark.parametrize("series", [OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS])
def test_a_profile_that_cannot_be_read_ends_the_capture_with_its_gap(series: SeriesId) -> None:
    items = found(platform(getProfile=b"<html>Welcome</html>"), series)

    assert isinstance(items[0], Page)
    assert gaps(items[1:]) == [(Purpose.ACCOUNT, None, GapReason.UNREADABLE)]


def test_a_feed_cut_in_half_is_kept_and_followed_by_its_gap() -> None:
    items = found(platform(getAuthorFeed=b'{"feed": [{"post": {"uri": "at'), OFFICIAL_POSTS)

    assert gaps(items) == [(Purpose.POSTS, None, GapReason.UNREADABLE)]


def test_a_list_of_followers_that_loops_is_an_error() -> None:
    looping = platform(getFollowers=lambda _: raw_reply(body=b'{"followers": [{}], "cursor": "again"}'))

    with pytest.raises(PagingError, match="found one that was fetched already"):
        found(looping, SUBSCRIBER_LISTS)


@pytest.mark.parametrize("cursor", [b"", b', "cursor": "more"', b', "cursor": null'])
def test_an_empty_page_is_the_end_cursor_or_not(cursor: bytes) -> None:
    items = found(platform(getFollowers=b'{"followers": []%s}' % cursor), SUBSCRIBER_LISTS)

    assert [str(item.purpose) for item in items] == [Purpose.ACCOUNT, Purpose.SUBSCRIBERS]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (raw_reply(400, b'{"error":"RepoNotFound"}'), GapReason.NOT_FOUND),
        (raw_reply(403), GapReason.FORBIDDEN),
        (raw_reply(500), GapReason.UNREACHABLE),
        (raw_reply(204), GapReason.UNREADABLE),
    ],
)
def test_a_repository_that_cannot_be_had_is_a_gap_and_the_posts_are_kept(
    answer: httpx.Response, reason: GapReason
) -> None:
    items = found(platform(getRepo=answer), OFFICIAL_POSTS)

    assert gaps(items) == [(Purpose.REPOSITORY, DID, reason)]
    assert any(isinstance(item, Page) and item.purpose == Purpose.POSTS for item in items)


@pytest.mark.parametrize("endpoint", ["http://pds.example", "https://127.0.0.1", "file:///etc/passwd"])
def test_a_host_in_the_identity_document_cannot_lead_into_the_agencys_network(endpoint: str) -> None:
    document = {"service": [{"type": "AtprotoPersonalDataServer", "serviceEndpoint": endpoint}]}

    items = found(platform(**{DID: json.dumps(document).encode()}), OFFICIAL_POSTS)

    assert gaps(items) == [(Purpose.REPOSITORY, DID, GapReason.REFUSED_ADDRESS)]


@pytest.mark.parametrize(
    "did",
    [
        "did:key:zQ3",
        "did:plc:../../secrets",
        "did:plc:",
        "did:web:127.0.0.1",
        "did:web:localhost%3A8080",
        "did:web:social.example.localhost",  # begins as the directory's own address does
        "did:web:a@127.0.0.1",
        "did:web:127.0.0.1%2Fadmin",
        "nobody",
    ],
)
def test_an_identity_whose_document_lies_where_we_do_not_go_is_a_gap(did: str) -> None:
    items = found(platform(getProfile=json.dumps({"did": did}).encode()), OFFICIAL_POSTS)

    assert gaps(items) == [(Purpose.DID_DOCUMENT, did, GapReason.REFUSED_ADDRESS)]


def test_a_rate_limit_is_never_a_gap() -> None:
    with pytest.raises(RateLimitedError):
        found(platform(getRepo=raw_reply(429)), OFFICIAL_POSTS)


def test_a_failing_feed_fails_the_capture() -> None:
    with pytest.raises(PlatformUnavailableError):
        found(platform(getAuthorFeed=raw_reply(500)), OFFICIAL_POSTS)


def test_a_post_deleted_between_feed_and_thread_is_a_gap() -> None:
    items = found(platform(getPostThread=raw_reply(400, b'{"error":"NotFound"}')), PUBLIC_COMMENTS)

    assert gaps(items) == [(Purpose.THREAD, ROOT, GapReason.NOT_FOUND)]


@pytest.mark.parametrize(
    ("item", "is_asked"),
    [
        (post(), True),
        (post(replies=0), False),
        (post(replies=0, hidden=(HIDDEN,)), True),
        (post(author="did:plc:other"), False),  # a repost
        (post(f"at://{DID}/app.bsky.feed.post/answer", parent=ROOT), False),  # in its root's thread
        (post(f"at://{DID}/app.bsky.feed.post/answer", parent="at://did:plc:other/app.bsky.feed.post/1"), True),
    ],
)
def test_a_thread_is_asked_for_where_replies_may_be_and_no_other_thread_has_them(item: dict, is_asked: bool) -> None:
    items = found(platform(getAuthorFeed=json.dumps({"feed": [item]}).encode()), PUBLIC_COMMENTS)

    threads = [page.subject for page in items if page.purpose == Purpose.THREAD]
    assert threads == ([item["post"]["uri"]] if is_asked else [])


GATED = json.dumps({"feed": [post(hidden=(HIDDEN,))]}).encode()
WITHOUT = b'{"thread": {"post": {"uri": "%s"}}}' % ROOT.encode()
WITH = b'{"thread": {"post": {"uri": "%s"}, "replies": [{"post": {"uri": "%s"}}]}}' % (ROOT.encode(), HIDDEN.encode())
OTHER = b'{"thread": [{"uri": "%s"}]}' % HIDDEN.encode()


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({"getPostThread": WITH}, []),
        ({"getPostThread": WITHOUT, "getPostThreadOtherV2": OTHER}, ["getPostThreadOtherV2"]),
        (
            {"getPostThread": WITHOUT, "getPostThreadOtherV2": b'{"thread": []}', "getPosts": b'{"posts": []}'},
            ["getPostThreadOtherV2", "getPosts"],
        ),
        ({"getPostThread": WITHOUT, "getPosts": b'{"posts": []}'}, ["getPosts"]),
        ({"getPostThread": b"<html>", "getPosts": b'{"posts": []}'}, ["getPosts"]),
        ({"getPostThread": raw_reply(404), "getPosts": b'{"posts": []}'}, ["getPosts"]),
    ],
)
def test_a_hidden_reply_is_asked_for_until_something_shows_it(answers: dict[str, Answer], asked: list[str]) -> None:
    items = found(platform(getAuthorFeed=GATED, **answers), PUBLIC_COMMENTS)

    pages = [item for item in items if isinstance(item, Page) and item.purpose == Purpose.HIDDEN_REPLIES]
    assert [page.url.partition("?")[0].rpartition(".")[2] for page in pages] == asked
    assert all(page.subject == ROOT for page in pages)


def test_a_hidden_reply_that_the_platform_no_longer_lists_is_asked_for_by_name() -> None:
    items = found(platform(getAuthorFeed=GATED, getPostThread=WITHOUT, getPosts=b'{"posts": []}'), PUBLIC_COMMENTS)

    hidden = [item for item in items if item.purpose == Purpose.HIDDEN_REPLIES]
    assert gaps(hidden) == [(Purpose.HIDDEN_REPLIES, ROOT, GapReason.NOT_FOUND)]
    assert [httpx.URL(page.url).params["uris"] for page in hidden if isinstance(page, Page)] == [HIDDEN]


@pytest.mark.parametrize("thread", [b"<html>", b'{"thread": {"post"'])
def test_a_thread_that_cannot_be_read_is_kept_and_followed_by_its_gap(thread: bytes) -> None:
    items = found(platform(getPostThread=thread), PUBLIC_COMMENTS)

    assert gaps(items) == [(Purpose.THREAD, ROOT, GapReason.UNREADABLE)]


def blocking(number: int) -> bytes:
    return json.dumps({"records": [{"value": {"subject": f"did:plc:b{index}"}} for index in range(number)]}).encode()


def test_who_is_blocked_is_a_gap_where_it_cannot_be_had() -> None:
    items = found(platform(listRecords=raw_reply(501)), PUBLIC_COMMENTS)

    assert gaps(items) == [(Purpose.HIDDEN_REPLIES, DID, GapReason.NOT_FOUND)]


def test_a_blocked_person_with_more_posts_than_are_looked_through_is_a_gap() -> None:
    def feed(request: httpx.Request) -> httpx.Response:
        number = 1 if request.url.params["actor"] == DID else 100
        return raw_reply(body=json.dumps({"feed": [post()] * number}).encode())

    items = found(platform(getAuthorFeed=feed, listRecords=blocking(1)), PUBLIC_COMMENTS)

    assert gaps(items) == [(Purpose.HIDDEN_REPLIES, "did:plc:b0", GapReason.NOT_OFFERED)]


def test_a_blocked_person_whose_account_is_closed_stops_no_other() -> None:
    def feed(request: httpx.Request) -> httpx.Response:
        if request.url.params["actor"] == "did:plc:b0":
            return raw_reply(400, b'{"error":"InvalidRequest","message":"Profile not found"}')
        reply = post("at://did:plc:b1/app.bsky.feed.post/1", author="did:plc:b1", parent=ROOT)
        return raw_reply(body=json.dumps({"feed": [post(), reply]}).encode())

    items = found(platform(getAuthorFeed=feed, listRecords=blocking(2), getPosts=b'{"posts": []}'), PUBLIC_COMMENTS)

    assert gaps(items) == [(Purpose.HIDDEN_REPLIES, "did:plc:b0", GapReason.UNREADABLE)]
    assert any(isinstance(item, Page) and item.purpose == Purpose.HIDDEN_REPLIES for item in items)


def test_of_a_blocked_persons_posts_only_those_to_the_account_are_asked_for() -> None:
    asked: list[str] = []

    def feed(request: httpx.Request) -> httpx.Response:
        if request.url.params["actor"] == DID:
            return raw_reply(body=json.dumps({"feed": [post()]}).encode())
        person = "did:plc:b0"
        others = "at://did:plc:other/app.bsky.feed.post/1"
        items = [
            post("at://did:plc:b0/app.bsky.feed.post/to-city", author=person, parent=ROOT),
            post("at://did:plc:b0/app.bsky.feed.post/to-another", author=person, parent=others),
            post("at://did:plc:b0/app.bsky.feed.post/alone", author=person),
        ]
        return raw_reply(body=json.dumps({"feed": items}).encode())

    def posts(request: httpx.Request) -> httpx.Response:
        asked.extend(request.url.params.get_list("uris"))
        return raw_reply(body=b'{"posts": []}')

    found(platform(getAuthorFeed=feed, getPosts=posts, listRecords=blocking(1)), PUBLIC_COMMENTS)

    assert asked == ["at://did:plc:b0/app.bsky.feed.post/to-city"]


def test_relationships_are_asked_for_thirty_people_at_a_time() -> None:
    sizes: list[int] = []

    def relationships(request: httpx.Request) -> httpx.Response:
        others = request.url.params.get_list("others")
        sizes.append(len(others))
        return raw_reply(body=json.dumps({"relationships": [{"did": did} for did in others]}).encode())

    items = found(platform(getRelationships=relationships, listRecords=blocking(61)), SUBSCRIBER_LISTS)

    assert sizes == [30, 30, 1]
    assert gaps(items) == []
