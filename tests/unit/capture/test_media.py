from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from muniment.capture.exchange import Limits
from muniment.capture.media import fetch_media
from muniment.capture.polite_client import Credentials
from muniment.errors import RateLimitedError
from muniment.records.page import GapReason, MediaExchange
from muniment.records.rows import MediaRef
from tests.unit.capture.doubles import HOME, Handler, again, answering, client_of, raw_reply

PICTURE = b"\x89PNG picture"
CDN = "https://cdn.example/a.png"
PNG = [("Content-Type", "image/png")]


def refs(*urls: str) -> list[MediaRef]:
    return [MediaRef(url, url, "image", None) for url in urls]


def resolve(host: str, port: int) -> list[str]:
    return {"cdn.example": ["93.184.215.14"], "inside.example": ["10.0.0.1"]}.get(host, [])


def fetched(folder: Path, handler: Handler, *urls: str, **options: object) -> list[tuple[MediaExchange, Path | None]]:
    client = client_of(handler, **options)  # type: ignore[arg-type]
    return list(fetch_media(refs(*urls), client, home=HOME, folder=folder, resolve=resolve))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (raw_reply(404), GapReason.NOT_FOUND),
        (raw_reply(410), GapReason.NOT_FOUND),
        (raw_reply(403), GapReason.FORBIDDEN),
        (raw_reply(500), GapReason.UNREACHABLE),
        (raw_reply(204, b""), GapReason.UNREADABLE),
        (raw_reply(body=b""), GapReason.UNREADABLE),
        (raw_reply(body=b"<html>", headers=[("Content-Type", "text/html; charset=utf-8")]), GapReason.UNREADABLE),
        (raw_reply(body=PICTURE, headers=[("Content-Encoding", "gzip")]), GapReason.UNREADABLE),
        (raw_reply(body=PICTURE, headers=[("Content-Length", "99")]), GapReason.UNREADABLE),
        (raw_reply(body=b"x" * 101), GapReason.TOO_LARGE),
        (httpx.ReadTimeout("x"), GapReason.UNREACHABLE),
    ],
)
def test_a_medium_that_cannot_be_had_is_a_gap_with_its_reason_and_stops_no_other(
    tmp_path: Path, answer: httpx.Response | Exception, reason: GapReason
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a.png":
            if isinstance(answer, Exception):
                raise answer
            return again(answer)
        return raw_reply(body=PICTURE, headers=PNG)

    (gap, no_file), (_, file) = fetched(
        tmp_path, handler, CDN, "https://cdn.example/b.png", limits=Limits(medium_bytes=100)
    )

    assert (gap.gap_reason, gap.sha256, no_file) == (reason, None, None)
    assert gap.detail
    assert CDN not in gap.detail
    assert file is not None
    assert file.read_bytes() == PICTURE


@pytest.mark.parametrize(
    "url",
    [
        "https://inside.example/",
        "http://cdn.example/a.png",
        "http://127.0.0.1/",
        "https://nowhere.example/",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "",
        "not an address",
        "https://cdn.example:port/",
    ],
)
def test_a_medium_whose_address_leads_elsewhere_is_a_gap_and_never_asked_for(tmp_path: Path, url: str) -> None:
    ((gap, _),) = fetched(tmp_path, answering(), url)

    assert gap.gap_reason == GapReason.REFUSED_ADDRESS


def test_a_redirect_is_checked_before_it_is_followed(tmp_path: Path) -> None:
    answer = raw_reply(302, headers=[("Location", "https://inside.example/admin")])

    ((gap, _),) = fetched(tmp_path, answering(answer), CDN)

    assert gap.gap_reason == GapReason.REFUSED_ADDRESS


def test_redirects_without_an_end_are_a_gap(tmp_path: Path) -> None:
    answers = [raw_reply(302, headers=[("Location", f"/{number}")]) for number in range(4)]

    ((gap, _),) = fetched(tmp_path, answering(*answers), CDN)

    assert (gap.gap_reason, gap.detail) == (GapReason.UNREADABLE, "expected at most 3 redirects, found more")


def test_a_redirect_to_a_public_host_is_followed(tmp_path: Path) -> None:
    answers = answering(raw_reply(301, headers=[("Location", "/b.png")]), raw_reply(body=PICTURE, headers=PNG))

    ((exchange, _),) = fetched(tmp_path, answers, CDN)

    assert (exchange.sha256, exchange.url) == (sha256(PICTURE).hexdigest(), CDN)


def test_a_rate_limit_is_never_a_gap(tmp_path: Path) -> None:
    with pytest.raises(RateLimitedError):
        fetched(tmp_path, answering(raw_reply(429)), CDN)


def test_a_medium_is_asked_for_once_and_kept_under_its_hash(tmp_path: Path) -> None:
    ((exchange, file),) = fetched(tmp_path, answering(raw_reply(body=PICTURE, headers=PNG)), CDN, CDN)

    assert file == tmp_path / sha256(PICTURE).hexdigest()
    assert (exchange.sha256, exchange.size_bytes, exchange.content_type) == (file.name, len(PICTURE), "image/png")
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_bytes_of_a_broken_attempt_do_not_enter_the_file(tmp_path: Path) -> None:
    broken = raw_reply(body=b"half of something", headers=[("Content-Length", "99")])

    ((_, file),) = fetched(tmp_path, answering(broken, raw_reply(body=PICTURE)), CDN)

    assert file is not None
    assert file.read_bytes() == PICTURE


def test_the_connection_goes_to_the_very_address_that_was_checked(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return raw_reply(body=PICTURE)

    fetched(tmp_path, handler, CDN)

    assert asked[0].url == "https://93.184.215.14/a.png"
    assert asked[0].headers["host"] == "cdn.example"
    assert asked[0].extensions["sni_hostname"] == "cdn.example"


def test_no_medium_is_asked_for_with_a_token(tmp_path: Path) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        return raw_reply(body=PICTURE)

    ((exchange, _),) = fetched(tmp_path, handler, f"{HOME}/a.png", credentials=Credentials(HOME, "s3cret"))

    assert exchange.gap_reason is None
