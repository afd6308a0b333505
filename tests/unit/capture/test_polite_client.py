import gzip
from datetime import timedelta

import httpx
import pytest

from muniment.capture.addresses import AddressRefusedError
from muniment.capture.exchange import Limits
from muniment.capture.polite_client import Credentials, PoliteClient, agent_of
from muniment.errors import (
    CaptureError,
    MalformedReplyError,
    NotFoundError,
    PageTooLargeError,
    PlatformUnavailableError,
    RateLimitedError,
    TokenRefusedError,
    TooSlowError,
    TruncatedReplyError,
)
from muniment.records.page import Page, Purpose
from tests.unit.capture.doubles import HOME, START, FakeTime, answering, client_of, raw_reply

URL = f"{HOME}/api/posts"


def fetch(client: PoliteClient, url: str = URL, query: dict[str, str] | None = None) -> Page:
    return client.fetch(url, query, purpose=Purpose.POSTS)


@pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 307, 400, 409, 418])
def test_anything_but_200_is_an_error_never_an_empty_page(status: int) -> None:
    client = client_of(answering(raw_reply(status, b"", [("Location", "https://elsewhere.example/")])))

    with pytest.raises(MalformedReplyError, match=f"expected 200, the platform answered {status}"):
        fetch(client)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_told_from_a_failure(status: int) -> None:
    with pytest.raises(TokenRefusedError, match=f"answered {status}"):
        fetch(client_of(answering(raw_reply(status))))


@pytest.mark.parametrize("name", ["ExpiredToken", "InvalidToken"])
def test_a_token_refused_by_name_is_a_refused_token(name: str) -> None:
    answer = raw_reply(400, b'{"error":"%s","message":"Token has expired"}' % name.encode())

    with pytest.raises(TokenRefusedError, match=f"answered 400 {name}"):
        fetch(client_of(answering(answer)))


@pytest.mark.parametrize("answer", [(404, b""), (410, b""), (501, b""), (400, b'{"error":"RepoNotFound"}')])
def test_a_missing_thing_is_told_from_a_failure(answer: tuple[int, bytes]) -> None:
    with pytest.raises(NotFoundError, match=f"answered {answer[0]}"):
        fetch(client_of(answering(raw_reply(*answer))))


def test_the_platforms_words_about_a_person_stay_out_of_the_message() -> None:
    answer = raw_reply(400, b'{"error":"jane@city.example is unknown","message":"jane@city.example"}')

    with pytest.raises(MalformedReplyError) as caught:
        fetch(client_of(answering(answer)))

    assert "jane" not in str(caught.value)


def test_a_200_without_a_body_is_no_page() -> None:
    with pytest.raises(MalformedReplyError, match="expected a body, the platform answered 200 with none"):
        fetch(client_of(answering(raw_reply(body=b""))))


@pytest.mark.parametrize("announced", ["3", "5"])
def test_a_body_of_another_size_than_announced_is_no_page(announced: str) -> None:
    answers = [raw_reply(body=b"four", headers=[("Content-Length", announced)]) for _ in range(3)]

    with pytest.raises(TruncatedReplyError, match=f"expected {announced} bytes as announced, found 4"):
        fetch(client_of(answering(*answers)))


def test_a_size_that_is_no_number_is_no_page() -> None:
    with pytest.raises(MalformedReplyError, match="expected a number as Content-Length"):
        fetch(client_of(answering(raw_reply(body=b"four", headers=[("Content-Length", "many")]))))


@pytest.mark.parametrize(
    ("headers", "found"), [([], "found more"), ([("Content-Length", "11")], "11 are announced")], ids=["came", "said"]
)
def test_a_page_over_the_size_limit_is_refused(headers: list[tuple[str, str]], found: str) -> None:
    client = client_of(answering(raw_reply(body=b"x" * 11, headers=headers)), limits=Limits(page_bytes=10))

    with pytest.raises(PageTooLargeError, match=f"expected at most 10 bytes, {found}"):
        fetch(client)


def test_a_page_of_just_the_size_limit_is_taken() -> None:
    client = client_of(answering(raw_reply(body=b"x" * 10)), limits=Limits(page_bytes=10))

    assert fetch(client).body == b"x" * 10


class Drip(httpx.SyncByteStream):
    """A byte every ten seconds."""

    def __init__(self, time: FakeTime) -> None:
        self.time = time

    def __iter__(self):
        while True:
            self.time.sleep(10)
            yield b" "


def test_an_answer_that_drips_past_the_time_limit_is_given_up_at_once() -> None:
    time = FakeTime()
    client = client_of(answering(httpx.Response(200, stream=Drip(time))), time=time, limits=Limits(total_s=60))

    with pytest.raises(TooSlowError, match="within its time limit"):
        fetch(client)

    assert sum(time.slept) == 70


def test_a_page_comes_back_byte_for_byte_even_when_the_server_encodes_unasked() -> None:
    body = gzip.compress(b'{"id": 1}')
    client = client_of(answering(raw_reply(body=body, headers=[("Content-Encoding", "gzip")])))

    page = fetch(client)

    assert page.body == body
    assert page.header("content-encoding") == "gzip"
    assert ("Accept-Encoding", "identity") in page.request_headers


def test_pages_are_numbered_from_0_and_a_look_is_none_of_them() -> None:
    client = client_of(answering(*(raw_reply() for _ in range(3))))

    assert fetch(client).sequence == 0
    assert client.look(URL, purpose=Purpose.POSTS).sequence == -1
    assert fetch(client).sequence == 1


def test_a_page_says_when_it_was_asked_for_and_when_it_came() -> None:
    time = FakeTime()

    def slow(_: httpx.Request) -> httpx.Response:
        time.sleep(2)
        return raw_reply()

    page = fetch(client_of(slow, time=time))

    assert page.requested_at == START
    assert page.received_at == START + timedelta(seconds=2)


def test_every_request_says_who_asks() -> None:
    assert agent_of("1.2", "https://city.example/records") == "Muniment/1.2 (+https://city.example/records)"
    page = fetch(client_of(answering(raw_reply())))

    assert ("User-Agent", "Muniment/0 (+https://city.example)") in page.request_headers


def test_a_token_is_sent_and_kept_only_as_a_trace() -> None:
    sent: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("authorization"))
        return raw_reply()

    page = fetch(client_of(handler, credentials=Credentials(HOME, "s3cret")))

    assert sent == ["Bearer s3cret"]
    assert "s3cret" not in repr(page)
    kept = dict(page.request_headers)["Authorization"]
    assert kept.startswith("removed, sha256:")
    assert len(kept) == len("removed, sha256:") + 8


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/api", "https://social.example:8443/api", "http://127.0.0.1/api"]
)
def test_no_other_host_port_or_scheme_gets_the_token(url: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        return raw_reply()

    fetch(client_of(handler, credentials=Credentials(HOME, "s3cret")), url)


def test_a_token_is_never_printed() -> None:
    assert "s3cret" not in repr(Credentials(HOME, "s3cret"))


def test_a_token_for_an_address_without_encryption_is_refused() -> None:
    with pytest.raises(AddressRefusedError, match="expected https"):
        client_of(answering(), credentials=Credentials("http://social.example", "s3cret"))


def test_a_secret_in_an_address_is_kept_and_reported_only_as_a_trace() -> None:
    url = f"{URL}?access_token=s3cret&page=2"
    page = fetch(client_of(answering(raw_reply())), url)
    with pytest.raises(MalformedReplyError) as caught:
        fetch(client_of(answering(raw_reply(418))), url)

    assert "s3cret" not in page.url + str(caught.value)
    assert "page=2" in page.url


@pytest.mark.parametrize(
    "url", ["http://social.example/", "ftp://social.example/", "https://user@social.example/", "x"]
)
def test_an_address_that_is_not_encrypted_or_not_plain_is_never_asked(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        fetch(client_of(answering()), url)


@pytest.mark.parametrize("failure", [raw_reply(500), raw_reply(503), httpx.ReadTimeout("x"), httpx.ConnectError("x")])
def test_a_failure_is_tried_again_with_growing_pauses_and_then_reported(failure: httpx.Response | Exception) -> None:
    time = FakeTime()

    with pytest.raises(PlatformUnavailableError):
        fetch(client_of(answering(failure, failure, failure), time=time))

    assert time.slept == [1, 2]


def test_a_failure_that_passes_leaves_no_trace_but_time() -> None:
    page = fetch(client_of(answering(raw_reply(502), httpx.ConnectError("x"), raw_reply(body=b"[]"))))

    assert (page.sequence, page.body) == (0, b"[]")


def test_bytes_of_a_broken_attempt_do_not_enter_the_page() -> None:
    broken = raw_reply(body=b"half", headers=[("Content-Length", "8")])

    assert fetch(client_of(answering(broken, raw_reply(body=b"whole")))).body == b"whole"


def test_a_platform_that_asks_to_wait_long_is_obeyed_by_giving_up_until_then() -> None:
    time = FakeTime()

    with pytest.raises(RateLimitedError) as caught:
        fetch(client_of(answering(raw_reply(429, headers=[("Retry-After", "3600")])), time=time))

    assert caught.value.reset_at == START + timedelta(hours=1)
    assert time.slept == []


def test_a_platform_that_asks_to_wait_a_little_is_waited_for() -> None:
    time = FakeTime()
    answers = answering(raw_reply(429, headers=[("Retry-After", "30")]), raw_reply(body=b"[]"))

    assert fetch(client_of(answers, time=time)).body == b"[]"
    assert time.slept == [31]


def test_a_platform_that_asks_to_wait_without_saying_how_long_is_not_asked_again() -> None:
    with pytest.raises(RateLimitedError) as caught:
        fetch(client_of(answering(raw_reply(429))))

    assert caught.value.reset_at is None


def test_waiting_again_and_again_ends() -> None:
    answers = [raw_reply(429, headers=[("Retry-After", "1")]) for _ in range(3)]

    with pytest.raises(RateLimitedError):
        fetch(client_of(answering(*answers)))


MASTODON = [("X-RateLimit-Limit", "300"), ("X-RateLimit-Remaining", "0")]
BLUESKY = [("ratelimit-limit", "3000"), ("ratelimit-remaining", "0"), ("ratelimit-policy", "3000;w=300")]


@pytest.mark.parametrize(
    "headers",
    [
        [*MASTODON, ("X-RateLimit-Reset", "2026-11-21T12:01:00.000000Z")],
        [*BLUESKY, ("ratelimit-reset", str(int((START + timedelta(seconds=60)).timestamp())))],
    ],
    ids=["mastodon", "bluesky"],
)
def test_a_used_up_budget_is_waited_for_before_the_platform_has_to_refuse(headers: list[tuple[str, str]]) -> None:
    time = FakeTime()
    client = client_of(answering(raw_reply(headers=headers), raw_reply()), time=time)

    fetch(client)
    fetch(client)

    assert time.slept == [61]


def test_a_used_up_budget_that_is_renewed_late_stops_the_capture_until_then() -> None:
    client = client_of(answering(raw_reply(headers=[*MASTODON, ("X-RateLimit-Reset", "2026-11-21T13:00:00Z")])))
    fetch(client)

    with pytest.raises(RateLimitedError, match="found it used up") as caught:
        fetch(client)

    assert caught.value.reset_at == START + timedelta(hours=1)


def test_the_budget_of_one_host_holds_back_no_other() -> None:
    time = FakeTime()
    first = raw_reply(headers=[*MASTODON, ("X-RateLimit-Reset", "2026-11-21T12:01:00Z")])
    client = client_of(answering(first, raw_reply()), time=time)

    fetch(client)
    fetch(client, "https://elsewhere.example/")

    assert time.slept == []


def test_every_refusal_is_a_capture_error() -> None:
    for status in range(100, 600):
        if status == 200:
            continue
        handler = answering(*(raw_reply(status) for _ in range(3)))
        with pytest.raises(CaptureError):
            fetch(client_of(handler))
