"""A city on a real AT Protocol network, captured between its two acts and after: sealed rows against the seed's record.

Once from the recording, and once (marker real) on an empty network that runs:
``MUNIMENT_ATPROTO_NETWORK`` names its JSON file, and ``MUNIMENT_ATPROTO_SEED`` another program
that makes the city on it than the one here. See docs/real-bluesky-network.md.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libipld
import pytest

from muniment.embedded.seaweed import SeaweedFS
from tests.end_to_end.city_of_x_run import SERIES, Act, Sealed, run_live, run_recorded
from tests.replies.city_of_x import blob_sha256
from tests.replies.replay_server import replaying

EDITED = ("Polls open 7 am to 8 pm on Nov 3.", "CORRECTION: Polls open 6 am to 8 pm on Nov 3.")
PROFILE = (
    "Official account of the City of X. Comments are public records. Terms: https://cityofx.gov/social",
    "Official account of the City of X. New comment policy of 2026.",
)
LEFT = ("author_deleted", "goneuser", "dropout")  # a reply deleted, an account deleted, one deactivated

Acts = tuple[Act, Act]


@pytest.fixture(scope="module", params=["recorded", pytest.param("live", marks=pytest.mark.real)])
def acts(request: pytest.FixtureRequest, store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acts]:
    home = tmp_path_factory.mktemp(request.param)
    if request.param == "recorded":
        with replaying() as server:
            yield run_recorded(store, home, server)
            assert server.unrecorded == []
        return
    network = os.environ.get("MUNIMENT_ATPROTO_NETWORK")
    if not network:
        pytest.skip("MUNIMENT_ATPROTO_NETWORK names no network")
    yield run_live(store, home, Path(network), os.environ.get("MUNIMENT_ATPROTO_SEED"))


@pytest.fixture
def before(acts: Acts) -> Act:
    return acts[0]


@pytest.fixture
def after(acts: Acts) -> Act:
    return acts[1]


def versions(sealed: Sealed) -> dict[str, str]:
    """Return each post's and reply's CID, which is a hash of all that it says, by its URI."""
    return {
        key: json.loads(row["raw"])["cid"] for key, row in sealed.current.items() if row["kind"] in ("post", "reply")
    }


def made_versions(act: Act, kind: str) -> dict[str, str]:
    return {ref["uri"]: ref["cid"] for ref in act.made.record[kind].values()}


def blobs_in(value: Any) -> Iterator[str]:
    """Yield the CID of each blob that the record *value* names."""
    if isinstance(value, dict) and value.get("$type") == "blob":
        reference = value["ref"]
        yield reference["$link"] if isinstance(reference, dict) else libipld.encode_cid(reference)
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from blobs_in(part)


def blobs_of_the_city(before: Act) -> set[str]:
    """Return the blobs that the city's signed repository names, at the commit that the seed wrote down."""
    header, blocks = libipld.decode_car(before.sealed["official-posts"].body("repository"))
    assert libipld.encode_cid(header["roots"][0]) == before.made.record["t1_rev"]["cid"]
    return {cid for block in blocks.values() for cid in blobs_in(block)}


def test_both_captures_are_accepted_and_the_second_builds_on_the_first(before: Act, after: Act) -> None:
    assert set(before.sealed) == set(after.sealed) == set(SERIES)
    for series in SERIES:
        first, second = before.sealed[series].manifest, after.sealed[series].manifest
        assert (first.verdict.outcome, second.verdict.outcome) == ("accepted", "accepted")
        assert not first.origin.simulator
        assert (first.reads, second.reads) == ((), (first.snapshot,))
        assert second.previous is not None
        assert second.previous.manifest_sha256 == first.sha256()


def test_every_post_is_sealed_as_it_was_made_and_no_other(before: Act) -> None:
    made = made_versions(before, "posts")
    del made[before.made.uri("posts", "quote")]  # another account's
    made[before.made.uri("replies", "city_answer")] = before.made.record["replies"]["city_answer"]["cid"]

    assert versions(before.sealed["official-posts"]) == made
    assert len(made) == 69


def test_every_reply_is_sealed_as_it_was_made_and_no_other(before: Act) -> None:
    sealed = before.sealed["public-comments"]
    budget = before.made.uri("posts", "budget")
    comments = {key: row for key, row in sealed.current.items() if row["reply_root_id"] == budget}
    named = {key: cid for key, cid in versions(sealed).items() if key not in comments}
    made = made_versions(before, "replies")
    made |= {
        before.made.uri("posts", name): before.made.record["posts"][name]["cid"] for name in ("thread2", "thread3")
    }

    assert named == made
    assert len(made) == 13
    # The seed writes down no address of these twenty: one a person, each saying who it is by.
    assert len(comments) == 20
    assert {row["author_id"]: row["text"] for row in comments.values()} == {
        before.made.did_of(f"resident{number:03d}"): f"Comment by resident{number:03d}" for number in range(20)
    }


def test_the_replies_that_the_thread_hides_are_sealed_and_marked(before: Act, after: Act) -> None:
    for act in (before, after):
        rows = act.sealed["public-comments"].current
        hidden = {key for key, row in rows.items() if row["visibility"] == "hidden"}
        assert hidden == {act.made.uri("replies", name) for name in ("troll_hidden", "blocked_author")}
        assert rows[act.made.uri("replies", "troll_hidden")]["text"] == "You are all idiots and crooks"


def test_every_follower_is_sealed_by_id_and_handle_and_the_blocked_one_is_a_gap(before: Act, after: Act) -> None:
    for act, number in ((before, 37), (after, 34)):
        sealed = act.sealed["subscriber-lists"]
        handles = {account["did"]: account["handle"] for account in act.made.record["accounts"].values()}
        assert {key: row["handle"] for key, row in sealed.current.items()} == {
            did: handles[did] for did in act.made.listed_followers()
        }
        assert len(sealed.current) == number
        assert [(gap.purpose, gap.count) for gap in sealed.manifest.gaps] == [("subscribers", 1)]


def test_every_picture_of_the_city_is_sealed_byte_for_byte_as_it_was_posted(before: Act, after: Act) -> None:
    sealed = before.sealed["official-posts"]
    made = blobs_of_the_city(before)

    assert len(made) == 5  # two in a post, a card's, the profile's two
    assert {medium.media_id: medium.sha256 for medium in sealed.media} == {cid: blob_sha256(cid) for cid in made}
    for cid in made:
        assert hashlib.sha256(sealed.medium(blob_sha256(cid))).hexdigest() == blob_sha256(cid)
    assert after.sealed["official-posts"].media == []  # the volume has them


def test_a_residents_picture_is_sealed_as_the_platform_shows_it(before: Act, after: Act) -> None:
    sealed = before.sealed["public-comments"]
    reply = sealed.current[before.made.uri("replies", "img")]
    (medium,) = sealed.media

    assert [medium.media_id] == list(blobs_in(json.loads(reply["raw"])["record"]))
    assert medium.media_id in medium.url
    assert medium.sha256 is not None
    assert sealed.medium(medium.sha256) == before.shown(medium.url)
    assert after.sealed["public-comments"].media == []


def test_the_second_snapshot_shows_the_edited_post_the_deleted_one_and_the_new_profile(before: Act, after: Act) -> None:
    old, new = before.sealed["official-posts"], after.sealed["official-posts"]
    edited, deleted, did = after.made.uri("posts", "edited"), after.made.uri("posts", "deleted"), after.made.did
    states = new.states

    assert sorted(states["changed"]) == sorted([edited, did])
    assert (states["new"], states["gone"]) == ([], [deleted])
    assert len(states["unchanged"]) == 67
    assert (old.current[edited]["text"], new.current[edited]["text"]) == EDITED
    assert tuple(sealed.current[did]["text"] for sealed in (old, new)) == tuple(f"City of X\n\n{x}" for x in PROFILE)
    assert old.current[deleted]["text"] == "Posted in error: wrong date for the parade"
    assert deleted not in new.current


def test_the_second_snapshot_still_holds_every_other_post_as_it_was_made(before: Act, after: Act) -> None:
    made = versions(before.sealed["official-posts"])
    del made[after.made.uri("posts", "deleted")]
    made[after.made.uri("posts", "edited")] = after.made.record["edited_new"]["cid"]

    assert versions(after.sealed["official-posts"]) == made


def test_the_second_snapshot_shows_which_replies_and_followers_went(before: Act, after: Act) -> None:
    replies, followers = (after.sealed[series].states for series in ("public-comments", "subscriber-lists"))

    assert sorted(replies["gone"]) == sorted(after.made.uri("replies", name) for name in LEFT)
    assert (replies["new"], replies["changed"], len(replies["unchanged"])) == ([], [], 30)
    gone = ("resident000", "goneuser", "dropout")  # one stopped following
    assert sorted(followers["gone"]) == sorted(after.made.did_of(name) for name in gone)
    assert (followers["new"], followers["changed"], len(followers["unchanged"])) == ([], [], 34)
