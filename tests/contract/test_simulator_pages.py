"""The simulator speaks the platforms' own shapes: what it answers parses whole, and no field of it is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muniment.capture.platforms import Source, capture
from muniment.capture.polite_client import PoliteClient
from muniment.parsing.context import REFERENCE_PURPOSES, ParseContext
from muniment.parsing.platforms import PARSERS
from muniment.records.agency import Platform
from muniment.records.names import SeriesId
from muniment.records.page import Page, Purpose
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.end_to_end.city import start_simulator
from tests.unit.parsing.pages import account_of

HANDLES = {Platform.BLUESKY: "city.claremont.example", Platform.MASTODON: "cityhall", Platform.WEBSITE: "/news.rss"}
LEAST = {OFFICIAL_POSTS: 9, PUBLIC_COMMENTS: 50, SUBSCRIBER_LISTS: 100}


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    found = start_simulator()
    yield found.address
    found.stop()


@pytest.mark.parametrize(("platform", "series"), [key for key in PARSERS if key[0] in HANDLES])
def test_the_demonstrations_pages_parse_whole(simulator: str, platform: Platform, series: SeriesId) -> None:
    client = PoliteClient(agent="Muniment/0", clock=lambda: datetime.now(UTC))
    account = account_of(platform, handle=HANDLES[platform], api=simulator, directory=simulator)
    found = list(capture(Source(account=account, drop=Path("none"), invented_people=True), series, client))
    client.close()
    pages = [item for item in found if isinstance(item, Page)]
    context = ParseContext(
        account=account,
        series=series,
        reference={page.purpose: page for page in pages if page.purpose in REFERENCE_PURPOSES},
        history={page.subject: page for page in pages if page.purpose is Purpose.HISTORY and page.subject},
    )

    parsed = [PARSERS[platform, series](page, context) for page in pages]

    assert [fault for each in parsed for fault in each.faults] == []
    assert {field for each in parsed for field in each.unknown_fields} == set()
    assert sum(len(each.rows) for each in parsed) >= LEAST[series]
