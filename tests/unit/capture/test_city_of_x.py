"""A recorded run of a real AT Protocol network, replayed through the real client and connectors."""

import json
from datetime import UTC, datetime
from pathlib import Path

import libipld
import pytest

from muniment.capture.media import fetch_media
from muniment.capture.platforms import Source, capture
from muniment.capture.polite_client import PoliteClient
from muniment.records.agency import Platform
from muniment.records.names import SeriesId
from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.records.rows import MediaRef
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from tests.replies.city_of_x import Made, blob_sha256, own_feed, posts_in
from tests.replies.replay import ReplayTransport
from tests.unit.capture.doubles import account

REPLIES = Path(__file__).parents[2] / "replies" / "bluesky-city-of-x"
ACTS = ("before", "after")
CITY = account(Platform.BLUESKY, handle="cityofx.test", api="http://127.0.0.1:2584", directory="http://127.0.0.1:2582")

Captured = tuple[Made, list[Page | Gap]]


def client(act: str) -> PoliteClient:
    transport = ReplayTransport(REPLIES / f"{act}.warc.gz")
    return PoliteClient(agent="Muniment/0", clock=lambda: datetime.now(UTC), transport=transport)


def found_in(act: str, series: SeriesId) -> Captured:
    source = Source(account=CITY, drop=Path("none"), invented_people=True)
    return Made.read(REPLIES / f"made-{act}.json"), list(capture(source, series, client(act)))


@pytest.mark.parametrize("act", ACTS)
def test_every_post_that_was_made_is_captured_and_no_other(act: str) -> None:
    made, found = found_in(act, OFFICIAL_POSTS)

    assert set(own_feed(found)) == made.own_posts()
    assert len(made.own_posts()) == {"before": 69, "after": 68}[act]


def test_the_second_capture_shows_the_edit_the_deletion_and_the_new_profile() -> None:
    made, before = found_in("before", OFFICIAL_POSTS)
    _, after = found_in("after", OFFICIAL_POSTS)
    edited = made.uri("posts", "edited")

    assert own_feed(before)[edited]["record"]["text"] == "Polls open 7 am to 8 pm on Nov 3."
    assert own_feed(after)[edited]["record"]["text"] == "CORRECTION: Polls open 6 am to 8 pm on Nov 3."
    assert set(own_feed(before)) - set(own_feed(after)) == {made.uri("posts", "deleted")}
    assert b"New comment policy of 2026" in _only(after, Purpose.ACCOUNT).body
    assert b"New comment policy of 2026" not in _only(before, Purpose.ACCOUNT).body


def test_the_accounts_own_signed_repository_is_captured_whole() -> None:
    made, found = found_in("before", OFFICIAL_POSTS)

    header, blocks = libipld.decode_car(_only(found, Purpose.REPOSITORY).body)

    assert libipld.encode_cid(header["roots"][0]) == made.record["t1_rev"]["cid"]
    assert blocks[header["roots"][0]]["did"] == made.did
    assert _only(found, Purpose.DID_DOCUMENT).subject == made.did


@pytest.mark.parametrize("act", ACTS)
def test_every_reply_is_captured_the_hidden_and_the_blocked_included(act: str) -> None:
    made, found = found_in(act, PUBLIC_COMMENTS)
    views = posts_in(found, Purpose.THREAD) | posts_in(found, Purpose.HIDDEN_REPLIES)
    replies = {uri: view for uri, view in views.items() if "reply" in view["record"]}
    budget = made.uri("posts", "budget")
    comments = {uri: view for uri, view in replies.items() if view["record"]["reply"]["root"]["uri"] == budget}

    assert {view["author"]["did"] for view in comments.values()} == made.commenters()
    assert len(comments) == 20
    own_thread = {made.uri("posts", "thread2"), made.uri("posts", "thread3")}
    assert set(replies) - set(comments) - own_thread == made.replies()


@pytest.mark.parametrize("act", ACTS)
def test_a_reply_that_the_thread_gate_hides_is_captured_with_the_gate_that_names_it(act: str) -> None:
    made, found = found_in(act, PUBLIC_COMMENTS)
    hidden, snow = made.uri("replies", "troll_hidden"), made.uri("posts", "snow")

    assert hidden in posts_in(found, Purpose.THREAD)
    assert posts_in(found, Purpose.THREAD)[snow]["threadgate"]["record"]["hiddenReplies"] == [hidden]


@pytest.mark.parametrize("act", ACTS)
def test_no_reply_is_asked_for_twice(act: str) -> None:
    _, found = found_in(act, PUBLIC_COMMENTS)

    assert not posts_in(found, Purpose.THREAD).keys() & posts_in(found, Purpose.HIDDEN_REPLIES).keys()


@pytest.mark.parametrize("act", ACTS)
def test_a_reply_of_a_blocked_person_is_asked_for_by_name_and_their_other_posts_are_not_kept(act: str) -> None:
    made, found = found_in(act, PUBLIC_COMMENTS)
    page = next(item for item in found if isinstance(item, Page) and "getPosts" in item.url and "uris=" in item.url)

    assert [view["uri"] for view in json.loads(page.body)["posts"]] == [made.uri("replies", "blocked_author")]
    assert page.subject == made.uri("posts", "snow")
    assert not any(isinstance(item, Page) and f"actor={made.did_of('blocked')}" in item.url for item in found)


@pytest.mark.parametrize("act", ACTS)
def test_every_follower_is_listed_and_the_blocked_one_is_a_gap(act: str) -> None:
    made, found = found_in(act, SUBSCRIBER_LISTS)
    pages = [item for item in found if isinstance(item, Page) and item.purpose == Purpose.SUBSCRIBERS]
    listed = [follower["did"] for page in pages for follower in json.loads(page.body)["followers"]]
    gaps = [item for item in found if isinstance(item, Gap)]

    assert len(listed) == len(set(listed)) == {"before": 37, "after": 34}[act]
    assert set(listed) == made.listed_followers()
    assert [(gap.subject, gap.reason) for gap in gaps] == [(made.did_of("blocked"), GapReason.NOT_OFFERED)]


def test_every_picture_is_fetched_and_is_the_very_one_that_was_posted(tmp_path: Path) -> None:
    made, found = found_in("before", OFFICIAL_POSTS)
    embed = own_feed(found)[made.uri("posts", "budget")]["record"]["embed"]
    cids = [image["image"]["ref"]["$link"] for image in embed["images"]]
    blob = f"http://localhost:2583/xrpc/com.atproto.sync.getBlob?did={made.did}&cid="

    refs = [MediaRef(cid, blob + cid, "image", None) for cid in cids]
    fetched = list(fetch_media(refs, client("before"), home=CITY.api, folder=tmp_path))

    assert [exchange.sha256 for exchange, _ in fetched] == [blob_sha256(cid) for cid in cids]
    assert [exchange.content_type for exchange, _ in fetched] == ["image/jpeg", "image/png"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("series", [OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS])
def test_pages_are_numbered_in_the_order_they_came(act: str, series: SeriesId) -> None:
    _, found = found_in(act, series)
    pages = [item for item in found if isinstance(item, Page)]

    assert [page.sequence for page in pages] == list(range(len(pages)))
    assert all(page.status == 200 and page.requested_at <= page.received_at for page in pages)


def _only(found: list[Page | Gap], purpose: Purpose) -> Page:
    (page,) = [item for item in found if isinstance(item, Page) and item.purpose == purpose]
    return page
