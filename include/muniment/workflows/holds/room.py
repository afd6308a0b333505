"""What work on holds needs: the agency, its register of holds, and the bits of both copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from muniment.custody.holds import HoldKeeper
from muniment.custody.vault import Vault
from muniment.errors import AlreadySealedError, EvidenceError, HoldError
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant
from muniment.retention.holds import REGISTER, Matter, fold_matters
from muniment.settings import Settings
from muniment.workflows.history import list_pairs, list_volumes
from muniment.workflows.registers import enter, in_order, read_listed_events
from muniment.workflows.wiring import Workplace, now, open_keeper, open_second, open_second_keeper, open_workplace


@dataclass(slots=True)
class HoldRegister:
    """The register of holds. An event is read once; whether there are new ones is asked each time."""

    vault: Vault
    _events: dict[str, RegisterEvent] = field(default_factory=dict)
    _matters: tuple[Matter, ...] = ()

    def events(self) -> tuple[RegisterEvent, ...]:
        """Return every event there is now, by time and id.

        Raises:
            EvidenceError: an object of the register is no event of it.
            StoreUnavailableError: the store did not answer.
        """
        listed = {record.key: record for record in self.vault.list_objects(f"registers/{REGISTER}/")}
        fresh = [record for key, record in listed.items() if key not in self._events]
        if lost := self._events.keys() - listed.keys():
            raise EvidenceError(f"{min(lost)}: expected the event that was there before, found none")
        if fresh:
            self._events |= read_listed_events(self.vault, REGISTER, fresh)
            self._matters = fold_matters(self._events.values())
        return in_order(self._events.values())

    def matters(self) -> tuple[Matter, ...]:
        """Return every matter as it stands now.

        Raises:
            EvidenceError: as for `events`.
            StoreUnavailableError: the store did not answer.
        """
        self.events()
        return self._matters


@dataclass(frozen=True, slots=True)
class HoldRoom:
    """One agency's holds. Without `second` and `copy`, its keeper and its vault, there is no second copy at work."""

    place: Workplace
    keeper: HoldKeeper
    register: HoldRegister
    second: HoldKeeper | None = None
    copy: Vault | None = None

    @property
    def zone(self) -> str:
        """Return the agency's time zone."""
        return self.place.agency.zone

    def enter(self, event: str, matter: str, suffix: str, *, by: str, facts: Mapping[str, JsonValue]) -> RegisterEvent:
        """Seal an event of *matter* that happened now; its id is the matter's with *suffix*.

        Raises:
            AlreadySealedError: there is an event of that id.
            CustodyError: the vault did not keep it.
        """
        entry = RegisterEvent(
            register=REGISTER,
            id=f"{matter}-{suffix}",
            event=event,
            subject=matter,
            at=format_instant(now()),
            by=by,
            facts=facts,
        )
        enter(self.place.vault, self.place.agency, entry)
        return entry

    def enter_once(
        self, event: str, matter: str, suffix: str, *, by: str, facts: Mapping[str, JsonValue]
    ) -> RegisterEvent:
        """Do as `enter`, where somebody else may be first.

        Raises:
            HoldError: somebody was.
            CustodyError: the vault did not keep it.
        """
        try:
            return self.enter(event, matter, suffix, by=by, facts=facts)
        except AlreadySealedError:
            raise HoldError(f"matter {matter}: expected to be the first to have it {event}, found an event") from None

    def volumes(self) -> list[VolumeAddress]:
        """Return every volume of the vault, also of accounts that no register names any more.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        return volumes_of(self.place.vault)


def open_room(agency_id: str, settings: Settings | None = None) -> HoldRoom:
    """Open the holds of an agency."""
    return room_of(open_workplace(agency_id, settings))


def room_of(place: Workplace) -> HoldRoom:
    """Open the holds of the agency at *place*."""
    agency, settings = place.agency.id, place.settings
    return HoldRoom(
        place,
        open_keeper(agency, settings),
        HoldRegister(place.vault),
        second=open_second_keeper(agency, settings),
        copy=open_second(agency, settings),
    )


def volumes_of(vault: Vault) -> list[VolumeAddress]:
    """Return every volume of *vault*, of either copy.

    Raises:
        ObjectMissingError: there is no such bucket.
        StoreUnavailableError: the store did not answer.
    """
    return [volume for account, series in list_pairs(vault) for volume in list_volumes(vault, series, account)]


def read_matters(vault: Vault) -> tuple[Matter, ...]:
    """Return every matter of the register in *vault*.

    Raises:
        EvidenceError: an object of the register is no event of it.
        StoreUnavailableError: the store did not answer.
    """
    return HoldRegister(vault).matters()
