"""Pages and contexts for parser tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from warcio.archiveiterator import ArchiveIterator

from muniment.parsing.context import ParseContext
from muniment.parsing.platforms import PARSERS
from muniment.records.agency import Account, AccountStatus, Platform
from muniment.records.names import AccountId, SeriesId
from muniment.records.page import Page, Purpose
from muniment.records.rows import ItemRow, ParsedPage

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
JSON = "application/json; charset=utf-8"


def page_of(
    body: bytes,
    purpose: Purpose,
    *,
    subject: str | None = None,
    headers: Mapping[str, str] | None = None,
    **fields: object,
) -> Page:
    values = {
        "sequence": 7,
        "purpose": purpose,
        "subject": subject,
        "method": "GET",
        "url": "https://city.example/page",
        "request_headers": (),
        "status": 200,
        "response_headers": tuple((headers or {"Content-Type": JSON}).items()),
        "requested_at": NOW,
        "received_at": NOW,
        "body": body,
    }
    return Page(**(values | fields))  # type: ignore[arg-type]


def account_of(platform: Platform, **fields: object) -> Account:
    values = {
        "id": AccountId("city"),
        "platform": platform,
        "handle": "cityhall",
        "address": "https://bsky.app/profile/city.example",
        "api": "simulator",
        "department": "City Clerk",
        "status": AccountStatus.ACTIVE,
        "registration_email": "social@city.example",
        "series": (),
    }
    return Account(**(values | fields))  # type: ignore[arg-type]


def parse(
    page: Page,
    platform: Platform,
    series: SeriesId,
    *,
    account: Account | None = None,
    reference: Iterable[Page] = (),
    history: Iterable[Page] = (),
) -> ParsedPage:
    context = ParseContext(
        account=account or account_of(platform),
        series=series,
        reference={each.purpose: each for each in reference},
        history={each.subject: each for each in history if each.subject},
    )
    return PARSERS[platform, series](page, context)


def items(parsed: ParsedPage) -> dict[str, ItemRow]:
    return {row.item_id: row for row in parsed.rows if isinstance(row, ItemRow)}


_PURPOSES = {
    "app.bsky.actor.getProfile": Purpose.ACCOUNT,
    "app.bsky.feed.getAuthorFeed": Purpose.POSTS,
    "app.bsky.feed.getPostThread": Purpose.THREAD,
    "app.bsky.feed.getPosts": Purpose.HIDDEN_REPLIES,
    "app.bsky.unspecced.getPostThreadOtherV2": Purpose.HIDDEN_REPLIES,
    "app.bsky.graph.getFollowers": Purpose.SUBSCRIBERS,
    "com.atproto.sync.getRepo": Purpose.REPOSITORY,
}


def recorded_pages(warc: Path, did: str) -> list[Page]:
    """Return the Bluesky pages of a recording that are about the account *did*."""
    pages: list[Page] = []
    with warc.open("rb") as file:
        for record in ArchiveIterator(file):
            url = urlsplit(record.rec_headers.get_header("WARC-Target-URI"))
            purpose = _PURPOSES.get(url.path.rpartition("/")[2])
            if url.path == f"/{did}":
                purpose = Purpose.DID_DOCUMENT
            query = parse_qs(url.query)
            if purpose is None or query.get("actor", [did])[0] not in {did, "cityofx.test"}:
                continue
            subject = (query.get("uri") or query.get("anchor") or [None])[0]
            headers = [
                (name, value) for name, value in record.http_headers.headers if name.lower() != "transfer-encoding"
            ]
            pages.append(
                page_of(
                    record.raw_stream.read(),
                    purpose,
                    subject=subject,
                    headers=dict(headers),
                    sequence=len(pages),
                    status=int(record.http_headers.get_statuscode()),
                )
            )
    return pages
