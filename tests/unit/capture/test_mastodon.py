import json
from pathlib import Path

import httpx
import pytest

from muniment.capture.platforms import Source, capture
from muniment.capture.polite_client import Credentials
from muniment.errors import NotFoundError, PagingError, TokenRefusedError
from muniment.records.agency import Platform
from muniment.records.names import SeriesId
from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.unit.capture.doubles import HOME, account, client_of, raw_reply, routed

CITY = account(Platform.MASTODON)
LOOKUP, STATUSES = "/api/v1/accounts/lookup", "/api/v1/accounts/7/statuses"
FOLLOWERS, VERIFY = "/api/v1/accounts/7/followers", "/api/v1/apps/verify_credentials"
ACCOUNT = b'{"id": "7"}'

Routes = dict[str, bytes | httpx.Response]


def status(number: int, **fields: object) -> dict[str, object]:
    return {"id": str(number), "account": {"id": "7"}, "replies_count": 0, "edited_at": None, **fields}


def found(
    routes: Routes, series: SeriesId, *, asked: list[str] | None = None, token: str | None = None
) -> list[Page | Gap]:
    credentials = Credentials(HOME, token) if token else None
    client = client_of(routed({LOOKUP: ACCOUNT, FOLLOWERS: b"[]", **routes}, asked), credentials=credentials)
    return list(capture(Source(account=CITY, drop=Path("none"), invented_people=True), series, client))


def statuses(*items: dict[str, object]) -> Routes:
    return {STATUSES: json.dumps(items).encode()}


def gaps(items: list[Page | Gap]) -> list[tuple[str, str | None, GapReason]]:
    return [(str(item.purpose), item.subject, item.reason) for item in items if isinstance(item, Gap)]


def test_an_account_that_is_not_there_is_an_error_never_an_empty_snapshot() -> None:
    with pytest.raises(NotFoundError, match="answered 404"):
        found({LOOKUP: raw_reply(404)}, OFFICIAL_POSTS)


def test_an_id_of_the_platform_cannot_lead_to_another_path() -> None:
    asked: list[str] = []

    with pytest.raises(NotFoundError):
        found({LOOKUP: b'{"id": "../../oauth/revoke?x="}'}, SUBSCRIBER_LISTS, asked=asked)

    assert asked[1] == "/api/v1/accounts/..%2F..%2Foauth%2Frevoke%3Fx%3D/followers?limit=80"


@pytest.mark.parametrize("series", [OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS])
def test_an_account_that_cannot_be_read_ends_the_capture_with_its_gap(series: SeriesId) -> None:
    items = found({LOOKUP: b"<html>"}, series)

    assert gaps(items) == [(Purpose.ACCOUNT, None, GapReason.UNREADABLE)]


def test_a_page_of_statuses_cut_in_half_is_kept_and_followed_by_its_gap() -> None:
    items = found({STATUSES: b'[{"id": "1", "account'}, OFFICIAL_POSTS)

    assert gaps(items) == [(Purpose.POSTS, None, GapReason.UNREADABLE)]
    assert any(isinstance(item, Page) and item.purpose == Purpose.POSTS for item in items)


def test_statuses_are_followed_by_the_link_header_to_the_empty_page() -> None:
    def page(max_id: int | None, body: bytes) -> httpx.Response:
        link = [("Link", f'<{HOME}{STATUSES}?limit=40&max_id={max_id}>; rel="next"')]
        return raw_reply(body=body, headers=link)

    items = found(
        {
            f"{STATUSES}?limit=40": page(2, json.dumps([status(2)]).encode()),
            f"{STATUSES}?limit=40&max_id=2": page(1, json.dumps([status(1)]).encode()),
            f"{STATUSES}?limit=40&max_id=1": page(0, b"[]"),
        },
        OFFICIAL_POSTS,
    )

    assert [item.purpose for item in items] == [Purpose.ACCOUNT, *[Purpose.POSTS] * 3]


def test_followers_that_lead_to_another_host_are_an_error() -> None:
    link = [("Link", '<https://elsewhere.example/followers>; rel="next"')]

    with pytest.raises(PagingError, match="expected the same scheme, host and port"):
        found({FOLLOWERS: raw_reply(body=b'[{"id": "1"}]', headers=link)}, SUBSCRIBER_LISTS)


def test_followers_are_asked_for_eighty_at_a_time() -> None:
    asked: list[str] = []
    found({}, SUBSCRIBER_LISTS, asked=asked)

    assert asked == [f"{LOOKUP}?acct=cityhall", f"{FOLLOWERS}?limit=80"]


def test_the_versions_of_an_edited_status_are_captured_and_of_no_other() -> None:
    edited = status(2, edited_at="2026-11-21T12:00:00Z")
    items = found({**statuses(edited, status(1)), "/api/v1/statuses/2/history": b"[]"}, OFFICIAL_POSTS)

    assert [item.subject for item in items if item.purpose == Purpose.HISTORY] == ["2"]


def test_versions_that_are_not_there_are_a_gap() -> None:
    items = found(statuses(status(2, edited_at="2026-11-21T12:00:00Z")), OFFICIAL_POSTS)

    assert gaps(items) == [(Purpose.HISTORY, "2", GapReason.NOT_FOUND)]


@pytest.mark.parametrize(
    ("item", "is_asked"),
    [
        (status(1, replies_count=1), True),
        (status(1, replies_count=0), False),
        (status(1, replies_count=1, in_reply_to_account_id="7"), False),  # in its root's context
        (status(1, replies_count=1, in_reply_to_account_id="8"), True),
        (status(1, replies_count=1, account={"id": "8"}), False),
    ],
)
def test_a_context_is_asked_for_where_replies_may_be_and_no_other_context_has_them(
    item: dict[str, object], is_asked: bool
) -> None:
    routes = {**statuses(item), "/api/v1/statuses/1/context": b'{"ancestors": [], "descendants": []}'}

    items = found(routes, PUBLIC_COMMENTS)

    assert [page.subject for page in items if page.purpose == Purpose.THREAD] == (["1"] if is_asked else [])


def test_a_status_deleted_between_list_and_context_is_a_gap() -> None:
    items = found(statuses(status(1, replies_count=1)), PUBLIC_COMMENTS)

    assert gaps(items) == [(Purpose.THREAD, "1", GapReason.NOT_FOUND)]


@pytest.mark.parametrize(("number", "has_gap"), [(59, False), (60, True)])
def test_a_thread_as_long_as_the_platform_tells_strangers_has_a_gap(number: int, has_gap: bool) -> None:
    context = json.dumps({"ancestors": [], "descendants": [{}] * number}).encode()

    items = found({**statuses(status(1, replies_count=number)), "/api/v1/statuses/1/context": context}, PUBLIC_COMMENTS)

    assert gaps(items) == ([(Purpose.THREAD, "1", GapReason.NOT_OFFERED)] if has_gap else [])


@pytest.mark.parametrize("scopes", [["read", "write"], ["read", "write:statuses"], []])
def test_a_token_that_could_do_more_than_read_is_refused_before_anything_is_captured(scopes: list[str]) -> None:
    asked: list[str] = []
    routes: Routes = {VERIFY: json.dumps({"name": "app", "scopes": scopes}).encode()}

    with pytest.raises(TokenRefusedError, match="expected scopes that only read"):
        found(routes, SUBSCRIBER_LISTS, asked=asked, token="s3cret")

    assert asked == [VERIFY]


def test_a_token_that_the_platform_refuses_is_an_error() -> None:
    with pytest.raises(TokenRefusedError, match="answered 401"):
        found({VERIFY: raw_reply(401)}, SUBSCRIBER_LISTS, token="s3cret")


def test_a_token_whose_scopes_are_not_stated_is_used_and_told() -> None:
    items = found({VERIFY: b'{"name": "app"}'}, SUBSCRIBER_LISTS, token="s3cret")

    assert gaps(items) == [(Purpose.ACCOUNT, None, GapReason.NOT_OFFERED)]


def test_a_token_that_only_reads_leaves_no_gap() -> None:
    items = found({VERIFY: b'{"scopes": ["read"]}'}, SUBSCRIBER_LISTS, token="s3cret")

    assert gaps(items) == []
    assert [item.sequence for item in items if isinstance(item, Page)] == [0, 1]
