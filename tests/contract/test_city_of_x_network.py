"""The connectors against a real AT Protocol network on this machine, with the City of X on it.

``MUNIMENT_ATPROTO_NETWORK`` names the network's JSON file (addresses ``plc``, ``pds``, ``appview``);
the record of what was made lies beside it as ``made.json``, or where ``MUNIMENT_ATPROTO_MADE`` says.
Runs after either act.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muniment.capture.media import fetch_media
from muniment.capture.platforms import Source, capture
from muniment.capture.polite_client import PoliteClient
from muniment.records.agency import Account, Platform
from muniment.records.names import SeriesId
from muniment.records.page import Gap, Page, Purpose
from muniment.records.rows import MediaRef
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.replies.city_of_x import Made, blob_sha256, own_feed, posts_in
from tests.unit.capture.doubles import account

NETWORK = os.environ.get("MUNIMENT_ATPROTO_NETWORK")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(NETWORK is None, reason="MUNIMENT_ATPROTO_NETWORK names no network"),
]


@pytest.fixture(scope="module")
def network() -> dict[str, str]:
    return {
        name: str(value).replace("//localhost:", "//127.0.0.1:")
        for name, value in json.loads(Path(str(NETWORK)).read_text("utf-8")).items()
    }


@pytest.fixture(scope="module")
def made() -> Made:
    beside = Path(str(NETWORK)).parent / "made.json"
    return Made.read(Path(os.environ.get("MUNIMENT_ATPROTO_MADE", beside)))


@pytest.fixture(scope="module")
def city(network: dict[str, str]) -> Account:
    return account(Platform.BLUESKY, handle="cityofx.test", api=network["appview"], directory=network["plc"])


@pytest.fixture
def client() -> Iterator[PoliteClient]:
    polite = PoliteClient(agent="Muniment/0", clock=lambda: datetime.now(UTC))
    yield polite
    polite.close()


def captured(city: Account, series: SeriesId, client: PoliteClient) -> list[Page | Gap]:
    return list(capture(Source(account=city, drop=Path("none"), invented_people=True), series, client))


def test_every_post_that_was_made_is_captured_and_no_other(city: Account, made: Made, client: PoliteClient) -> None:
    found = captured(city, OFFICIAL_POSTS, client)

    assert set(own_feed(found)) == made.own_posts()
    assert [item for item in found if isinstance(item, Gap)] == []
    edited = own_feed(found)[made.uri("posts", "edited")]["record"]["text"]
    assert edited.startswith("CORRECTION") is made.is_second_act


def test_every_reply_is_captured_the_hidden_and_the_blocked_included(
    city: Account, made: Made, client: PoliteClient
) -> None:
    found = captured(city, PUBLIC_COMMENTS, client)
    views = posts_in(found, Purpose.THREAD) | posts_in(found, Purpose.HIDDEN_REPLIES)
    under = {"snow": set(), "budget": set()}
    for uri, view in views.items():
        for name, uris in under.items():
            if view["record"].get("reply", {}).get("root", {}).get("uri") == made.uri("posts", name):
                uris.add(uri)

    assert under["snow"] == made.replies()
    assert {views[uri]["author"]["did"] for uri in under["budget"]} == made.commenters()
    hidden = posts_in(found, Purpose.THREAD)[made.uri("posts", "snow")]["threadgate"]["record"]["hiddenReplies"]
    assert hidden == [made.uri("replies", "troll_hidden")]
    assert made.uri("replies", "blocked_author") in posts_in(found, Purpose.HIDDEN_REPLIES)


def test_every_follower_is_listed_and_the_blocked_one_is_a_gap(city: Account, made: Made, client: PoliteClient) -> None:
    found = captured(city, SUBSCRIBER_LISTS, client)
    pages = [item for item in found if isinstance(item, Page) and item.purpose == Purpose.SUBSCRIBERS]
    listed = [follower["did"] for page in pages for follower in json.loads(page.body)["followers"]]

    assert sorted(listed) == sorted(made.listed_followers())
    assert [item.subject for item in found if isinstance(item, Gap)] == [made.did_of("blocked")]


def test_every_picture_is_the_very_one_that_was_posted(
    city: Account, made: Made, network: dict[str, str], client: PoliteClient, tmp_path: Path
) -> None:
    feed = own_feed(captured(city, OFFICIAL_POSTS, client))
    embed = feed[made.uri("posts", "budget")]["record"]["embed"]
    cids = [image["image"]["ref"]["$link"] for image in embed["images"]]
    cids.append(feed[made.uri("posts", "link")]["record"]["embed"]["external"]["thumb"]["ref"]["$link"])
    url = f"{network['pds']}/xrpc/com.atproto.sync.getBlob?did={made.did}&cid="

    refs = [MediaRef(cid, url + cid, "image", None) for cid in cids]
    fetched = list(fetch_media(refs, client, home=city.api, folder=tmp_path))

    assert [exchange.sha256 for exchange, _ in fetched] == [blob_sha256(cid) for cid in cids]
