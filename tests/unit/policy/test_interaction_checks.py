"""Members of legislative bodies on the City's accounts: one is enough, no name is told, and no icon is denied."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from muniment.policy.check import Outcome
from muniment.policy.checks.interactions import (
    POLICY_RULE,
    STATUTE_RULE,
    judge_policy_rule,
    judge_statute_rule,
)
from muniment.policy.content.reviews import REVIEWED, item_hash
from muniment.policy.scene import ItemFact, Scene
from muniment.records.agency import AccountStatus
from muniment.records.names import SnapshotId
from muniment.records.policy import Member
from tests.unit.policy.items import item
from tests.unit.policy.scenes import build_scene, claremont, event, snapshot, with_policy

ONE, TWO, THREE = "did:plc:one", "did:plc:two", "did:plc:three"
CITY_POST = "at://did:plc:city/app.bsky.feed.post/3city"


def member(name: str, *accounts: str, body: str = "City Council", **changes: Any) -> Member:
    return Member(**{"name": name, "body": body, "accounts": accounts, "valid_from": date(2024, 12, 1)} | changes)


MEMBERS = (
    member("Odalys Brightwater", ONE, "@odalys@social.claremont.example"),
    member("Corwin Teague", "Teague.example"),
    member("Corwin Teague", "Teague.example", body="Planning Commission"),
    member("Imre Halloran", THREE, body="Planning Commission"),
    member("Former Fellow", "did:plc:former", valid_until=date(2026, 11, 16)),
)


def said(item_id: str, by: str, parent: str = CITY_POST, **changes: Any) -> ItemFact:
    author = (
        {"author_id": by, "author_handle": None} if by.startswith("did:") else {"author_id": "1", "author_handle": by}
    )
    return item(
        "A remark.",
        item_id,
        **{"series": "public-comments", "kind": "reply", "reply_parent_id": parent} | author | changes,
    )


def scene(*comments: ItemFact, members: tuple[Member, ...] = MEMBERS, **facts: Any) -> Scene:
    snapshots = tuple(snapshot(name, "public-comments") for name in ("bluesky-city", "mastodon-city"))
    agency = facts.pop("agency", None) or with_policy(claremont(), members=members)
    return build_scene(agency, comments=comments, **{"snapshots": snapshots} | facts)


def flags(judged: Any) -> list[tuple[str, str, int]]:
    return [(one.code, one.subject, one.count) for one in judged.findings]


def test_one_reply_of_a_member_on_a_city_account_is_a_flag_under_the_policy_and_none_under_the_statute() -> None:
    kept = scene(said("1", ONE), said("2", "did:plc:resident"))

    assert judge_policy_rule(kept).outcome is Outcome.NOT_KEPT
    assert flags(judge_policy_rule(kept)) == [("K055", "bluesky-city", 1)]
    assert flags(judge_statute_rule(kept)) == []


def test_a_member_who_answers_another_member_of_the_same_body_is_a_flag_under_both() -> None:
    kept = scene(said("at://x/1", ONE), said("at://x/2", "teague.EXAMPLE", "at://x/1"))

    assert flags(judge_policy_rule(kept)) == [("K055", "bluesky-city", 2)]
    judged = judge_statute_rule(kept)
    assert judged.outcome is Outcome.NOT_KEPT
    assert flags(judged) == [("K056", "bluesky-city", 1)]
    assert judged.evidence == (snapshot("bluesky-city", "public-comments").key,)


@pytest.mark.parametrize(
    "pair",
    [
        (said("a", ONE), said("b", THREE, "a")),  # another body
        (said("a", "teague.example"), said("b", "teague.example", "a")),  # to oneself, on two bodies
        (said("a", ONE), said("b", "did:plc:resident", "a")),
        (said("a", "did:plc:resident"), said("b", ONE, "a")),
        (said("a", ONE), said("b", "did:plc:former", "a")),  # no longer in office
    ],
)
def test_answers_that_the_statute_does_not_speak_of_are_no_flag_of_it(pair: tuple[ItemFact, ItemFact]) -> None:
    assert flags(judge_statute_rule(scene(*pair))) == []


def test_a_member_of_two_bodies_is_a_colleague_in_both() -> None:
    first = scene(said("a", "teague.example"), said("b", THREE, "a"))
    second = scene(said("a", "teague.example"), said("b", ONE, "a"))

    assert flags(judge_statute_rule(first)) == flags(judge_statute_rule(second)) == [("K056", "bluesky-city", 1)]


def test_an_answer_counts_though_what_it_answers_is_gone_or_stands_among_the_official_posts() -> None:
    members = (*MEMBERS, member("Second Seat", TWO))
    gone = scene(said("b", ONE, f"at://{TWO}/app.bsky.feed.post/3gone"), members=members)
    official = scene(said("b", ONE, "p"), members=members, posts=[item("Hello", "p", author_id=TWO)])

    assert flags(judge_statute_rule(gone)) == [("K056", "bluesky-city", 1)]
    assert flags(judge_statute_rule(official)) == [("K056", "bluesky-city", 1)]


@pytest.mark.parametrize(
    ("account", "handle", "flagged"),
    [
        ("mastodon-city", "odalys", True),  # the City's own server leaves its name out
        ("mastodon-city", "odalys@social.claremont.example", True),
        ("mastodon-city", "odalys@elsewhere.example", False),
        ("bluesky-city", "odalys", False),
    ],
)
def test_a_handle_is_known_on_its_own_server_only(account: str, handle: str, flagged: bool) -> None:
    assert bool(judge_policy_rule(scene(said("1", handle, account=account))).findings) is flagged


@pytest.mark.parametrize(
    ("at", "flagged"),
    [("2026-11-17T07:59:00+00:00", True), ("2026-11-17T08:00:00+00:00", False), (None, True)],
)
def test_a_member_is_one_while_in_office_by_the_citys_own_day(at: str | None, flagged: bool) -> None:
    moment = None if at is None else datetime.fromisoformat(at)

    judged = judge_policy_rule(scene(said("1", "did:plc:former", published_at=moment)))

    assert bool(judged.findings) is flagged


def test_no_name_handle_or_text_stands_in_a_judgement() -> None:
    kept = scene(said("at://x/1", ONE), said("at://x/2", "teague.example", "at://x/1"))

    for judged in (judge_policy_rule(kept), judge_statute_rule(kept)):
        assert not re.search("odalys|teague|did:plc|remark|at://", repr(judged), re.IGNORECASE)


def test_what_counsel_reviewed_is_no_flag_any_more_under_that_rule() -> None:
    answer = said("at://x/2", "teague.example", "at://x/1")
    facts = {"item": item_hash(answer.account, answer.item_id), "rule": STATUTE_RULE, "reviewer": "counsel"}
    reviewed = {"policy-reviews": [event("policy-reviews", REVIEWED, "bluesky-city", facts=facts)]}
    kept = scene(said("at://x/1", ONE), answer, events=reviewed)

    assert flags(judge_statute_rule(kept)) == []
    assert flags(judge_policy_rule(kept)) == [("K055", "bluesky-city", 2)]
    assert POLICY_RULE != STATUTE_RULE


def test_where_a_colleague_may_have_put_an_icon_unseen_the_statute_is_never_said_to_be_kept() -> None:
    judged = judge_statute_rule(scene(said("1", ONE)))
    of_a_post = judge_statute_rule(scene(said("1", "did:plc:resident"), posts=[item("Hello", "p", author_id=TWO)]))

    assert judged.outcome is Outcome.CANNOT_TELL
    assert of_a_post.outcome is Outcome.KEPT  # nobody of the listed members made it
    assert judge_statute_rule(scene(posts=[item("Hello", "p", author_id=ONE)])).outcome is Outcome.CANNOT_TELL
    assert "not captured on bluesky and mastodon" in judged.sentence


def test_accounts_on_which_no_member_said_anything_pass_under_both_rules() -> None:
    kept = scene(said("1", "did:plc:resident"), said("2", "did:plc:former"))

    for judge in (judge_policy_rule, judge_statute_rule):
        judged = judge(kept)
        assert judged.outcome is Outcome.KEPT
        assert "of that nothing is said" in judged.sentence


def test_without_members_nothing_can_be_told_and_without_comments_there_is_nothing_to_check() -> None:
    agency = with_policy(claremont(), members=MEMBERS)
    ended = replace(agency, accounts=tuple(replace(one, status=AccountStatus.TERMINATED) for one in agency.accounts))

    for judge in (judge_policy_rule, judge_statute_rule):
        assert judge(scene(members=())).outcome is Outcome.CANNOT_TELL
        assert judge(scene(agency=ended)).outcome is Outcome.NOTHING_TO_CHECK


def test_evidence_is_the_manifest_of_the_snapshot_that_has_the_flag() -> None:
    other = SnapshotId("2026-11-18t180000z-0000000000")
    kept = scene(said("1", ONE, snapshot=other))

    assert judge_policy_rule(kept).evidence == ()
    assert judge_policy_rule(replace(kept, snapshots=(snapshot(snapshot=other, key="k"),))).evidence == ("k",)
