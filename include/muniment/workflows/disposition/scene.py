"""What every step of a disposition looks at: the agency, both copies, and the folds of the registers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError, EvidenceError, RetentionError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import VolumeAddress, is_register_key
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency
from muniment.records.canonical import JsonValue
from muniment.records.names import AccountId, SeriesId, VolumeId, format_instant, parse_instant
from muniment.records.schedule import DispositionProfile, ScheduleRow
from muniment.retention.approvals import Signing, steps_of
from muniment.retention.clock import TriggerFact, fold_triggers
from muniment.retention.cutoffs import Point, advance
from muniment.retention.dispositions import Disposition, FrozenList, fold_dispositions, parse_list
from muniment.retention.holds import Matter, fold_matters
from muniment.retention.periods import parse_period
from muniment.settings import Settings
from muniment.workflows.registers import APPROVALS, DISPOSITIONS, HOLDS, TRIGGERS, enter, read_event, read_events
from muniment.workflows.wiring import open_second, open_workplace

SERVICE = "muniment"  # who enters what no person did


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One agency, as a step of a disposition finds it. `second` is None where no second store is configured."""

    agency: Agency
    vault: Vault
    second: Vault | None

    def profile(self) -> DispositionProfile:
        """Return the agency's disposition profile.

        Raises:
            RetentionError: the agency has none.
        """
        if self.agency.schedule.disposition is None:
            raise RetentionError(f"{self.agency.id}: expected a disposition profile in its schedule, found none")
        return self.agency.schedule.disposition

    def matters(self) -> tuple[Matter, ...]:
        """Return every matter, as the register has it now."""
        return fold_matters(read_events(self.vault, HOLDS))

    def triggers(self) -> tuple[TriggerFact, ...]:
        """Return the events that start clocks, as the register has them now."""
        return fold_triggers(read_events(self.vault, TRIGGERS))

    def dispositions(self) -> tuple[Disposition, ...]:
        """Return every disposition, as the registers have it now."""
        return fold_dispositions(read_events(self.vault, DISPOSITIONS), read_events(self.vault, APPROVALS))

    def find(self, disposition_id: str) -> Disposition | None:
        """Return the disposition with that id, or None when no event tells of it."""
        told = [
            [
                read_event(self.vault, register, key)
                for key in self.vault.list_keys(f"registers/{register}/")
                if own in key
            ]
            for register in (DISPOSITIONS, APPROVALS)
            for own in [f"/{disposition_id}-"]
        ]
        return next((one for one in fold_dispositions(*told) if one.id == disposition_id), None)

    def read(self, disposition_id: str) -> Disposition:
        """Return the disposition with that id.

        Raises:
            ConfigurationError: there is none.
        """
        found = self.find(disposition_id)
        if found is None:
            raise ConfigurationError(f"disposition: expected the id of one in the register, found {disposition_id!r}")
        return found

    def signing(self, row: ScheduleRow) -> Signing:
        """Return by what the answers for *row* are judged."""
        return Signing(steps=steps_of(self.profile(), row), officers=self.agency.officers, zone=self.agency.zone)

    def row(self, series: str) -> ScheduleRow:
        """Return the row of the schedule in force that governs *series*.

        Raises:
            RetentionError: there is none.
        """
        row = self.agency.schedule.row_for(SeriesId(series))
        if row is None:
            raise RetentionError(f"series {series}: expected a row in the schedule of {self.agency.id}, found none")
        return row

    def read_list(self, disposition: Disposition) -> FrozenList:
        """Return the frozen list of *disposition*, its bytes compared with the hash that was signed.

        Raises:
            EvidenceError: it is not that list.
        """
        body = self.vault.read(disposition.list_key or "")
        found = sha256_hex(body)
        if found != disposition.list_sha256:
            raise EvidenceError(f"{disposition.list_key}: expected SHA-256 {disposition.list_sha256}, found {found}")
        return parse_list(body)

    def wait_end(self, start: datetime, period: str) -> datetime:
        """Return when *period* (ISO 8601) after *start* (aware) is over.

        Raises:
            RetentionError: it cannot be read.
        """
        return advance(Point(None, start), parse_period(period, drill=True), self.agency.zone).at

    def enter(
        self,
        disposition_id: str,
        event: str,
        facts: Mapping[str, JsonValue],
        *,
        at: datetime,
        by: str = SERVICE,
        name: str | None = None,
        register: str = DISPOSITIONS,
    ) -> str:
        """Seal an event of the disposition, named after *event* unless *name* is given; return its id."""
        event_id = f"{disposition_id}-{name or event}"
        enter(
            self.vault,
            self.agency,
            RegisterEvent(
                register=register,
                id=event_id,
                event=event,
                subject=disposition_id,
                at=format_instant(at),
                by=by,
                facts=facts,
            ),
        )
        return event_id


def open_scene(agency_id: str, settings: Settings | None = None) -> Scene:
    """Open what the steps of a disposition look at.

    Raises:
        ConfigurationError: the agency's files, or the store's, are not there.
    """
    place = open_workplace(agency_id, settings)
    return Scene(agency=place.agency, vault=place.vault, second=open_second(agency_id, place.settings))


def after(found: Disposition, moment: datetime) -> datetime:
    """Return *moment* (aware), or an instant just after the last event of *found* where that machine's clock was ahead.

    The state is the fold of the events by time: what is entered now must not come before what it answers.
    """
    last = parse_instant(found.last_at) + timedelta(microseconds=1) if found.last_at else moment
    return max(moment, last)


def parse_volume(prefix: str) -> VolumeAddress:
    """Read the prefix of a volume, ``records/series=/account=/volume=/``.

    Raises:
        ConfigurationError: it is none.
    """
    parts = [part.partition("=") for part in prefix.removesuffix("/").split("/")]
    try:
        (root, _, _), (one, _, series), (two, _, account), (three, _, volume) = parts
        address = VolumeAddress(SeriesId(series), AccountId(account), VolumeId(volume))
    except (ValueError, EvidenceError):
        address = None
    if address is None or (root, one, two, three) != ("records", "series", "account", "volume"):
        raise ConfigurationError(f"volume: expected records/series=/account=/volume=/, found {prefix!r}")
    return address


def find_document(vault: Vault, register: str, name: str) -> str | None:
    """Return the key of the document *name* of *register*, in whichever month it was sealed; None when it was not."""
    keys = (key for key in vault.list_keys(f"registers/{register}/") if is_register_key(key))
    return next((key for key in keys if key.endswith(f"/{name}.json")), None)
