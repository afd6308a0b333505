"""Which connector captures which series of which platform."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from muniment.capture import bluesky, mastodon, newsletter, web_page, website
from muniment.capture.bluesky_blobs import fetch_blobs
from muniment.capture.media import fetch_media
from muniment.capture.polite_client import PoliteClient
from muniment.errors import ConfigurationError
from muniment.records.agency import Account, Platform
from muniment.records.names import SeriesId
from muniment.records.page import Gap, MediaExchange, Page
from muniment.records.rows import MediaRef
from muniment.records.series import OFFICIAL_POSTS, POLICIES, PUBLIC_COMMENTS, SUBSCRIBER_LISTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a capture takes from: an account, its drop folder, and whether its agency's people are invented."""

    account: Account
    drop: Path
    invented_people: bool


Capture = Callable[[Source, PoliteClient], Iterator[Page | Gap]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One way to capture: its name and version, and the version of the interface that it asks."""

    name: str
    version: str
    api_version: str
    capture: Capture

    @property
    def label(self) -> str:
        """Return the name and version that a manifest carries, as ``mastodon-posts/1``."""
        return f"{self.name}/{self.version}"


def _web(name: str, api_version: str, capture: Callable[[Account, PoliteClient], Iterator[Page | Gap]]) -> Connector:
    return Connector(
        name=name, version="1", api_version=api_version, capture=lambda source, client: capture(source.account, client)
    )


def _from_drop(source: Source, client: PoliteClient) -> Iterator[Page | Gap]:
    return newsletter.capture_subscribers(
        source.account,
        source.drop,
        clock=client.clock,
        limit_bytes=client.limits.page_bytes,
        invented_people=source.invented_people,
    )


CONNECTORS: Mapping[tuple[Platform, SeriesId], Connector] = MappingProxyType(
    {
        (Platform.BLUESKY, OFFICIAL_POSTS): _web("bluesky-posts", "app.bsky", bluesky.capture_posts),
        (Platform.BLUESKY, PUBLIC_COMMENTS): _web("bluesky-comments", "app.bsky", bluesky.capture_comments),
        (Platform.BLUESKY, SUBSCRIBER_LISTS): _web("bluesky-followers", "app.bsky", bluesky.capture_followers),
        (Platform.MASTODON, OFFICIAL_POSTS): _web("mastodon-posts", "v1", mastodon.capture_posts),
        (Platform.MASTODON, PUBLIC_COMMENTS): _web("mastodon-comments", "v1", mastodon.capture_comments),
        (Platform.MASTODON, SUBSCRIBER_LISTS): _web("mastodon-followers", "v1", mastodon.capture_followers),
        (Platform.WEBSITE, OFFICIAL_POSTS): _web("website-feed", "RSS or Atom", website.capture_posts),
        (Platform.WEB_PAGE, POLICIES): _web("web-page", "HTTP", web_page.capture_page),
        (Platform.NEWSLETTER, SUBSCRIBER_LISTS): Connector(
            name="newsletter-csv", version="1", api_version="CSV", capture=_from_drop
        ),
    }
)


def connector_for(platform: Platform, series: SeriesId) -> Connector:
    """Return the connector that captures *series* from *platform*.

    Raises:
        ConfigurationError: there is none.
    """
    connector = CONNECTORS.get((platform, series))
    if connector is None:
        raise ConfigurationError(f"connector: expected a series that {platform} offers, found {series}")
    return connector


def capture(source: Source, series: SeriesId, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield what *source* shows of *series* now; pages are numbered from 0 in the order they come.

    *client* is for this one capture.

    Raises:
        CaptureError: the platform could not be captured.
        ConfigurationError: no connector captures it.
    """
    sequence = 0
    for found in connector_for(source.account.platform, series).capture(source, client):
        if isinstance(found, Page):
            yield replace(found, sequence=sequence)
            sequence += 1
        else:
            yield found


def capture_media(
    account: Account, refs: Iterable[MediaRef], client: PoliteClient, *, folder: Path
) -> Iterator[tuple[MediaExchange, Path | None]]:
    """Yield what came of each medium of *refs*, and the file of its bytes in *folder*; the caller removes it.

    Raises:
        RateLimitedError: a host asked us to wait longer than the client waits.
    """
    if account.platform is Platform.BLUESKY:
        return fetch_blobs(account, refs, client, folder=folder)
    return fetch_media(refs, client, home=account.api, folder=folder)
