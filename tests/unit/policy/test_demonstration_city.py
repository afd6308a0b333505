"""The content checks over the demonstration city's own scenario, from the platforms' answers through the parsers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from muniment.policy.check import Outcome
from muniment.policy.checks.interactions import judge_policy_rule, judge_statute_rule
from muniment.policy.checks.personal_data import judge_personal_data
from muniment.policy.checks.profile import judge_statements
from muniment.policy.scene import ItemFact, PageFact, ProfileFact
from muniment.records.agency import Platform
from muniment.records.names import AccountId, SeriesId, SnapshotId
from muniment.records.page import Purpose
from muniment.records.rows import SURROUNDINGS, WHOLE_PAGE, ItemKind, ItemRow
from muniment.records.series import OFFICIAL_POSTS, POLICIES, PUBLIC_COMMENTS
from muniment.workflows.pages.readings import PageText
from tests.unit.parsing.pages import page_of, parse
from tests.unit.platform_simulator.asking import CITY, START, Asked, demo
from tests.unit.policy.scenes import build_scene, claremont, snapshot

BLUESKY, MASTODON = AccountId("bluesky-city"), AccountId("mastodon-city")
AT = SnapshotId("2026-11-21t190000z-0000000000")


def rows(
    answer: Any, purpose: Purpose, account: AccountId, series: SeriesId, subject: str | None = None
) -> list[ItemRow]:
    platform = Platform.BLUESKY if account == BLUESKY else Platform.MASTODON
    page = page_of(json.dumps(answer).encode(), purpose, subject=subject)
    registered = claremont().account(account)
    return [row for row in parse(page, platform, series, account=registered).rows if isinstance(row, ItemRow)]


def fact(row: ItemRow, account: AccountId, series: SeriesId) -> ItemFact:
    return ItemFact(
        account=account,
        series=series,
        snapshot=AT,
        item_id=row.item_id,
        kind=row.kind,
        url=row.url,
        author_id=row.author_id,
        author_handle=row.author_handle,
        published_at=row.published_at,
        edited_at=row.edited_at,
        text=row.text,
        reply_parent_id=row.reply_parent_id,
        reply_root_id=row.reply_root_id,
        visibility=row.visibility,
        links=tuple(row.links),
        media=(),
    )


def read_bluesky(asked: Asked) -> Iterator[tuple[AccountId, SeriesId, ItemRow]]:
    profile = asked.read("/xrpc/app.bsky.actor.getProfile", actor=CITY)
    feed = asked.feed(limit=100, filter="posts_no_replies")
    for answer, purpose in ((profile, Purpose.ACCOUNT), (feed, Purpose.POSTS)):
        yield from ((BLUESKY, OFFICIAL_POSTS, row) for row in rows(answer, purpose, BLUESKY, OFFICIAL_POSTS))
    for uri in (one["post"]["uri"] for one in feed["feed"]):
        thread = asked.read("/xrpc/app.bsky.feed.getPostThread", uri=uri, depth=100)
        yield from (
            (BLUESKY, PUBLIC_COMMENTS, row) for row in rows(thread, Purpose.THREAD, BLUESKY, PUBLIC_COMMENTS, uri)
        )


def read_mastodon(asked: Asked) -> Iterator[tuple[AccountId, SeriesId, ItemRow]]:
    account = asked.read("/api/v1/accounts/lookup", acct="cityhall")
    statuses = asked.read(f"/api/v1/accounts/{account['id']}/statuses", limit=40, exclude_replies="true")
    for answer, purpose in ((account, Purpose.ACCOUNT), (statuses, Purpose.POSTS)):
        yield from ((MASTODON, OFFICIAL_POSTS, row) for row in rows(answer, purpose, MASTODON, OFFICIAL_POSTS))
    for number in (one["id"] for one in statuses):
        context = asked.read(f"/api/v1/statuses/{number}/context")
        yield from (
            (MASTODON, PUBLIC_COMMENTS, row) for row in rows(context, Purpose.THREAD, MASTODON, PUBLIC_COMMENTS, number)
        )


def read_page(asked: Asked, page_id: str) -> PageFact:
    answer = asked.ask(f"/pages/{page_id}.html")
    page = page_of(answer.content, Purpose.WEB_PAGE, headers={"Content-Type": answer.headers["content-type"]})
    parsed = parse(page, Platform.WEB_PAGE, POLICIES)
    texts = {row.item_id: row.text or "" for row in parsed.rows if isinstance(row, ItemRow)}
    whole, _ = texts.pop(WHOLE_PAGE), texts.pop(SURROUNDINGS, None)
    reading = PageText(whole=whole, surroundings=None, clauses=texts).reading()
    return PageFact(
        page=page_id,
        status=answer.status_code,
        text_sha256=reading.sha256,
        text=whole,
        captured_at=START,
        key=snapshot(page_id, POLICIES).key,
        clauses=reading.clauses,
    )


@pytest.fixture(scope="module")
def scene() -> Any:
    asked = demo()
    found = [*read_bluesky(asked), *read_mastodon(asked)]
    facts = [fact(row, account, series) for account, series, row in found]
    profiles = {
        account: ProfileFact(
            account=account,
            snapshot=AT,
            key=snapshot(account).key,
            name=row.author_name,
            text=row.text,
            links=tuple(row.links),
            pictures=(),
            captured_at=START,
        )
        for account, _, row in found
        if row.kind is ItemKind.PROFILE
    }
    return build_scene(
        posts=[one for one in facts if one.series == OFFICIAL_POSTS],
        comments=[one for one in facts if one.series == PUBLIC_COMMENTS and one.kind == ItemKind.REPLY],
        profiles=profiles,
    )


def test_the_profile_that_lacks_two_things_is_told_from_the_one_that_lacks_none(scene: Any) -> None:
    judged = judge_statements(scene)

    assert [(one.code, one.subject) for one in judged.findings] == [
        ("K031", "mastodon-city"),
        ("K032", "mastodon-city/comment-policy"),
    ]


def test_the_policies_are_the_texts_in_force_until_a_clause_changes_and_no_version_says_so(scene: Any) -> None:
    asked = demo()

    def judge() -> set[tuple[str, str]]:
        pages = {name: read_page(asked, name) for name in ("social-media-policy", "comment-policy")}
        return {(one.code, one.subject) for one in judge_statements(replace(scene, pages=pages)).findings}

    lacking = {("K031", "mastodon-city"), ("K032", "mastodon-city/comment-policy")}
    assert judge() == lacking
    asked.advance(2 * 3600)
    assert judge() == lacking | {("K034", f"{account}/social-media-policy") for account in (BLUESKY, MASTODON)}


def test_members_are_known_by_their_handles_on_both_platforms(scene: Any) -> None:
    assert {one.subject for one in judge_policy_rule(scene).findings} == {"bluesky-city", "mastodon-city"}
    # Esme answers Farid under the post of the tree inventory: once, on each platform.
    assert [(one.code, one.subject, one.count) for one in judge_statute_rule(scene).findings] == [
        ("K056", "bluesky-city", 1),
        ("K056", "mastodon-city", 1),
    ]


def test_the_citys_posts_carry_its_own_telephone_and_nothing_personal(scene: Any) -> None:
    judged = judge_personal_data(scene)

    assert judged.outcome is Outcome.KEPT
    assert any("909-555-0142" in (post.text or "") for post in scene.posts())
