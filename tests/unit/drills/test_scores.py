"""What is told of a month is held against what happened: the right item, kind and window, once, and nothing else."""

from __future__ import annotations

from collections import Counter

import pytest

from drills.oracle import expect
from drills.product import Source, Told
from drills.scores import Score, score
from drills.truth import BLOCKED, HIDDEN, REMOVED
from muniment.records.changes import Change, ChangeKind, Confidence, Window
from muniment.records.names import AccountId, SeriesId
from tests.unit.drills.small import entries, hour, look

_ENTRIES = entries()


def told(
    name: str,
    kind: ChangeKind,
    window: tuple[float, float],
    source: Source = Source.LISTING,
    confidence: Confidence = Confidence.CONFIRMED,
) -> Told:
    entry = _ENTRIES[name]
    change = Change(
        account=AccountId(entry.account),
        series=SeriesId(entry.series),
        item_id=entry.item_id,
        kind=kind,
        window=Window(last_seen=hour(window[0]), first_missing=hour(window[1])),
        confidence=confidence,
        before=None,
        after=None,
    )
    return Told(change, source)


def scored(*found: Told, of: tuple[str, ...] = ("hidden", "deleted")) -> Score:
    looks, probes = [look(1), look(12)], [look(13)]
    expected = [one for name in of for one in expect(_ENTRIES[name], looks, probes)]
    return score(_ENTRIES.values(), expected, found)


def faults(*found: Told) -> Counter[str]:
    return Counter(fault[0] for fault in scored(*found).faults)


SOUND = (
    told("hidden", ChangeKind.HIDDEN, (1, 12.1)),
    told("deleted", ChangeKind.REMOVED, (1, 13.1), Source.REMOVAL),
)


def test_the_truth_told_once_has_no_fault() -> None:
    found = scored(*SOUND)
    assert found.faults == []
    assert found.found == found.expected == {HIDDEN: 1, REMOVED: 1}
    assert (found.told, found.windows) == (2, 2)


def test_what_is_not_told_is_not_found() -> None:
    assert faults(SOUND[0]) == {"not found": 1}
    assert faults() == {"not found": 2}


def test_the_right_item_told_of_as_another_kind_is_not_found_and_a_false_alarm() -> None:
    assert faults(SOUND[0], told("deleted", ChangeKind.AUTHOR_GONE, (1, 13.1), Source.REMOVAL)) == {
        "not found": 1,
        "false gone": 1,
    }


def test_a_window_that_ends_before_the_truth_is_a_fault() -> None:
    assert faults(SOUND[1], told("hidden", ChangeKind.HIDDEN, (1, 9.9))) == {
        "not found": 1,
        "window without the truth": 1,
    }


def test_what_is_told_twice_is_a_fault_however_it_was_told() -> None:
    assert faults(*SOUND, SOUND[0]) == {"told twice": 1}
    assert faults(*SOUND, SOUND[1]) == {"told twice": 1}


def test_a_conclusion_that_narrowed_is_not_told_twice() -> None:
    assert faults(*SOUND, told("deleted", ChangeKind.REMOVED, (1, 20), Source.EARLIER)) == {}


def test_a_block_is_told_though_what_was_blocked_is_removed_later_and_told_of_as_that() -> None:
    blocked = told("blocked", ChangeKind.AUTHOR_BLOCKED, (29, 31.1), Source.EARLIER, Confidence.SEEN)
    expected = expect(_ENTRIES["blocked"], [look(1)], [look(31)])
    assert dict(score(_ENTRIES.values(), expected, [blocked]).found) == {BLOCKED: 1}


@pytest.mark.parametrize(
    ("confidence", "fault"), [(Confidence.CONFIRMED, "false gone"), (Confidence.UNCONFIRMED, "false alarm")]
)
def test_something_that_stayed_is_not_gone(confidence: Confidence, fault: str) -> None:
    assert faults(*SOUND, told("child", ChangeKind.REMOVED, (1, 13), Source.REMOVAL, confidence)) == {fault: 1}


def test_an_earlier_conclusion_that_was_false_is_a_fault_though_it_was_taken_back() -> None:
    assert faults(*SOUND, told("child", ChangeKind.REMOVED, (1, 13), Source.EARLIER)) == {"false gone": 1}


def test_that_an_item_is_not_listed_is_no_alarm_and_of_a_follower_it_is_one() -> None:
    missing = told("child", ChangeKind.MISSING, (1, 12))
    assert faults(*SOUND, missing) == {}
    assert faults(*SOUND, told("follower ben", ChangeKind.MISSING, (1, 12))) == {"window without the truth": 1}


def test_every_fault_names_the_item() -> None:
    found = scored(told("child", ChangeKind.REMOVED, (1, 13), Source.REMOVAL))
    assert {fault[1] for fault in found.faults} == {_ENTRIES[name].item_id for name in ("hidden", "deleted", "child")}
