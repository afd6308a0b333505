"""What every clock of an agency is read from: its schedule, the events, the matters, the locks that grew, what is open.

Read once, then any number of volumes are reckoned from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from muniment.custody.vault import Vault
from muniment.errors import CatalogError, ClosedGate, ConfigurationError
from muniment.evidence.layout import VolumeAddress
from muniment.records.agency import Agency
from muniment.records.schedule import Floor, RetentionSchedule, ScheduleRow, TriggerEvent
from muniment.retention.clock import DueSum, TriggerFact, compute_due, fold_triggers
from muniment.retention.disposition import Disposition
from muniment.retention.dispositions import fold_dispositions
from muniment.retention.holds import Matter, fold_matters, matters_over
from muniment.retention.schedules import later_sum
from muniment.workflows.clocks.extended import Extended, read_extended, volume_name
from muniment.workflows.registers import APPROVALS, DISPOSITIONS, HOLDS, TRIGGERS, read_events
from muniment.workflows.schedules.versions import read_in_force
from muniment.workflows.volumes import VolumeState, read_volumes, read_volumes_quickly
from muniment.workflows.wiring import Workplace, open_catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the clocks are read from, as of `at` (aware)."""

    agency: Agency
    at: datetime
    triggers: tuple[TriggerFact, ...]
    matters: tuple[Matter, ...]
    dispositions: tuple[Disposition, ...]
    extended: Mapping[str, Extended]
    adopted: RetentionSchedule | None = None  # the schedule in force, where the file is another
    not_in_force: tuple[ClosedGate, ...] = ()  # why the agency's file is not the schedule in force

    @property
    def floor(self) -> Floor | None:
        """Return the floor of the agency's profile, if any."""
        profile = self.agency.schedule.disposition
        return None if profile is None else profile.floor

    def row(self, address: VolumeAddress) -> ScheduleRow | None:
        """Return the row that governs the volume at *address*, or None when the schedule has none."""
        return self.agency.schedule.row_for(address.series)

    def sum_of(self, state: VolumeState, row: ScheduleRow) -> DueSum:
        """Reckon when the volume of *state* is due under *row*, or under the schedule in force where that is later.

        Raises:
            RetentionError: it cannot be reckoned.
        """
        due = self._reckon(state, row, self.agency.schedule)
        other = self.adopted.row_for(state.address.series) if self.adopted is not None else None
        if self.adopted is None or other is None:
            return due
        return later_sum(due, self._reckon(state, other, self.adopted))

    def _reckon(self, state: VolumeState, row: ScheduleRow, schedule: RetentionSchedule) -> DueSum:
        grown = self.extended.get(volume_name(state.address))
        locks = [lock for lock in (state.sealed_until, grown.until if grown else None) if lock is not None]
        return compute_due(
            state.address,
            row,
            zone=self.agency.zone,
            floor=None if schedule.disposition is None else schedule.disposition.floor,
            triggers=self.triggers,
            sealed_until=max(locks, default=None),
            now=self.at,
        )

    def locked_until(self, state: VolumeState) -> datetime | None:
        """Return until when every object of the volume is known to be locked; None where it is not known."""
        grown = self.extended.get(volume_name(state.address))
        locks = [None if state.unreadable else state.least_until]
        if grown is not None and grown.objects >= state.objects:
            locks.append(grown.until)
        return max((lock for lock in locks if lock is not None), default=None)

    def matters_over(self, address: VolumeAddress) -> tuple[Matter, ...]:
        """Return the open matters over the volume at *address*."""
        return matters_over(self.matters, address, zone=self.agency.zone)

    def disposition_of(self, address: VolumeAddress) -> Disposition | None:
        """Return the open disposition that the volume at *address* is in, if any."""
        return next((item for item in self.dispositions if item.is_open and address.prefix in item.volumes), None)


def read_known(place: Workplace, at: datetime) -> Known:
    """Read everything that the clocks of *place* depend on, as of *at* (aware).

    Raises:
        AgencyFilesError: the text of the schedule in force cannot be read any more.
        EvidenceError: an event of a register is not of its form.
        RetentionError: as before, of an event that starts a clock.
        StoreUnavailableError: the store did not answer.
    """
    return know(place.agency, place.vault, at)


def know(agency: Agency, vault: Vault, at: datetime) -> Known:
    """Read the same of *agency* from its *vault*; as for `read_known`."""
    standing = read_in_force(agency, vault, at)
    return Known(
        agency=agency,
        at=at,
        triggers=(*fold_triggers(read_events(vault, TRIGGERS)), *read_terminations(agency)),
        matters=fold_matters(read_events(vault, HOLDS)),
        dispositions=fold_dispositions(read_events(vault, DISPOSITIONS), read_events(vault, APPROVALS)),
        extended=read_extended(vault),
        adopted=standing.other,
        not_in_force=tuple(standing.closed_gates(agency.schedule.version)),
    )


def read_states(place: Workplace) -> Iterator[VolumeState]:
    """Yield the state of every volume of *place*, with the catalog's help where there is one.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    try:
        return read_volumes_quickly(place.vault, open_catalog(place.settings), place.agency.id)
    except (CatalogError, ConfigurationError):
        # The vault has it all; the catalog only spares the reading of manifests.
        return read_volumes(place.vault)


def read_terminations(agency: Agency) -> Iterator[TriggerFact]:
    """Yield the terminations that the register of accounts states: each is the event, with no other record of it."""
    for account in agency.accounts:
        if account.terminated_on is not None:
            yield TriggerFact(
                event=TriggerEvent.ACCOUNT_TERMINATED,
                on=account.terminated_on,
                account=account.id,
                series=None,
                volume=None,
            )
