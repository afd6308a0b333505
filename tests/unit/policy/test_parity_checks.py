"""Posts beside the website: what has no counterpart, and what is kept as original until a person says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from muniment.evidence.register_event import RegisterEvent
from muniment.policy.check import Outcome
from muniment.policy.checks.parity import judge_originality, judge_parity
from muniment.policy.content.classification import classify_posts, list_articles
from muniment.policy.content.reviews import CLASSIFIED, item_hash, text_hash
from muniment.policy.content.similarity import Label, Method
from muniment.policy.scene import ItemFact, Scene
from muniment.records.agency import AccountStatus, Platform
from muniment.records.names import AccountId
from muniment.records.schedule import RetentionSchedule
from muniment.records.series import OFFICIAL_POSTS
from tests.unit.policy.items import article, item
from tests.unit.policy.scenes import NOW, build_scene, claremont, event, snapshot, with_account

HOURS = (
    "From December the library opens at 9 a.m. on Saturdays.",
    "New library hours\n\nFrom December the library opens at 9 a.m. on Saturdays.",
)
TORTOISE = "Found near Memorial Park: one tortoise, calm, fond of hibiscus."
LONG_AGO = NOW - timedelta(days=400)


def days_ago(days: float) -> dict[str, Any]:
    return {"published_at": NOW - timedelta(days=days)}


def scene(*posts: ItemFact, **facts: Any) -> Scene:
    """Return a scene of *posts* beside two articles, the first of them of 400 days ago."""
    articles = (article("Living with coyotes", "coyotes", published_at=LONG_AGO), article(HOURS[1], "hours"))
    snapshots = (snapshot("bluesky-city"), snapshot("website-news"), snapshot("mastodon-city"))
    return build_scene(**{"posts": [*articles, *posts], "snapshots": snapshots} | facts)


def decided(post: ItemFact, label: str, **facts: Any) -> RegisterEvent:
    said = {"item": item_hash(post.account, post.item_id), "text_sha256": text_hash(post.text), "class": label}
    return event("policy-reviews", CLASSIFIED, post.account, facts=said | {"reviewer": "pio", "article": None} | facts)


def test_posts_without_counterpart_are_told_by_account_department_and_age() -> None:
    judged = judge_parity(
        scene(
            item(TORTOISE, "1", **days_ago(0.5)),
            item("Pizza boxes: yes if empty, no if greasy.", "2", **days_ago(20)),
            item("Power is out north of Base Line Road.", "3", **days_ago(200)),
            item(HOURS[0], "4", **days_ago(3)),
            item(TORTOISE, "5", account="mastodon-city", **days_ago(0.5)),
        )
    )

    assert judged.outcome is Outcome.NOT_KEPT
    assert [(one.code, one.subject, one.count) for one in judged.findings] == [
        ("K040", "bluesky-city", 3),
        ("K040", "mastodon-city", 1),
    ]
    assert judged.findings[0].detail == (
        "3 posts of City Manager's Office without counterpart: "
        "1 up to 1 day old, 1 up to 30 days old, 1 over 90 days old"
    )
    assert judged.facts["accounts"]["bluesky-city"]["counterpart"] == 1  # type: ignore[index,call-overload]


def test_no_text_of_a_post_stands_in_a_judgement() -> None:
    judged = judge_parity(scene(item(TORTOISE, "1")))

    assert "tortoise" not in repr(judged)


def test_posts_that_the_website_has_pass_with_both_manifests_as_evidence() -> None:
    judged = judge_parity(scene(item(HOURS[0])))

    assert judged.outcome is Outcome.KEPT
    assert judged.evidence == tuple(sorted(snapshot(name).key for name in ("bluesky-city", "website-news")))


def test_an_article_that_the_feed_lists_no_more_is_a_counterpart_all_the_same() -> None:
    gone = article("Found: one tortoise\n\n" + TORTOISE, "tortoise", published_at=LONG_AGO)
    post = item(TORTOISE)

    assert judge_parity(scene(post)).findings
    assert judge_parity(scene(post, seen_articles=lambda: (gone,))).outcome is Outcome.KEPT


def test_answers_reposts_and_profiles_are_not_asked_of_the_website() -> None:
    kinds = [item(TORTOISE, kind, kind=kind) for kind in ("reply", "repost", "profile")]

    assert judge_parity(scene(item(HOURS[0]), *kinds)).outcome is Outcome.KEPT
    assert judge_parity(scene(*kinds)).outcome is Outcome.NOTHING_TO_CHECK


def test_a_post_older_than_the_first_captured_article_is_told_and_not_held_against_the_account() -> None:
    judged = judge_parity(scene(item(TORTOISE, **days_ago(401)), item(HOURS[0], "2")))

    assert judged.outcome is Outcome.KEPT
    assert "1 post of before the first captured article cannot be compared" in judged.sentence


def test_a_post_that_cannot_be_told_is_not_taken_for_one_with_a_counterpart() -> None:
    judged = judge_parity(scene(item("📚"), item(HOURS[0], "2")))

    assert judged.outcome is Outcome.CANNOT_TELL
    assert judged.findings == ()


@pytest.mark.parametrize("judge", [judge_parity, judge_originality])
def test_without_accounts_there_is_nothing_to_check_and_without_a_website_parity_cannot_be_told(judge: Any) -> None:
    agency = claremont()
    alone = with_account(agency, "website-news", platform=Platform.NEWSLETTER, series=())
    ended = replace(agency, accounts=tuple(replace(one, status=AccountStatus.TERMINATED) for one in agency.accounts))

    assert judge(scene(agency=ended)).outcome is Outcome.NOTHING_TO_CHECK
    assert judge_parity(scene(item(HOURS[0]), agency=alone)).outcome is Outcome.CANNOT_TELL
    assert judge_parity(build_scene(posts=[item(HOURS[0])])).outcome is Outcome.CANNOT_TELL


def test_what_is_undetermined_waits_for_a_person_and_is_never_taken_for_known() -> None:
    judged = judge_originality(scene(item("📚"), item(TORTOISE, "2")))

    assert judged.outcome is Outcome.CANNOT_TELL
    assert [(one.code, one.subject, one.count) for one in judged.findings] == [("K041", "bluesky-city", 1)]


def test_a_reviewer_has_the_last_word() -> None:
    open_post, posted = item("📚"), item(HOURS[0], "2")
    words = [decided(open_post, "original"), replace(decided(posted, "original"), id="other")]

    judged = judge_originality(scene(open_post, posted, events={"policy-reviews": words}))

    assert judged.outcome is Outcome.KEPT
    assert judged.facts["accounts"] == {"bluesky-city": {"original": 2}}


def test_a_decision_does_not_outlive_the_words_that_it_was_taken_over() -> None:
    before, after = item(HOURS[0]), item(TORTOISE)
    kept = scene(after, events={"policy-reviews": [decided(before, "reflects-official-source", article="hours")]})

    found = next(iter(classify_posts(kept, list_articles(kept))))

    assert found.outdated
    assert (found.match.label, found.decision) == (Label.ORIGINAL, None)


def test_the_later_of_two_decisions_holds_and_an_unknown_label_is_none() -> None:
    post = item(TORTOISE)
    words = [
        replace(decided(post, "mixed"), id="b", at="2026-11-02T00:00:00.000000Z"),
        replace(decided(post, "reflects-official-source", article="hours"), id="a", at="2026-11-01T00:00:00.000000Z"),
        replace(decided(item("Other", "9"), "nonsense"), id="c"),
    ]
    kept = scene(post, item("Other", "9"), events={"policy-reviews": words})

    first, second = classify_posts(kept, list_articles(kept))

    assert (first.match.label, first.match.method) == (Label.MIXED, Method.REVIEWER)
    assert second.decision is None


def test_a_post_decided_to_reflect_what_is_not_captured_any_more_is_found() -> None:
    post = item(TORTOISE)
    there = {"policy-reviews": [decided(post, "reflects-official-source", article="hours")]}
    recent, old = ("2026-11-10T00:00:00.000000Z", "2025-01-01T00:00:00.000000Z")
    gone = {"policy-reviews": [decided(post, "reflects-official-source", article="withdrawn", article_at=recent)]}
    ran_out = {"policy-reviews": [decided(post, "reflects-official-source", article="long-ago", article_at=old)]}

    assert judge_originality(scene(post, events=there)).outcome is Outcome.KEPT
    assert judge_originality(scene(post, events=ran_out)).outcome is Outcome.KEPT  # the feed lists the newest only
    judged = judge_originality(scene(post, events=gone))
    assert judged.outcome is Outcome.NOT_KEPT
    assert [(one.code, one.subject) for one in judged.findings] == [("K042", "bluesky-city")]


def test_original_posts_without_a_row_of_the_schedule_are_found() -> None:
    agency = claremont()
    rows = tuple(row for row in agency.schedule.rows if row.series != OFFICIAL_POSTS)
    bare: RetentionSchedule = replace(agency.schedule, rows=rows)

    judged = judge_originality(scene(item(TORTOISE), agency=replace(agency, schedule=bare)))

    assert [(one.code, one.subject) for one in judged.findings] == [("K043", "claremont")]


def test_originals_reflections_and_short_answers_pass() -> None:
    answers = [item("Yes.", "3", kind="reply"), item("👍", "4", kind="repost")]

    judged = judge_originality(scene(item(TORTOISE), item(HOURS[0], "2"), *answers))

    assert judged.outcome is Outcome.KEPT
    assert judged.facts["accounts"] == {"bluesky-city": {"original": 3, "reflects-official-source": 1}}


def test_an_accounts_sign_off_is_no_counterpart() -> None:
    sign_off = "Living with coyotes is our neighbourhood newsletter"
    posts = [
        item(f"{text}\n{sign_off}", text)
        for text in ("Lost cat on Mills Avenue.", "Pool closed.", "Bus late.", "Rain.", "Wind.")
    ]
    kept = scene(*posts)

    assert Label.REFLECTS not in {found.match.label for found in classify_posts(kept, list_articles(kept))}
    assert AccountId("bluesky-city") in {found.post.account for found in classify_posts(kept, list_articles(kept))}
