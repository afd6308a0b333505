"""The fold of the register of holds, and what a scope covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from muniment.errors import EvidenceError, HoldError, RetentionError
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId, SeriesId, VolumeId
from muniment.retention.hold_rules import MatterOrder, check_order, narrows
from muniment.retention.holds import MatterKind, Notice, Scope, ever_over, fold_matters, matters_over

ZONE = "America/Los_Angeles"
NOVEMBER = VolumeAddress(SeriesId("official-posts"), AccountId("city"), VolumeId("2026-11"))
DECEMBER = replace(NOVEMBER, volume=VolumeId("2026-12"))
NOTICE = {
    "attorney": "B. Counsel",
    "contact": "counsel@city.example",
    "authority": "Claim 14",
    "number": None,
    "acknowledge_by": None,
    "confidentiality": None,
}


def at(minute: int) -> str:
    return f"2026-11-22T00:{minute:02}:00.000000Z"


def event(kind: str, minute: int, /, *, subject: str = "claim", **facts: Any) -> RegisterEvent:
    return RegisterEvent(
        register="holds",
        id=f"{subject}-{kind}-{minute}",
        event=kind,
        subject=subject,
        at=at(minute),
        by="A",
        facts=facts,
    )


def placed(minute: int = 0, *, subject: str = "claim", **scope: Any) -> RegisterEvent:
    facts = {"kind": "claim", "title": "T", "notice": NOTICE, "custodians": ["C", "D"]}
    return event("placed", minute, subject=subject, scope=Scope(**scope).to_json(), **facts)


def scoped(
    minute: int, *volumes: VolumeAddress, of: str = "claim-placed-0", until: str | None = at(30)
) -> RegisterEvent:
    return event("scoped", minute, of=of, volumes=[volume.prefix for volume in volumes], searched_until=until)


def amended(minute: int, **scope: Any) -> RegisterEvent:
    return event("amended", minute, scope=Scope(**scope).to_json(), custodians=["C"])


def released(minute: int, *, subject: str = "claim") -> RegisterEvent:
    return event("released", minute, subject=subject, attorney="B. Counsel", reason="Settled")


def over(events: list[RegisterEvent], volume: VolumeAddress = NOVEMBER) -> list[str]:
    return [matter.id for matter in matters_over(fold_matters(events), volume, zone=ZONE)]


@pytest.mark.parametrize(
    "events",
    [
        [released(1)],
        [placed(), event("blessed", 1)],
        [replace(placed(), facts={})],
        [replace(placed(), facts={**placed().facts, "kind": "grudge"})],
        [replace(placed(), facts={**placed().facts, "custodians": "C"})],
        [placed(), event("released", 1, attorney="B")],
        [placed(), event("scoped", 1, of="claim-placed-0")],
        [placed(), event("amended", 1, scope={}, custodians=[])],
    ],
)
def test_a_register_that_is_damaged_is_an_error_and_no_matter_is_left_out(events: list[RegisterEvent]) -> None:
    with pytest.raises(EvidenceError, match="matter claim"):
        fold_matters(events)


def test_the_fold_is_the_same_in_whatever_order_the_events_are_read() -> None:
    events = [placed(), event("acknowledged", 1, custodian="C"), amended(2, accounts=(AccountId("city"),)), released(3)]

    folds = {repr(fold_matters(order)) for order in permutations(events)}

    assert len(folds) == 1


def test_a_matter_holds_until_it_is_released_and_not_after() -> None:
    assert over([placed()]) == ["claim"]
    assert over([placed(), released(1)]) == []


def test_a_second_release_changes_nothing() -> None:
    (matter,) = fold_matters([placed(), released(1), released(2)])

    assert matter.released_at == at(1)


def test_only_the_first_acknowledgement_of_a_custodian_counts() -> None:
    first, second = event("acknowledged", 1, custodian="C"), event("acknowledged", 2, custodian="C")

    (matter,) = fold_matters([placed(), first, second])

    assert (dict(matter.acknowledged), matter.unacknowledged) == ({"C": at(1)}, ("D",))


def test_until_its_search_a_narrowed_matter_covers_all_that_its_scope_allows() -> None:
    events = [placed(search="fountain", accounts=(AccountId("city"),))]

    assert over(events) == ["claim"]
    assert over(events, replace(NOVEMBER, account=AccountId("other"))) == []


def test_after_its_search_it_covers_what_was_found() -> None:
    events = [placed(search="fountain"), scoped(1, NOVEMBER)]

    assert (over(events), over(events, DECEMBER)) == (["claim"], [])


def test_a_search_that_found_nothing_covers_nothing() -> None:
    assert over([placed(search="fountain"), scoped(1)]) == []


def test_what_is_found_as_it_is_sealed_is_added_to_what_was_found() -> None:
    events = [placed(search="fountain"), scoped(1, NOVEMBER), scoped(2, DECEMBER, until=None)]

    assert (over(events), over(events, DECEMBER)) == (["claim"], ["claim"])


def test_what_was_found_before_the_first_search_ended_is_not_lost() -> None:
    events = [placed(search="fountain"), scoped(1, DECEMBER, until=None), scoped(2)]

    assert (over(events), over(events, DECEMBER)) == ([], ["claim"])
    assert over(events[:2]) == ["claim"]  # the search is still to do


def test_a_search_of_the_scope_before_an_amendment_says_nothing_of_the_new_one() -> None:
    events = [placed(search="fountain"), amended(1, search="well"), scoped(2)]

    assert over(events) == ["claim"]


def test_a_volume_that_any_earlier_scope_covered_was_covered_once() -> None:
    matters = fold_matters([placed(), amended(1, accounts=(AccountId("other"),)), released(2)])

    assert ever_over(matters, NOVEMBER, zone=ZONE)
    assert not ever_over(fold_matters([placed(accounts=(AccountId("other"),))]), NOVEMBER, zone=ZONE)


def test_a_search_that_was_never_done_covered_nothing() -> None:
    assert not ever_over(fold_matters([placed(search="fountain"), released(1)]), NOVEMBER, zone=ZONE)


@pytest.mark.parametrize(
    ("bounds", "covered"),
    [
        # A day of capture is a day of the agency's: November there ends on 1 December at 08:00 UTC.
        ({"captured_from": date(2026, 11, 30)}, True),
        ({"captured_from": date(2026, 12, 1)}, False),
        ({"captured_until": date(2026, 11, 1)}, True),
        ({"captured_until": date(2026, 10, 31)}, False),
        ({"captured_from": date(2026, 1, 1), "captured_until": date(2026, 12, 31)}, True),
        ({"series": (SeriesId("public-comments"),)}, False),
        ({"series": (SeriesId("public-comments"), SeriesId("official-posts"))}, True),
    ],
)
def test_bounds_are_of_whole_volumes_in_the_agencys_days(bounds: dict[str, Any], covered: bool) -> None:
    assert over([placed(**bounds)]) == (["claim"] if covered else [])


def test_without_future_the_running_volume_is_covered_and_the_next_is_not() -> None:
    events = [placed(future=False)]  # placed on 21 November, local time

    assert (over(events), over(events, DECEMBER)) == (["claim"], [])


@pytest.mark.parametrize(
    ("volume", "covered"),
    [("2026", True), ("2027", False), ("2026-11-22T0000Z", True), ("2026-11-22T0001Z", False)],
)
def test_years_and_minutes_are_volumes_too(volume: str, covered: bool) -> None:
    address = replace(NOVEMBER, volume=VolumeId(volume))

    assert over([placed(future=False)], address) == (["claim"] if covered else [])


@pytest.mark.parametrize("volume", ["0000", "2026-02-30T0000Z"])
def test_a_volume_of_no_calendar_is_within_every_bound(volume: str) -> None:
    events = [placed(captured_from=date(2026, 1, 1), captured_until=date(2026, 1, 2), future=False)]

    assert over(events, replace(NOVEMBER, volume=VolumeId(volume))) == ["claim"]


def test_a_zone_that_is_none_is_an_error() -> None:
    with pytest.raises(RetentionError, match="zone"):
        matters_over(fold_matters([placed()]), NOVEMBER, zone="Nowhere/Town")


WIDE = Scope(accounts=(AccountId("a"),), search="x", captured_from=date(2026, 1, 1), captured_until=date(2026, 6, 1))


@pytest.mark.parametrize(
    ("changes", "narrowing"),
    [
        ({}, False),
        ({"accounts": ()}, False),
        ({"accounts": ("a", "b")}, False),
        ({"accounts": ("b",)}, True),
        ({"series": ("s",)}, True),
        ({"captured_from": None, "captured_until": None}, False),
        ({"captured_from": date(2025, 12, 31)}, False),
        ({"captured_from": date(2026, 1, 2)}, True),
        ({"captured_until": date(2026, 6, 2)}, False),
        ({"captured_until": date(2026, 5, 31)}, True),
        ({"search": None}, False),
        ({"search": "x y"}, True),
        ({"search": None, "persons": ("p",)}, True),
        ({"persons": ("p",)}, False),
        ({"future": False}, True),
    ],
)
def test_a_change_that_may_give_something_up_is_told_from_one_that_only_widens(
    changes: dict[str, Any], narrowing: bool
) -> None:
    assert narrows(WIDE, replace(WIDE, **changes)) is narrowing


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"id": "No Slug"}, "expected an id of lower-case letters"),
        ({"id": "taken"}, "expected an id of its own"),
        ({"title": " "}, "expected its title in words"),
        ({"title": "x\x1b[2J"}, "unprintable letters"),
        ({"custodians": ("C", "C")}, "found one twice"),
        ({"scope": Scope()}, "found a scope without bounds"),
        ({"notice": Notice(attorney="", contact="c", authority="a")}, "expected its attorney in words"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(changes: dict[str, Any], told: str) -> None:
    sound = MatterOrder(
        id="claim",
        kind=MatterKind.CLAIM,
        title="T",
        notice=Notice(attorney="B", contact="c", authority="a"),
        scope=Scope(accounts=(AccountId("city"),)),
    )
    check_order(sound, taken=["taken"], accounts=["city"], series=["official-posts"])

    with pytest.raises(HoldError, match=told):
        check_order(replace(sound, **changes), taken=["taken"], accounts=["city"], series=["official-posts"])


def test_the_hash_of_a_query_tells_two_scopes_apart_and_is_the_same_for_one() -> None:
    assert Scope(search="x").query_sha256() == Scope(search="x").query_sha256()
    assert Scope(search="x").query_sha256() != Scope(search="y").query_sha256()
