"""Whatever schedules, matters, clocks and people do: nothing goes before it is due, or while it is held."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from muniment.errors import GateError
from muniment.evidence.layout import VolumeAddress
from muniment.records.names import parse_instant
from muniment.retention.clock import compute_due
from tests.unit.workflows.disposition.conftest import open_stage
from tests.unit.workflows.disposition.stage import ACCOUNTS, COMMENTS, STEPS, make_agency, volume

AGENCY = make_agency()
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
MONTHS = ("2023-12", "2024-02", "2025-03", "2026-11")
VOLUMES = [volume(month, account) for month in MONTHS for account in ACCOUNTS]
KINDS = ("litigation", "claim", "audit", "ceqa", "records-request")
SEALED_YEARS, FLOOR_YEARS = 2, 2

volumes = st.sampled_from(VOLUMES)


def years_after_cutoff(address: VolumeAddress, years: int) -> datetime:
    """Reckon by hand: the first of the month after, so many years on, at midnight in Los Angeles."""
    year, month = (int(part) for part in address.volume.split("-"))
    year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return datetime(year + years, month, 1, tzinfo=LOS_ANGELES).astimezone(UTC)


class AnyLife(RuleBasedStateMachine):
    """A city whose clock runs on, whose row is changed, whose matters come and go, and who disposes of what it may."""

    @initialize()
    def open(self) -> None:
        self.stage = open_stage(AGENCY)
        self.years = SEALED_YEARS
        self.matters: dict[str, VolumeAddress] = {}
        self.waiting: dict[str, VolumeAddress] = {}
        self.runs = 0
        for address in VOLUMES:
            self.stage.seal_volume(address, years_after_cutoff(address, SEALED_YEARS), snapshots=1)
        self.whole = {address: self.stage.versions(address) for address in VOLUMES}
        self.gone: set[VolumeAddress] = set()

    def due(self, address: VolumeAddress) -> datetime:
        return years_after_cutoff(address, max(self.years, SEALED_YEARS, FLOOR_YEARS))

    def may_go(self, address: VolumeAddress) -> bool:
        return self.due(address) <= self.stage.clock() and address not in self.matters.values()

    @rule(days=st.integers(1, 500))
    def let_time_pass(self, days: int) -> None:
        self.stage.clock.move(days=days)  # type: ignore[attr-defined]

    @rule(years=st.integers(1, 5))
    def change_the_period(self, years: int) -> None:
        self.stage.change_row(COMMENTS, period=f"P{years}Y")
        self.years = years

    @rule(address=volumes, kind=st.sampled_from(KINDS))
    def place_a_matter(self, address: VolumeAddress, kind: str) -> None:
        name = f"matter-{len(self.matters) + self.runs}-{self.stage.clock():%f}"
        self.stage.place_matter(name, kind, address)
        self.matters[name] = address

    @precondition(lambda self: self.matters)
    @rule(data=st.data())
    def release_a_matter(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.matters)))
        self.stage.enter("holds", "released", name, {"attorney": "adam", "reason": "Settled."})
        del self.matters[name]

    @rule(address=volumes)
    def propose_and_approve(self, address: VolumeAddress) -> None:
        if address in self.gone or address in self.waiting.values():
            return
        self.runs += 1
        self.stage.run = f"manual__{self.runs}"
        try:
            disposition = str(self.stage.propose(address)["disposition"])
        except GateError:
            assert not self.may_go(address)
            return
        assert self.may_go(address)
        self.stage.approve(disposition, STEPS)
        self.stage.authorize(disposition)
        self.waiting[disposition] = address

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), patient=st.booleans())
    def destroy(self, data: st.DataObject, patient: bool) -> None:
        disposition = data.draw(st.sampled_from(sorted(self.waiting)))
        address = self.waiting[disposition]
        grace = parse_instant(str(self.stage.read(disposition).grace_until))
        if patient:
            self.stage.pass_time(str(self.stage.read(disposition).grace_until))
        allowed = self.may_go(address) and self.stage.clock() >= grace
        try:
            done = self.stage.destroy(disposition)
        except GateError:
            if not self.stage.read(disposition).is_open:
                del self.waiting[disposition]
            return
        assert allowed
        assert (done["outcome"], done["anomalies"]) == ("whole", 0)
        del self.waiting[disposition]
        self.gone.add(address)

    @invariant()
    def what_did_not_go_by_right_is_whole(self) -> None:
        for address in VOLUMES:
            assert self.stage.versions(address) == ([] if address in self.gone else self.whole[address])

    @invariant()
    def the_sum_is_the_one_reckoned_by_hand(self) -> None:
        row = self.stage.agency.schedule.row_for(COMMENTS)
        floor = self.stage.scene.profile().floor
        assert row is not None
        for address in VOLUMES:
            sealed = years_after_cutoff(address, SEALED_YEARS)
            zone, now = self.stage.agency.zone, self.stage.clock()
            found = compute_due(address, row, zone=zone, floor=floor, triggers=(), sealed_until=sealed, now=now)
            assert found.due_at == self.due(address)


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(stateful_step_count=25)
