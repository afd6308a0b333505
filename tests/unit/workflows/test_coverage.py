"""Coverage of an agency whose vault is in memory: what is read, entered and raised, night after night."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from muniment.changes.coverage import Slot, SlotOutcome
from muniment.changes.gaps import NO_ATTEMPT, NOT_FINISHED, NOT_KNOWN, GapKind
from muniment.errors import StoreUnavailableError
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress, snapshot_id
from muniment.evidence.manifest import FindingCount, GapCount, SealedObject, Verdict
from muniment.records.agency import AccountStatus, Agency, CaptureTimetable
from muniment.records.names import AccountId, SeriesId, VolumeId, format_instant
from muniment.settings import read_settings
from muniment.workflows.coverage import list_exposure, list_gaps, read_coverage
from muniment.workflows.coverage.check import check_place
from muniment.workflows.coverage.failures import record_failure_at
from muniment.workflows.findings_register import list_entries
from muniment.workflows.planning import open_agency
from muniment.workflows.wiring import Workplace
from tests.unit.evidence.vault_folder import UNTIL, build_manifest
from tests.unit.growth import growth
from tests.unit.workflows.holds_store import MemoryStore

CITY, TOWN = AccountId("bluesky-city"), AccountId("website-news")
POSTS = SeriesId("official-posts")
HOURLY = CaptureTimetable(
    business_days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), opens="08:00", closes="18:00",
    business_hours_every_minutes=60, other_times_every_minutes=60,
)  # fmt: skip
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPENED = date(2026, 11, 2)
MIDNIGHT = datetime(2026, 11, 2, 8, tzinfo=UTC)  # of that day in Claremont
_PAGES, _MANIFEST = "pages", "manifest"


@cache
def claremont() -> Agency:
    return open_agency("claremont", read_settings({}))


def agency(**changes: object) -> Agency:
    plain, kept = claremont(), {CITY, TOWN}
    accounts = (replace(one, series=(POSTS,), opened_on=OPENED) for one in plain.accounts if one.id in kept)
    return replace(plain, timetable=HOURLY, accounts=tuple(accounts), **changes)


@dataclass
class City:
    """Two accounts, captured every hour since a Monday; time passes when it is told to."""

    place: Workplace
    vault: MemoryStore
    moment: list[datetime] = field(default_factory=lambda: [MIDNIGHT])

    def capture(
        self, hour: float, account: AccountId = CITY, *, codes: tuple[str, ...] = (), **more: object
    ) -> SnapshotAddress:
        """Leave what a capture leaves in the vault; *until* says how far it came."""
        at = MIDNIGHT + hour * HOUR
        volume = VolumeAddress(POSTS, account, VolumeId(f"{at - 8 * HOUR:%Y-%m}"))
        address = SnapshotAddress(volume, snapshot_id(f"scheduled-{at}", at, POSTS, account))
        self.vault.put(address.key(PAGES), b"pages")
        if more.pop("until", _MANIFEST) == _PAGES:
            return address
        objects = tuple(
            SealedObject(key=address.key(name), size_bytes=1, sha256="0" * 64, content_type="x", locked_until=UNTIL)
            for name in (PAGES, ROWS)
        )
        findings = tuple(FindingCount(code=code, count=1, detail="d", stops_seal=True) for code in codes)
        manifest = replace(
            build_manifest(address, objects, None),
            began_at=format_instant(at + timedelta(seconds=1)),
            ended_at=format_instant(at + timedelta(seconds=61)),
            verdict=Verdict(
                outcome="quarantined" if codes else "accepted", suite="s", rules_checked=1, findings=findings
            ),
            **more,
        )
        self.vault.put(address.key(MANIFEST), manifest.to_bytes())
        return address

    def capture_all(self, hours: range, *, but: set[int] | None = None) -> None:
        for hour in hours:
            self.capture(hour, TOWN)
            if hour not in (but or set()):
                self.capture(hour)

    def wait_until(self, hour: float) -> None:
        self.moment[0] = MIDNIGHT + hour * HOUR

    def gaps(self, since: float = 0, until: float = 24 * 365, **chosen: str) -> list[tuple[str, str, float, bool]]:
        found = list_gaps(self.place, since=MIDNIGHT + since * HOUR, until=MIDNIGHT + until * HOUR, **chosen)
        return [(gap.account, gap.reason, (gap.begins - MIDNIGHT) / HOUR, gap.closed) for gap in found]

    def events(self, register: str, what: str) -> list[str]:
        return [key for key in self.vault.list_keys(f"registers/{register}/") if key.endswith(f"-{what}.json")]


def open_city(home: Path, **changes: object) -> City:
    vault, moment = MemoryStore("vault"), [MIDNIGHT]
    settings = read_settings({"MUNIMENT_HOME": str(home)})
    return City(Workplace(settings, agency(**changes), vault, clock=lambda: moment[0]), vault, moment)


@pytest.fixture
def city(tmp_path: Path) -> City:
    return open_city(tmp_path)


def test_a_proposed_account_is_not_due_and_one_without_a_day_of_opening_is_from_its_first_capture_on(tmp_path) -> None:
    first, second = agency().accounts
    accounts = (replace(first, status=AccountStatus.PROPOSED), replace(second, opened_on=None))
    city = open_city(tmp_path)
    city.place = replace(city.place, agency=replace(city.place.agency, accounts=accounts))
    city.wait_until(10)

    assert read_coverage(city.place, since=MIDNIGHT, until=MIDNIGHT + DAY) == ()

    city.capture(4, TOWN)
    slots = read_coverage(city.place, since=MIDNIGHT, until=MIDNIGHT + DAY)
    assert [(slot.account, (slot.expected_at - MIDNIGHT) / HOUR) for slot in slots] == [(TOWN, n) for n in range(4, 10)]


def test_every_hour_has_its_slot_with_what_was_made_of_it(city: City) -> None:
    city.capture_all(range(6), but={2, 3})
    city.capture(3, codes=("P011",))
    city.wait_until(6.5)

    slots = read_coverage(city.place, since=MIDNIGHT, until=MIDNIGHT + DAY, account=CITY)

    assert [slot.outcome for slot in slots] == [
        SlotOutcome.ACCEPTED, SlotOutcome.ACCEPTED, SlotOutcome.MISSED, SlotOutcome.QUARANTINED,
        SlotOutcome.ACCEPTED, SlotOutcome.ACCEPTED,
    ]  # fmt: skip


def test_a_gap_that_crosses_the_edge_of_what_is_asked_is_told_whole(city: City) -> None:
    city.capture_all(range(48), but=set(range(20, 30)))
    city.wait_until(48)

    (gap,) = list_gaps(city.place, since=MIDNIGHT + 24 * HOUR, until=MIDNIGHT + 26 * HOUR)

    assert (gap.begins, gap.ends, gap.count) == (
        MIDNIGHT + 20 * HOUR, MIDNIGHT + 30 * HOUR + timedelta(seconds=1), 10,
    )  # fmt: skip


def test_each_gap_has_its_reason(city: City) -> None:
    city.capture_all(range(12), but={2, 5, 8})
    city.capture(5, until=_PAGES)
    record_failure_at(
        city.place, run_id="r", taken_at=format_instant(MIDNIGHT + 8 * HOUR), error="TokenRefusedError",
        account=CITY, series=POSTS,
    )  # fmt: skip
    city.wait_until(14.5)

    assert city.gaps() == [
        (CITY, NOT_KNOWN, 2, True),
        (CITY, NOT_FINISHED, 5, True),
        (CITY, "TokenRefusedError", 8, True),
        (CITY, NO_ATTEMPT, 12, False),
        (TOWN, NO_ATTEMPT, 12, False),
    ]


def test_quarantined_snapshots_and_what_a_capture_could_not_have_are_gaps_too(city: City) -> None:
    city.capture_all(range(5), but={1, 3})
    city.capture(1, codes=("P011",))
    city.capture(3, gaps=(GapCount(purpose="media", reason="not-found", count=2),))
    city.wait_until(5.5)

    found = list_gaps(city.place, since=MIDNIGHT, until=MIDNIGHT + DAY)

    assert [(gap.kind, gap.reason, gap.count) for gap in found] == [
        (GapKind.QUARANTINED, "quarantined: P011", 1),
        (GapKind.PARTIAL, "media: not-found", 2),
    ]
    assert all(
        key in dict(city.vault.objects) or (key, "1") in city.vault.objects for gap in found for key in gap.evidence
    )


def test_the_night_enters_what_is_a_day_old_once_and_the_query_tells_sealed_and_young_alike(city: City) -> None:
    city.capture_all(range(60), but={5, 50})
    city.wait_until(60)

    first, before = check_place(city.place), city.gaps(until=60)
    again = check_place(city.place)

    assert (first["entered"], again["entered"]) == (1, 0)
    assert len(city.events("gaps", "gap")) == 1
    assert city.gaps(until=60) == before == [(CITY, NOT_KNOWN, 5, True), (CITY, NOT_KNOWN, 50, True)]


def test_a_gap_that_is_entered_opens_its_finding_even_where_the_night_broke_off_in_between(city: City) -> None:
    city.capture_all(range(40), but={5})
    city.wait_until(40)
    seal, broken = city.vault.seal_bytes, []

    def seal_no_finding(key: str, body: bytes, **how: object) -> SealedObject:
        if key.startswith("registers/findings/") and not broken:
            broken.append(key)
            raise StoreUnavailableError(key)
        return seal(key, body, **how)

    city.vault.seal_bytes = seal_no_finding  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailableError):
        check_place(city.place)
    check_place(city.place)

    (entry,) = list_entries(city.vault)
    assert (entry.finding.code, entry.finding.subject) == (
        "U001",
        f"{CITY}/{POSTS}/{format_instant(MIDNIGHT + 5 * HOUR)}",
    )


def test_a_snapshot_that_is_finished_late_fills_its_gap(city: City) -> None:
    city.capture_all(range(40), but={5})
    city.capture(5, until=_PAGES)
    city.wait_until(40)
    check_place(city.place)
    city.capture(5)
    city.capture_all(range(40, 64))
    city.wait_until(64)

    done = check_place(city.place)

    assert (done["filled"], done["entered"]) == (1, 0)
    assert city.gaps(until=63) == []


def test_an_account_that_leaves_the_register_or_is_said_to_be_younger_fills_no_gap(city: City) -> None:
    city.capture_all(range(40), but={5})
    city.wait_until(40)
    check_place(city.place)
    before = city.gaps()
    older, town = city.place.agency.accounts
    for accounts in ((town,), (replace(older, opened_on=OPENED + DAY), town)):
        city.place = replace(city.place, agency=replace(city.place.agency, accounts=accounts))
        city.wait_until(41 + len(accounts))

        assert check_place(city.place)["filled"] == 0
    assert [gap for gap in city.gaps() if gap[3]] == before


def test_nothing_is_told_of_days_to_come(city: City) -> None:
    city.capture_all(range(40))
    city.wait_until(40)
    tomorrow = {"since": MIDNIGHT + 5 * DAY, "until": MIDNIGHT + 6 * DAY}

    assert read_coverage(city.place, **tomorrow) == list_gaps(city.place, **tomorrow) == ()
    assert list_exposure(city.place, **tomorrow) == ()


def test_what_one_timetable_judged_another_does_not_judge_again(city: City) -> None:
    city.capture_all(range(40))
    city.wait_until(40)
    check_place(city.place)
    denser = replace(HOURLY, business_hours_every_minutes=15, other_times_every_minutes=30)
    city.place = replace(city.place, agency=replace(city.place.agency, timetable=denser))
    city.capture_all(range(40, 64))
    city.wait_until(64)

    done = check_place(city.place)

    assert done["filled"] == 0
    # What it judged first ended a day before; from there on the denser timetable counts.
    assert min(begins for _, _, begins, _ in city.gaps()) >= 15


def test_an_active_account_that_was_never_captured_is_a_finding(city: City) -> None:
    for hour in range(40):
        city.capture(hour)
    city.wait_until(40)

    check_place(city.place)

    assert [(entry.finding.code, entry.finding.subject) for entry in list_entries(city.vault)] == [
        ("U002", f"{TOWN}/{POSTS}")
    ]
    assert city.gaps(account=TOWN) == [(TOWN, NO_ATTEMPT, 0, False)]


def test_a_day_without_a_capture_is_exposed_from_the_capture_before_to_the_one_after(city: City) -> None:
    city.capture_all(range(72), but=set(range(20, 50)))
    city.wait_until(72)

    found = list_exposure(city.place, since=MIDNIGHT + DAY, until=MIDNIGHT + 2 * DAY, account=CITY)

    assert [(one.day, one.captures) for one in found] == [(date(2026, 11, 3), 0)]
    assert found[0].longest == 31 * HOUR + timedelta(seconds=60)


def test_a_failure_is_entered_once_a_run_with_nothing_personal(city: City) -> None:
    for error in ("TokenRefusedError", "PlatformUnavailableError"):
        record_failure_at(
            city.place, run_id="r", taken_at=format_instant(MIDNIGHT), error=error, account=CITY, series=POSTS
        )

    (key,) = city.events("captures", "failed")
    body = city.vault.read(key).decode()
    assert "TokenRefusedError" in body
    assert city.place.account(CITY).handle not in body


def test_a_month_of_a_dense_timetable_costs_no_more_than_its_days(tmp_path: Path) -> None:
    city = open_city(tmp_path)
    dense = replace(HOURLY, business_hours_every_minutes=15, other_times_every_minutes=30)
    city.place = replace(city.place, agency=replace(city.place.agency, timetable=dense))
    city.wait_until(32 * 24)

    def read(days: int) -> tuple[Slot, ...]:
        return read_coverage(city.place, since=MIDNIGHT, until=MIDNIGHT + days * DAY)

    assert len(read(30)) == 2 * 30 * (41 + 27)
    assert len(city.gaps()) == 2
    assert growth(read, 2, 32) < 4
