"""The check `moderation-grounds`: every removal has its ground, and what the ground asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.moderation import judge_grounds
from muniment.policy.moderation.cases import Entry, Reversal, Undoing, Verdict
from muniment.records.agency import AuthorizationLevel
from tests.unit.policy.ledgers import AGO, action, counsel, decision, in_register, second
from tests.unit.policy.scenes import NOW, account_of, build_scene, claremont, with_account

HOUR = timedelta(hours=1)
# The 11th is a holiday: the business day after Wednesday the 11th closes on Thursday the 12th, 18:00 in Los Angeles.
DUE = datetime(2026, 11, 13, 2, 0, tzinfo=UTC)


def judge(*entries: Entry, now: datetime = NOW) -> Judgement:
    return judge_grounds(build_scene(events=in_register(spam=entries), now=now))


def codes(judgement: Judgement) -> list[str]:
    return [finding.code for finding in judgement.findings]


def test_found() -> None:
    judgement = judge(action())

    assert (judgement.outcome, codes(judgement)) == (Outcome.NOT_KEPT, ["M003"])
    assert judgement.findings[0].subject == "case spam"


def test_sound() -> None:
    judgement = judge(
        decision(grounds=("C7-vii/personal-attack",), rationale="Insults a named clerk"),
        action(),
        second(),
        counsel(AGO + HOUR),
    )

    assert (judgement.outcome, judgement.findings) == (Outcome.KEPT, ())


def test_a_decision_that_left_it_up_is_no_ground_for_what_was_hidden() -> None:
    assert codes(judge(decision(verdict=Verdict.LEFT_UP), action())) == ["M003"]


def test_an_empty_ledger_is_kept() -> None:
    assert judge().outcome is Outcome.KEPT


def test_a_ground_near_a_viewpoint_without_a_second_reviewer_is_found() -> None:
    assert codes(judge(decision(grounds=("C7-ii",)), action())) == ["M004"]


def test_who_decided_is_no_second_reviewer() -> None:
    alone = second(reviewer="DANA OKAFOR")

    assert codes(judge(decision(grounds=("C7-ii",)), action(), alone)) == ["M004"]


@pytest.mark.parametrize(("now", "found"), [(DUE - HOUR, []), (DUE, ["M004"])])
def test_a_second_reviewer_has_until_the_next_business_day_closes(now: datetime, found: list[str]) -> None:
    assert codes(judge(decision(grounds=("C7-ii",)), action(), now=now)) == found


def test_counsel_who_never_signed_is_found_when_the_next_business_day_has_closed() -> None:
    waiting = (decision(grounds=("C7-xii",)), action())

    assert codes(judge(*waiting, now=DUE)) == []
    assert codes(judge(*waiting, now=DUE + timedelta(seconds=1))) == ["M011"]


@pytest.mark.parametrize(("late", "found"), [(timedelta(0), []), (timedelta(seconds=1), ["M011"])])
def test_counsel_who_signed_after_the_next_business_day_is_found(late: timedelta, found: list[str]) -> None:
    assert codes(judge(decision(grounds=("C7-xii",)), action(), counsel(DUE + late))) == found


def test_counsel_may_sign_before_the_decision() -> None:
    assert codes(judge(counsel(AGO - HOUR), decision(grounds=("C7-xii",)), action())) == []


def test_a_ground_that_is_switched_off_is_found_without_counsels_override() -> None:
    used = (decision(grounds=("C7-xiii",)), action(), second())

    assert codes(judge(*used, counsel())) == ["M010"]
    assert codes(judge(*used, counsel(AGO + HOUR, override=True))) == ["M010"]
    assert codes(judge(*used, counsel(AGO - HOUR, override=True, agrees=False), counsel())) == ["M010"]
    assert codes(judge(*used, counsel(AGO - HOUR, override=True))) == []


@pytest.mark.parametrize(
    ("ground", "stated", "missing"),
    [
        ("C7-iii", {"law": None}, "C7-iii: expected the law that is violated, found none"),
        ("C7-iv", {"reference": None}, "C7-iv: expected a reference to the claim or notice, found none"),
        ("C7-v", {"duplicates": 1}, "C7-v: expected the number of duplicates, 2 or more, found none"),
        ("C7-xx", {"terms": None}, "C7-xx: expected the snapshot of the terms relied upon, found none"),
        ("C7-xvii", {"referral": None}, "C7-xvii: expected to whom it was referred, found none"),
    ],
)
def test_a_record_without_what_its_ground_asks_for_is_found(
    ground: str, stated: dict[str, object], missing: str
) -> None:
    whole = {"law": "PC 422", "reference": "DMCA-14", "duplicates": 3, "terms": "20261101", "referral": "Police"}

    judgement = judge(decision(grounds=(ground,), **{**whole, **stated}), action())

    assert [(finding.code, finding.detail) for finding in judgement.findings] == [("M012", missing)]
    assert codes(judge(decision(grounds=(ground,), **whole), action())) == []


@pytest.mark.parametrize("word", [second(agrees=False), counsel(agrees=False)])
def test_what_stands_although_somebody_did_not_agree_is_found(word: Entry) -> None:
    undone = Reversal(at=AGO + HOUR, how=Undoing.UNHIDDEN, reversed_by="Dana Okafor", reason="Second review")

    assert codes(judge(decision(), action(), word)) == ["M013"]
    assert codes(judge(decision(), action(), word, undone)) == []


@pytest.mark.parametrize(
    ("acted", "found"),
    [
        ({"acted_by": "Somebody Else"}, ["M014"]),
        ({"acted_by": "Teodoro Vance", "account": "mastodon-city"}, ["M014"]),
        ({"acted_by": "teodoro  vance"}, []),
        ({"acted_by": "Dana Okafor", "account": "mastodon-city"}, []),
    ],
)
def test_who_acts_must_be_authorized_on_that_account(acted: dict[str, str], found: list[str]) -> None:
    assert codes(judge(decision(), action(**acted))) == found


def test_an_authorization_counts_on_its_days_and_above_viewing() -> None:
    person = account_of(claremont(), "bluesky-city").persons[0]

    def found(**changes: object) -> list[str]:
        agency = with_account(claremont(), "bluesky-city", persons=(replace(person, **changes),))  # type: ignore[arg-type]
        entries = [decision(), action(acted_by=person.name)]
        return codes(judge_grounds(build_scene(agency, events=in_register(spam=entries))))

    assert found(valid_from=date(2026, 11, 11), valid_until=date(2026, 11, 11)) == []
    assert found(valid_from=date(2026, 11, 12)) == ["M014"]
    assert found(valid_until=date(2026, 11, 10)) == ["M014"]
    assert found(level=AuthorizationLevel.VIEW) == ["M014"]


def test_what_was_left_up_asks_for_nobody() -> None:
    assert codes(judge(decision(verdict=Verdict.LEFT_UP, grounds=("C7-vii/derogatory",)))) == []


def test_a_matter_of_long_ago_that_cannot_be_mended_is_not_found_for_ever() -> None:
    old = NOW - timedelta(days=90)

    assert codes(judge(decision(old, grounds=("C7-xii",)), action(old), counsel(old + timedelta(days=9)))) == []
