"""Asking for items by name: what is asked of whom, what is kept, and what stops nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
import pytest

from muniment.capture.polite_client import PoliteClient
from muniment.capture.probes import probe, prober_for
from muniment.capture.probes_asking import HOST_LIMITS
from muniment.errors import ConfigurationError, RateLimitedError
from muniment.parsing.probe_answers import read_answers
from muniment.records.agency import Platform
from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.records.probes import Answer, Question, Standing, Told
from tests.unit.capture.doubles import account

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
API, PDS = "http://127.0.0.1:1", "http://127.0.0.1:2"
ANA, BEN = "did:plc:ana", "did:plc:ben"
CITY = "did:plc:city"
Respond = Callable[[httpx.Request], httpx.Response]


def post(did: str, key: str) -> str:
    return f"at://{did}/app.bsky.feed.post/{key}"


def error(name: str, status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"error": name, "message": "no"})


class Network:
    """A network in memory: what the view shows, what the hosts have, how accounts stand."""

    def __init__(self) -> None:
        self.shown: set[str] = set()
        self.records: dict[str, httpx.Response] = {}
        self.status: dict[str, httpx.Response] = {}
        self.blocks: list[str] = []
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name, query = request.url.path.rsplit("/", 1)[-1], parse_qs(request.url.query.decode())
        self.asked.append(name)
        if name.startswith("did:plc:"):
            service = {"type": "AtprotoPersonalDataServer", "serviceEndpoint": PDS}
            return httpx.Response(200, json={"id": name, "service": [service]})
        match name:
            case "app.bsky.feed.getPosts":
                posts = [{"uri": uri, "author": {"did": uri.split("/")[2]}} for uri in query["uris"]]
                return httpx.Response(200, json={"posts": [one for one in posts if one["uri"] in self.shown]})
            case "app.bsky.actor.getProfile":
                return httpx.Response(200, json={"did": CITY})
            case "com.atproto.repo.getRecord":
                return self.records[f"at://{query['repo'][0]}/{query['collection'][0]}/{query['rkey'][0]}"]
            case "com.atproto.sync.getRepoStatus":
                return self.status[query["did"][0]]
            case "com.atproto.repo.listRecords":
                return httpx.Response(200, json={"records": [{"value": {"subject": who}} for who in self.blocks]})
        raise AssertionError(name)


def afresh(answer: httpx.Response) -> httpx.Response:
    """The same answer with a body that can be streamed once more."""
    return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


def ask(
    respond: Respond, *questions: Question, platform: Platform = Platform.BLUESKY
) -> tuple[list[Page | Gap], dict[str, Answer]]:
    def client(**more: object) -> PoliteClient:
        return PoliteClient(
            agent="Muniment/0",
            clock=lambda: NOW,
            sleep=lambda _: None,
            transport=httpx.MockTransport(lambda request: afresh(respond(request))),
            **more,  # type: ignore[arg-type]
        )

    one = account(platform, api=API, directory=API)
    found = list(probe(one, questions, platform=client(), hosts=client(limits=HOST_LIMITS)))
    authors = {question.item_id: question.author_id for question in questions if question.author_id}
    return found, read_answers(found, platform, authors)


def test_a_platform_that_nothing_asks_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="expected a platform that can be asked for an item, found newsletter"):
        prober_for(Platform.NEWSLETTER)


def test_the_view_is_asked_for_twenty_five_at_a_time_and_hosts_only_for_what_it_lacks() -> None:
    network = Network()
    uris = [post(ANA, f"k{number}") for number in range(26)]
    network.shown = set(uris[1:])
    network.records[uris[0]] = httpx.Response(200, json={"uri": uris[0], "value": {}})
    found, answers = ask(network, *(Question(uri) for uri in uris))
    assert network.asked == [
        "app.bsky.feed.getPosts",
        "app.bsky.feed.getPosts",
        ANA,
        "com.atproto.repo.getRecord",
        "app.bsky.actor.getProfile",
        CITY,
        "com.atproto.repo.listRecords",
    ]
    assert [one.sequence for one in found if isinstance(one, Page)] == list(range(7))
    assert (answers[uris[0]].view, answers[uris[0]].host) == (Told.NOT_THERE, Told.THERE)
    assert {answers[uri].view for uri in uris[1:]} == {Told.THERE}


def test_an_error_that_says_that_a_record_is_not_there_is_kept_as_the_evidence() -> None:
    network, uri = Network(), post(ANA, "a")
    network.records[uri] = error("RecordNotFound")
    found, answers = ask(network, Question(uri))
    (page,) = [one for one in found if isinstance(one, Page) and one.purpose is Purpose.PROBE_HOST]
    assert (page.status, json.loads(page.body)["error"], page.subject) == (400, "RecordNotFound", uri)
    assert (answers[uri].host, answers[uri].author, answers[uri].page) == (Told.NOT_THERE, None, page.sequence)


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        (error("RepoNotFound"), Standing.GONE),
        (httpx.Response(200, json={"active": False, "status": "deactivated"}), Standing.DEACTIVATED),
        (httpx.Response(200, json={"active": False, "status": "takendown"}), Standing.TAKEN_DOWN),
        (httpx.Response(200, json={"active": False, "status": "suspended"}), Standing.TAKEN_DOWN),
        (httpx.Response(200, json={"active": True}), Standing.ACTIVE),
        (httpx.Response(200, json={"active": False, "status": "throttled"}), None),
        (httpx.Response(200, text="<html>"), None),
        (error("InternalServerError", 400), None),
    ],
)
def test_where_the_host_has_no_such_repository_it_is_asked_for_the_account(
    status: httpx.Response, standing: Standing | None
) -> None:
    network, uri = Network(), post(ANA, "a")
    network.records[uri], network.status[ANA] = error("InvalidRequest"), status
    _, answers = ask(network, Question(uri))
    assert (answers[uri].view, answers[uri].host, answers[uri].author) == (Told.NOT_THERE, None, standing)


def test_a_host_that_fails_is_a_gap_and_is_asked_twice_at_most() -> None:
    network = Network()
    uris = [post(ANA, key) for key in "abcd"] + [post(BEN, "e")]
    network.records |= dict.fromkeys(uris, httpx.Response(500))
    found, answers = ask(network, *map(Question, uris))
    assert network.asked.count("com.atproto.repo.getRecord") == 2  # both authors live there
    gaps = [one for one in found if isinstance(one, Gap)]
    assert {one.reason for one in gaps} == {GapReason.UNREACHABLE}
    assert {answer.host for answer in answers.values()} == {None}


def test_a_host_that_asks_us_to_wait_is_not_waited_for_and_the_platform_is() -> None:
    network, uri = Network(), post(ANA, "a")
    network.records[uri] = httpx.Response(429, headers={"Retry-After": "3600"})
    found, answers = ask(network, Question(uri))
    assert [one.purpose for one in found if isinstance(one, Gap)] == [Purpose.PROBE_HOST]
    assert answers[uri].host is None
    with pytest.raises(RateLimitedError):
        ask(lambda _: httpx.Response(429, headers={"Retry-After": "3600"}), Question(uri))


def test_a_view_that_fails_leaves_a_gap_for_each_item_and_no_answer() -> None:
    uris = [post(ANA, "a"), post(ANA, "b")]
    found, answers = ask(lambda _: httpx.Response(503), *map(Question, uris))
    assert [(one.purpose, one.subject) for one in found if isinstance(one, Gap)] == [(Purpose.PROBE, u) for u in uris]
    assert {name: answer.view for name, answer in answers.items()} == dict.fromkeys(uris)


def test_a_blocked_author_is_known_by_the_accounts_own_records() -> None:
    network, uris = Network(), [post(ANA, "a"), post(BEN, "b")]
    network.shown, network.blocks = set(uris), [BEN]
    _, answers = ask(network, *map(Question, uris))
    assert [answers[uri].is_blocked for uri in uris] == [False, True]


def test_of_a_repost_only_its_host_is_asked() -> None:
    network, uri = Network(), f"at://{CITY}/app.bsky.feed.repost/r"
    network.records[uri] = error("RecordNotFound")
    _, answers = ask(network, Question(uri))
    assert "app.bsky.feed.getPosts" not in network.asked
    assert (answers[uri].view, answers[uri].host) == (Told.NOT_THERE, Told.NOT_THERE)


@pytest.mark.parametrize(
    ("status", "author", "told"),
    [
        (httpx.Response(404, json={"error": "Record not found"}), httpx.Response(404), (Told.NOT_THERE, Standing.GONE)),
        (httpx.Response(410), httpx.Response(410), (Told.NOT_THERE, Standing.GONE)),
        (httpx.Response(404), httpx.Response(200, json={"suspended": True}), (Told.NOT_THERE, Standing.TAKEN_DOWN)),
        (httpx.Response(404), httpx.Response(200, json={"id": "7"}), (Told.NOT_THERE, Standing.ACTIVE)),
        (httpx.Response(403), None, (Told.REFUSED, None)),
        (httpx.Response(401), None, (Told.REFUSED, None)),
        (httpx.Response(200, json={"id": "5", "account": {"id": "7"}}), None, (Told.THERE, None)),
        (httpx.Response(200, text="<html>"), None, (None, None)),
        (httpx.Response(500), None, (None, None)),
    ],
)
def test_mastodon_tells_of_a_status_and_of_the_account_where_it_is_not_there(
    status: httpx.Response, author: httpx.Response | None, told: tuple[Told | None, Standing | None]
) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/accounts/7":
            assert author is not None
            return author
        assert request.url.path == "/api/v1/statuses/5"
        return status

    _, answers = ask(respond, Question("5", "7"), platform=Platform.MASTODON)
    assert (answers["5"].view, answers["5"].author) == told


def test_an_id_that_is_none_of_the_platforms_is_never_put_into_an_address() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    assert ask(respond, Question("5/../../admin", "7"), platform=Platform.MASTODON) == ([], {})
    assert ask(respond, Question("at://did:plc:a/b?c/d e", None)) == ([], {})
