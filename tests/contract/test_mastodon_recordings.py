"""What a real Mastodon 4.7 answered, as recorded in the source distribution of Mastodon.py (MIT), parses whole.

The recordings are downloaded, not kept here: they are other people's words. Expected values are
read from the recorded JSON by other means than the parser's.
"""

from __future__ import annotations

import functools
import html
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import yaml

from muniment.capture.paging import fetch_listing
from muniment.capture.polite_client import PoliteClient
from muniment.capture.reading import next_link_or_none
from muniment.parsing.mastodon import history_versions
from muniment.records.agency import Platform
from muniment.records.page import Page, Purpose
from muniment.records.rows import ItemKind, ItemRow, SubscriberRow
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.unit.parsing.pages import NOW, page_of, parse

pytestmark = pytest.mark.real

PACKAGE, VERSION = "mastodon_py", "2.3.3"
SDIST_SHA256 = "a3cda3db86d65809957c978aef8ac7fb3dfc93abfeda3f1c6bdef4c79090ab7b"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "muniment" / "recordings"
LARGEST = 600_000  # the larger cassettes record uploads of media
STATUS = re.compile(
    r"/api/v1/(statuses(/\d+)?|accounts/\d+/statuses|timelines/(home|public|tag/\w+)|favourites|bookmarks)"
)
PEOPLE = re.compile(r"/api/v1/(accounts/\d+/(followers|following)|statuses/\d+/(favourited_by|reblogged_by))")
ACCOUNT = re.compile(r"/api/v1/accounts/(\d+|lookup)")


@dataclass(frozen=True)
class Recorded:
    """One recorded exchange."""

    cassette: str
    method: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def page(self, purpose: Purpose, *, subject: str | None = None, body: bytes | None = None) -> Page:
        whole = self.body if body is None else body
        return page_of(whole, purpose, subject=subject, headers=dict(self.headers), url=self.url)


def sdist() -> Path:
    path = CACHE / f"{PACKAGE}-{VERSION}.tar.gz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        own = (
            subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
        )
        python = sys.executable if own else str(Path(sys.base_prefix) / "bin" / "python3")
        options = ["--no-deps", "--no-binary", PACKAGE, "--dest", str(CACHE), "--quiet", "--disable-pip-version-check"]
        command = [python, "-m", "pip", "download", *options, f"{PACKAGE}=={VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"{PACKAGE} {VERSION} could not be downloaded: {done.stderr[-300:]}"
            pytest.fail(message) if os.environ.get("MUNIMENT_REQUIRE_REAL") == "1" else pytest.skip(message)
    assert sha256(path.read_bytes()).hexdigest() == SDIST_SHA256, f"{path} is not the file that was recorded"
    return path


@functools.cache
def recorded() -> tuple[Recorded, ...]:
    """Return every recorded exchange of the newest Mastodon, and of the public server that entities were read from."""
    return tuple(_read(sdist()))


def _read(path: Path) -> Iterator[Recorded]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with tarfile.open(path) as archive:
        for member in archive:
            folder, _, name = member.name.partition("/tests/")[2].rpartition("/")
            small = member.size < LARGEST and name.endswith(".yaml") and not name.endswith(".ws.yaml")
            if not small or folder not in {"cassettes", "cassettes_entity_tests", "cassettes_old_pagination"}:
                continue
            file = archive.extractfile(member)
            assert file is not None
            for each in yaml.load(file, loader)["interactions"]:
                answer = each["response"]
                body = answer["body"].get("string") or ""
                headers = tuple((key, value) for key, values in answer["headers"].items() for value in values)
                yield Recorded(
                    f"{folder}/{name}",
                    each["request"]["method"],
                    each["request"]["uri"],
                    answer["status"]["code"],
                    tuple((key, value) for key, value in headers if key.lower() != "transfer-encoding"),
                    body if isinstance(body, bytes) else body.encode(),
                )


def matching(pattern: re.Pattern[str]) -> list[Recorded]:
    return [each for each in recorded() if each.status == 200 and each.method == "GET" and pattern.fullmatch(each.path)]


def told_statuses(exchange: Recorded) -> list[dict[str, Any]]:
    value = json.loads(exchange.body)
    return [each for each in (value if isinstance(value, list) else [value]) if each]


def text_of(markup: str) -> str:
    broken = re.sub(r"<br\s*/?>", "\n", re.sub(r"</p>\s*<p[^>]*>", "\n\n", markup))
    return html.unescape(re.sub(r"<[^>]+>", "", broken)).strip()


def assert_says(row: ItemRow, told: dict[str, Any]) -> None:
    shown = told["reblog"] or told
    kind = ItemKind.REPOST if told["reblog"] else ItemKind.REPLY if told["in_reply_to_id"] else ItemKind.POST
    assert (row.item_id, row.author_id, row.author_handle) == (
        told["id"],
        told["account"]["id"],
        told["account"]["acct"],
    )
    assert (row.kind, row.reply_parent_id, row.language) == (kind, told["in_reply_to_id"], shown["language"])
    assert (row.published_text, row.published_at) == (told["created_at"], datetime.fromisoformat(told["created_at"]))
    assert (row.edited_at is None) == (told.get("edited_at") is None)
    assert (row.like_count, row.repost_count) == (told["favourites_count"], told["reblogs_count"])
    assert [medium.media_id for medium in row.media] == [each["id"] for each in shown["media_attachments"]]
    assert text_of(shown["content"]) in (row.text or "")
    assert (shown["spoiler_text"] or "") in (row.text or "")
    assert json.loads(row.raw) == told


def test_every_recorded_status_is_read_whole_and_every_field_is_known() -> None:
    seen = 0
    for exchange in matching(STATUS):
        told = told_statuses(exchange)
        body = exchange.body if exchange.body.lstrip()[:1] == b"[" else b"[" + exchange.body + b"]"
        parsed = parse(exchange.page(Purpose.POSTS, body=body), Platform.MASTODON, OFFICIAL_POSTS)

        assert parsed.faults == [], exchange.cassette
        assert len(parsed.rows) == len(told), exchange.cassette
        for row, status in zip(parsed.rows, told, strict=True):
            assert isinstance(row, ItemRow)
            assert_says(row, status)
        seen += len(told)
        if not exchange.cassette.startswith("cassettes_old"):
            assert parsed.unknown_fields == frozenset(), exchange.cassette
    assert seen > 100


def test_every_recorded_context_gives_its_replies() -> None:
    seen = 0
    for exchange in matching(re.compile(r"/api/v1/statuses/\d+/context")):
        subject = exchange.path.split("/")[4]
        told = json.loads(exchange.body)
        parsed = parse(exchange.page(Purpose.THREAD, subject=subject), Platform.MASTODON, PUBLIC_COMMENTS)

        assert (parsed.faults, parsed.unknown_fields) == ([], frozenset())
        assert [row.item_id for row in parsed.rows if isinstance(row, ItemRow)] == [
            each["id"] for each in told["descendants"]
        ]
        root = told["ancestors"][0]["id"] if told["ancestors"] else subject
        for row, reply in zip(parsed.rows, told["descendants"], strict=True):
            assert isinstance(row, ItemRow)
            assert_says(row, reply)
            assert row.reply_root_id == root
        seen += len(told["descendants"]) + len(told["ancestors"])
    assert seen > 0


def test_every_recorded_history_gives_its_versions() -> None:
    exchanges = matching(re.compile(r"/api/v1/statuses/\d+/history"))

    assert len(exchanges) >= 4
    for exchange in exchanges:
        told = json.loads(exchange.body)
        page = exchange.page(Purpose.HISTORY, subject=exchange.path.split("/")[4])
        parsed = parse(page, Platform.MASTODON, OFFICIAL_POSTS)
        versions = history_versions(page)

        assert (parsed.rows, parsed.faults, parsed.unknown_fields) == ([], [], frozenset())
        assert [at for at, _ in versions] == [each["created_at"] for each in told]
        for (_, version), edit in zip(versions, told, strict=True):
            assert text_of(edit["content"]) in (version.text or "")
            assert json.loads(version.raw) == edit


def test_an_edited_status_carries_the_versions_before_the_present_one() -> None:
    history = matching(re.compile(r"/api/v1/statuses/\d+/history"))[-1]
    subject = history.path.split("/")[4]
    told = json.loads(history.body)
    edited = {"id": subject, "created_at": told[0]["created_at"], "edited_at": told[-1]["created_at"]}
    shell = {"account": told[-1]["account"], "content": told[-1]["content"], "visibility": "public"}
    posts = page_of(json.dumps([edited | shell]).encode(), Purpose.POSTS)

    parsed = parse(posts, Platform.MASTODON, OFFICIAL_POSTS, history=[history.page(Purpose.HISTORY, subject=subject)])

    [row] = parsed.rows
    assert isinstance(row, ItemRow)
    assert [json.loads(version.raw) for version in row.versions] == told[:-1]


def test_every_recorded_list_of_people_is_read_whole() -> None:
    exchanges = matching(PEOPLE)

    assert any(exchange.path.endswith("/followers") for exchange in exchanges)
    seen = 0
    for exchange in exchanges:
        told = json.loads(exchange.body)
        parsed = parse(exchange.page(Purpose.SUBSCRIBERS), Platform.MASTODON, SUBSCRIBER_LISTS)

        assert (parsed.faults, parsed.unknown_fields) == ([], frozenset()), exchange.cassette
        assert [
            (row.subscriber_id, row.handle, row.display_name, json.loads(row.raw))
            for row in parsed.rows
            if isinstance(row, SubscriberRow)
        ] == [(each["id"], each["acct"], each["display_name"], each) for each in told]
        seen += len(told)
    assert seen > 0


def test_every_recorded_account_states_its_counts() -> None:
    exchanges = matching(ACCOUNT)

    assert len(exchanges) > 3
    for exchange in exchanges:
        told = json.loads(exchange.body)
        profile = parse(exchange.page(Purpose.ACCOUNT), Platform.MASTODON, OFFICIAL_POSTS)
        followers = parse(exchange.page(Purpose.ACCOUNT), Platform.MASTODON, SUBSCRIBER_LISTS)

        assert (profile.faults, profile.unknown_fields) == ([], frozenset()), exchange.cassette
        assert [each.number for each in profile.declared] == [told["statuses_count"]]
        assert [each.number for each in followers.declared] == [told["followers_count"]]
        [row] = profile.rows
        assert isinstance(row, ItemRow)
        assert (row.kind, row.author_id) == (ItemKind.PROFILE, told["id"])
        assert text_of(told["note"]) in (row.text or "")


@pytest.mark.parametrize("folder", ["cassettes", "cassettes_old_pagination"])
def test_paging_follows_the_recorded_links_and_parses_each_page(folder: str) -> None:
    exchanges = {each.url: each for each in recorded() if each.cassette == f"{folder}/test_fetch_next_previous.yaml"}
    first = next(url for url in exchanges if url.endswith("/statuses?limit=5"))

    def answer(request: httpx.Request) -> httpx.Response:
        wanted = sorted(parse_qsl(request.url.query.decode()))
        for url, exchange in exchanges.items():
            parts = urlsplit(url)
            if parts.path == request.url.path and sorted(parse_qsl(parts.query)) == wanted:
                return httpx.Response(200, headers=list(exchange.headers), stream=httpx.ByteStream(exchange.body))
        return httpx.Response(200, stream=httpx.ByteStream(b"[]"))  # the third page was not recorded

    def next_of(page: Page) -> str | None:
        return next_link_or_none(page) if json.loads(page.body) else None

    client = PoliteClient(
        agent="Muniment/test (+https://city.example)",
        clock=lambda: NOW,
        sleep=lambda _seconds: None,
        transport=httpx.MockTransport(answer),
    )
    listing = fetch_listing(client, first.partition("?")[0], {"limit": "5"}, purpose=Purpose.POSTS, next_of=next_of)
    *pages, last = [page for page in listing if isinstance(page, Page)]

    rows = [row for page in pages for row in parse(page, Platform.MASTODON, OFFICIAL_POSTS).rows]
    ids = [int(row.item_id) for row in rows if isinstance(row, ItemRow)]
    told = [status for page in pages for status in json.loads(page.body)]
    assert (len(pages), last.body) == (2, b"[]")
    assert len(told) == 10
    assert ids == [int(status["id"]) for status in told]
    assert ids == sorted(set(ids), reverse=True)
