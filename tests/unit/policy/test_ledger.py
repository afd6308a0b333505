"""The moderation ledger: whatever the order of its events on disk, the state is the same."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import EvidenceError
from muniment.evidence.register_event import RegisterEvent, parse_event
from muniment.policy.moderation.cases import (
    Action,
    BlockReview,
    Decision,
    Deed,
    Entry,
    Notice,
    Reversal,
    Review,
    SignOff,
    Undoing,
    Verdict,
)
from muniment.policy.moderation.entry_facts import from_facts, to_facts
from muniment.policy.moderation.ledger import case_id, entry_event, event_id, fold_ledger
from tests.unit.policy.ledgers import AGO, DAY, action, block, decision, events_of, notice, second
from tests.unit.policy.scenes import NOW

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
maybe = st.none() | words
instants = st.integers(0, 10**9).map(lambda seconds: START + timedelta(milliseconds=seconds))
entries: st.SearchStrategy[Entry] = st.one_of(
    st.builds(Notice, at=instants, how=words, received_by=words, item=maybe, originator=maybe),
    st.builds(
        Decision,
        at=instants,
        verdict=st.sampled_from(Verdict),
        decided_by=words,
        grounds=st.lists(words, max_size=3).map(tuple),
        duplicates=st.none() | st.integers(0, 10**6),
        review_on=st.none() | st.dates(),
        item=maybe,
    ),
    st.builds(Action, at=instants, deed=st.sampled_from(Deed), acted_by=words, account=words, item=maybe),
    st.builds(Review, at=instants, reviewer=words, agrees=st.booleans(), note=maybe),
    st.builds(SignOff, at=instants, counsel=words, agrees=st.booleans(), override=st.booleans()),
    st.builds(Reversal, at=instants, how=st.sampled_from(Undoing), reversed_by=words, reason=words),
    st.builds(BlockReview, at=instants, reviewer=words, review_on=st.dates(), reason=words),
)


@given(entries)
def test_what_is_entered_is_what_is_read(entry: Entry) -> None:
    event = parse_event(entry_event("a-case", entry, now=NOW, by="Dana Okafor").to_bytes())

    (entered,) = fold_ledger([event]).cases["a-case"].entered

    assert entered.entry == entry
    assert (entered.entered_at, entered.entered_by) == (NOW, "Dana Okafor")


@given(st.lists(st.tuples(st.sampled_from(["one", "two"]), entries, instants), max_size=12), st.randoms())
def test_any_order_of_events_gives_the_same_state(
    told: list[tuple[str, Entry, datetime]], chance: random.Random
) -> None:
    events = [entry_event(case, entry, now=moment, by="Dana Okafor") for case, entry, moment in told]
    shuffled = [*events, *events[:3]]
    chance.shuffle(shuffled)

    assert fold_ledger(shuffled) == fold_ledger(events)


@given(st.lists(st.tuples(instants, st.lists(words, unique=True, min_size=1, max_size=3)), max_size=6), st.randoms())
def test_any_order_of_filter_versions_gives_the_same_versions(
    told: list[tuple[datetime, list[str]]], chance: random.Random
) -> None:
    events = [filter_event(since, lines, number) for number, (since, lines) in enumerate(told)]
    shuffled = list(events)
    chance.shuffle(shuffled)

    versions = fold_ledger(shuffled).filters

    assert versions == fold_ledger(events).filters
    assert [version.number for version in versions] == list(range(1, len(told) + 1))
    assert all(one.until == other.since for one, other in pairwise(versions))


def filter_event(since: datetime, lines: list[str], number: int = 0, **facts: object) -> RegisterEvent:
    stated = {"kind": "words", "sha256": "0" * 64, "lines": lines, "accounts": [], "since": to_facts_time(since)}
    return RegisterEvent(
        register="moderation",
        id=f"swearing-filter-{number}",
        event="filter",
        subject="swearing",
        at=to_facts_time(NOW),
        by="Dana Okafor",
        facts={**stated, **facts},  # type: ignore[dict-item]
    )


def to_facts_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_a_filter_ends_when_it_was_said_to_or_when_the_next_version_begins() -> None:
    first = filter_event(START, ["a"], 1, until=to_facts_time(START + DAY))
    second_version = filter_event(START + 2 * DAY, ["b"], 2)

    assert [version.until for version in fold_ledger([first, second_version]).filters] == [START + DAY, None]
    late = replace(first, facts={**first.facts, "until": to_facts_time(START + 3 * DAY)})
    assert [version.until for version in fold_ledger([late, second_version]).filters] == [START + 2 * DAY, None]


def test_entries_stand_by_when_they_happened_not_when_they_were_entered() -> None:
    late = events_of({"spam": [notice(AGO - HOUR)]}, entered=NOW)
    early = events_of({"spam": [decision(AGO)]}, entered=AGO)

    case = fold_ledger([*late, *early]).cases["spam"]

    assert [type(one.entry) for one in case.entered] == [Notice, Decision]


def test_the_latest_decision_stands() -> None:
    left_up = decision(AGO + HOUR, verdict=Verdict.LEFT_UP)

    case = fold_ledger(events_of({"spam": [left_up, decision()]})).cases["spam"]

    assert case.decision == left_up
    assert case.takes_down is None


def test_what_was_taken_back_does_not_stand_until_it_is_done_again() -> None:
    undone = Reversal(at=AGO + HOUR, how=Undoing.UNHIDDEN, reversed_by="Dana Okafor", reason="An error")

    def stands(*told: Entry) -> bool:
        return fold_ledger(events_of({"spam": told})).cases["spam"].stands

    assert not stands(decision())
    assert stands(decision(), action())
    assert not stands(decision(), action(), undone)
    assert stands(decision(), action(), undone, action(AGO + 2 * HOUR))


def test_no_id_names_a_person() -> None:
    told = [notice(originator="loud.example", item="at://did:plc:resident/x/3kabc"), *block()]
    case = case_id(told)

    for text in (case, *(event_id(case, entry) for entry in told)):
        assert "loud" not in text
        assert "resident" not in text
        assert "3kabc" not in text
    assert case.startswith("20261111-")


def test_the_same_entry_has_the_same_name_whenever_it_is_entered() -> None:
    first, again = (entry_event("spam", second(), now=moment, by="x") for moment in (AGO, NOW))

    assert first.id == again.id
    assert fold_ledger([first, again]).cases["spam"].entered[0].entered_at == AGO
    assert event_id("spam", second(agrees=False)) != first.id


@pytest.mark.parametrize(
    ("event", "facts", "message"),
    [
        ("hearing", {}, "expected one of notice, decision, action, review, counsel, reversal, block-review"),
        ("review", {"at": "2026-11-11T20:00:00.000000Z"}, "expected reviewer, agrees, found none"),
        ("review", {**to_facts(second()), "mood": "good"}, "expected only at, reviewer, agrees, note, found mood"),
        ("review", {**to_facts(second()), "agrees": "yes"}, "agrees: expected bool, found str"),
        ("review", {**to_facts(second()), "at": "noon"}, "instant: expected"),
        ("action", {**to_facts(action()), "deed": "burnt"}, "deed: expected one of removed, hidden, blocked, filtered"),
        ("decision", {**to_facts(decision()), "grounds": "C7-v"}, "grounds: expected a list of texts, found str"),
        ("decision", {**to_facts(decision()), "duplicates": True}, "duplicates: expected int, found bool"),
        ("decision", {**to_facts(decision()), "review_on": "soon"}, "review_on: expected a date, YYYY-MM-DD"),
        ("filter", {"kind": "words"}, "since: expected text, found NoneType"),
    ],
)
def test_an_event_that_is_none_of_the_ledger_is_told_by_its_id(
    event: str, facts: dict[str, object], message: str
) -> None:
    wrong = RegisterEvent(
        register="moderation",
        id="the-event",
        event=event,
        subject="spam",
        at=to_facts_time(NOW),
        by="x",
        facts=facts,  # type: ignore[arg-type]
    )

    with pytest.raises(EvidenceError, match="event the-event") as caught:
        fold_ledger([wrong])

    assert message in str(caught.value)


def test_what_is_not_given_is_left_out_of_the_facts() -> None:
    facts = to_facts(notice())

    assert facts == {
        "at": "2026-11-11T20:00:00.000000Z",
        "how": "e-mail",
        "received_by": "Dana Okafor",
        "account": "bluesky-city",
    }
    assert from_facts(Notice, facts) == notice()
    assert to_facts(block(review_on=date(2027, 1, 15))[0])["review_on"] == "2027-01-15"
