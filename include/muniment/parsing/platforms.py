"""Which parser reads which series of which platform, and its version.

A version names how rows were read from pages; it changes whenever the same page may give other
rows, for then a difference between two snapshots may be ours and not the platform's.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from muniment.parsing import bluesky, mastodon, newsletter, web_page, website
from muniment.parsing.context import Parser
from muniment.records.agency import Platform
from muniment.records.names import SeriesId
from muniment.records.series import OFFICIAL_POSTS, POLICIES, PUBLIC_COMMENTS, SUBSCRIBER_LISTS

PARSERS: Mapping[tuple[Platform, SeriesId], Parser] = MappingProxyType(
    {
        (Platform.BLUESKY, OFFICIAL_POSTS): bluesky.parse_official_posts,
        (Platform.BLUESKY, PUBLIC_COMMENTS): bluesky.parse_public_comments,
        (Platform.BLUESKY, SUBSCRIBER_LISTS): bluesky.parse_subscriber_lists,
        (Platform.MASTODON, OFFICIAL_POSTS): mastodon.parse_official_posts,
        (Platform.MASTODON, PUBLIC_COMMENTS): mastodon.parse_public_comments,
        (Platform.MASTODON, SUBSCRIBER_LISTS): mastodon.parse_subscriber_lists,
        (Platform.NEWSLETTER, SUBSCRIBER_LISTS): newsletter.parse_subscriber_lists,
        (Platform.WEBSITE, OFFICIAL_POSTS): website.parse_official_posts,
        (Platform.WEB_PAGE, POLICIES): web_page.parse_policies,
    }
)

PARSER_VERSIONS: Mapping[Platform, str] = MappingProxyType(
    {
        Platform.BLUESKY: "bluesky/1",
        Platform.MASTODON: "mastodon/1",
        Platform.NEWSLETTER: "newsletter/1",
        Platform.WEBSITE: "website/1",
        Platform.WEB_PAGE: "web-page/1",
    }
)
