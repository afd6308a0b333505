"""The check `removal-record`: what captures show as removed, and what the ledger says, are the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.moderation import judge_removals
from muniment.policy.moderation.cases import Deed, Entry
from muniment.records.changes import Change, ChangeKind, Confidence, Window
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS
from tests.unit.policy.ledgers import AGO, REPLY, action, block, change, decision, in_register
from tests.unit.policy.scenes import CITY, build_scene, claremont, post, snapshot, with_account

URL = "https://bsky.example/profile/loud.example/post/3kabcdefgh234"


def judge(
    *changes: Change, cases: dict[str, Iterable[Entry]] | None = None, shown: bool = False, **facts: object
) -> Judgement:
    comments = [post(REPLY, series=PUBLIC_COMMENTS)] if shown else []
    events = in_register(**(cases or {}))
    taken = (snapshot(series=PUBLIC_COMMENTS), snapshot("mastodon-city", PUBLIC_COMMENTS))
    return judge_removals(build_scene(changes=changes, events=events, comments=comments, snapshots=taken, **facts))


def codes(judgement: Judgement) -> list[str]:
    return [finding.code for finding in judgement.findings]


def test_found() -> None:
    judgement = judge(change())

    assert (judgement.outcome, codes(judgement)) == (Outcome.NOT_KEPT, ["M001"])
    (finding,) = judgement.findings
    assert "did:plc" not in finding.subject + finding.detail
    assert "3kabcdefgh234" not in finding.subject + finding.detail


def test_sound() -> None:
    judgement = judge(change(), cases={"spam": [decision(), action()]})

    assert (judgement.outcome, judgement.findings) == (Outcome.KEPT, ())
    assert judgement.facts == {"observed": 1, "explained": 1}


def test_an_action_is_known_by_the_address_of_the_item_too() -> None:
    assert judge(change(), cases={"spam": [decision(), action(item=URL)]}).outcome is Outcome.KEPT


@pytest.mark.parametrize("minutes", [-31, 31])
def test_an_action_outside_of_the_window_explains_nothing_and_is_told(minutes: int) -> None:
    judgement = judge(change(), cases={"spam": [decision(), action(AGO + timedelta(minutes=minutes))]})

    assert codes(judgement) == ["M001"]
    assert "of which 1 with an action of another time" in judgement.findings[0].detail


@pytest.mark.parametrize("minutes", [-30, 30])
def test_a_quarter_of_an_hour_beside_the_window_is_taken_for_a_persons_watch(minutes: int) -> None:
    judgement = judge(change(), cases={"spam": [decision(), action(AGO + timedelta(minutes=minutes))]})

    assert judgement.outcome is Outcome.KEPT


@pytest.mark.parametrize(
    "wrong", [{"item": "at://did:plc:other/app.bsky.feed.post/3kzzzzzzzz234"}, {"account": "mastodon-city"}]
)
def test_an_action_on_another_item_or_account_explains_nothing(wrong: dict[str, str]) -> None:
    assert "M001" in codes(judge(change(), cases={"spam": [decision(), action(**wrong)]}))


def test_on_bluesky_nobody_is_accused_of_what_an_author_deleted() -> None:
    assert judge(change(ChangeKind.REMOVED, confidence=Confidence.CONFIRMED)).outcome is Outcome.KEPT


def test_on_a_server_of_its_own_the_city_could_have_and_the_sentence_says_who_else() -> None:
    judgement = judge(
        change(ChangeKind.REMOVED, account="mastodon-city", item_id="109876543210", confidence=Confidence.CONFIRMED)
    )

    assert codes(judgement) == ["M001"]
    assert "its author may have removed it: the platform does not tell the two apart" in judgement.findings[0].detail


def test_on_somebody_elses_server_it_could_not() -> None:
    agency = with_account(claremont(), "mastodon-city", address="https://mastodon.example/@cityhall")
    gone = change(ChangeKind.REMOVED, account="mastodon-city", item_id="109876543210", confidence=Confidence.CONFIRMED)
    scene = build_scene(agency, changes=(gone,), snapshots=(snapshot("mastodon-city", PUBLIC_COMMENTS),))

    assert judge_removals(scene).outcome is Outcome.KEPT


@pytest.mark.parametrize("confidence", [Confidence.UNCONFIRMED, Confidence.OUTAGE])
def test_a_doubtful_change_accuses_nobody(confidence: Confidence) -> None:
    assert judge(change(confidence=confidence)).outcome is Outcome.KEPT


def test_the_citys_own_posts_are_no_moderation() -> None:
    assert judge(change(series=OFFICIAL_POSTS)).outcome is Outcome.KEPT


def test_a_takedown_by_the_platform_is_not_the_citys() -> None:
    assert judge(change(ChangeKind.TAKEN_DOWN)).outcome is Outcome.KEPT


def test_unexplained_changes_of_one_capture_are_one_finding_with_their_number() -> None:
    judgement = judge(change(), change(item_id="at://did:plc:resident/app.bsky.feed.post/3kabcdefgh999"))

    assert [(finding.code, finding.count) for finding in judgement.findings] == [("M001", 2)]


def test_what_a_listing_and_a_probe_both_show_is_one_removal() -> None:
    window = Window(last_seen=AGO - timedelta(days=2), first_missing=AGO + timedelta(days=2))
    probed = change(window=window, confidence=Confidence.CONFIRMED)

    assert [(finding.code, finding.count) for finding in judge(probed, change()).findings] == [("M001", 1)]
    # The listing's narrower window is the one that an action must fit.
    late = {"spam": [decision(), action(AGO + timedelta(days=1))]}
    assert codes(judge(probed, change(), cases=late)) == ["M001"]


def test_what_was_hidden_twice_is_two_removals() -> None:
    again = change(at=AGO + timedelta(days=1))

    assert [finding.count for finding in judge(change(), again).findings] == [2]
    assert codes(judge(change(), again, cases={"spam": [decision(), action()]})) == ["M001"]


def test_a_block_explains_every_item_of_the_person() -> None:
    seen = [change(ChangeKind.AUTHOR_BLOCKED, item_id=f"{REPLY[:-1]}{number}") for number in range(3)]

    assert judge(*seen).findings[0].count == 3
    assert judge(*seen, cases={"loud": block(originator="did:plc:resident")}).outcome is Outcome.KEPT


def test_what_a_blocked_author_wrote_is_listed_as_hidden_and_is_one_removal() -> None:
    probed = change(ChangeKind.AUTHOR_BLOCKED)

    assert [finding.subject.split(" ")[-1] for finding in judge(change(), probed).findings] == ["author-blocked"]
    assert judge(change(), probed, cases={"loud": block()}).outcome is Outcome.KEPT
    # Before anybody asked for it, a DID is what tells whose it was.
    assert judge(change(), cases={"loud": block(originator="did:plc:resident")}).outcome is Outcome.KEPT
    assert codes(judge(change(), cases={"loud": block()})) == ["M001"]


def test_a_block_of_another_person_explains_nothing() -> None:
    seen = change(ChangeKind.AUTHOR_BLOCKED)

    judgement = judge(seen, cases={"loud": [action(deed=Deed.BLOCKED, item=None, originator="did:plc:somebody")]})

    assert codes(judgement) == ["M001"]


def test_an_action_that_the_next_capture_does_not_show_is_found() -> None:
    judgement = judge(cases={"spam": [decision(), action()]}, shown=True)

    assert codes(judgement) == ["M002"]


def test_an_action_after_the_last_capture_waits() -> None:
    early = snapshot(series=PUBLIC_COMMENTS, began_at=AGO - timedelta(hours=1))
    events = in_register(spam=[decision(), action()])

    assert judge_removals(build_scene(events=events, snapshots=(early,))).outcome is Outcome.KEPT


def test_something_removed_before_it_was_ever_captured_is_found() -> None:
    assert codes(judge(cases={"spam": [decision(), action(originator="loud.example")]})) == ["M009"]


def test_what_was_never_captured_needs_a_name_or_why_there_is_none() -> None:
    """claremont-social B.23: the user name of the originator, when possible."""
    assert codes(judge(cases={"spam": [decision(), action()]})) == ["M009", "M012"]
    assert codes(judge(cases={"spam": [decision(), action(unavailable="Gone at once")]})) == ["M009"]


def test_something_first_captured_when_it_was_hidden_already_was_never_captured_before() -> None:
    hidden = [decision(), action(originator="loud.example")]

    assert codes(judge(change(before=None), cases={"spam": hidden})) == ["M009"]


def test_something_missing_that_nobody_asked_for_yet_is_neither_unseen_nor_undone() -> None:
    doubtful = change(ChangeKind.MISSING, confidence=Confidence.UNCONFIRMED)

    assert judge(doubtful, cases={"spam": [decision(), action()]}).outcome is Outcome.KEPT


def test_without_a_capture_nothing_can_be_told() -> None:
    assert judge_removals(build_scene()).outcome is Outcome.CANNOT_TELL


def test_an_agency_without_grounds_and_cases_has_nothing_to_check() -> None:
    assert judge_removals(build_scene(claremont("helena"))).outcome is Outcome.NOTHING_TO_CHECK


def test_a_quarantined_capture_shows_nothing() -> None:
    refused = snapshot(CITY, PUBLIC_COMMENTS, accepted=False)

    assert judge_removals(build_scene(snapshots=(refused,))).outcome is Outcome.CANNOT_TELL
