"""The connectors against the platform simulator: each thing that goes wrong, and what comes of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from muniment.capture.exchange import Limits
from muniment.capture.platforms import Source, capture
from muniment.capture.polite_client import PoliteClient
from muniment.errors import (
    CaptureError,
    MalformedReplyError,
    MunimentError,
    PageTooLargeError,
    PagingError,
    PlatformUnavailableError,
    RateLimitedError,
    TokenRefusedError,
    TruncatedReplyError,
)
from muniment.records.agency import Platform
from muniment.records.page import Gap, GapReason, Page
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.end_to_end.city import start_simulator
from tests.unit.capture.doubles import account

HANDLES = {Platform.BLUESKY: "city.claremont.example", Platform.MASTODON: "cityhall", Platform.WEBSITE: "/news.rss"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    found = start_simulator()
    yield found.address
    found.stop()


@pytest.fixture
def simulator(server: str) -> Iterator[str]:
    yield server
    httpx.delete(f"{server}/simulator/faults").raise_for_status()


def switch_on(simulator: str, route: str, **fault: object) -> None:
    httpx.post(f"{simulator}/simulator/faults", json={"route": route, **fault}).raise_for_status()


def captured(
    simulator: str, platform: Platform, series: str = OFFICIAL_POSTS, slept: list[float] | None = None
) -> list[Page | Gap]:
    pauses = [] if slept is None else slept
    client = PoliteClient(
        agent="Muniment/0",
        clock=lambda: datetime.now(UTC),
        sleep=pauses.append,
        limits=Limits(page_bytes=1 << 20, wait_s=60, read_s=5),
    )
    site = account(platform, handle=HANDLES[platform], api=simulator, directory=simulator)
    try:
        return list(capture(Source(account=site, drop=Path("none"), invented_people=True), series, client))
    finally:
        client.close()


SOCIAL = [(Platform.BLUESKY, "app.bsky.feed.getAuthorFeed"), (Platform.MASTODON, "mastodon.statuses")]


@pytest.mark.parametrize(("platform", "route"), [*SOCIAL, (Platform.WEBSITE, "website.rss")])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "server-error"}, PlatformUnavailableError),
        ({"kind": "expired-token"}, TokenRefusedError),
        ({"kind": "dropped"}, TruncatedReplyError),
        ({"kind": "empty"}, MalformedReplyError),
        ({"kind": "oversize", "size_bytes": 2_000_000}, PageTooLargeError),
        ({"kind": "rate-limit", "seconds": 3600}, RateLimitedError),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else value.__name__,
)
def test_what_is_no_whole_good_answer_is_an_error(
    simulator: str, platform: Platform, route: str, fault: dict[str, object], error: type[MunimentError]
) -> None:
    switch_on(simulator, route, times=None, **fault)

    with pytest.raises(error):
        captured(simulator, platform)


@pytest.mark.parametrize(("platform", "route"), SOCIAL)
@pytest.mark.parametrize("kind", ["server-error", "dropped"])
def test_a_failure_that_passes_costs_a_pause(simulator: str, platform: Platform, route: str, kind: str) -> None:
    slept: list[float] = []
    switch_on(simulator, route, kind=kind, times=2)

    found = captured(simulator, platform, slept=slept)

    assert len(slept) == 2
    assert not any(isinstance(item, Gap) for item in found)


@pytest.mark.parametrize(("platform", "route"), SOCIAL)
def test_a_short_rate_limit_is_waited_for(simulator: str, platform: Platform, route: str) -> None:
    slept: list[float] = []
    switch_on(simulator, route, kind="rate-limit", times=1, seconds=20)

    captured(simulator, platform, slept=slept)

    assert len(slept) == 1
    assert 19 <= slept[0] <= 23


@pytest.mark.parametrize(("platform", "route"), SOCIAL)
def test_a_long_rate_limit_says_until_when(simulator: str, platform: Platform, route: str) -> None:
    switch_on(simulator, route, kind="rate-limit", times=1, seconds=3600)

    with pytest.raises(RateLimitedError) as caught:
        captured(simulator, platform)

    assert caught.value.reset_at is not None
    assert 3500 < (caught.value.reset_at - datetime.now(UTC)).total_seconds() < 3700


@pytest.mark.parametrize(("platform", "route"), SOCIAL)
@pytest.mark.parametrize("kind", ["html", "truncated"])
def test_a_page_that_cannot_be_read_is_kept_and_followed_by_its_gap(
    simulator: str, platform: Platform, route: str, kind: str
) -> None:
    switch_on(simulator, route, kind=kind, times=1)

    found = captured(simulator, platform)

    gaps = [item for item in found if isinstance(item, Gap)]
    assert [(gap.purpose, gap.reason) for gap in gaps] == [("posts", GapReason.UNREADABLE)]
    assert found[found.index(gaps[0]) - 1].purpose == "posts"


FOLLOWERS = [(Platform.BLUESKY, "app.bsky.graph.getFollowers"), (Platform.MASTODON, "mastodon.followers")]


@pytest.mark.parametrize(("platform", "route"), FOLLOWERS)
def test_a_list_of_followers_that_loops_is_an_error(simulator: str, platform: Platform, route: str) -> None:
    switch_on(simulator, route, kind="loop", times=None)

    with pytest.raises(PagingError):
        captured(simulator, platform, SUBSCRIBER_LISTS)


@pytest.mark.parametrize(("platform", "route"), FOLLOWERS)
def test_a_cursor_that_expires_is_an_error_never_a_short_list(simulator: str, platform: Platform, route: str) -> None:
    switch_on(simulator, route, kind="expired-cursor", times=None)

    with pytest.raises(CaptureError, match=r"expected 200, the platform answered 40[04]"):
        captured(simulator, platform, SUBSCRIBER_LISTS)


def test_a_next_link_to_another_host_is_an_error(simulator: str) -> None:
    switch_on(simulator, "mastodon.followers", kind="foreign-link", times=1)

    with pytest.raises(PagingError, match="expected the same scheme, host and port"):
        captured(simulator, Platform.MASTODON, SUBSCRIBER_LISTS)


@pytest.mark.parametrize("platform", [Platform.BLUESKY, Platform.MASTODON])
@pytest.mark.parametrize("series", [OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS])
def test_nothing_is_missing_when_nothing_goes_wrong(simulator: str, platform: Platform, series: str) -> None:
    found = captured(simulator, platform, series)

    assert found
    assert all(isinstance(item, Page) and item.header("x-platform-simulator") == "muniment" for item in found)
