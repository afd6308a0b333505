from pathlib import Path

import pytest

from muniment.capture.platforms import CONNECTORS, Source, capture, connector_for
from muniment.errors import ConfigurationError, MalformedReplyError, SubscriberListRefusedError
from muniment.records.agency import Platform
from muniment.records.page import Page, Purpose
from muniment.records.series import HELD_COMMUNICATIONS, OFFICIAL_POSTS, SUBSCRIBER_LISTS
from tests.unit.capture.doubles import HOME, account, answering, client_of, raw_reply, routed


def test_a_series_that_a_platform_does_not_offer_is_named() -> None:
    with pytest.raises(ConfigurationError, match="expected a series that website offers, found held-communications"):
        connector_for(Platform.WEBSITE, HELD_COMMUNICATIONS)


def test_every_connector_has_a_name_of_its_own() -> None:
    labels = [connector.label for connector in CONNECTORS.values()]

    assert len(set(labels)) == len(labels)
    assert connector_for(Platform.MASTODON, OFFICIAL_POSTS).label == "mastodon-posts/1"


def test_a_newsletter_of_real_people_is_refused() -> None:
    source = Source(account=account(Platform.NEWSLETTER), drop=Path("none"), invented_people=False)

    with pytest.raises(SubscriberListRefusedError):
        list(capture(source, SUBSCRIBER_LISTS, client_of(answering())))


def test_a_feed_is_asked_for_whole_and_its_etag_kept() -> None:
    asked: list[str] = []
    feed = raw_reply(body=b"<rss/>", headers=[("ETag", '"abc"')])
    site = account(Platform.WEBSITE, handle="/news.rss")
    source = Source(account=site, drop=Path("none"), invented_people=False)

    (page,) = capture(source, OFFICIAL_POSTS, client_of(routed({"/news.rss": feed}, asked)))

    assert isinstance(page, Page)
    assert (page.purpose, page.url, page.header("etag")) == (Purpose.FEED, f"{HOME}/news.rss", '"abc"')
    assert "If-None-Match" not in dict(page.request_headers)
    assert asked == ["/news.rss"]


def test_a_feed_that_moved_is_an_error_never_followed() -> None:
    site = account(Platform.WEBSITE, handle="/news.rss")
    moved = raw_reply(301, headers=[("Location", "https://elsewhere.example/news.rss")])

    with pytest.raises(MalformedReplyError, match="answered 301"):
        list(
            capture(
                Source(account=site, drop=Path("none"), invented_people=False),
                OFFICIAL_POSTS,
                client_of(answering(moved)),
            )
        )
