"""Matters over the store's bit: what is held, what is let go, what is only told. Two stores in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from muniment.custody.versions import VersionName
from muniment.errors import HoldError, ObjectMissingError, StoreUnavailableError
from muniment.evidence.layout import PAGES, ROWS
from muniment.retention.holds import matters_over
from muniment.workflows.findings_register import list_entries
from muniment.workflows.holds.acknowledgements import acknowledge
from muniment.workflows.holds.bits import hold_keys, sweep
from muniment.workflows.holds.copies import hold_copy
from muniment.workflows.holds.new_snapshots import hold_new, hold_snapshot
from muniment.workflows.holds.reconcile import reconcile_share
from muniment.workflows.holds.room import read_matters
from muniment.workflows.holds.search import scope_matter
from tests.unit.workflows.holds_orders import LETTING, NOTICE, amend, place, reconcile, release
from tests.unit.workflows.holds_store import AGENCY, Crash, Holding

LAST_MONTH = "2020-01"


def open_codes(holding: Holding) -> list[str]:
    return sorted(entry.finding.code for entry in list_entries(holding.vault))


def both_hold(holding: Holding) -> set[str]:
    assert holding.vault.held_keys() == holding.second.held_keys()
    return holding.vault.held_keys()


def test_a_matter_holds_every_object_of_its_volumes_in_both_copies_and_nothing_else(holding: Holding) -> None:
    mine, other = holding.capture(LAST_MONTH), holding.capture(LAST_MONTH, account="mastodon-city")

    result = place(holding, accounts=("bluesky-city",))

    assert both_hold(holding) == holding.volume(mine)
    assert holding.volume(other).isdisjoint(both_hold(holding))
    assert (result["objects_held"], result["copies_held"], result["findings"]) == (4, 4, [])


def test_registers_and_the_log_are_never_held(holding: Holding) -> None:
    holding.capture(LAST_MONTH)
    holding.vault.put("log/batches/0000000000.json", b"{}")

    place(holding)
    reconcile(holding)

    assert both_hold(holding)
    assert all(key.startswith("records/") for key in both_hold(holding))


def test_of_two_matters_one_released_the_bit_stays_and_with_the_last_it_goes(holding: Holding) -> None:
    mine = holding.capture(LAST_MONTH)
    place(holding, "first")
    place(holding, "second", accounts=("bluesky-city",))

    remaining = release(holding, "first")["remaining"]

    assert remaining == ["second"]
    assert both_hold(holding) == holding.volume(mine)
    assert release(holding, "second")["let_go"] == 8
    assert both_hold(holding) == set()


def test_every_version_of_a_key_is_held_and_let_go(holding: Holding) -> None:
    mine = holding.capture(LAST_MONTH)
    holding.vault.put(mine.key(PAGES), b"what hides it", version="2")

    place(holding)

    assert (mine.key(PAGES), "2") in holding.vault.held
    release(holding)
    assert holding.vault.held == set()


def test_an_object_that_lost_its_hold_is_held_again_and_found(holding: Holding) -> None:
    mine = holding.capture(LAST_MONTH)
    place(holding)
    holding.vault.set_hold(VersionName("vault", mine.key(PAGES), "1"), False)
    holding.second.set_hold(VersionName("second", mine.key(ROWS), "1"), False)

    result = reconcile(holding)

    assert both_hold(holding) == holding.volume(mine)
    assert result["findings"] == {"R010": 2}
    subjects = {entry.finding.subject for entry in list_entries(holding.vault)}
    assert subjects == {mine.key(PAGES), f"second copy: {mine.key(ROWS)}"}


def test_a_new_object_that_is_not_held_yet_is_held_without_a_finding(holding: Holding) -> None:
    place(holding)
    mine = holding.capture(LAST_MONTH, age=timedelta(hours=1))

    assert reconcile(holding)["findings"] == {}
    assert both_hold(holding) == holding.volume(mine)


def test_a_hold_that_no_matter_ever_gave_is_found_and_stays(holding: Holding) -> None:
    mine = holding.capture(LAST_MONTH)
    place(holding, "elsewhere", accounts=("mastodon-city",))
    holding.vault.set_hold(VersionName("vault", mine.key(PAGES), "1"), True)

    assert reconcile(holding)["findings"] == {"R011": 1}
    assert holding.vault.held_keys() == {mine.key(PAGES)}


def test_a_hold_of_a_released_matter_only_is_let_go_by_the_reconciliation(holding: Holding) -> None:
    mine = holding.capture(LAST_MONTH)
    place(holding)
    release(holding)
    holding.second.set_hold(VersionName("second", mine.key(PAGES), "1"), True)

    result = reconcile(holding)

    assert (result["findings"], result["let_go"]) == ({}, 1)
    assert both_hold(holding) == set()


def test_many_objects_of_one_volume_are_one_finding_with_their_number(holding: Holding) -> None:
    for _ in range(12):
        holding.capture(LAST_MONTH)
    place(holding)
    holding.vault.held.clear()

    assert reconcile(holding)["findings"] == {"R010": 48}
    assert [(entry.finding.count, entry.finding.code) for entry in list_entries(holding.vault)] == [(48, "R010")]


def test_a_store_that_refuses_to_hold_is_a_finding_and_the_matter_stands(holding: Holding) -> None:
    holding.capture(LAST_MONTH)
    holding.vault.faults.add("refuses holds")

    result = place(holding)

    assert result["findings"] == ["R012"]
    assert open_codes(holding) == ["R012"] * 4
    assert [matter.is_open for matter in read_matters(holding.vault)] == [True]
    assert holding.second.held_keys()  # the other copy is held all the same


def test_a_store_that_refuses_to_let_go_is_a_finding_and_the_release_stands(holding: Holding) -> None:
    holding.capture(LAST_MONTH)
    place(holding)
    holding.vault.faults.add("refuses letting go")

    result = release(holding)

    assert result["findings"] == ["R014"]
    assert [matter.is_open for matter in read_matters(holding.vault)] == [False]
    assert holding.second.held_keys() == set()


def test_a_second_copy_that_does_not_answer_is_a_finding_and_the_vault_is_reconciled(holding: Holding) -> None:
    mine = holding.capture(LAST_MONTH)
    holding.second.faults.add("is down")

    assert place(holding)["findings"] == ["R013"]
    holding.vault.held.clear()
    result = reconcile(holding)

    assert holding.vault.held_keys() == holding.volume(mine)
    assert result["findings"] == {"R010": 4, "R013": 1}
    assert result["copies"] is None


def test_a_vault_that_does_not_answer_ends_the_reconciliation(holding: Holding) -> None:
    holding.capture(LAST_MONTH)
    holding.vault.faults.add("is down")

    with pytest.raises(StoreUnavailableError):
        reconcile(holding)


def test_a_volume_that_only_the_second_copy_still_has_is_held_there(holding: Holding) -> None:
    place(holding)
    mine = holding.capture(LAST_MONTH)
    holding.vault.objects = {name: body for name, body in holding.vault.objects.items() if "records/" not in name[0]}

    reconcile(holding)

    assert len(holding.second.held_keys()) == 4
    assert all(key.startswith(mine.volume.prefix) for key in holding.second.held_keys())


# Scope


def test_a_matter_without_future_leaves_alone_the_volumes_that_begin_later(holding: Holding) -> None:
    now, later = holding.capture(LAST_MONTH), holding.capture("2099-01")

    place(holding, future=False, accounts=("bluesky-city",))
    reconcile(holding)

    assert both_hold(holding) == holding.volume(now)
    assert holding.volume(later).isdisjoint(both_hold(holding))


@pytest.mark.parametrize(
    ("bounds", "months"),
    [
        ({"captured_from": date(2020, 2, 1)}, {"2020-02", "2020-03"}),
        ({"captured_from": date(2020, 1, 31)}, {"2020-01", "2020-02", "2020-03"}),
        ({"captured_until": date(2020, 2, 1)}, {"2020-01", "2020-02"}),
        ({"captured_until": date(2020, 1, 31)}, {"2020-01"}),
        ({"captured_from": date(2020, 2, 10), "captured_until": date(2020, 2, 10)}, {"2020-02"}),
    ],
)
def test_dates_bound_the_capture_in_whole_volumes(holding: Holding, bounds: dict[str, date], months: set[str]) -> None:
    for month in ("2020-01", "2020-02", "2020-03"):
        holding.capture(month)

    place(holding, **bounds)

    assert {key.split("volume=")[1][:7] for key in both_hold(holding)} == months


def test_a_search_holds_only_the_volumes_that_have_all_its_words_in_a_row(holding: Holding) -> None:
    mine = holding.capture("2020-01", "The water main broke", "words")
    holding.capture("2020-02", "The main street", "Cold water")
    holding.capture("2020-03", "nothing of it")

    result = place(holding, search="MAIN water")

    assert both_hold(holding) == holding.volume(mine)
    assert result["volumes"] == 1


def test_a_person_holds_the_volumes_with_rows_of_theirs(holding: Holding) -> None:
    mine = holding.capture("2020-01", author="did:plc:Ann")
    holding.capture("2020-02", "did:plc:ann is spoken of")

    place(holding, persons=("did:plc:ann",))

    assert both_hold(holding) == holding.volume(mine)


def test_persons_and_words_each_bring_a_volume_into_scope(holding: Holding) -> None:
    first, second = holding.capture("2020-01", author="did:plc:ann"), holding.capture("2020-02", "A fountain")
    holding.capture("2020-03")

    place(holding, persons=("did:plc:ann",), search="fountain")

    assert both_hold(holding) == holding.volume(first) | holding.volume(second)


def test_rows_that_cannot_be_read_are_held_and_told(holding: Holding) -> None:
    mine = holding.capture("2020-01")
    holding.vault.put(mine.key(ROWS), b"no Parquet at all")

    result = place(holding, search="fountain")

    assert result["findings"] == ["R016"]
    assert both_hold(holding) == holding.volume(mine)


def test_pages_that_were_not_parsed_for_a_day_are_held_and_told(holding: Holding) -> None:
    mine = holding.capture("2020-01")
    del holding.vault.objects[mine.key(ROWS), "1"]

    assert place(holding, search="fountain")["findings"] == ["R016"]
    assert holding.vault.held_keys() == holding.volume(mine)


def test_until_its_search_is_done_a_narrowed_matter_keeps_everything_from_going_and_sets_no_bit(
    holding: Holding,
) -> None:
    mine = holding.capture("2020-01", "a fountain")
    holding.vault.fuse = 1  # the event of the placing, and no more
    with pytest.raises(Crash):
        place(holding, search="fountain")
    holding.vault.fuse = None

    matters = read_matters(holding.vault)
    other = holding.capture("2020-02", "nothing")

    assert [matter.id for matter in matters_over(matters, other.volume, zone=holding.room.zone)] == ["smith-claim"]
    assert both_hold(holding) == set()
    reconcile(holding)
    assert both_hold(holding) == holding.volume(mine)
    assert matters_over(read_matters(holding.vault), other.volume, zone=holding.room.zone) == ()


def test_what_is_captured_after_the_search_is_searched_by_the_reconciliation(holding: Holding) -> None:
    holding.capture("2020-01", "nothing")
    place(holding, search="fountain")
    assert both_hold(holding) == set()
    later = holding.capture("2020-01", "a fountain", age=timedelta())

    reconcile(holding)

    assert both_hold(holding) == holding.volume(later)


def test_a_search_without_future_leaves_alone_what_is_captured_later(holding: Holding) -> None:
    holding.capture("2020-01", "nothing")
    place(holding, search="fountain", future=False)
    holding.capture("2099-01", "a fountain", age=timedelta())

    reconcile(holding)

    assert both_hold(holding) == set()


def test_a_search_that_has_nothing_new_to_read_seals_nothing(holding: Holding) -> None:
    holding.capture("2020-01", "nothing")
    place(holding, search="fountain")
    events = len(holding.room.register.events())

    scope_matter(holding.room, holding.room.register.matters()[0], by="A. Clerk", progress=lambda _more: None)

    assert len(holding.room.register.events()) == events


# New snapshots


def test_a_snapshot_in_scope_is_held_as_it_is_sealed(holding: Holding) -> None:
    place(holding)
    new = holding.capture(LAST_MONTH, age=timedelta())

    assert hold_snapshot(holding.fresh_room(), new, holding.manifest(new))

    assert holding.vault.held_keys() == holding.volume(new)


def test_a_snapshot_out_of_scope_is_not(holding: Holding) -> None:
    place(holding, accounts=("mastodon-city",))
    new = holding.capture(LAST_MONTH)

    assert not hold_snapshot(holding.fresh_room(), new, holding.manifest(new))
    assert both_hold(holding) == set()


def test_a_snapshot_whose_rows_have_the_words_brings_its_whole_volume_into_scope(holding: Holding) -> None:
    before = holding.capture(LAST_MONTH, "nothing")
    place(holding, search="fountain")
    assert both_hold(holding) == set()
    new = holding.capture(LAST_MONTH, "a fountain")

    assert hold_snapshot(holding.fresh_room(), new, holding.manifest(new))

    assert before.volume == new.volume
    assert both_hold(holding) == holding.volume(new)
    assert reconcile(holding)["findings"] == {}
    assert both_hold(holding) == holding.volume(new)


def test_without_any_matter_a_new_snapshot_costs_one_listing(holding: Holding) -> None:
    new = holding.capture(LAST_MONTH)
    listed: list[str] = []
    held = holding.vault.list_objects

    def list_objects(prefix: str) -> object:
        listed.append(prefix)
        return held(prefix)

    holding.vault.list_objects = list_objects  # type: ignore[assignment, method-assign]

    assert not hold_new(holding.room.place, new, holding.manifest(new))
    assert listed == ["registers/holds/"]


def test_a_store_that_refuses_to_hold_a_new_snapshot_is_a_finding_and_no_error(holding: Holding) -> None:
    place(holding)
    new = holding.capture(LAST_MONTH)
    holding.vault.faults.add("refuses holds")

    assert hold_snapshot(holding.fresh_room(), new, holding.manifest(new))
    assert open_codes(holding) == ["R012"] * 4


def test_a_copy_of_a_held_object_is_held_and_of_another_not(holding: Holding) -> None:
    held = holding.capture(LAST_MONTH).key(PAGES)
    holding.vault.set_hold(VersionName("vault", held, "1"), True)
    free = holding.capture("2020-02").key(PAGES)

    assert hold_copy(holding.vault, holding.second, held) is None
    assert hold_copy(holding.vault, holding.second, free) is None

    assert holding.second.held_keys() == {held}


def test_a_copy_that_cannot_be_held_is_a_finding(holding: Holding) -> None:
    held = holding.capture(LAST_MONTH).key(PAGES)
    holding.vault.set_hold(VersionName("vault", held, "1"), True)
    holding.second.faults.add("refuses holds")

    found = hold_copy(holding.vault, holding.second, held)

    assert found is not None
    assert (found.code, found.subject) == ("R012", f"second copy: {held}")


# Amendments


def test_a_scope_may_be_widened_without_more_words(holding: Holding) -> None:
    first, second = holding.capture(LAST_MONTH), holding.capture(LAST_MONTH, account="mastodon-city")
    place(holding, accounts=("bluesky-city",))

    amend(holding, "smith-claim", accounts=("bluesky-city", "mastodon-city"))

    assert both_hold(holding) == holding.volume(first) | holding.volume(second)


@pytest.mark.parametrize(
    "narrower",
    [
        {"accounts": ("mastodon-city",)},
        {"series": ("official-posts",)},
        {"captured_from": date(2020, 1, 1)},
        {"captured_until": date(2020, 1, 1)},
        {"future": False, "everything": True},
        {"search": "fountain"},
        {"persons": ("ann",)},
    ],
)
def test_a_narrower_scope_is_a_release_of_part_and_needs_an_attorney_and_a_reason(
    holding: Holding, narrower: dict[str, object]
) -> None:
    holding.capture(LAST_MONTH)
    place(holding)

    with pytest.raises(HoldError, match="expected an attorney and a reason"):
        amend(holding, "smith-claim", **narrower)

    assert amend(holding, "smith-claim", letting=LETTING, **narrower)["findings"] == []


def test_what_a_narrower_scope_gives_up_is_let_go_unless_another_matter_holds_it(holding: Holding) -> None:
    kept, gone = holding.capture("2020-01"), holding.capture("2020-02")
    shared = holding.capture("2020-03")
    place(holding)
    place(holding, "other", captured_from=date(2020, 3, 1))

    amend(holding, "smith-claim", letting=LETTING, captured_until=date(2020, 1, 31))

    assert both_hold(holding) == holding.volume(kept) | holding.volume(shared)
    assert holding.volume(gone).isdisjoint(both_hold(holding))


def test_another_search_than_before_is_done_anew(holding: Holding) -> None:
    first, second = holding.capture("2020-01", "a fountain"), holding.capture("2020-02", "a well")
    place(holding, search="fountain")

    amend(holding, "smith-claim", letting=LETTING, search="well")

    assert both_hold(holding) == holding.volume(second)
    assert holding.volume(first).isdisjoint(both_hold(holding))


# What is refused


def test_a_matter_is_placed_once(holding: Holding) -> None:
    place(holding)

    with pytest.raises(HoldError, match="smith-claim: expected an id of its own"):
        place(holding)


def test_a_matter_is_released_once(holding: Holding) -> None:
    place(holding)
    release(holding)

    with pytest.raises(HoldError, match="expected it open, found that it was released"):
        release(holding)
    with pytest.raises(HoldError, match="expected it open"):
        amend(holding, "smith-claim", accounts=("bluesky-city",))


def test_a_matter_that_is_not_there_cannot_be_released(holding: Holding) -> None:
    with pytest.raises(HoldError, match="matter nobody: expected a matter of the register"):
        release(holding, "nobody")


def test_an_account_that_neither_register_nor_vault_knows_is_refused(holding: Holding) -> None:
    with pytest.raises(HoldError, match=r"account: expected one of .*bluesky-city.*found 'blue-sky'"):
        place(holding, accounts=("blue-sky",))


def test_an_account_that_only_the_vault_still_knows_may_be_held(holding: Holding) -> None:
    old = holding.capture(LAST_MONTH, account="closed-account")

    place(holding, accounts=("closed-account",))

    assert both_hold(holding) == holding.volume(old)


def test_custodians_acknowledge_once_and_only_those_who_are_named(holding: Holding) -> None:
    place(holding, custodians=("C. Keeper", "D. Steward"), everything=True)

    def say(name: str) -> dict[str, object]:
        return acknowledge(AGENCY, "smith-claim", custodian=name, by="A. Clerk", room=holding.fresh_room())

    assert say("C. Keeper") == {"matter": "smith-claim", "acknowledged": 1, "missing": 1}
    with pytest.raises(HoldError, match="expected no acknowledgement yet"):
        say("C. Keeper")
    with pytest.raises(HoldError, match=r"custodian: expected one of C\. Keeper, D\. Steward"):
        say("E. Else")
    assert all("keeper" not in key.lower() for key, _ in holding.vault.objects)


def test_a_missing_acknowledgement_is_a_finding_without_a_name_once_its_day_is_over(holding: Holding) -> None:
    from dataclasses import replace

    today = datetime.now(UTC).date()
    late = replace(NOTICE, acknowledge_by=today - timedelta(days=3))
    place(holding, custodians=("C. Keeper",), notice=late, everything=True)
    place(holding, "other", custodians=("C. Keeper",), notice=replace(NOTICE, acknowledge_by=today), everything=True)

    assert reconcile(holding)["findings"] == {"R015": 1}

    (entry,) = list_entries(holding.vault)
    assert (entry.finding.subject, "Keeper" in entry.finding.detail) == ("smith-claim", False)


def test_no_person_is_named_in_an_error_a_finding_or_a_key(holding: Holding) -> None:
    mine = holding.capture(LAST_MONTH)
    holding.vault.put(mine.key(ROWS), b"no Parquet")
    place(holding, persons=("ann.claremont.example",))

    with pytest.raises(HoldError) as caught:
        place(holding, "second", persons=("ann.claremont.example", "\x00"))

    told = [
        str(caught.value),
        *(f"{e.finding}" for e in list_entries(holding.vault)),
        *(k for k, _ in holding.vault.objects),
    ]
    assert not [text for text in told if "ann" in text.replace("channel", "")]


def test_while_a_search_is_to_do_the_release_of_another_matter_sets_no_bit_and_lets_none_go(holding: Holding) -> None:
    nothing, mine = holding.capture("2020-01", "nothing"), holding.capture("2020-02", "a fountain")
    place(holding, "other", captured_until=date(2020, 1, 31))
    holding.vault.fuse = holding.vault.writes + 1
    with pytest.raises(Crash):
        place(holding, search="fountain")
    holding.vault.fuse = None

    release(holding, "other")

    assert both_hold(holding) == holding.volume(nothing)  # not let go: the search may find it
    assert reconcile(holding)["findings"] == {"R010": 8}  # of the matter whose placing was interrupted
    assert both_hold(holding) == holding.volume(mine)


def test_a_share_of_the_reconciliation_that_comes_before_the_search_is_done_sets_no_bit(holding: Holding) -> None:
    holding.capture("2020-01", "nothing")
    holding.vault.fuse = holding.vault.writes + 1
    with pytest.raises(Crash):
        place(holding, search="fountain")
    holding.vault.fuse = None
    share = {"agency": AGENCY, "units": [["official-posts", "bluesky-city", "2020-01"]], "second": True}

    reconcile_share(share, room=holding.fresh_room())

    assert both_hold(holding) == set()
    assert reconcile(holding)["findings"] == {}


def test_a_matter_placed_while_another_is_let_go_keeps_its_hold(holding: Holding) -> None:
    mine = holding.capture(LAST_MONTH)
    place(holding, "first")
    let_go = holding.vault.set_hold
    placed: list[dict[str, object]] = []

    def set_hold(version: VersionName, on: bool) -> None:
        if not on and not placed:
            placed.append({})
            placed.append(place(holding, "second"))  # whole, event and bits, in the middle of the other's release
        let_go(version, on)

    holding.vault.set_hold = set_hold  # type: ignore[method-assign]

    release(holding, "first")

    assert len(placed) == 2
    assert both_hold(holding) == holding.volume(mine)


def test_an_object_destroyed_since_it_was_listed_is_no_fault_of_the_store(holding: Holding) -> None:
    mine = holding.capture(LAST_MONTH)
    read = holding.vault.hold_of

    def hold_of(version: VersionName) -> bool:
        if version.key == mine.key(PAGES):
            raise ObjectMissingError(f"{version.key}: expected an object, found none")
        return read(version)

    holding.vault.hold_of = hold_of  # type: ignore[method-assign]

    assert place(holding)["findings"] == []
    assert len(holding.vault.held) == 3


def test_nothing_but_records_can_be_swept(holding: Holding) -> None:
    with pytest.raises(HoldError, match="expected a prefix of records"):
        sweep(holding.vault, "registers/holds/", True, progress=lambda _more: None)
    with pytest.raises(HoldError, match="expected a key of records"):
        list(hold_keys(holding.vault, ["log/batches/0"], progress=lambda _more: None))
