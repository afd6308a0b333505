"""Clocks on two real stores: locks roll while an event is awaited, grow when it comes, and alarm where they cannot."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.errors import ConfigurationError, StoreUnavailableError
from muniment.evidence.layout import ROWS
from muniment.records.names import parse_instant
from muniment.workflows.clocks import (
    About,
    apply_retention,
    explain,
    extend_share,
    list_due,
    list_events,
    plan_extend,
    record_event,
)
from muniment.workflows.findings_register import list_entries
from muniment.workflows.registers import read_events
from muniment.workflows.wiring import now
from tests.contract.clock_city import ACCOUNT, PERIOD_S, PLAIN, UNSCHEDULED, WAITING, ClockCity, open_clock_city
from tests.contract.keeping import AGENCY, Keeping, run_command
from tests.end_to_end.city import settings_in_force
from tests.faulty_store.proxy import FaultyStore

PERIOD, SECOND = timedelta(seconds=PERIOD_S), timedelta(seconds=1)


@pytest.fixture
def city(store: SeaweedFS, second_store: SeaweedFS, tmp_path: Path) -> ClockCity:
    return open_clock_city(tmp_path, store, second_store)


def units(city: ClockCity) -> list[str]:
    return [prefix for share in city.plan() for prefix in share["units"]]


def open_findings(city: ClockCity) -> list[tuple[str, str]]:
    return [(entry.finding.code, entry.finding.subject) for entry in list_entries(city.place.vault)]


def terminate(city: ClockCity) -> None:
    with settings_in_force(city.settings):
        record_event(
            AGENCY, "account-terminated", About(account=ACCOUNT), on=date(2026, 1, 2), note="by letter", by="A. Clerk"
        )


def test_locks_roll_while_an_event_is_awaited_and_grow_when_it_comes_in_both_copies(city: ClockCity) -> None:
    waiting, plain = (city.seal(series).address.volume.prefix for series in (WAITING, PLAIN))
    city.copy()
    sealed, before = city.locks(plain), now()

    assert units(city) == [waiting]
    (done,) = city.extend()

    first, second = city.locks(waiting)
    (rolled,) = first
    assert first == second
    assert before + PERIOD <= rolled <= now() + PERIOD + SECOND
    assert (done["extended"], done["objects"], done["findings"]) == (1, 3, {})
    assert city.locks(plain) == sealed
    assert units(city) == []  # the register knows it: nothing is asked of the objects again

    terminate(city)
    (event,) = read_events(city.place.vault, "triggers")
    city.extend()

    due = parse_instant(event.at).replace(microsecond=0) + SECOND + PERIOD
    assert city.locks(waiting) == [{max(due, rolled)}] * 2
    assert units(city) == []


def test_what_is_sealed_into_a_volume_later_grows_with_it(city: ClockCity) -> None:
    volume = city.seal(WAITING).address.volume.prefix
    city.extend()
    assert units(city) == []
    added = city.seal(WAITING).address.volume.prefix

    assert units(city) == [added] if added != volume else [volume]


def test_an_explanation_reads_the_locks_of_both_stores_and_says_who_must_act(city: ClockCity) -> None:
    manifest = city.seal(WAITING)
    city.copy()
    key = manifest.address.key(ROWS)

    with settings_in_force(city.settings):
        by_key, by_snapshot = explain(AGENCY, key), explain(AGENCY, manifest.snapshot)
    until = manifest.retention.locked_until

    assert [(lock.copy, lock.objects_read, lock.until, lock.held) for lock in by_key.locks] == [
        ("vault", 1, until, 0),
        ("second", 1, until, 0),
    ]
    assert [(lock.copy, lock.objects_read, lock.until) for lock in by_snapshot.locks] == [
        ("vault", 3, until),
        ("second", 3, until),
    ]
    assert by_key.waits_for == "account-terminated"
    assert [step.who for step in by_key.next][:2] == ["the governing body", "the records officer"]
    assert json.loads(json.dumps(by_key.to_json()))["volume"] == manifest.address.volume.prefix

    said = run_command(city.settings, "explain", f"{WAITING}/{ACCOUNT}/{manifest.volume}", "--agency", AGENCY)
    assert said.returncode == 0
    assert "It has no due date until that event is recorded" in said.stdout
    assert "PST (America/Los_Angeles)" in said.stdout or "PDT (America/Los_Angeles)" in said.stdout


def test_nothing_by_that_name_is_explained_and_the_message_says_what_may_be(city: ClockCity) -> None:
    city.seal(PLAIN)
    for target in ("official-posts/nobody/2026-11", "20261121T120000.000000Z-0123abcd", "records/x", "hello"):
        done = run_command(city.settings, "explain", target, "--agency", AGENCY)
        assert done.returncode == 2
        assert "expected a volume" in done.stderr


def test_a_series_without_a_row_alarms_before_its_locks_end(city: ClockCity) -> None:
    volume = city.seal(UNSCHEDULED, lasts=timedelta(seconds=20)).address.volume.prefix

    (done,) = city.extend()
    city.extend()

    assert done["findings"] == {"R001": 1}
    assert open_findings(city) == [("R001", volume)]


@pytest.mark.real
def test_a_lock_that_does_not_grow_is_a_finding_and_holds_back_no_other_volume(
    store: SeaweedFS,
    second_store: SeaweedFS,
    second_faulty: tuple[FaultyStore, str],
    second_stand_in: FaultyStore,
    tmp_path: Path,
) -> None:
    city = open_clock_city(tmp_path, store, second_store, second_endpoint=second_faulty[1])
    volume = city.seal(WAITING).address.volume.prefix
    alarm = city.seal(UNSCHEDULED, lasts=timedelta(seconds=20)).address.volume.prefix
    city.copy()
    second_stand_in.faults.add("refuses extensions")

    results = city.extend()

    codes = {code for result in results for code in result["findings"]}
    assert codes == {"R001", "R002"}
    assert {subject for code, subject in open_findings(city) if code == "R001"} >= {alarm}
    assert sum(1 for code, subject in open_findings(city) if code == "R002" and subject.startswith(volume)) == 3
    second_stand_in.faults.clear()
    assert volume in units(city)  # tried again, until it is done


@pytest.mark.real
def test_while_the_second_store_is_silent_the_vaults_locks_grow_and_the_run_fails(
    store: SeaweedFS,
    second_store: SeaweedFS,
    second_faulty: tuple[FaultyStore, str],
    second_stand_in: FaultyStore,
    tmp_path: Path,
) -> None:
    city = open_clock_city(tmp_path, store, second_store, second_endpoint=second_faulty[1])
    volume = city.seal(WAITING).address.volume.prefix
    city.copy()
    (share,) = city.plan()
    second_stand_in.faults.add("is down")

    with settings_in_force(city.settings), pytest.raises(StoreUnavailableError):
        extend_share(share)
    second_stand_in.faults.clear()

    first, second = city.locks(volume)
    assert min(first) > max(second)
    assert units(city) == [volume]


def test_events_are_checked_and_corrected_only_by_later_ones(city: ClockCity) -> None:
    city.seal(WAITING)
    wrong = [
        ("account-terminated", About(account="nobody"), date(2026, 1, 2), "n"),
        ("account-terminated", About(account=ACCOUNT), date(2999, 1, 1), "n"),
        ("account-terminated", About(account=ACCOUNT), date(2026, 1, 2), " "),
        ("account-terminated", About(account=ACCOUNT), None, "n"),
        ("account-terminated", About(account=ACCOUNT, volume="november"), date(2026, 1, 2), "n"),
        ("cutoff", About(account=ACCOUNT), date(2026, 1, 2), "n"),
    ]
    with settings_in_force(city.settings):
        for kind, about, on, note in wrong:
            with pytest.raises(ConfigurationError):
                record_event(AGENCY, kind, about, on=on, note=note, by="A. Clerk")
        assert list_events(AGENCY) == ()
    terminate(city)
    with settings_in_force(city.settings):
        assert list_due(AGENCY)["counts"] == {"to come": 1}
        record_event(AGENCY, "account-terminated", About(account=ACCOUNT), on=None, note="another was meant", by="A. C")
        assert list_due(AGENCY)["counts"] == {"waiting": 1}
        assert len(list_events(AGENCY)) == 2


def test_the_due_list_says_what_is_due_what_is_to_come_and_is_sealed_by_the_nightly_run(city: ClockCity) -> None:
    waiting, plain = (city.seal(series).address.volume.prefix for series in (WAITING, PLAIN))
    later = now() + timedelta(seconds=PERIOD_S)
    with settings_in_force(city.settings):
        unadopted = list_due(AGENCY, later)
        city.adopt()
        made = list_due(AGENCY, later)
        sealed = apply_retention(AGENCY)

    assert (unadopted["counts"], unadopted["stopped_by"]) == ({"stopped": 1, "waiting": 1}, {"R020": 1})
    assert [line["volume"] for line in made["due"]] == [plain]
    assert made["counts"] == {"due": 1, "waiting": 1}
    assert made["exclusions_to_answer"][0] == "gc-34090-a"
    assert waiting not in json.dumps(made)
    (event,) = read_events(city.place.vault, "due-lists")
    assert event.facts["counts"] == sealed["counts"] == {"to come": 1, "waiting": 1}
    done = run_command(city.settings, "due", "--agency", AGENCY, "--all")
    assert done.returncode == 0
    assert "1 to come, 1 waiting" in done.stdout


@pytest.mark.real
def test_what_is_kept_for_ever_in_a_register_is_rolled_ten_years_ahead_in_both_copies(keeping: Keeping) -> None:
    keeping.do(
        record_event, AGENCY, "case-closed", About(account="city"), on=date(2026, 1, 2), note="by letter", by="A. Clerk"
    )
    keeping.copy()
    (key,) = keeping.vault.list_keys("registers/triggers/")
    month = key.rsplit("/", 1)[0] + "/"
    sealed = keeping.vault.lock_of(key)
    soon, later = now() + timedelta(days=1), datetime(2060, 3, 1, 20, tzinfo=UTC)

    assert month not in [unit for share in keeping.do(plan_extend, AGENCY, at=soon) for unit in share["units"]]
    shares = keeping.do(plan_extend, AGENCY, at=later)
    assert month in [unit for share in shares for unit in share["units"]]
    keeping.do(extend_share, {**shares[0], "units": [month]})

    # On 1 March 2060 there the 2nd and ten years is 2 March 2070, midnight PST.
    rolled = datetime(2070, 3, 2, 8, tzinfo=UTC)
    locks = [copy.lock_of(key) for copy in (keeping.vault, keeping.second)]
    assert [lock.until for lock in locks if lock is not None] == [rolled, rolled]
    assert sealed is not None
    assert sealed.until < rolled
    assert month not in [unit for share in keeping.do(plan_extend, AGENCY, at=later) for unit in share["units"]]
