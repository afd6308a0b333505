import base64
import json
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from muniment.capture.bluesky_blobs import fetch_blobs
from muniment.errors import RateLimitedError
from muniment.records.agency import Platform
from muniment.records.page import GapReason, MediaExchange
from muniment.records.rows import MediaRef
from tests.unit.capture.doubles import HOME, account, client_of, raw_reply

OWN, OTHER = "did:plc:city", "did:plc:resident"
SERVER, CDN = "https://93.184.215.14", "https://cdn.example"  # by number: nothing to look up
BLOB, SHOWN = b"\xff\xd8 the very bytes that were posted", b"RIFF a smaller copy WEBP"
CITY = account(Platform.BLUESKY, handle="city.example", api=HOME, directory="https://directory.example")
IMAGE = [("Content-Type", "image/jpeg")]


def cid_of(blob: bytes) -> str:
    return "b" + base64.b32encode(b"\x01\x55\x12\x20" + sha256(blob).digest()).decode().rstrip("=").lower()


CID = cid_of(BLOB)


def shown(did: str = OWN, *, cid: str = CID) -> MediaRef:
    return MediaRef(cid, f"{CDN}/img/feed_fullsize/plain/{did}/{cid}@jpeg", "image", None)


class Network:
    """The platform, the directory, the account's server and the content network."""

    def __init__(self, **answers: httpx.Response) -> None:
        document = {"service": [{"type": "AtprotoPersonalDataServer", "serviceEndpoint": SERVER}]}
        self.asked: list[str] = []
        self._answers = {
            "social": raw_reply(body=json.dumps({"did": OWN}).encode()),
            "directory": raw_reply(body=json.dumps(document).encode()),
            "host": raw_reply(body=BLOB, headers=IMAGE),
            "cdn": raw_reply(body=SHOWN, headers=[("Content-Type", "image/webp")]),
        } | answers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        host = "host" if request.headers["Host"] in SERVER else request.headers["Host"].removesuffix(".example")
        self.asked.append(host)
        answer = self._answers[host]
        return httpx.Response(answer.status_code, headers=answer.headers.raw, stream=answer.stream)


def fetched(network: Network, folder: Path, *refs: MediaRef) -> list[tuple[MediaExchange, bytes | None]]:
    found = fetch_blobs(CITY, refs, client_of(network), folder=folder, resolve=lambda _host, _port: ["93.184.215.14"])
    return [(exchange, path.read_bytes() if path else None) for exchange, path in found]


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (raw_reply(400, b'{"error":"BlobNotFound"}'), "expected 200, the platform answered 400 BlobNotFound"),
        (raw_reply(500), "expected 200, the platform answered 500"),
        (raw_reply(body=b"other bytes", headers=IMAGE), "expected the blob that its CID names, found other bytes"),
        (raw_reply(body=b"{}", headers=[("Content-Type", "application/json")]), "expected a medium, found"),
    ],
)
def test_when_the_blob_cannot_be_had_the_copy_that_is_shown_is_kept_and_says_why(
    tmp_path: Path, answer: httpx.Response, detail: str
) -> None:
    ((exchange, kept),) = fetched(Network(host=answer), tmp_path, shown())

    assert kept == SHOWN
    assert (exchange.url, exchange.sha256) == (shown().url, sha256(SHOWN).hexdigest())
    assert (exchange.detail or "").startswith(f"a copy as shown; the original: {detail}")
    assert [path.name for path in tmp_path.iterdir()] == [exchange.sha256]


@pytest.mark.parametrize("broken", ["social", "directory"])
def test_when_the_accounts_server_cannot_be_found_the_copies_that_are_shown_are_kept(
    tmp_path: Path, broken: str
) -> None:
    ((exchange, kept),) = fetched(Network(**{broken: raw_reply(404)}), tmp_path, shown())

    assert kept == SHOWN
    assert (exchange.detail or "").startswith("a copy as shown; the original: expected 200, the platform answered 404")


def test_what_is_neither_there_as_posted_nor_as_shown_is_one_gap(tmp_path: Path) -> None:
    missing = raw_reply(404)

    ((exchange, kept),) = fetched(Network(host=missing, cdn=missing), tmp_path, shown())

    assert (kept, exchange.sha256, exchange.gap_reason) == (None, None, GapReason.NOT_FOUND)
    assert exchange.url == shown().url


def test_a_server_that_asks_to_wait_too_long_stops_the_capture(tmp_path: Path) -> None:
    busy = raw_reply(429, headers=[("Retry-After", "86400")])

    with pytest.raises(RateLimitedError):
        fetched(Network(host=busy), tmp_path, shown())


def test_a_medium_of_the_account_is_kept_as_it_was_posted(tmp_path: Path) -> None:
    video = MediaRef(CID, f"https://video.example/watch/did%3Aplc%3Acity/{CID}/playlist.m3u8", "video", None)

    for ref in (shown(), video):
        ((exchange, kept),) = fetched(Network(), tmp_path, ref)
        assert kept == BLOB
        assert (exchange.media_id, exchange.sha256, exchange.detail) == (CID, sha256(BLOB).hexdigest(), None)
        assert exchange.url == f"{SERVER}/xrpc/com.atproto.sync.getBlob?did=did%3Aplc%3Acity&cid={CID}"


def test_the_server_of_another_person_is_not_asked(tmp_path: Path) -> None:
    network = Network()

    ((exchange, kept),) = fetched(network, tmp_path, shown(OTHER))

    assert (kept, exchange.detail) == (SHOWN, None)
    assert "host" not in network.asked


@pytest.mark.parametrize("cid", ["bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", "b", "bafkrei0"])
def test_a_medium_whose_id_states_no_hash_of_its_bytes_is_kept_as_shown(tmp_path: Path, cid: str) -> None:
    ((_, kept),) = fetched(Network(), tmp_path, shown(cid=cid))

    assert kept == SHOWN


def test_media_that_are_no_blobs_ask_nobody_but_their_own_host(tmp_path: Path) -> None:
    network = Network()

    fetched(network, tmp_path, MediaRef("x", f"{CDN}/card.png", "card", None))

    assert network.asked == ["cdn"]
