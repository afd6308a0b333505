"""What is refused at the ledger's door, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from muniment.policy.business_days import local_day
from muniment.policy.moderation.cases import BlockReview, Case, Deed, Entry, Reversal, SignOff, Undoing, Verdict
from muniment.policy.moderation.ledger import add_entry
from muniment.policy.moderation.ledger_rules import Surroundings, find_faults, versions_in_force
from muniment.records.policy import PolicyVersion
from tests.unit.policy.ledgers import AGO, action, block, counsel, decision, notice, second
from tests.unit.policy.scenes import NOW, claremont, policy_of

HOUR = timedelta(hours=1)
AROUND = Surroundings(
    policy=policy_of(claremont()),
    accounts=frozenset({"bluesky-city", "mastodon-city"}),
    now=NOW,
    day_of=lambda moment: local_day(claremont(), moment),
)
OVERRIDE = counsel(AGO - HOUR, override=True)
HIDE = {"grounds": ("C7-xiii",), "rationale": "Against the purpose of the site"}


def faults(entry: Entry, *before: Entry) -> list[str]:
    case = Case(id="spam")
    for one in before:
        case = add_entry(case, one, now=NOW, by="Dana Okafor")
    return list(find_faults(case, entry, AROUND))


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (decision(grounds=("C7-xxii",)), "ground: expected one of C7-i, C7-ii,"),
        (decision(grounds=()), "ground: expected the code of the clause, found none"),
        (decision(grounds=("C7-i",)), "C7-i: expected one of its parts (obscene, pornographic, threat,"),
        (decision(grounds=("C7-i/rude",)), "after a slash, found 'rude'"),
        (decision(grounds=("C7-v/adverts",)), "C7-v: expected no part, found 'adverts'"),
        (decision(rationale=None), "C7-v: expected a rationale, found none"),
        (decision(grounds=("C7-iii",)), "C7-iii: expected the law that is violated, found none"),
        (decision(grounds=("C7-iv",)), "C7-iv: expected a reference to the claim or notice, found none"),
        (decision(duplicates=None), "C7-v: expected the number of duplicates, 2 or more, found none"),
        (decision(**HIDE), "C7-xiii: expected counsel's override of a ground that is switched off, found none"),
        (decision(policy_version="2025"), "policy version: expected one of claremont-social-2017,"),
        (decision(policy_version=None), "found none"),
        (decision(account=None), "account: expected the one that it happens on, found none"),
        (decision(account="myspace"), "account: expected one of bluesky-city, mastodon-city, found 'myspace'"),
        (decision(NOW + HOUR), "time: expected one that has come, found 2026-11-18T21:00+00:00"),
        (decision(decided_by="  "), "decided_by: expected words, found a blank or a control character"),
        (decision(rationale="a\x00b"), "rationale: expected words, found a blank or a control character"),
        (decision(rationale="x" * 4001), "rationale: expected at most 4000 characters, found 4001"),
        (decision(verdict=Verdict.NO_VIOLATION), "ground: expected none with no violation, found 1"),
        (block(scope=None)[0], "block: expected its scope, found none"),
        (block(review_on=None)[0], "block: expected its review on, found none"),
        (block(originator=None)[0], "block: expected its originator, found none"),
        (action(item=None), "item: expected what was hidden, found none"),
        (action(deed=Deed.BLOCKED), "originator: expected who was blocked, found none"),
        (action(deed=Deed.FILTERED), "filter: expected the list that did it, found none"),
        (action(originator="x", unavailable="y"), "originator: expected a name, or why there is none; found both"),
        (second(), "case: expected one with a decision, found none"),
        (counsel(), "case: expected one with a decision, found none"),
        (Reversal(at=AGO, how=Undoing.RESTORED, reversed_by="x", reason="y"), "case: expected an action that stands"),
        (BlockReview(at=AGO, reviewer="x", review_on=date(2027, 1, 1), reason="y"), "case: expected a block, found"),
    ],
)
def test_it_is_refused_with_what_was_expected_and_what_was_found(entry: Entry, fault: str) -> None:
    found = faults(entry)

    assert any(fault in one for one in found), found


def test_every_fault_is_told_at_once() -> None:
    assert len(faults(decision(NOW + HOUR, rationale=None, duplicates=None, policy_version=None, account="x"))) == 5


def test_a_second_reviewer_is_somebody_else_however_the_name_is_spelled() -> None:
    alone = second(reviewer=" dana  OKAFOR ")

    assert faults(alone, decision()) == ["reviewer: expected somebody other than who decided, found the same name"]


@pytest.mark.parametrize(
    "before",
    [(), (replace(OVERRIDE, agrees=False),), (replace(OVERRIDE, override=False),)],
    ids=["none", "no", "other"],
)
def test_a_ground_that_is_switched_off_takes_counsels_yes(before: tuple[SignOff, ...]) -> None:
    assert len(faults(decision(**HIDE), *before)) == 1
    assert faults(decision(**HIDE), OVERRIDE) == []


@pytest.mark.parametrize(
    ("entry", "before"),
    [
        (notice(), ()),
        (decision(), ()),
        (decision(verdict=Verdict.NO_VIOLATION, grounds=(), rationale=None, duplicates=None), ()),
        (decision(verdict=Verdict.LEFT_UP, grounds=("C7-xiii",), rationale=None, duplicates=None), ()),
        (block()[0], ()),
        (action(), ()),
        (action(deed=Deed.FILTERED, filter="swearing"), ()),
        (OVERRIDE, ()),
        (second(), (decision(),)),
        (counsel(), (decision(),)),
        (Reversal(at=AGO + HOUR, how=Undoing.UNHIDDEN, reversed_by="x", reason="y"), (decision(), action())),
        (BlockReview(at=AGO, reviewer="x", review_on=date(2027, 1, 1), reason="y"), block()),
    ],
)
def test_what_says_what_it_must_is_taken(entry: Entry, before: tuple[Entry, ...]) -> None:
    assert faults(entry, *before) == []


def test_the_version_in_force_is_that_of_the_policy_whose_clause_the_ledger_watches() -> None:
    policy = policy_of(claremont())

    assert [version.id for version in versions_in_force(policy, date(2026, 11, 11))] == ["claremont-social-2017"]
    assert versions_in_force(policy, date(2017, 6, 12)) == ()


def test_a_version_that_ended_is_in_force_on_its_last_day_and_not_after() -> None:
    ended = PolicyVersion(
        id="old", policy="claremont-social", effective_from=date(2020, 1, 1), effective_until=date(2020, 12, 31)
    )
    policy = replace(policy_of(claremont()), versions=(ended,))

    assert versions_in_force(policy, date(2020, 12, 31)) == (ended,)
    assert versions_in_force(policy, date(2021, 1, 1)) == ()
